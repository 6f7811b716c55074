//! What certificates are read from, and what else they tell.

use super::certs::forge::*;
use super::{NEVER, certs, dict, full_name, parse, refuses_what_is_no_time, uri, with_time};
use serde_json::json;
use std::process::Command;
use tlsock::certificate::PeerText;
use tlsock::{Certificate, CertificateList, Status};

fn status(data: &[u8]) -> Status {
    Certificate::from_data(data).expect_err("no certificate").status()
}

#[test]
fn der_and_pem_give_the_same_certificate() {
    let pem = certs::read("rsa.pem");
    let leaf = Certificate::from_data(&pem).unwrap();
    let again = Certificate::from_data(leaf.der()).unwrap();
    let inter = Certificate::from_data(&certs::read("inter.pem")).unwrap();
    assert!(leaf.equal(&again) && !leaf.equal(&inter));
    assert!(!leaf.verified());
    assert!(pem.starts_with(leaf.pem().to_bytes()), "the first of the text");
    let openssl = certs::run(
        Command::new("openssl").args(["x509", "-outform", "DER", "-in"]).arg(certs::folder().join("rsa.pem")),
    );
    assert_eq!(leaf.der(), openssl);
}

#[test]
fn pem_may_have_other_blocks_and_other_labels() {
    let plain = String::from_utf8(certs::read("self-signed.pem")).unwrap();
    let expected = Certificate::from_data(plain.as_bytes()).unwrap();
    let key = String::from_utf8(certs::read("rsa-encrypted.key")).unwrap();
    let texts = [
        format!("a comment\n{key}{plain}"),
        format!("0 comment\r\n{}", plain.replace('\n', "\r\n")),
        plain.replace("CERTIFICATE", "X509 CERTIFICATE"),
        plain.replace("CERTIFICATE", "TRUSTED CERTIFICATE"),
        plain.trim_end().to_string(),
    ];
    for text in texts {
        assert!(Certificate::from_data(text.as_bytes()).unwrap().equal(&expected), "{text}");
    }
}

#[test]
fn what_is_no_certificate_is_refused() {
    let der = parse(&Forged::default()).der().to_vec();
    let trailing = [&der[..], &der[..]].concat();
    let pem = String::from_utf8(certs::read("ca.pem")).unwrap();
    let bad_base64 = pem.replacen("MII", "M!I", 1);
    let cut = &pem[..pem.len() / 2];
    for data in [&b""[..], b"junk", &der[..der.len() - 1], &trailing, bad_base64.as_bytes(), cut.as_bytes()] {
        assert_eq!(status(data), Status::Ssl);
    }
    let key = Certificate::from_data(&certs::read("ca.key")).unwrap_err();
    assert_eq!(key.message(), "no start line: there is no certificate in the PEM text");
    // Nobody is asked for a password, whose question would wait at the terminal: certificates are public.
    for vector in ["00", "000102030405060708090A0B0C0D0E0F"] {
        let head = format!("\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{vector}\n\n");
        let encrypted = pem.replacen('\n', &head, 1);
        assert_eq!(status(encrypted.as_bytes()), Status::Ssl);
    }
}

#[test]
fn fingerprints_are_openssl_s() {
    let certificate = Certificate::from_data(&certs::read("ecdsa.pem")).unwrap();
    let file = certs::folder().join("ecdsa.pem");
    for digest in ["sha256", "sha1", "SHA3-512"] {
        let mut command = Command::new("openssl");
        command
            .args(["x509", "-noout", "-fingerprint", &format!("-{}", digest.to_lowercase()), "-in"])
            .arg(&file);
        let printed = String::from_utf8(certs::run(&mut command)).unwrap();
        let digits = certificate.fingerprint(Some(digest)).unwrap();
        let digits: Vec<String> = digits.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(printed.trim_end().rsplit('=').next(), Some(&*digits.join(":")));
    }
    assert_eq!(certificate.fingerprint(None).unwrap(), certificate.fingerprint(Some("sha256")).unwrap());
    for unknown in ["", "sha257", "sha256\0"] {
        assert_eq!(certificate.fingerprint(Some(unknown)).unwrap_err().status(), Status::Value);
    }
}

#[test]
fn times_are_seconds_since_1970() {
    let cases = [
        (UTC_TIME, "700101000000Z", Some(0)),
        (UTC_TIME, "180105093443Z", Some(1_515_144_883)),
        (UTC_TIME, "500101000000Z", Some(-631_152_000)),
        (GENERALIZED_TIME, "99991231235959Z", Some(253_402_300_799)),
        (GENERALIZED_TIME, "00010101000000Z", Some(-62_135_596_800)),
        (UTC_TIME, "180230000000Z", None),
        (UTC_TIME, NEVER, None),
    ];
    let strict = refuses_what_is_no_time();
    for (tag, text, seconds) in cases {
        let forged = with_time(tag, text);
        if strict && text == NEVER {
            assert_eq!(Certificate::from_data(&forged.der()).unwrap_err().status(), Status::Ssl, "{text}");
            continue;
        }
        let certificate = parse(&forged);
        assert_eq!(
            (certificate.not_before_time(), certificate.not_after_time()),
            (seconds, seconds),
            "{text}"
        );
        assert_eq!(certificate.not_before() == Some(c"Bad time value"), seconds.is_none());
    }
    let usual = parse(&Forged::default());
    assert_eq!(usual.not_before(), Some(c"Jan  5 09:34:43 2018 GMT"));
    assert_eq!(usual.not_after(), Some(c"Jan 17 22:34:07 2038 GMT"));
}

#[test]
fn serial_numbers_are_one_word_of_hex() {
    let long = format!("0x{}", "7F".repeat(60));
    for (serial, hex) in [("0", "00"), ("0xABC", "0ABC"), ("-5", "-05"), (&long, &long[2..])] {
        let certificate = parse(&Forged { serial: serial.to_string(), ..Forged::default() });
        assert_eq!(certificate.serial_number().to_str(), Ok(hex));
    }
    assert_eq!(parse(&Forged { version: None, ..Forged::default() }).version(), 1);
}

#[test]
fn only_full_names_of_distribution_points_count() {
    let relative = sequence([Node::Many(
        "EXPLICIT:0,IMPLICIT:1,".to_string(),
        "SET",
        vec![attribute(COMMON_NAME, bytes(UTF8, "relative"))],
    )]);
    let issuer_only = sequence([tagged("IMPLICIT:2,", [uri("http://issuer.example")])]);
    let empty = sequence([]);
    let points = |points: &[Node]| parse(&Forged::with(extension(CRL_DISTRIBUTION_POINTS, points)));
    let nothing = points(&[relative.clone(), issuer_only.clone(), empty.clone()]);
    assert_eq!(nothing.crl_distribution_points().len(), 0);
    assert_eq!(dict(&nothing).get("crlDistributionPoints"), None);
    let one = points(&[relative, empty, full_name([uri("http://crl.example")]), issuer_only]);
    assert_eq!(one.crl_distribution_points()[0].as_str(), Some("http://crl.example"));
    assert_eq!(dict(&one)["crlDistributionPoints"], json!(["http://crl.example"]));
}

#[test]
fn access_addresses_are_listed_by_method() {
    let entry = |method: &str, place: &str| sequence([oid(method), uri(place)]);
    let certificate = parse(&Forged::with(extension(
        AUTHORITY_INFO_ACCESS,
        [
            entry("1.3.6.1.5.5.7.48.2", "http://ca.example"),
            entry("1.3.6.1.5.5.7.48.1", "http://a"),
            entry("1.3.6.1.5.5.7.48.1", "http://b"),
        ],
    )));
    let texts =
        |found: &[PeerText]| found.iter().map(|text| text.as_str().unwrap().to_string()).collect::<Vec<_>>();
    assert_eq!(texts(certificate.ocsp()), ["http://a", "http://b"]);
    assert_eq!(texts(certificate.ca_issuers()), ["http://ca.example"]);
}

/// Reads everything a certificate says.
fn read_all(certificate: &Certificate) -> usize {
    let _ = (certificate.json(), certificate.pem(), certificate.subject_text(), certificate.issuer_text());
    let _ = (certificate.not_before(), certificate.not_after_time(), certificate.serial_number());
    certificate.subject().len() + certificate.subject_alt_names().len() + certificate.ocsp().len()
}

#[test]
fn no_damage_makes_a_certificate_dangerous() {
    let der = parse(&Forged::alt_names(super::every_alt_name())).der().to_vec();
    let mut readable = 0;
    for position in 0..der.len() {
        for value in [0, 1, 0x7F, 0x80, 0xFF, der[position] ^ 1, der[position] ^ 0x20] {
            let mut damaged = der.clone();
            damaged[position] = value;
            readable += usize::from(Certificate::from_data(&damaged).is_ok_and(|found| read_all(&found) > 0));
        }
        assert!(Certificate::from_data(&der[..position]).is_err());
    }
    assert!(readable > der.len(), "most damage is to text and leaves a certificate");
}

#[test]
fn deep_nesting_is_not_followed() {
    let within = |outer: u8, content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&[outer, 0x84][..], &length, content].concat()
    };
    for tag in [0x30, 0xA4] {
        let nested = (0..2_000).fold(Vec::new(), |content, _| within(tag, &content));
        assert_eq!(status(&nested), Status::Ssl);
        let certificate = parse(&Forged::with(raw_extension(SUBJECT_ALT_NAME, &within(0x30, &nested))));
        assert_eq!(certificate.subject_alt_names().len(), 0);
        assert_eq!(dict(&certificate).get("subjectAltName"), None);
    }
}

#[test]
fn threads_may_read_one_certificate_at_once() {
    let certificate = parse(&Forged::alt_names(super::every_alt_name()));
    let list = CertificateList::from(vec![certificate.clone()]);
    std::thread::scope(|scope| {
        let reader = || (list.as_slice()[0].json().unwrap().as_ptr() as usize, read_all(&certificate));
        let readers: Vec<_> = (0..8).map(|_| scope.spawn(reader)).collect();
        let seen: Vec<_> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "all see the same text");
    });
}
