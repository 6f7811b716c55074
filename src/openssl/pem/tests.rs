use super::*;
use crate::openssl::error::{Cause, ERR_R_UNSUPPORTED, LIB_DECODER};
use crate::openssl::x509::X509;
use std::process::Command;

#[allow(unused)]
#[path = "../../../tests/certs/mod.rs"]
mod certs;

/// Converts a key with a command of the openssl program.
fn convert(command: &str, name: &str) -> Vec<u8> {
    let mut words = command.split(' ');
    let mut openssl = Command::new("openssl");
    openssl.args([words.next().unwrap(), "-in"]).arg(certs::folder().join(name)).args(words);
    certs::run(&mut openssl)
}

fn answer(password: &str, buffer: &mut [u8]) -> Option<usize> {
    buffer[..password.len()].copy_from_slice(password.as_bytes());
    Some(password.len())
}

fn encrypted() -> [Vec<u8>; 3] {
    [
        certs::read("rsa-encrypted.key"),
        convert("pkcs8 -topk8 -outform DER -passout pass:sesame", "rsa.key"),
        convert("rsa -aes128 -traditional -passout pass:sesame", "rsa.key"),
    ]
}

fn certificates(pem: &[u8]) -> Result<Vec<X509>> {
    try_collect(each_certificate(pem)?)
}

fn same(one: &PKey, other: &PKey) -> bool {
    // SAFETY: both keys are alive.
    unsafe { sys::EVP_PKEY_cmp(one.as_ptr(), other.as_ptr()) == 1 }
}

#[test]
fn plain_keys_ask_for_no_password() {
    let mut never = |_: &mut [u8]| panic!("asked");
    for name in ["rsa", "ecdsa", "ed25519"] {
        let file = format!("{name}.key");
        let key = private_key(&certs::read(&file), &mut never).unwrap();
        let with_chain = [certs::read(&format!("{name}.pem")), certs::read(&file)].concat();
        assert!(same(&key, &private_key(&with_chain, &mut never).unwrap()));
        assert!(same(&key, &private_key(&convert("pkey -outform DER", &file), &mut never).unwrap()));
        assert!(same(&key, &key.clone()));
    }
    let traditional = convert("ec -outform DER", "ecdsa.key");
    assert!(private_key(&traditional, &mut never).is_ok());
}

#[test]
fn encrypted_keys_take_the_password() {
    let plain = private_key(&certs::read("rsa.key"), &mut |_| None).unwrap();
    for data in encrypted() {
        let mut asked = 0;
        let key = private_key(&data, &mut |buffer| {
            asked += 1;
            answer("sesame", buffer)
        });
        assert!(same(&plain, &key.unwrap()));
        assert_eq!(asked, 1);
    }
}

#[test]
fn wrong_and_missing_passwords_fail() {
    for data in encrypted() {
        assert!(private_key(&data, &mut |buffer| answer("wrong", buffer)).is_err());
        assert!(private_key(&data, &mut |buffer| answer("", buffer)).is_err());
        assert!(private_key(&data, &mut |_| None).is_err());
        assert!(private_key(&data, &mut |buffer| Some(buffer.len() + 1)).is_err());
    }
}

#[test]
fn a_panic_comes_out_after_openssl_returned() {
    for data in encrypted() {
        let read = || private_key(&data, &mut |_| panic!("no luck"));
        let panic = catch_unwind(AssertUnwindSafe(read)).expect_err("it panics");
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"no luck"));
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let der = convert("pkey -outform DER", "ecdsa.key");
    let trailing = [&der[..], b"A"].concat();
    for data in [b"", &b"junk"[..], &der[1..], &trailing, &certs::read("rsa.pem")] {
        assert!(private_key(data, &mut |_| panic!("asked")).is_err());
        assert!(error::take().is_none(), "nothing is left in the queue");
    }
}

/// The reason that OpenSSL's DER decoder gives is reported.
#[test]
fn what_openssl_found_is_told() {
    for data in [b"junk", &convert("pkey -outform DER", "ecdsa.key")[1..]] {
        let failure = private_key(data, &mut |_| panic!("asked"));
        assert!(matches!(failure, Err(KeyFailure::Broken(Cause::Told(_)))), "{failure:?}");
    }
}

/// Keys that include their public key: an Ed25519 key in the form of RFC 8410's example, with and without an attribute.
#[test]
fn keys_of_version_2_are_those_of_version_1() {
    let seed = convert("pkey -outform DER", "ed25519.key").split_off(16);
    let public = convert("pkey -pubout -outform DER", "ed25519.key").split_off(12);
    let head = [&[0x02, 1, 1, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 34, 4, 32], &seed[..]].concat();
    let attribute = b"\xA0\x1F\x30\x1D\x06\x0A*\x86H\x86\xF7\x0D\x01\x09\x09\x141\x0F\x0C\x0DCurdle Chairs";
    let public = [&[0x81, 33, 0], &public[..]].concat();
    let plain = private_key(&certs::read("ed25519.key"), &mut |_| None).unwrap();
    for parts in [vec![&head[..], &public], vec![&head, attribute, &public]] {
        let content = parts.concat();
        let der = [&[0x30, content.len() as u8], &content[..]].concat();
        let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &der);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        for data in [&der, pem.as_bytes()] {
            assert!(same(&plain, &private_key(data, &mut |_| panic!("asked")).unwrap()));
        }
        // Truncated anywhere it is refused.
        for end in 0..der.len() {
            assert!(private_key(&der[..end], &mut |_| None).is_err());
        }
    }
}

/// Its length takes more than one byte.
#[test]
fn a_long_key_of_version_2_loses_its_public_half() {
    let der = convert("pkcs8 -topk8 -nocrypt -outform DER", "rsa.key");
    let plain = private_key(&der, &mut |_| None).unwrap();
    assert_eq!((&der[..2], &der[4..7]), (&[0x30, 0x82][..], &[2, 1, 0][..]));
    let content = [&[2, 1, 1], &der[7..], &[0x81, 3, 0, 1, 2]].concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let longer = [&[0x30, 0x82], &length[..], &content].concat();
    assert_eq!(pkcs8::without_public_key(&longer).expect("a key of version 2").bytes(), der);
    assert!(same(&plain, &private_key(&longer, &mut |_| None).unwrap()));
}

#[test]
fn failures_tell_what_is_wrong() {
    let read =
        |data: &[u8], password: &str| private_key(data, &mut |buffer| answer(password, buffer)).unwrap_err();
    for data in encrypted() {
        assert!(matches!(read(&data, "wrong"), KeyFailure::Password(Cause::Told(_))));
    }
    assert!(matches!(read(&certs::read("rsa.pem"), ""), KeyFailure::Missing));
    // DES is in the legacy provider, which is not loaded.
    let des = "-provider legacy -provider default -passout pass:sesame";
    for command in [format!("rsa -des -traditional {des}"), format!("pkcs8 -topk8 -v2 des-cbc {des}")] {
        let key = convert(&command, "rsa.key");
        let failure = read(&key, "sesame");
        assert!(matches!(failure, KeyFailure::Unsupported(Cause::Told(_))), "{command}: {failure:?}");
    }
    let broken = String::from_utf8(certs::read("ecdsa.key")).unwrap().replacen("MI", "MA", 1);
    let KeyFailure::Broken(Cause::Told(entry)) = read(broken.as_bytes(), "") else { panic!("not broken") };
    assert!(!entry.is(LIB_DECODER, ERR_R_UNSUPPORTED), "{entry:?}");
}

#[test]
fn every_certificate_of_a_text_is_read() {
    assert_eq!(certificates(&certs::read("rsa.pem")).unwrap().len(), 2);
    assert_eq!(certificates(&certs::read("rsa.key")).unwrap().len(), 0);
    assert_eq!(certificates(b"").unwrap().len(), 0);
}

/// Whether each certificate of a text brings what it is trusted for.
fn trusted(all: impl IntoIterator<Item = Result<X509>>) -> Vec<bool> {
    let bytes = |x509: &X509| (x509.to_der().unwrap(), x509.to_trusted_der().unwrap());
    all.into_iter().map(|x509| bytes(&x509.unwrap())).map(|(der, trusted)| der != trusted).collect()
}

#[test]
fn what_a_certificate_is_trusted_for_counts_where_openssl_reads_it() {
    let labelled = String::from_utf8(convert("x509 -trustout -addtrust serverAuth", "ca.pem")).unwrap();
    let plain = labelled.replace("TRUSTED CERTIFICATE", "CERTIFICATE");
    let old = labelled.replace("TRUSTED CERTIFICATE", "X509 CERTIFICATE");
    for (text, in_file, in_memory) in
        [(labelled, true, &[][..]), (plain, false, &[false, false]), (old, false, &[false, false])]
    {
        let text = format!("{text}{text}");
        let (chain, file) = (each_certificate(text.as_bytes()), authorities(text.as_bytes()));
        assert_eq!(trusted(each_plain_certificate(text.as_bytes()).unwrap()), in_memory, "{text}");
        assert_eq!(trusted(file.unwrap().into_iter().map(Ok)), [in_file, in_file], "{text}");
        let behind = in_memory.iter().skip(1).copied();
        assert_eq!(trusted(chain.unwrap()), [true].into_iter().chain(behind).collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn a_bad_block_comes_after_the_good_ones() {
    let good = String::from_utf8(certs::read("ca.pem")).unwrap();
    let text = format!("{good}{}{good}", good.replacen("MII", "M!I", 1));
    let mut all = each_certificate(text.as_bytes()).unwrap();
    assert!(all.next().unwrap().is_ok());
    let entry = all.next().unwrap().unwrap_err().entry().cloned().unwrap();
    assert_eq!(entry.reason().as_deref(), Some("BAD_BASE64_DECODE"));
    assert!(all.next().is_none());
}

#[test]
fn der_certificates_follow_each_other() {
    let der = X509::to_der(&certificates(&certs::read("ca.pem")).unwrap()[0]).unwrap();
    let twice = [&der[..], &der[..]].concat();
    assert_eq!(X509::all_from_der(&twice).unwrap().filter(Result::is_ok).count(), 2);
    assert_eq!(X509::all_from_der(b"").unwrap().count(), 0);
    let junk = [&der[..], b"junk"].concat();
    let mut all = X509::all_from_der(&junk).unwrap();
    assert!(all.next().unwrap().is_ok());
    assert_eq!(
        all.next().unwrap().unwrap_err().entry().cloned().unwrap().reason().as_deref(),
        Some("NOT_ENOUGH_DATA")
    );
    assert!(all.next().is_none());
    assert!(X509::from_der(&twice).is_err_and(|cause| cause.entry().is_none()));
}

#[test]
fn revocation_lists_are_read_from_pem_and_der() {
    assert_eq!(crls(&certs::read("crl.pem")).unwrap().len(), 2);
    assert_eq!(crls(&certs::read("ca.pem")).unwrap().len(), 0);
    let der = convert("crl -outform DER", "crl.pem");
    assert_eq!(X509Crl::all_from_der(&[&der[..], &der].concat()).unwrap().filter(Result::is_ok).count(), 2);
    assert!(X509Crl::all_from_der(&der[..der.len() - 1]).unwrap().next().unwrap().is_err());
}

#[test]
fn cas_are_told_from_leaves() {
    let is_ca = |data: &[u8]| certificates(data).unwrap()[0].is_ca();
    assert!(is_ca(&certs::read("ca.pem")) && is_ca(&certs::read("inter.pem")));
    assert!(!is_ca(&certs::read("rsa.pem")) && !is_ca(&certs::read("self-signed.pem")));
}

#[test]
fn what_fails_without_a_word_is_an_empty_block_or_short_memory() {
    let empty = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    let good = String::from_utf8(certs::read("ca.pem")).unwrap();
    let text = format!("{good}{empty}");
    let mut all = each_certificate(text.as_bytes()).unwrap();
    assert!(all.next().unwrap().is_ok());
    assert!(all.next().unwrap().is_err_and(|cause| !cause.is_memory()));
    let headed = "-----BEGIN CERTIFICATE-----\nName: value\n\n-----END CERTIFICATE-----\n";
    for block in [empty, headed, &text, &empty.replace('\n', "\r\n")] {
        assert!(is_last_empty(block.as_bytes()), "{block}");
    }
    for block in [&good, &format!("{empty}{good}"), &headed.replace("\n\n", "\n\nMII=\n")] {
        assert!(!is_last_empty(block.as_bytes()), "{block}");
    }
}
