//! How long it takes to make a key of a password. A file says itself how often its digest is to be iterated, up to years
//! of a processor's time.

use crate::openssl::der::{INTEGER, OBJECT, elements, is_constructed, number};

/// What all keys of one file may cost together: about five seconds of one processor.
pub const MOST: u64 = 10_000_000;

/// `pkcs-5`: PBES1, PBES2, PBKDF2 and PBMAC1.
const PKCS5: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05];
/// `pkcs-12PbeIds`
const PKCS12: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01];
/// `id-scrypt`
const SCRYPT: &[u8] = &[0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x04, 0x0B];

/// What may still be spent.
pub struct Budget(u64);

impl Budget {
    pub fn new() -> Budget {
        Budget(MOST)
    }

    /// Spends what is not more than is left; false where it is.
    pub fn spend(&mut self, cost: u64) -> bool {
        let left = self.0.checked_sub(cost);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// Deeper than any algorithm in use; a file may nest its parameters a million times.
const DEEPEST: usize = 16;

/// What the algorithms cost that stand in here, the sum of all iterations. None where it cannot be told: OpenSSL reads BER
/// and other forms as well, and would find numbers there that were not counted.
pub fn of(der: &[u8]) -> Option<u64> {
    within(der, DEEPEST)
}

fn within(der: &[u8], depth: usize) -> Option<u64> {
    let depth = depth.checked_sub(1)?;
    let mut sum = 0u64;
    let mut inside: Option<&[u8]> = None;
    for element in elements(der) {
        let (tag, content) = element?;
        if tag == OBJECT {
            inside = Some(content);
        }
        if is_constructed(tag) {
            let own = inside.map_or(Some(0), |object| of_parameters(object, content))?;
            sum = sum.saturating_add(own).saturating_add(within(content, depth)?);
        }
    }
    Some(sum)
}

/// What an algorithm's own parameters ask for.
fn of_parameters(object: &[u8], parameters: &[u8]) -> Option<u64> {
    let mut numbers = Vec::new();
    for element in elements(parameters) {
        let (tag, content) = element?;
        if tag == INTEGER {
            numbers.push(number(content));
        }
    }
    Some(match object {
        SCRYPT => numbers.into_iter().take(3).fold(1, u64::saturating_mul),
        object if object.starts_with(PKCS5) || object.starts_with(PKCS12) => {
            numbers.first().copied().unwrap_or(0)
        }
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, 0x82, (content.len() >> 8) as u8, content.len() as u8][..], content].concat()
    }

    fn algorithm(object: &[u8], parameters: &[&[u8]]) -> Vec<u8> {
        tlv(0x30, &[tlv(6, object), tlv(0x30, &parameters.concat())].concat())
    }

    #[test]
    fn iterations_are_found_wherever_they_stand() {
        let pbkdf2 = [PKCS5, &[0x0C]].concat();
        let pbkdf2 = algorithm(&pbkdf2, &[&tlv(4, b"salt"), &tlv(2, &[1, 0, 0]), &tlv(2, &[32])]);
        let pbes2 = algorithm(&[PKCS5, &[0x0D]].concat(), &[&pbkdf2]);
        assert_eq!(of(&pbkdf2), Some(0x10000));
        assert_eq!(of(&pbes2), Some(0x10000));
        assert_eq!(of(&tlv(0x30, &[pbes2.clone(), pbes2.clone()].concat())), Some(0x20000));
        let old = algorithm(&[PKCS12, &[3]].concat(), &[&tlv(4, b"salt"), &tlv(2, &[8, 0])]);
        assert_eq!(of(&tlv(0x30, &old)), Some(0x800));
        let scrypt = algorithm(
            SCRYPT,
            &[&tlv(4, b"salt"), &tlv(2, &[64, 0]), &tlv(2, &[8]), &tlv(2, &[1]), &tlv(2, &[32])],
        );
        assert_eq!(of(&scrypt), Some(0x4000 * 8));
        let endless = algorithm(&[PKCS12, &[3]].concat(), &[&tlv(4, b"salt"), &tlv(2, &[0x7F; 20])]);
        assert_eq!(of(&endless), Some(u64::MAX));
        assert_eq!(of(&algorithm(&[1, 2, 3], &[&tlv(2, &[9])])), Some(0));
    }

    #[test]
    fn what_is_not_der_is_not_free() {
        let read: [&[u8]; 6] = [
            b"\x30\x05no",
            b"\x30",
            b"\x30\x80\x02\x01\x09\0\0",
            b"\x30\x85\0\0\0\0\x03\x02\x01\x09",
            b"\x30\x04\x1F\x02\x01\x09",
            b"\x3F\x10\x03\x02\x01\x09",
        ];
        for der in read {
            assert_eq!(of(der), None, "{der:?}");
            assert_eq!(of(&algorithm(&[PKCS12, &[3]].concat(), &[der])), None, "{der:?}");
        }
        let nested = |depth| (0..depth).fold(Vec::new(), |inner, _| tlv(0x30, &inner));
        assert_eq!(of(&nested(12)), Some(0));
        assert_eq!(of(&nested(10_000)), None);
    }

    #[test]
    fn what_was_spent_is_gone() {
        let mut budget = Budget::new();
        assert!(budget.spend(MOST - 1) && budget.spend(1) && budget.spend(0));
        assert!(!budget.spend(1));
        assert!(!Budget::new().spend(MOST + 1));
    }
}
