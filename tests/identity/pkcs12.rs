//! PKCS#12 files as `openssl pkcs12` makes them, and what is wrong with some.

use crate::certs::{self, read};
use crate::{server_of, shown};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use tlsock::*;

/// Runs `openssl pkcs12 -export` with these words, and gives the file.
fn export(words: &[&str]) -> Vec<u8> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let out: PathBuf = certs::scratch().join(format!("{}.p12", NEXT.fetch_add(1, Ordering::Relaxed)));
    let mut command = Command::new("openssl");
    command.args(["pkcs12", "-export", "-out"]).arg(&out).args(words).current_dir(certs::folder());
    certs::run(&mut command);
    std::fs::read(out).expect("what was written")
}

const BOTH: [&str; 4] = ["-in", "ecdsa.pem", "-inkey", "ecdsa.key"];

fn with(words: &[&str]) -> Vec<u8> {
    export(&[&BOTH, words].concat())
}

fn open(file: &[u8], password: &str) -> Result<Identity> {
    Identity::from_pkcs12(file, Some(password.as_bytes()))
}

fn refusal(file: &[u8], password: &str) -> Error {
    let error = open(file, password).expect_err("a file that is refused");
    assert_eq!(error.status(), Status::Ssl, "{error}");
    error
}

#[test]
fn each_encryption_is_read() {
    let pass = ["-passout", "pass:sesame"];
    let ways: [&[&str]; 7] = [
        &[],
        &["-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
        &["-certpbe", "AES-128-CBC", "-keypbe", "AES-256-CBC", "-macalg", "sha512"],
        &["-certpbe", "NONE", "-keypbe", "NONE"],
        &["-certpbe", "NONE"],
        &["-nomac"],
        &["-iter", "20000"],
    ];
    for way in ways {
        let file = with(&[&pass[..], way].concat());
        let identity = open(&file, "sesame").unwrap_or_else(|error| panic!("{way:?}: {error}"));
        assert_eq!(identity.certificates().as_slice().len(), 2, "{way:?}");
        assert!(shown(&server_of(&identity)).verified(), "{way:?}");
        if !way.contains(&"-keypbe") || way.contains(&"AES-256-CBC") {
            let error = refusal(&file, "sesam");
            assert!(
                error.message().contains("data: the password is wrong, or the file is damaged"),
                "{error}"
            );
        }
    }
}

#[test]
fn each_kind_of_key_is_read() {
    for name in ["rsa", "ed25519"] {
        let (cert, key) = (format!("{name}.pem"), format!("{name}.key"));
        let file = export(&["-in", &cert, "-inkey", &key, "-passout", "pass:p\u{e4}ss"]);
        assert!(shown(&server_of(&open(&file, "p\u{e4}ss").expect("an identity"))).verified());
    }
}

/// The old ciphers are in OpenSSL's legacy provider, which nobody has loaded here. AWS-LC has some of them.
#[test]
fn what_openssl_lacks_is_told() {
    let is_openssl = backend() == c"openssl";
    for (way, known) in [
        (["-certpbe", "PBE-SHA1-RC2-40"], !is_openssl),
        (["-keypbe", "PBE-SHA1-RC2-128"], false),
        (["-certpbe", "PBE-SHA1-RC4-128"], !is_openssl),
        (["-keypbe", "PBE-SHA1-RC4-40"], false),
    ] {
        let file = with(&[&["-legacy", "-passout", "pass:sesame"][..], &way].concat());
        if known {
            open(&file, "sesame").unwrap_or_else(|error| panic!("{way:?}: {error}"));
            continue;
        }
        let error = refusal(&file, "sesame");
        assert!(error.message().contains("data: its encryption is unsupported"), "{way:?}: {error}");
        assert_eq!(error.message().contains("legacy provider"), is_openssl, "{way:?}: {error}");
    }
}

#[test]
fn no_password_is_none_or_an_empty_one() {
    let empty = with(&["-passout", "pass:"]);
    let without_mac =
        with(&["-passout", "pass:", "-nomac", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES"]);
    for password in [None, Some(&b""[..])] {
        Identity::from_pkcs12(&without_mac, password).expect("a file under an empty password, without a MAC");
        Identity::from_pkcs12(&empty, password).expect("a file under an empty password");
        let plain = with(&["-passout", "pass:", "-nomac", "-keypbe", "NONE", "-certpbe", "NONE"]);
        Identity::from_pkcs12(&plain, password).expect("a file that is not encrypted");
        let file = with(&["-passout", "pass:sesame"]);
        let error = Identity::from_pkcs12(&file, password).expect_err("no password");
        assert!(error.message().contains("data: it needs a password, or is damaged"), "{error}");
    }
    for file in [empty, without_mac] {
        let error = refusal(&file, "sesame");
        assert!(error.message().contains("data: the password is wrong, or the file is damaged"), "{error}");
    }
}

/// The last number of a bag with a key that is encrypted.
const SHROUDED_KEY: u8 = 2;

/// A bag of another kind, by its last number, with this content.
fn bag(kind: u8, content: &[u8]) -> Vec<u8> {
    let object = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x0A, 0x01, kind];
    tlv(0x30, &[tlv(6, &object), tlv(0xA0, content)].concat())
}

/// What `openssl` prints.
fn der(words: &str) -> Vec<u8> {
    certs::run(Command::new("openssl").args(words.split(' ')).current_dir(certs::folder()))
}

/// A certificate and its issuer's, in bags.
fn certificate_bags() -> Vec<u8> {
    ["ecdsa", "inter"].map(certificate_bag).concat()
}

fn certificate_bag(name: &str) -> Vec<u8> {
    const CERTIFICATE: u8 = 3;
    const X509: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x16, 0x01];
    let cert = tlv(0xA0, &tlv(4, &der(&format!("x509 -in {name}.pem -outform DER"))));
    bag(CERTIFICATE, &tlv(0x30, &[tlv(6, X509), cert].concat()))
}

/// PKCS#8 has more ways than `openssl pkcs12` offers.
#[test]
fn each_encryption_of_a_key_is_read() {
    for way in [
        "-v2 aes-128-cbc -v2prf hmacWithSHA1",
        "-v2 aes-192-cbc -v2prf hmacWithSHA224",
        "-v2 aes-256-cbc -v2prf hmacWithSHA256",
        "-v2 des3 -v2prf hmacWithSHA384",
        "-v2 aes-256-cbc -v2prf hmacWithSHA512",
        "-v1 PBE-SHA1-2DES",
        "-v1 PBE-SHA1-3DES",
    ] {
        let key = der(&format!("pkcs8 -topk8 {way} -passout pass:sesame -in ecdsa.key -outform DER"));
        let file = file_of(&tlv(0x30, &[bag(SHROUDED_KEY, &key), certificate_bags()].concat()), b"");
        let identity = open(&file, "sesame").unwrap_or_else(|error| panic!("{way}: {error}"));
        assert!(shown(&server_of(&identity)).verified(), "{way}");
        let error = refusal(&file, "sesam");
        assert!(error.message().contains("data: the password is wrong, or the file is damaged"), "{error}");
    }
}

/// Tells whether a content is a sequence of parts or of bags.
fn holds_parts(content: &[u8]) -> bool {
    let first = element(content).and_then(|(_, parts, _)| element(parts));
    first.is_some_and(|(tag, part, _)| tag == 0x30 && part.first() == Some(&6))
}

/// The same file in BER, as Firefox writes it: the ends of contents are marked, and strings are in pieces. Algorithms stay as they
/// are, and what is `inside` of strings where a digest is about it.
fn in_ber(der: &[u8], inside: bool) -> Vec<u8> {
    let marked = |tag: u8, content: Vec<u8>| [&[tag, 0x80][..], &content, &[0, 0]].concat();
    let pieces = |content: &[u8]| content.chunks(100).map(|piece| tlv(4, piece)).collect::<Vec<_>>().concat();
    let mut out = Vec::new();
    let mut rest = der;
    while let Some((tag, content, behind)) = element(rest) {
        let is_algorithm =
            matches!(content, [6, len, more @ ..] if more.get(usize::from(*len)) != Some(&0xA0));
        out.extend(match tag {
            0x80 => marked(0xA0, pieces(content)),
            4 if inside && holds_parts(content) => marked(0x24, pieces(&in_ber(content, inside))),
            4 if is_sequence(content) => marked(0x24, pieces(content)),
            tag if tag & 0x20 != 0 && !is_algorithm => marked(tag, in_ber(content, inside)),
            tag => tlv(tag, content),
        });
        rest = behind;
    }
    out
}

#[test]
fn files_in_ber_are_read() {
    let ways: [(&[&str], bool); 3] =
        [(&[], false), (&["-nomac"], true), (&["-nomac", "-certpbe", "AES-256-CBC"], true)];
    for (way, inside) in ways {
        let file = in_ber(&with(&[&["-passout", "pass:sesame"], way].concat()), inside);
        assert_eq!(file[1], 0x80);
        let identity = open(&file, "sesame").unwrap_or_else(|error| panic!("{way:?}: {error}"));
        assert!(shown(&server_of(&identity)).verified());
        for len in (0..file.len()).step_by(13) {
            refusal(&file[..len], "sesame");
        }
        refusal(&[&file[..], b"more"].concat(), "sesame");
    }
}

#[test]
fn several_keys_are_read() {
    const KEY: u8 = 1;
    let keys = ["rsa", "ecdsa", "client"]
        .map(|name| bag(KEY, &der(&format!("pkcs8 -topk8 -nocrypt -in {name}.key -outform DER"))));
    let file = file_of(&tlv(0x30, &[keys.concat(), certificate_bags()].concat()), b"");
    assert!(shown(&server_of(&open(&file, "").expect("an identity"))).verified());
}

#[test]
fn bags_are_in_bags_to_a_depth() {
    const KEY: u8 = 1;
    const BAGS: u8 = 6;
    let key = bag(KEY, &der("pkcs8 -topk8 -nocrypt -in ecdsa.key -outform DER"));
    let cert = certificate_bag("ecdsa");
    let file = |depth| {
        let nested = (0..depth).fold(cert.clone(), |inner, _| bag(BAGS, &tlv(0x30, &inner)));
        file_of(&tlv(0x30, &[key.clone(), nested].concat()), b"")
    };
    for depth in [0, 1, 8] {
        open(&file(depth), "").unwrap_or_else(|error| panic!("{depth}: {error}"));
    }
    let error = refusal(&file(9), "");
    assert!(error.message().contains("no certificate was found"), "{error}");
}

/// A file with these bags, which are not encrypted, and with this digest.
fn file_of(bags: &[u8], mac: &[u8]) -> Vec<u8> {
    const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01];
    let data = |content: &[u8]| tlv(0x30, &[tlv(6, DATA), tlv(0xA0, &tlv(4, content))].concat());
    tlv(0x30, &[tlv(2, &[3]), data(&tlv(0x30, &data(bags))), mac.to_vec()].concat())
}

#[test]
fn parts_that_are_missing_are_told() {
    let no_key = export(&["-in", "ecdsa.pem", "-nokeys", "-passout", "pass:sesame"]);
    assert_eq!(refusal(&no_key, "sesame").message(), "data: no private key was found");
    let no_cert = export(&["-inkey", "ecdsa.key", "-in", "ecdsa.key", "-nocerts", "-passout", "pass:sesame"]);
    assert_eq!(refusal(&no_cert, "sesame").message(), "data: no certificate was found");
}

#[test]
fn the_chain_is_what_leads_from_the_key_to_the_root() {
    let all = certs::scratch().join("all.pem");
    let parts = ["ca.pem", "unknown-ca.pem", "inter.pem", "client.pem", "rsa.pem", "ecdsa.pem"];
    std::fs::write(&all, parts.map(read).concat()).expect("a file");
    let all = all.to_str().expect("a path");
    let file =
        export(&["-in", "ecdsa.pem", "-inkey", "ecdsa.key", "-certfile", all, "-passout", "pass:sesame"]);
    let identity = open(&file, "sesame").expect("an identity");
    let certificates = identity.certificates();
    let expected =
        ["ecdsa.pem", "inter.pem", "ca.pem"].map(|name| Certificate::from_data(&read(name)).expect("one"));
    assert_eq!(certificates.as_slice().len(), expected.len());
    for (found, expected) in certificates.as_slice().iter().zip(&expected) {
        assert!(found.equal(expected), "{found:?}");
    }
}

#[test]
fn what_is_damaged_is_refused_and_nothing_more() {
    let file = with(&["-passout", "pass:sesame"]);
    for len in (0..file.len()).step_by(7) {
        refusal(&file[..len], "sesame");
    }
    for at in (0..file.len()).step_by(11) {
        let mut damaged = file.clone();
        damaged[at] ^= 0x55;
        let _ = open(&damaged, "sesame");
    }
    refusal(&[&file[..], b"more"].concat(), "sesame");
    refusal(&read("rsa.key"), "sesame");
    let error = open(&vec![0x30; 17 << 20], "sesame").expect_err("too large");
    assert_eq!(
        (error.status(), error.message()),
        (Status::Value, "data cannot be longer than 16777216 bytes")
    );
}

/// The same DER with another value for one of the numbers that are `old`; `which` counts down to it.
fn replaced(der: &[u8], old: &[u8], new: &[u8], which: &mut i32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = der;
    while let Some((tag, content, behind)) = element(rest) {
        let nested = tag & 0x20 != 0 || tag == 4 && is_sequence(content);
        let mut inner = if nested { replaced(content, old, new, which) } else { content.to_vec() };
        if tag == 2 && content == old {
            *which -= 1;
            if *which == -1 {
                inner = new.to_vec();
            }
        }
        out.extend(tlv(tag, &inner));
        rest = behind;
    }
    out
}

fn head(tag: u8, len: usize) -> Vec<u8> {
    let bytes = len.to_be_bytes();
    let digits = &bytes[bytes.iter().position(|digit| *digit != 0).unwrap_or(bytes.len() - 1)..];
    let long = (len >= 0x80).then_some(0x80 | digits.len() as u8);
    [&[tag][..], long.as_slice(), digits].concat()
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    [&head(tag, content.len()), content].concat()
}

fn is_sequence(der: &[u8]) -> bool {
    element(der).is_some_and(|(tag, _, behind)| tag == 0x30 && behind.is_empty())
}

fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (len, rest) = match der {
        [_, len @ ..=0x7F, rest @ ..] => (usize::from(*len), rest),
        [_, 0x81, len, rest @ ..] => (usize::from(*len), rest),
        [_, 0x82, high, low, rest @ ..] => (usize::from(*high) << 8 | usize::from(*low), rest),
        _ => return None,
    };
    (rest.len() >= len).then(|| (der[0], &rest[..len], &rest[len..]))
}

/// Each place in turn where a file says how often to iterate asks for two thousand million.
#[test]
fn time_without_end_is_not_spent() {
    const OLD: [u8; 2] = [0x4E, 0x20];
    let ways: [(&[&str], usize); 5] = [
        (&[], 3),
        (&["-nomac"], 1),
        (&["-nomac", "-certpbe", "AES-256-CBC"], 2),
        (&["-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES"], 3),
        (&["-certpbe", "NONE"], 2),
    ];
    for (way, expected) in ways {
        let file = with(&[&["-passout", "pass:sesame", "-iter", "20000"], way].concat());
        let mut count = 99;
        assert!(replaced(&file, &OLD, &OLD, &mut count) == file, "{way:?}");
        assert_eq!(99 - count, expected as i32, "{way:?}");
        // Behind a digest that is right only what comes before it can be wrong.
        for place in 0..expected {
            let mut which = place as i32;
            let costly = replaced(&file, &OLD, &[0x7F, 0xFF, 0xFF, 0xFF], &mut which);
            let error = refusal(&costly, "sesame");
            let is_mac = way.contains(&"-nomac") || place + 1 == expected;
            let words =
                if is_mac { "its keys take more than 10000000 iterations" } else { "the password is wrong" };
            assert!(error.message().contains(words), "{way:?} {place}: {error}");
        }
    }
}

/// A file with one encrypted key, whose `pbeWithSHAAnd3-KeyTripleDES-CBC` has these parameters, and with this digest.
fn shrouded(parameters: &[u8], mac: &[u8]) -> Vec<u8> {
    const TRIPLE_DES: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01, 0x03];
    let sequence = |parts: &[&[u8]]| tlv(0x30, &parts.concat());
    let algorithm = sequence(&[&tlv(6, TRIPLE_DES), parameters]);
    let key = sequence(&[&algorithm, &tlv(4, &[7; 16])]);
    let bags = sequence(&[&bag(SHROUDED_KEY, &key)]);
    file_of(&bags, mac)
}

/// OpenSSL reads numbers in more ways than DER has. Each of these asks for two thousand million iterations.
#[test]
fn time_without_end_is_not_hidden() {
    const SALT: &[u8] = b"\x04\x04salt";
    const LONG: &[u8] = b"\x02\x04\x7F\xFF\xFF\xFF";
    let ways: [&[&[u8]]; 5] = [
        &[b"\x30\x0C", SALT, LONG],
        &[b"\x30\x80", SALT, LONG, b"\0\0"],
        &[b"\x30\x85\0\0\0\0\x0C", SALT, LONG],
        &[b"\x3F\x10\x0C", SALT, LONG],
        &[b"\x30\x0D", SALT, b"\x1F", LONG],
    ];
    for way in ways {
        let error = refusal(&shrouded(&way.concat(), b""), "sesame");
        let is_counted = way[0] == b"\x30\x0C";
        let words = if is_counted { "its keys take more than" } else { "is no PKCS#12 file, or is damaged" };
        assert!(error.message().contains(words), "{way:?}: {error}");
    }
}

/// Endless nesting takes no stack, in any part of the file.
#[test]
fn parameters_may_be_nested() {
    let nested = {
        let mut reversed = Vec::new();
        for _ in 0..300_000 {
            reversed.extend(head(0x30, reversed.len()).iter().rev());
        }
        reversed.reverse();
        reversed
    };
    let sequence = |parts: &[&[u8]]| tlv(0x30, &parts.concat());
    let sha1 = sequence(&[&tlv(6, &[0x2B, 0x0E, 0x03, 0x02, 0x1A]), &nested]);
    let mac = sequence(&[&sequence(&[&sha1, &tlv(4, &[7; 20])]), &tlv(4, b"salt")]);
    for file in [shrouded(&nested, b""), shrouded(b"\x05\0", &mac)] {
        refusal(&file, "sesame");
    }
}

/// Some digests of this family have no length of their own.
#[test]
fn a_digest_of_any_kind_is_refused_where_it_is_wrong() {
    let sequence = |parts: &[&[u8]]| tlv(0x30, &parts.concat());
    for number in 0..=20 {
        let kind = sequence(&[&tlv(6, &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, number])]);
        for len in [0, 1, 32] {
            let mac = sequence(&[&sequence(&[&kind, &tlv(4, &vec![7; len])]), &tlv(4, b"salt")]);
            refusal(&shrouded(b"\x05\0", &mac), "sesame");
        }
    }
}

/// Comparing every pair would not be linear.
#[test]
fn many_parts_are_refused() {
    let one = certs::scratch().join("many.pem");
    let many = |count| {
        std::fs::write(&one, read("client.pem").repeat(count)).expect("a file");
        let name = one.to_str().expect("a path");
        export(&[
            "-in",
            "ecdsa.pem",
            "-inkey",
            "ecdsa.key",
            "-certfile",
            name,
            "-passout",
            "pass:",
            "-certpbe",
            "NONE",
        ])
    };
    open(&many(400), "").expect("an identity");
    let error = refusal(&many(1100), "");
    assert_eq!(error.message(), "data: it has more than 1000 certificates and keys");
}
