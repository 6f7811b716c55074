//! Chains made by chance of what certificates may and may not have, judged at each level, strictly and not.

use super::encode::{PKCS1, octets, oid, sequence};
use super::forge::*;
use super::{Dice, by_openssl, judged, keys};

type Variation = fn(&mut Forged, &mut Dice);

const VARIATIONS: &[Variation] = &[
    |it, _| it.remove(BASIC_CONSTRAINTS),
    |it, dice| it.set(basic_constraints(flip(dice), Some(true), None)),
    |it, dice| it.set(basic_constraints(flip(dice), Some(flip(dice)), Some(dice.below(3) as u8))),
    |it, dice| it.set(basic_constraints(flip(dice), None, None)),
    |it, _| it.remove(KEY_USAGE),
    |it, dice| it.set(key_usage(*dice.pick(&[CERT_SIGN, CRL_SIGN, DIGITAL_SIGNATURE, CERT_SIGN | CRL_SIGN]))),
    |it, _| it.remove(SUBJECT_KEY),
    |it, dice| it.set(subject_key(flip(dice), it.subject.clone().as_bytes())),
    |it, _| it.remove(AUTHORITY_KEY),
    |it, dice| {
        let (key, issuer) = (it.issuer.clone(), it.issuer.clone());
        let key = flip(dice).then_some(key.as_bytes());
        let issuer = flip(dice).then_some(issuer.as_str());
        it.set(authority_key(flip(dice), key, issuer, [None, Some(1), Some(9)][dice.below(3)]));
    },
    |it, dice| it.set(dns_names(flip(dice), NAMES[dice.below(NAMES.len())])),
    |it, _| it.remove(ALTERNATIVE_NAMES),
    |it, dice| it.version = dice.below(3) as u8,
    |it, _| {
        it.version = 0;
        it.extensions.clear();
    },
    |it, dice| it.key = some_key(dice),
    |it, dice| it.key = keys::rsa(*dice.pick(&RSA_SIZES)),
    |it, dice| it.signed = *dice.pick(&SIGNATURES),
    |it, dice| it.signed = *dice.pick(&SIGNATURES),
    |it, dice| it.inner_signed = Some(*dice.pick(&SIGNATURES)),
    |it, dice| it.serial = dice.below(3) as u8,
    |it, dice| {
        let critical = flip(dice);
        it.set(ForgedExtension::new(NAME_CONSTRAINTS, critical, sequence(&[])));
    },
    |it, dice| {
        // The names of serverAuth and clientAuth.
        let usage = oid(&[0x2B, 6, 1, 5, 5, 7, 3, *dice.pick(&[1, 2])]);
        it.set(ForgedExtension::new(EXTENDED_USAGE, false, sequence(&[usage])));
    },
    // An extension that nobody knows.
    |it, dice| it.set(ForgedExtension::new(99, flip(dice), octets(b"?"))),
];

const NAMES: [&[&str]; 3] = [&["localhost"], &["a", "b"], &[]];

const RSA_SIZES: [usize; 14] =
    [512, 919, 920, 1023, 1024, 1962, 1963, 2047, 2048, 2670, 3072, 4096, 6947, 7680];

pub const SIGNATURES: [Signed; 16] = [
    RSA_MD5,
    RSA_SHA1,
    RSA_SHA224,
    RSA_SHA256,
    RSA_SHA384,
    RSA_SHA512,
    PSS_SHA1,
    PSS_SHA256,
    PSS_SHA384,
    PSS_SHA512,
    ECDSA_SHA1,
    ECDSA_SHA224,
    ECDSA_SHA256,
    ECDSA_SHA384,
    ECDSA_SHA512,
    Signed::Ed25519,
];

fn flip(dice: &mut Dice) -> bool {
    dice.below(2) == 0
}

fn some_key(dice: &mut Dice) -> Vec<u8> {
    let (name, _) = dice.pick(&keys::OTHERS);
    keys::other(name)
}

/// A signature that a key of this kind may have made, by chance.
fn fitting(key: &[u8], dice: &mut Dice) -> Signed {
    let of_rsa = key.windows(PKCS1.len()).any(|window| window == PKCS1);
    let ed25519 = key.len() == keys::other("Ed25519").len();
    match (of_rsa, ed25519) {
        (true, _) => *dice.pick(&SIGNATURES[..6]),
        (_, true) => Signed::Ed25519,
        _ => *dice.pick(&SIGNATURES[10..15]),
    }
}

/// A chain with some variations, and mostly names and algorithms that fit.
pub fn any_chain(dice: &mut Dice) -> Vec<Forged> {
    let length = 1 + dice.below(5);
    let mut made = good_chain(length);
    for _ in 0..dice.below(5) {
        let depth = dice.below(length);
        dice.pick(VARIATIONS)(&mut made[depth], dice);
    }
    if flip(dice) {
        for depth in 0..length {
            let issuer = made.get(depth + 1).unwrap_or(&made[depth]).key.clone();
            made[depth].signed = fitting(&issuer, dice);
        }
    }
    if dice.below(8) == 0 {
        rename(&mut made, dice);
    }
    if dice.below(3) == 0 {
        limit_path(&mut made, dice);
    }
    made
}

/// Gives one certificate of a chain another name, which may be empty, wherever it is named.
fn rename(chain: &mut [Forged], dice: &mut Dice) {
    let depth = dice.below(chain.len());
    let (old, new) = (chain[depth].subject.clone(), *dice.pick(&["", "another"]));
    for certificate in chain {
        for name in [&mut certificate.subject, &mut certificate.issuer] {
            if *name == old {
                *name = new.to_string();
            }
        }
    }
}

/// Lets some certificates say how many authorities may stand below them, and gives one the name of its issuer, which has another
/// key.
fn limit_path(chain: &mut [Forged], dice: &mut Dice) {
    for authority in &mut chain[1..] {
        if flip(dice) {
            authority.set(basic_constraints(true, Some(true), Some(dice.below(4) as u8)));
        }
    }
    let last = chain.len() - 1;
    if last > 0 && dice.below(3) > 0 {
        let depth = dice.below(last);
        chain[depth].subject = chain[depth].issuer.clone();
        if let Some(below) = depth.checked_sub(1) {
            chain[below].issuer = chain[depth].subject.clone();
        }
    }
}

/// Whether the verdicts differ on the chain.
fn difference(chain: &[Forged]) -> Option<String> {
    for level in 0..=5 {
        for strict in [false, true] {
            let (theirs, ours) = (by_openssl(chain, level, strict), judged(chain, level, strict));
            if theirs != ours {
                return Some(format!(
                    "level {level}, strict {strict}: OpenSSL {theirs:?}, here {ours:?}: {chain:?}"
                ));
            }
        }
    }
    None
}

const PATH_LENGTH_EXCEEDED: i32 = 25;

#[test]
fn verdicts_are_those_of_openssl() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut codes = std::collections::BTreeMap::new();
    for number in 0..400 {
        let chain = any_chain(&mut dice);
        if let Some(difference) = difference(&chain) {
            panic!("chain {number}: {difference}");
        }
        *codes.entry(judged(&chain, 2, true).0).or_insert(0) += 1;
    }
    // The chains are of all kinds, or the comparison would say little.
    assert!(codes.len() >= 20, "{codes:?}");
    assert!(codes.get(&PATH_LENGTH_EXCEEDED).is_some_and(|count| *count > 5), "{codes:?}");
}
