//! Security levels.

use super::forge::{self, Forged, RSA_SHA512, Signed};
use super::security::{self, allows};
use super::{by_openssl, judged, keys, reference};
use crate::openssl::backend::rules::facts::CertificateFacts;
use crate::openssl::backend::rules::level::{
    DEFAULT_GROUPS, DEFAULT_SIGNATURE_ALGORITHMS, DEFAULT_SIGNING_ALGORITHMS, Level, groups_of,
};
use crate::openssl::backend::rules::strength::{Digest, rsa_strength, signature_strength};
use crate::openssl::backend::rules::suite::SUITES;
use crate::openssl::backend::rules::verdict::Complaint;
use crate::openssl::backend::x509::signature_info;
use crate::openssl::ctx::{Method, SslCtx};
use crate::openssl::sys;
use std::collections::BTreeMap;
use std::os::raw::c_void;
use std::ptr::null;

const LEVELS: std::ops::RangeInclusive<i32> = 0..=5;
/// What the levels ask for, and what is just less.
const LIMITS: [i32; 10] = [79, 80, 111, 112, 127, 128, 191, 192, 255, 256];
const ONLY_UNSIGNED: i32 = 7;

#[test]
fn levels_end_at_5_and_begin_at_0() {
    assert_eq!(Level::new(-1), Level::new(0));
    assert_eq!(Level::new(6), Level::new(5));
}

#[test]
fn versions_are_those_of_openssl() {
    for level in LEVELS {
        for version in 0x301..=0x304 {
            let theirs = allows(level, security::VERSION, 0, version, null());
            let ours = Level::new(level).allows_version(version as u16);
            assert!(theirs || !ours, "{level}, {version:x}");
            if reference::version() >= 0x3050_0000 {
                assert_eq!(ours, theirs, "{level}, {version:x}");
            }
        }
        let theirs = allows(level, security::TICKET, 0, 0, null());
        assert_eq!(Level::new(level).allows_tickets(), theirs, "{level}");
    }
}

#[test]
fn ciphers_are_those_of_openssl() {
    let mut ctx = SslCtx::new(Method::Both).expect("memory");
    ctx.set_ciphers(c"ALL:COMPLEMENTOFALL:@SECLEVEL=0").expect("ciphers");
    // SAFETY: the context is alive, and so is its list.
    let list = unsafe { sys::SSL_CTX_get_ciphers(ctx.as_ptr()) };
    // SAFETY: as above.
    let all = unsafe { crate::openssl::asn1::items::<sys::SSL_CIPHER>(list.cast()) };
    let mut seen = 0;
    for cipher in all {
        // SAFETY: a static cipher; so below.
        let known = unsafe { crate::openssl::cipher::Cipher::from_raw(cipher) }.expect("a cipher");
        let name = known.name.and_then(|name| name.to_str().ok()).unwrap_or_default();
        let other = cipher.cast::<c_void>();
        for level in LEVELS {
            let theirs = allows(level, security::CIPHER, known.secret_bits, 0, other);
            let ours = match SUITES.iter().find(|suite| suite.name == name) {
                Some(suite) => Level::new(level).allows_suite(suite),
                None if name.starts_with("TLS_") => {
                    Level::new(level).allows_tls1_3_cipher(known.secret_bits as u32)
                }
                None => continue,
            };
            seen += 1;
            assert_eq!(ours, theirs, "{name} at level {level}");
        }
    }
    assert_eq!(seen, 6 * (SUITES.len() + 3));
}

#[test]
fn groups_and_signature_algorithms_are_as_strong_as_openssl_says() {
    let mut known = BTreeMap::new();
    // OpenSSL 4 has no P-224 in TLS.
    let all =
        if reference::major() < 4 { c"P-224:P-256:P-384:P-521:X25519" } else { c"P-256:P-384:P-521:X25519" };
    let lists = [None, Some(all)];
    for (what, number, bits) in lists.into_iter().flat_map(security::questions) {
        known.insert((what, number), bits);
    }
    // What AWS-LC lacks.
    let lacks = |what, number: u16| match what {
        security::GROUP => !matches!(number, 21 | 23..=25 | 29 | 0x11EB..=0x11ED),
        _ => !matches!(
            number,
            0x0201 | 0x0203 | 0x0401 | 0x0501 | 0x0601 | 0x0403 | 0x0503 | 0x0603 | 0x0804..=0x0807 | 0x0904..=0x0906
        ),
    };
    known.retain(|(what, number), _| !lacks(*what, *number));
    assert!(known.len() >= 4 + 12, "{known:x?}");
    for ((what, number), bits) in known {
        for level in LEVELS {
            let theirs = allows(level, what, bits, 0, number.to_be_bytes().as_ptr().cast());
            let ours = match what {
                security::GROUP => Level::new(level).allows_group(number),
                _ => Level::new(level).allows_signature_algorithm(number),
            };
            assert_eq!(ours, theirs, "{what:x}, {number:x}, {bits} bits at level {level}");
        }
    }
    assert!(
        !Level::new(1).allows_group(22) && Level::new(0).allows_group(22),
        "what is not known has no strength"
    );
    assert!(!Level::new(1).allows_signature_algorithm(0x0202));
}

#[test]
fn names_of_groups_are_those_of_openssl() {
    for names in ["P-256:P-384:P-521:X25519", "prime256v1:secp384r1:secp521r1:X25519", "X25519:P-256"] {
        let list = std::ffi::CString::new(names).expect("no NUL");
        let asked =
            security::questions(Some(&list)).into_iter().filter(|(what, ..)| *what == security::GROUP);
        let mut theirs: Vec<u16> = asked.map(|(_, number, _)| number).collect();
        let mut ours = groups_of(names);
        ours.sort_unstable();
        theirs.sort_unstable();
        theirs.dedup();
        assert_eq!(ours, theirs, "{names}");
    }
    assert_eq!(groups_of("P-224:X25519MLKEM768:brainpoolP256r1"), [21, 0x11EC]);
}

#[test]
fn names_of_signature_algorithms_are_as_strong_as_their_numbers() {
    let known = [
        ("rsa_pkcs1_sha1", 0x0201),
        ("RSA+SHA1", 0x0201),
        ("ecdsa_sha1", 0x0203),
        ("ECDSA+SHA1", 0x0203),
        ("RSA+SHA256", 0x0401),
        ("rsa_pkcs1_sha384", 0x0501),
        ("rsa_pkcs1_sha512", 0x0601),
        ("ecdsa_secp256r1_sha256", 0x0403),
        ("ECDSA+SHA384", 0x0503),
        ("ecdsa_secp521r1_sha512", 0x0603),
        ("rsa_pss_rsae_sha256", 0x0804),
        ("RSA-PSS+SHA384", 0x0805),
        ("PSS+SHA512", 0x0806),
        ("ed25519", 0x0807),
        ("mldsa44", 0x0904),
        ("mldsa65", 0x0905),
        ("mldsa87", 0x0906),
    ];
    for (level, (name, number)) in LEVELS.flat_map(|level| known.map(|one| (Level::new(level), one))) {
        assert_eq!(level.allows_signature_name(name), level.allows_signature_algorithm(number), "{name}");
    }
    for name in ["", "rsa_pkcs1_md5", "sha256_", "what_nobody_knows"] {
        assert!(!Level::new(1).allows_signature_name(name), "{name}");
    }
    assert!(
        DEFAULT_SIGNING_ALGORITHMS.iter().all(|number| Level::new(2).allows_signature_algorithm(*number))
    );
}

#[test]
fn a_level_leaves_groups_and_signature_algorithms() {
    let left = |number| {
        let level = Level::new(number);
        let groups = DEFAULT_GROUPS.into_iter().filter(|group| level.allows_group(*group)).count();
        let signatures = DEFAULT_SIGNATURE_ALGORITHMS.into_iter();
        (groups, signatures.filter(|algorithm| level.allows_signature_algorithm(*algorithm)).count())
    };
    let all = (DEFAULT_GROUPS.len(), DEFAULT_SIGNATURE_ALGORITHMS.len());
    assert_eq!([0, 1, 2, 3].map(left), [all; 4], "no SHA-1 by default");
    assert_eq!(left(4), (4, 6));
    assert_eq!(left(5), (1, 3));
}

/// A certificate with a key, or signed in a way, of which the rest does not matter.
fn one(key: Vec<u8>, signed: Signed) -> Forged {
    Forged { key, signed, ..forge::good_chain(1).remove(0) }
}

fn facts(forged: &Forged) -> CertificateFacts {
    CertificateFacts::from_der(&forged.der()).expect("it can be read")
}

/// The strength of a certificate's key as OpenSSL counts it; 0 for none that it knows.
fn openssl_key_strength(forged: &Forged) -> i32 {
    reference::key_strength(&reference::certificate(forged)).unwrap_or(0)
}

fn same_level(ours: Option<u32>, theirs: i32) -> bool {
    LIMITS.iter().all(|limit| (ours.unwrap_or(0) as i32 >= *limit) == (theirs >= *limit))
}

#[test]
fn rsa_keys_are_as_strong_as_openssl_says() {
    let near = [920, 1963, 2671, 6947, 13914].into_iter().flat_map(|limit| limit - 2..limit + 2);
    for bits in near.chain((512..=16384).step_by(509)) {
        let theirs = openssl_key_strength(&one(keys::rsa(bits), RSA_SHA512));
        assert!(same_level(Some(rsa_strength(bits as u32)), theirs), "{bits}: {theirs}");
        for key in [keys::rsa(bits), keys::rsa_pss(bits)] {
            assert_eq!(facts(&one(key, RSA_SHA512)).key.strength, Some(rsa_strength(bits as u32)), "{bits}");
        }
    }
}

#[test]
fn other_keys_are_as_strong_as_openssl_says() {
    for (name, _) in keys::OTHERS {
        let made = one(keys::other(name), RSA_SHA512);
        let (ours, theirs) = (facts(&made).key.strength, openssl_key_strength(&made));
        assert_eq!(ours.unwrap_or(0) as i32, theirs.max(0), "{name}");
    }
}

#[test]
fn signatures_are_as_strong_as_openssl_says() {
    for signed in super::variations::SIGNATURES {
        let made = one(keys::rsa(2048), signed);
        let theirs = signature_info(&reference::certificate(&made)).expect("memory").expect("it is known");
        let ours = facts(&made).signature_strength;
        assert!(ours.is_some() && same_level(ours, theirs.bits), "{signed:?}: {ours:?}, {theirs:?}");
        let digest = signature_strength(&signed.der()[2..]).and_then(|kind| kind.digest);
        assert_eq!(digest.map(Digest::name), theirs.digest, "{signed:?}");
    }
}

/// What a chain is refused for at a level, and at which depth; the nearest level passes it.
type Case = (Complaint, u32, i32, fn(&mut [Forged]));

const CASES: &[Case] = &[
    (Complaint::EeKeyTooSmall, 0, 1, |chain| chain[0].key = keys::rsa(768)),
    (Complaint::EeKeyTooSmall, 0, 2, |chain| chain[0].key = keys::rsa(1024)),
    (Complaint::EeKeyTooSmall, 0, 3, |chain| chain[0].key = keys::rsa(2048)),
    (Complaint::EeKeyTooSmall, 0, 4, |chain| chain[0].key = keys::other("P-256")),
    (Complaint::EeKeyTooSmall, 0, 5, |chain| chain[0].key = keys::other("P-384")),
    (Complaint::EeKeyTooSmall, 0, 4, |chain| chain[0].key = keys::other("Ed25519")),
    (Complaint::CaKeyTooSmall, 1, 2, |chain| chain[1].key = keys::rsa(1024)),
    (Complaint::CaKeyTooSmall, 2, 2, |chain| chain[2].key = keys::rsa(1024)),
    (Complaint::CaMdTooWeak, 0, 1, |chain| chain[0].signed = forge::RSA_MD5),
    (Complaint::CaMdTooWeak, 0, 1, |chain| chain[0].signed = forge::RSA_SHA1),
    (Complaint::CaMdTooWeak, 1, 1, |chain| chain[1].signed = forge::RSA_SHA1),
    (Complaint::CaMdTooWeak, 1, 1, |chain| chain[1].signed = forge::PSS_SHA1),
    (Complaint::CaMdTooWeak, 0, 3, |chain| chain[0].signed = forge::RSA_SHA224),
    (Complaint::CaMdTooWeak, 0, 4, |chain| chain[0].signed = forge::RSA_SHA256),
    (Complaint::CaMdTooWeak, 1, 5, |chain| chain[1].signed = forge::RSA_SHA384),
];

#[test]
fn a_level_refuses_what_the_one_below_takes() {
    for (number, (complaint, depth, level, weaken)) in CASES.iter().enumerate() {
        let mut chain = forge::good_chain(3);
        weaken(&mut chain);
        let refused = (complaint.code(), *depth);
        assert_eq!(by_openssl(&chain, *level, false), refused, "{number}, by OpenSSL");
        assert_eq!(judged(&chain, *level, false), refused, "{number}");
        assert_eq!(judged(&chain, level - 1, true).0, ONLY_UNSIGNED, "{number}");
        assert_eq!(by_openssl(&chain, level - 1, true).0, ONLY_UNSIGNED, "{number}");
    }
}

#[test]
fn a_key_of_an_unknown_kind_has_no_strength() {
    for depth in [0, 1] {
        let mut chain = forge::good_chain(2);
        chain[depth].key = keys::other("unknown");
        for level in LEVELS {
            assert_eq!(by_openssl(&chain, level, true), judged(&chain, level, true), "level {level}");
        }
    }
    let mut chain = forge::good_chain(2);
    chain[0].key = keys::other("unknown");
    assert_eq!(judged(&chain, 1, true), (Complaint::EeKeyTooSmall.code(), 0));
}

#[test]
fn how_the_trust_anchor_is_signed_does_not_matter() {
    let mut chain = forge::good_chain(3);
    chain[2].signed = forge::RSA_MD5;
    assert_eq!(by_openssl(&chain, 5, true).0, ONLY_UNSIGNED);
    assert_eq!(judged(&chain, 5, true).0, ONLY_UNSIGNED);
}

#[test]
fn a_small_key_is_told_before_the_issuer_that_is_missing() {
    let mut chain = forge::good_chain(2);
    chain[0].key = keys::rsa(1024);
    chain[0].issuer = "nobody".to_string();
    assert_eq!(by_openssl(&chain, 1, true), judged(&chain, 1, true));
    assert_eq!(judged(&chain, 1, true), (20, 0));
    assert_eq!(by_openssl(&chain, 2, true), (Complaint::EeKeyTooSmall.code(), 0));
    assert_eq!(judged(&chain, 2, true), (Complaint::EeKeyTooSmall.code(), 0));
}
