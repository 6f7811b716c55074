//! Certificates that are damaged: no panic, and never a verdict that is milder than OpenSSL's.

use super::variations::any_chain;
use super::{Dice, demand};
use crate::openssl::backend::rules::facts::CertificateFacts;
use crate::openssl::backend::rules::judge::Outcome;
use crate::openssl::backend::rules::level::Level;
use crate::openssl::x509::X509;

fn damage(der: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(3) {
        let at = dice.below(der.len());
        match dice.below(6) {
            0 => der[at] ^= 1 << dice.below(8),
            1 => der[at] = dice.below(256) as u8,
            2 => der.truncate(at + 1),
            3 => der.insert(at, dice.below(256) as u8),
            4 => drop(der.remove(at)),
            // A length of many bytes.
            _ => der[at] = 0x80 | dice.below(8) as u8,
        }
        if der.is_empty() {
            der.push(0x30);
        }
    }
}

#[test]
fn damaged_certificates_are_read_or_refused() {
    let mut dice = Dice(0x5EED_5EED_5EED_5EED);
    let (mut read, mut refused) = (0, 0);
    let fine = Outcome { code: 0, depth: 0 };
    for _ in 0..3000 {
        let mut chain: Vec<Vec<u8>> = any_chain(&mut dice).iter().map(super::forge::Forged::der).collect();
        let at = dice.below(chain.len());
        damage(&mut chain[at], &mut dice);
        let facts = CertificateFacts::from_der(&chain[at]);
        let objection = demand(dice.below(6) as i32, dice.below(2) == 0).objection(&chain, fine);
        if facts.is_none() {
            assert!(objection.is_some(), "what cannot be read is refused");
        }
        let counted = if facts.is_some() { &mut read } else { &mut refused };
        *counted += 1;
        let Some(facts) = facts else { continue };
        let Ok(x509) = X509::from_der(&chain[at]) else { continue };
        assert_eq!(x509.version(), facts.version as std::os::raw::c_long);
        // A key that cannot be read ends the handshake in other ways.
        let Some(key) = super::reference::key_strength(&x509) else { continue };
        for level in 1..=5 {
            let least = [80, 112, 128, 192, 256][level as usize - 1];
            let ours = Level::new(level).check_leaf_key(&facts).is_none();
            assert!(!ours || key >= least, "level {level}: {key} bits, and {:?}", facts.key);
        }
    }
    assert!(read > 500 && refused > 500, "{read}, {refused}");
}

#[test]
fn a_chain_of_nothing_is_refused() {
    let fine = Outcome { code: 0, depth: 0 };
    assert!(demand(0, false).objection(&[], fine).is_some());
    assert!(demand(0, false).objection(&[Vec::new()], fine).is_some());
}
