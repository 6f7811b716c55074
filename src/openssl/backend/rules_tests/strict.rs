//! Each rule of `VERIFY_X509_STRICT` by a chain that only it refuses, and the nearest one that passes.

use super::encode::bit_string;
use super::forge::*;
use super::keys;
use super::{by_openssl, demand, judged, reference};
use crate::openssl::backend::rules::verdict::Complaint::{self, *};
use crate::openssl::flags::verify::IGNORE_CRITICAL;

type Change = fn(&mut [Forged]);

/// What is wrong, at which depth; what makes it wrong, and what makes it right again.
type Case = (Complaint, u32, Change, Change);

const LEAF: usize = 0;
const INTER: usize = 1;
const ROOT: usize = 2;

const CASES: &[Case] = &[
    (
        InvalidCa,
        0,
        |chain| {
            chain[LEAF].remove(BASIC_CONSTRAINTS);
            chain[LEAF].set(key_usage(CERT_SIGN | DIGITAL_SIGNATURE));
        },
        |chain| chain[LEAF].set(key_usage(DIGITAL_SIGNATURE)),
    ),
    (
        InvalidCa,
        0,
        |chain| {
            chain[LEAF].remove(BASIC_CONSTRAINTS);
            chain[LEAF].remove(KEY_USAGE);
            chain[LEAF].set(netscape_type(0x44));
        },
        |chain| chain[LEAF].set(netscape_type(0x40)),
    ),
    (
        InvalidCa,
        2,
        |chain| chain[ROOT].remove(BASIC_CONSTRAINTS),
        |chain| {
            chain[ROOT].set(basic_constraints(true, Some(true), None));
        },
    ),
    (
        InvalidCa,
        2,
        |chain| {
            chain[ROOT].extensions.clear();
            chain[ROOT].version = 0;
        },
        |chain| chain[ROOT] = good_chain(3).remove(ROOT),
    ),
    (
        PathlenInvalidForNonCa,
        0,
        |chain| chain[LEAF].set(basic_constraints(true, None, Some(1))),
        |chain| {
            chain[LEAF].set(basic_constraints(true, None, None));
        },
    ),
    (
        PathlenWithoutKuKeyCertSign,
        1,
        |chain| {
            chain[INTER].set(basic_constraints(true, Some(true), Some(1)));
            chain[INTER].remove(KEY_USAGE);
        },
        |chain| chain[INTER].set(key_usage(CERT_SIGN)),
    ),
    (
        CaBconsNotCritical,
        1,
        |chain| chain[INTER].set(basic_constraints(false, Some(true), None)),
        |chain| {
            chain[INTER].set(basic_constraints(true, Some(true), None));
        },
    ),
    (
        CaCertMissingKeyUsage,
        1,
        |chain| chain[INTER].remove(KEY_USAGE),
        |chain| {
            chain[INTER].set(key_usage(CERT_SIGN));
        },
    ),
    (
        CaCertMissingKeyUsage,
        2,
        |chain| chain[ROOT].remove(KEY_USAGE),
        |chain| {
            chain[ROOT].set(key_usage(CERT_SIGN));
        },
    ),
    (
        KuKeyCertSignInvalidForNonCa,
        0,
        |chain| {
            chain[LEAF].set(key_usage(CERT_SIGN | DIGITAL_SIGNATURE));
        },
        |chain| chain[LEAF].set(key_usage(CRL_SIGN | DIGITAL_SIGNATURE)),
    ),
    (
        IssuerNameEmpty,
        1,
        |chain| {
            chain[INTER].issuer.clear();
            chain[ROOT].subject.clear();
            chain[ROOT].issuer.clear();
        },
        |chain| {
            chain[INTER].issuer.push('R');
            chain[ROOT].subject.push('R');
            chain[ROOT].issuer.push('R');
        },
    ),
    (
        SubjectNameEmpty,
        0,
        |chain| {
            chain[LEAF].subject.clear();
            chain[LEAF].remove(ALTERNATIVE_NAMES);
        },
        |chain| chain[LEAF].set(dns_names(true, &["localhost"])),
    ),
    (
        SubjectNameEmpty,
        0,
        |chain| {
            chain[LEAF].subject.clear();
            chain[LEAF].set(dns_names(true, &["localhost"]));
            chain[LEAF].set(key_usage(CRL_SIGN | DIGITAL_SIGNATURE));
        },
        |chain| chain[LEAF].set(key_usage(DIGITAL_SIGNATURE)),
    ),
    (
        EmptySubjectSanNotCritical,
        0,
        |chain| chain[LEAF].subject.clear(),
        |chain| {
            chain[LEAF].set(dns_names(true, &["localhost"]));
        },
    ),
    (
        EmptySubjectAltName,
        0,
        |chain| chain[LEAF].set(dns_names(false, &[])),
        |chain| {
            chain[LEAF].set(dns_names(false, &["a"]));
        },
    ),
    (
        SignatureAlgorithmInconsistency,
        0,
        |chain| chain[LEAF].inner_signed = Some(RSA_SHA384),
        |chain| {
            chain[LEAF].inner_signed = Some(RSA_SHA512);
        },
    ),
    (
        MissingAuthorityKeyIdentifier,
        0,
        |chain| chain[LEAF].remove(AUTHORITY_KEY),
        |chain| {
            chain[LEAF].set(authority_key(false, Some(b"inter1"), None, None));
        },
    ),
    (
        MissingAuthorityKeyIdentifier,
        1,
        |chain| chain[INTER].remove(AUTHORITY_KEY),
        |chain| {
            chain[INTER].set(authority_key(false, Some(b"root"), None, None));
        },
    ),
    (
        MissingAuthorityKeyIdentifier,
        0,
        |chain| {
            chain[LEAF].set(authority_key(false, None, Some("root"), Some(2)));
        },
        |chain| chain[LEAF].set(authority_key(false, Some(b"inter1"), Some("root"), Some(2))),
    ),
    (
        EmptyAuthorityKeyIdentifier,
        0,
        |chain| chain[LEAF].set(authority_key(false, None, None, None)),
        |chain| {
            chain[LEAF].set(authority_key(false, Some(b"inter1"), None, None));
        },
    ),
    (
        AkidIssuerSerialNotPaired,
        0,
        |chain| {
            chain[LEAF].set(authority_key(false, Some(b"inter1"), Some("root"), None));
        },
        |chain| chain[LEAF].set(authority_key(false, Some(b"inter1"), Some("root"), Some(2))),
    ),
    (
        AkidIssuerSerialNotPaired,
        2,
        |chain| chain[ROOT].set(authority_key(false, None, None, Some(3))),
        |chain| {
            chain[ROOT].set(authority_key(false, None, Some("root"), Some(3)));
        },
    ),
    (
        MissingSubjectKeyIdentifier,
        1,
        |chain| {
            chain[INTER].remove(SUBJECT_KEY);
        },
        |chain| chain[INTER].set(subject_key(false, b"inter1")),
    ),
    (ExtensionsRequireVersion3, 0, |chain| chain[LEAF].version = 1, |chain| chain[LEAF].version = 2),
];

/// What OpenSSL 3 or 4 alone objects to, and what it says in its place.
fn expected(complaint: Complaint, chain: &[Forged]) -> Option<Complaint> {
    let pair = chain[LEAF].extensions.contains(&authority_key(false, None, Some("root"), Some(2)));
    match (complaint, reference::major()) {
        (EmptyAuthorityKeyIdentifier, 3) => Some(MissingAuthorityKeyIdentifier),
        (AkidIssuerSerialNotPaired, 3) => None,
        (MissingAuthorityKeyIdentifier, 4) if pair => None,
        (EmptySubjectSanNotCritical | CaBconsNotCritical, 4) => None,
        _ => Some(complaint),
    }
}

/// Netscape's certificate type, of before X.509 v3.
fn netscape_type(bits: u8) -> ForgedExtension {
    let kind = vec![0x60, 0x86, 0x48, 0x01, 0x86, 0xF8, 0x42, 0x01, 0x01];
    ForgedExtension { kind, critical: false, value: bit_string(&[bits]) }
}

/// The chain is complete and good but for its signatures, which nobody has made.
const ONLY_UNSIGNED: i32 = 7;

#[test]
fn each_strict_rule_refuses_what_breaks_it_and_nothing_else() {
    for (number, (complaint, depth, wrong, right)) in CASES.iter().enumerate() {
        let case = format!("{number}: {complaint:?}");
        let mut chain = good_chain(3);
        assert_eq!(by_openssl(&chain, 5, true).0, ONLY_UNSIGNED, "{case}");
        wrong(&mut chain);
        assert_eq!(by_openssl(&chain, 5, false).0, ONLY_UNSIGNED, "{case}: it passes if nothing is strict");
        assert_eq!(judged(&chain, 5, false).0, ONLY_UNSIGNED, "{case}");
        match expected(*complaint, &chain) {
            Some(complaint) => {
                assert_eq!(by_openssl(&chain, 5, true), (complaint.code(), *depth), "{case}: by OpenSSL");
                assert_eq!(judged(&chain, 5, true), (complaint.code(), *depth), "{case}");
            }
            None => {
                assert_eq!(by_openssl(&chain, 5, true).0, ONLY_UNSIGNED, "{case}: by OpenSSL");
                assert_eq!(judged(&chain, 5, true).0, ONLY_UNSIGNED, "{case}");
            }
        }
        right(&mut chain);
        assert_eq!(by_openssl(&chain, 5, true).0, ONLY_UNSIGNED, "{case}: nearest, by OpenSSL");
        assert_eq!(judged(&chain, 5, true).0, ONLY_UNSIGNED, "{case}: nearest");
    }
}

/// Without IGNORE_CRITICAL these are extensions that nobody handles, also where nothing is strict.
#[test]
fn key_identifiers_are_not_critical() {
    const UNHANDLED_CRITICAL_EXTENSION: i32 = 34;
    let authority = authority_key(true, Some(b"inter1"), None, None);
    for extension in [authority, subject_key(true, b"leaf")] {
        let mut chain = good_chain(3);
        chain[LEAF].set(extension);
        assert_eq!(by_openssl(&chain, 5, true), (UNHANDLED_CRITICAL_EXTENSION, 0));
        assert_eq!(judged(&chain, 5, true), (UNHANDLED_CRITICAL_EXTENSION, 0));
        let theirs = reference::verify(&chain, 5, true, IGNORE_CRITICAL).0;
        assert_eq!(theirs.code, ONLY_UNSIGNED);
        let (outcome, built) = reference::verify(&chain, 0, false, IGNORE_CRITICAL);
        assert_eq!(demand(5, true).objection(&built, outcome), None);
    }
}

#[test]
fn curves_have_names_in_a_chain() {
    let mut chain = good_chain(2);
    chain[LEAF].key = keys::other("P-256 written out");
    for strict in [false, true] {
        assert_eq!(by_openssl(&chain, 0, strict), (EcKeyExplicitParams.code(), 0));
        assert_eq!(judged(&chain, 0, strict), (EcKeyExplicitParams.code(), 0));
    }
    chain[LEAF].key = keys::other("P-256");
    assert_eq!(judged(&chain, 0, true).0, ONLY_UNSIGNED);
}

#[test]
fn a_certificate_that_is_trusted_by_itself_need_not_be_strict() {
    let mut alone = good_chain(1);
    alone[LEAF].remove(AUTHORITY_KEY);
    alone[LEAF].set(dns_names(false, &[]));
    assert_eq!(by_openssl(&alone, 5, true), judged(&alone, 5, true));
    assert_eq!(judged(&alone, 5, true).0, 0);
}

#[test]
fn the_texts_are_those_of_openssl() {
    let mut differ = Vec::new();
    let all: Vec<Complaint> = (0..200).filter_map(Complaint::of).collect();
    assert!(CASES.iter().all(|(complaint, ..)| all.contains(complaint)) && all.len() > 15);
    for complaint in all {
        let told = crate::openssl::ctx::verify_text(complaint.code()).unwrap_or_default();
        if told != complaint.text() && reference::major() >= since(complaint) {
            differ.push((complaint, told));
        }
    }
    assert!(differ.is_empty(), "{differ:?}");
}

/// The first OpenSSL with this code, by its major version.
fn since(complaint: Complaint) -> u32 {
    match complaint {
        EmptyAuthorityKeyIdentifier | AkidIssuerSerialNotPaired => 4,
        _ => 3,
    }
}
