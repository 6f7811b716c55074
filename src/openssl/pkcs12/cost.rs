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
pub(super) struct Budget(u64);

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

/// What the algorithms cost that stand in here, the sum of all iterations.
pub(super) fn of(der: &[u8]) -> u64 {
    let mut sum = 0u64;
    let mut inside: Option<&[u8]> = None;
    for (tag, content) in elements(der) {
        let cost = match (tag, inside) {
            (OBJECT, _) => {
                inside = Some(content);
                0
            }
            (tag, Some(object)) if is_constructed(tag) => of_parameters(object, content),
            (tag, None) if is_constructed(tag) => of(content),
            _ => 0,
        };
        sum = sum.saturating_add(cost);
    }
    sum
}

fn of_parameters(object: &[u8], parameters: &[u8]) -> u64 {
    let numbers =
        || elements(parameters).filter(|(tag, _)| *tag == INTEGER).map(|(_, content)| number(content));
    let own = match object {
        SCRYPT => numbers().take(3).fold(1, u64::saturating_mul),
        object if object.starts_with(PKCS5) || object.starts_with(PKCS12) => numbers().next().unwrap_or(0),
        _ => 0,
    };
    own.saturating_add(of(parameters))
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
        assert_eq!(of(&pbkdf2), 0x10000);
        assert_eq!(of(&pbes2), 0x10000);
        assert_eq!(of(&tlv(0x30, &[pbes2.clone(), pbes2.clone()].concat())), 0x20000);
        let old = algorithm(&[PKCS12, &[3]].concat(), &[&tlv(4, b"salt"), &tlv(2, &[8, 0])]);
        assert_eq!(of(&tlv(0x30, &old)), 0x800);
        let scrypt = algorithm(
            SCRYPT,
            &[&tlv(4, b"salt"), &tlv(2, &[64, 0]), &tlv(2, &[8]), &tlv(2, &[1]), &tlv(2, &[32])],
        );
        assert_eq!(of(&scrypt), 0x4000 * 8);
        let endless = algorithm(&[PKCS12, &[3]].concat(), &[&tlv(4, b"salt"), &tlv(2, &[0x7F; 20])]);
        assert_eq!(of(&endless), u64::MAX);
        assert_eq!(of(&algorithm(&[1, 2, 3], &[&tlv(2, &[9])])), 0);
        assert_eq!(of(b"\x30\x05no"), 0);
    }

    #[test]
    fn what_was_spent_is_gone() {
        let mut budget = Budget::new();
        assert!(budget.spend(MOST - 1) && budget.spend(1) && budget.spend(0));
        assert!(!budget.spend(1));
        assert!(!Budget::new().spend(MOST + 1));
    }
}
