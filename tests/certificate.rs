//! Certificates: what they say, compared with what Python's own ssl module makes of them.

#[path = "certificate/abi.rs"]
mod abi;
mod certs;
#[path = "certificate/data.rs"]
mod data;

use certs::forge::*;
use certs::python;
use serde_json::{Value, json};
use tlsock::certificate::SubjectAltName;
use tlsock::{Certificate, Context, Error, Status};

fn parse(forged: &Forged) -> Certificate {
    Certificate::from_data(&forged.der()).expect("a certificate")
}

fn alt_names(names: impl Into<Vec<Node>>) -> Vec<(String, String)> {
    let certificate = parse(&Forged::alt_names(names));
    let pair = |name: &SubjectAltName| {
        (name.kind.to_str().unwrap().to_string(), name.value.as_str().unwrap().to_string())
    };
    certificate.subject_alt_names().iter().map(pair).collect()
}

fn dict(certificate: &Certificate) -> Value {
    serde_json::from_str(certificate.json().expect("it can be decoded").to_str().unwrap()).unwrap()
}

fn uri(uri: &str) -> Node {
    bytes("6", uri)
}

fn full_name(names: impl Into<Vec<Node>>) -> Node {
    sequence([tagged("EXPLICIT:0,IMPLICIT:0,", names)])
}

fn other_name(kind: &str, value: Node) -> Node {
    let Node::Plain(value) = value else { panic!("a plain value") };
    tagged("IMPLICIT:0,", [oid(kind), Node::Plain(format!("EXPLICIT:0,{value}"))])
}

/// Every kind of general name.
fn every_alt_name() -> Vec<Node> {
    let directory = sequence([
        set([attribute("2.5.4.6", bytes("19U", "XY")), attribute(COMMON_NAME, bytes(UTF8, "both"))]),
        set([attribute("1.2.3.4.5", bytes(UTF8, "private"))]),
    ]);
    let Node::Many(_, _, rdns) = directory else { unreachable!() };
    vec![
        bytes("2", "xn--knigsgsschen-lcb0w.example"),
        bytes("2", "nul\0.example"),
        bytes("1", "user@example.org"),
        uri("https://example.org/\0?"),
        bytes("7", [127, 0, 0, 1]),
        bytes("7", [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF]),
        bytes("7", [0; 16]),
        bytes("7", [1, 2, 3, 4, 5]),
        bytes("7", []),
        tagged("EXPLICIT:4,", rdns),
        tagged("EXPLICIT:4,", []),
        Node::Plain("IMPLICIT:8,OID:1.2.3.4.5".to_string()),
        Node::Plain("IMPLICIT:8,OID:2.5.4.3".to_string()),
        other_name("1.2.3.4", bytes(UTF8, "unknown")),
        other_name("1.3.6.1.4.1.311.20.2.3", bytes(UTF8, "user@upn")),
        other_name("1.3.6.1.4.1.311.20.2.3", bytes(UTF8, "two\nlines:\0end")),
        other_name("1.3.6.1.5.5.7.8.9", bytes(UTF8, "ü@example.org")),
        other_name("1.3.6.1.5.5.7.8.7", bytes("22U", "_mail.example.org")),
        tagged("IMPLICIT:3,", [tagged("IMPLICIT:1,", [])]),
        tagged("IMPLICIT:5,", [Node::Plain("EXPLICIT:1,UTF8:party".to_string())]),
    ]
}

fn long_oid() -> String {
    format!("1.2.{}", vec!["1234567"; 14].join("."))
}

fn names() -> Vec<Forged> {
    let subject = |subject: Node| Forged { subject, ..Forged::default() };
    let one = |kind: &str, value: Node| subject(name(&[(kind, value)]));
    vec![
        subject(sequence([])),
        one(COMMON_NAME, bytes(UTF8, "good.example\0.evil.example")),
        one(COMMON_NAME, bytes(BMP, [0x01, 0x53, 0, 0, 0x26, 0x3A])),
        one(COMMON_NAME, bytes("28U", [0, 1, 0xF6, 0])),
        one(COMMON_NAME, bytes("20U", [b'T', 0xE9])),
        one("2.5.4.45", bit_string("0102FF")),
        one(&long_oid(), bytes(UTF8, "long")),
        one("1.3.6.1.4.1.311.60.2.1.3", bytes("19U", "XY")),
        subject(sequence([
            set([attribute("2.5.4.10", bytes(UTF8, "one")), attribute(COMMON_NAME, bytes(UTF8, "two"))]),
            set([attribute("2.5.4.11", bytes(UTF8, "three"))]),
        ])),
        one(COMMON_NAME, bytes(UTF8, [0xFF, 0xFE])),
        one(COMMON_NAME, bytes(UTF8, [0xED, 0xA0, 0x80])),
        one(COMMON_NAME, bytes(UTF8, [0xF7, 0xBF, 0xBF, 0xBF])),
        one(COMMON_NAME, bytes(BMP, [0xD8, 0])),
        one(COMMON_NAME, Node::Plain("INTEGER:5".to_string())),
        one(COMMON_NAME, sequence([])),
    ]
}

fn numbers_and_times() -> Vec<Forged> {
    let serials = ["0", "1", "0x80", "0x0ABC", "-5", "-128", "0x00FFEEDDCCBBAA99887766554433221100FFEEDD"];
    let serial = |serial: &&str| Forged { serial: serial.to_string(), ..Forged::default() };
    let times = [
        bytes(UTC_TIME, "130807131252Z"),
        bytes(UTC_TIME, "500101000000Z"),
        bytes(GENERALIZED_TIME, "20991231235959Z"),
        bytes(GENERALIZED_TIME, "20200229120000.5Z"),
        bytes(UTC_TIME, NEVER),
        bytes(UTC_TIME, "180230000000Z"),
    ];
    let time = |not_after: Node| Forged { not_after, ..Forged::default() };
    let versions = [None, Some(1), Some(2), Some(6)];
    let version = |version| Forged { version, ..Forged::default() };
    let all = serials.iter().map(serial).chain(times.map(time));
    all.chain(versions.map(version)).collect()
}

fn extensions() -> Vec<Forged> {
    let access = |method: &str, place: Node| sequence([oid(method), place]);
    let (ocsp, issuers) = ("1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2");
    let no_uri = || bytes("2", "dns.example");
    let san = |content: &[u8]| raw_extension(SUBJECT_ALT_NAME, content);
    vec![
        Forged::alt_names(every_alt_name()),
        Forged::alt_names([bytes("2", [0xFF])]),
        Forged::alt_names([bytes("2", "ok"), tagged("EXPLICIT:4,", [])]),
        Forged::alt_names([]),
        Forged::with(san(&[0x30, 0x80])),
        Forged::with(san(b"junk")),
        Forged { extensions: vec![san(&[0x30, 0]), san(&[0x30, 0])], ..Forged::default() },
        Forged::with(extension(
            AUTHORITY_INFO_ACCESS,
            [
                access(ocsp, uri("http://ocsp.example/1")),
                access(issuers, uri("http://ca.example/ca.cer")),
                access(ocsp, no_uri()),
                access("1.2.3.4", uri("http://other.example")),
                access(ocsp, uri("http://ocsp.example/\0")),
            ],
        )),
        Forged::with(extension(AUTHORITY_INFO_ACCESS, [access(ocsp, no_uri())])),
        Forged::with(extension(AUTHORITY_INFO_ACCESS, [access(issuers, uri("http://x\u{e9}"))])),
        Forged::with(extension(AUTHORITY_INFO_ACCESS, [access(ocsp, bytes("6", [0x80]))])),
        Forged::with(raw_extension(AUTHORITY_INFO_ACCESS, &[0xFF])),
        Forged::with(extension(
            CRL_DISTRIBUTION_POINTS,
            [full_name([uri("http://crl.example/1"), no_uri()]), full_name([uri("ldap://crl.example/2")])],
        )),
        Forged::with(extension(CRL_DISTRIBUTION_POINTS, [full_name([no_uri()])])),
        Forged::with(raw_extension(CRL_DISTRIBUTION_POINTS, &[])),
        // Relative to the issuer's name: no general names.
        Forged::with(extension(
            CRL_DISTRIBUTION_POINTS,
            [
                sequence([tagged("EXPLICIT:0,IMPLICIT:1,", [attribute(COMMON_NAME, bytes(UTF8, "list"))])]),
                full_name([uri("http://crl.example/3")]),
            ],
        )),
    ]
}

/// The dict, or the name of the exception that Python raises instead.
fn outcome(der: &[u8]) -> String {
    let class = |error: Error| match error.status() {
        Status::Value => "\"UnicodeDecodeError\"".to_string(),
        status => format!("\"{}\"", Status::class_name(status as i32).to_str().unwrap()),
    };
    let json = |certificate: Certificate| certificate.json().map(|json| json.to_str().unwrap().to_string());
    Certificate::from_data(der).and_then(json).unwrap_or_else(class)
}

fn with_time(tag: &str, text: &str) -> Forged {
    let time = || bytes(tag, text);
    Forged { not_before: time(), not_after: time(), ..Forged::default() }
}

/// Not a time at all.
const NEVER: &str = "never";

/// Certificates with what is no time at all OpenSSL 3.0 reads, later ones refuse them.
fn refuses_what_is_no_time() -> bool {
    let refused = Certificate::from_data(&with_time(UTC_TIME, NEVER).der()).is_err();
    assert!(!refused || tlsock::openssl_version_number() >> 20 > 0x300);
    refused
}

#[test]
fn json_is_python_s_dict() {
    let forged: Vec<Forged> = [names(), numbers_and_times(), extensions()].concat();
    let mut certificates: Vec<Vec<u8>> = forged.iter().map(Forged::der).collect();
    for name in ["ca", "rsa", "ed25519", "client", "expired"] {
        let pem = certs::read(&format!("{name}.pem"));
        certificates.push(Certificate::from_data(&pem).unwrap().der().to_vec());
    }
    let answers = python::decode(&certificates);
    assert_eq!(answers.len(), certificates.len());
    assert!(answers.iter().filter(|answer| answer.is_object()).count() > 40);
    let strict = refuses_what_is_no_time();
    for (der, python) in certificates.iter().zip(answers) {
        let refused = strict && der.windows(NEVER.len()).any(|part| part == NEVER.as_bytes());
        assert_eq!(outcome(der), if refused { "\"SSLError\"".to_string() } else { python.to_string() });
    }
}

#[test]
fn subject_has_every_pair_with_its_rdn() {
    let certificate = parse(&names()[8]);
    let pairs: Vec<_> = certificate
        .subject()
        .iter()
        .map(|pair| (pair.name.to_str().unwrap(), pair.value.as_str().unwrap(), pair.rdn, pair.binary))
        .collect();
    let expected = [
        ("commonName", "two", 0, false),
        ("organizationName", "one", 0, false),
        ("organizationalUnitName", "three", 1, false),
    ];
    assert_eq!(pairs, expected);
    assert_eq!(certificate.issuer()[0].value.as_str(), Some("issuer"));
    assert_eq!(certificate.subject_text(), Some(c"OU=three,O=one+CN=two"));
    assert_eq!(certificate.issuer_text(), Some(c"CN=issuer"));
}

#[test]
fn names_keep_nuls_bits_and_long_numbers() {
    let all = names();
    assert_eq!(parse(&all[1]).subject()[0].value.as_bytes(), b"good.example\0.evil.example");
    assert_eq!(parse(&all[1]).subject_text(), Some(c"CN=good.example\\00.evil.example"));
    assert_eq!(parse(&all[2]).subject()[0].value.as_str(), Some("œ\0☺"));
    let bits = parse(&all[5]);
    assert_eq!((bits.subject()[0].value.as_bytes(), bits.subject()[0].binary), (&[1, 2, 0xFF][..], true));
    assert_eq!(dict(&bits)["subject"], json!([[["x500UniqueIdentifier", "0102ff"]]]));
    assert!(long_oid().len() > 100);
    assert_eq!(parse(&all[6]).subject()[0].name.to_str().unwrap(), long_oid());
    assert_eq!((parse(&all[0]).subject().len(), parse(&all[0]).subject_text()), (0, Some(c"")));
}

/// Text for people shows what the certificate has.
#[test]
fn every_name_that_can_be_read_can_be_printed() {
    let read: Vec<_> = names().iter().filter_map(|one| Certificate::from_data(&one.der()).ok()).collect();
    assert!(read.len() >= 8, "{}", read.len());
    assert!(read.iter().all(|one| one.subject_text().is_some() && one.issuer_text().is_some()));
}

#[test]
fn a_name_that_is_no_text_is_given_as_its_bytes_and_only_json_fails() {
    let certificate = parse(&Forged {
        subject: name(&[(COMMON_NAME, sequence([])), (COMMON_NAME, bytes(UTF8, "ok"))]),
        extensions: vec![
            extension(SUBJECT_ALT_NAME, [bytes("2", "ok"), bytes("2", [0xFF]), bytes("2", "good.example")]),
            extension(CRL_DISTRIBUTION_POINTS, [full_name([bytes("6", [0xFF]), uri("ok")])]),
        ],
        ..Forged::default()
    });
    let subject: Vec<_> =
        certificate.subject().iter().map(|pair| (pair.value.as_bytes(), pair.binary)).collect();
    assert_eq!((subject.len(), subject[0].1, subject[1]), (2, true, (&b"ok"[..], false)));
    let names: Vec<_> = certificate.subject_alt_names().iter().map(|name| name.value.as_bytes()).collect();
    assert_eq!(names, [&b"ok"[..], &[0xFF], b"good.example"]);
    assert_eq!(certificate.subject_alt_names()[1].value.as_str(), None);
    let lists: Vec<_> = certificate.crl_distribution_points().iter().map(|uri| uri.as_bytes()).collect();
    assert_eq!(lists, [&[0xFF][..], b"ok"]);
    assert_eq!(certificate.issuer().len(), 1);
    assert_eq!(certificate.json().unwrap_err().status(), Status::Ssl);
    let names = parse(&Forged::alt_names([bytes("2", [0xFF])]));
    assert_eq!(names.json().unwrap_err().status(), Status::Value);
    assert_eq!(
        names.json().unwrap_err().message().split(':').next(),
        Some("subjectAltName is not UTF-8 text")
    );
    // Within a directory name, too, the other values stay.
    let rdns = [sequence([]), bytes(UTF8, "ok")].map(|value| set([attribute(COMMON_NAME, value)]));
    let names = parse(&Forged::alt_names([tagged("EXPLICIT:4,", rdns), bytes("2", "ok")]));
    assert_eq!(names.subject_alt_names().len(), 2);
    assert_eq!(names.subject_alt_names()[0].directory.as_ref().map(Vec::len), Some(2));
    names.json().unwrap_err();
}

#[test]
fn alternative_names_are_python_s_pairs() {
    let expected = [
        ("DNS", "xn--knigsgsschen-lcb0w.example"),
        ("DNS", "nul\0.example"),
        ("email", "user@example.org"),
        ("URI", "https://example.org/\0?"),
        ("IP Address", "127.0.0.1"),
        ("IP Address", "2001:DB8:0:0:0:0:0:FF"),
        ("IP Address", "0:0:0:0:0:0:0:0"),
        ("IP Address", "<invalid>"),
        ("IP Address", "<invalid>"),
        ("DirName", "1.2.3.4.5=#0C0770726976617465,CN=both+C=XY"),
        ("DirName", ""),
        ("Registered ID", "1.2.3.4.5"),
        ("Registered ID", "commonName"),
        ("othername", "<unsupported>"),
        ("othername", "UPN:user@upn"),
        ("othername", "UPN:two\n"),
        ("othername", "SmtpUTF8Mailbox:ü@example.org"),
        ("othername", "SRVName:_mail.example.org"),
        ("X400Name", "<unsupported>"),
        ("EdiPartyName", "<unsupported>"),
    ];
    let expected = expected.map(|(kind, value)| (kind.to_string(), value.to_string()));
    assert_eq!(alt_names(every_alt_name()), expected);
}

#[test]
fn unusable_alternative_names_are_absent_and_no_names_are_an_empty_list() {
    let all = extensions();
    assert_eq!(dict(&parse(&all[3]))["subjectAltName"], json!([]));
    for unusable in [4, 5, 6] {
        let certificate = parse(&all[unusable]);
        assert_eq!(dict(&certificate).get("subjectAltName"), None);
        assert_eq!(certificate.subject_alt_names().len(), 0);
    }
    assert_eq!(alt_names([Node::Plain(format!("IMPLICIT:8,OID:{}", long_oid()))])[0].1, long_oid());
}

#[cfg(feature = "aws-lc")]
use aws_lc_sys::ERR_peek_error as peek_error;
#[cfg(feature = "openssl")]
use openssl_sys::ERR_peek_last_error as peek_error;

fn is_queue_empty() -> bool {
    // SAFETY: no preconditions; the queue is this thread's.
    unsafe { peek_error() == 0 }
}

/// What libcrypto leaves in its queue would be taken for the failure of the program's next call.
#[test]
fn what_cannot_be_read_leaves_nothing_in_the_queue_of_errors() {
    let all = [names(), numbers_and_times(), extensions()].concat();
    for (index, forged) in all.iter().enumerate() {
        let der = forged.der();
        let Ok(certificate) = Certificate::from_data(&der) else { continue };
        let _ = (certificate.json(), certificate.subject_text(), certificate.not_after_time());
        assert!(is_queue_empty(), "decoding {index}");
        let context = Context::new(tlsock::context::PROTOCOL_TLS_CLIENT).unwrap();
        if context.load_verify_locations(None, None, Some(&der)).is_ok() {
            context.cert_store_stats().unwrap();
            assert!(is_queue_empty(), "counting {index}");
            context.get_ca_certs().unwrap();
            assert!(is_queue_empty(), "listing {index}");
        }
    }
}
