//! Options and verify flags.

use super::super::{UnknownBits, options_passed, verify_flags_passed};
use crate::openssl::flags::verify::{CRL_CHECKS, PARTIAL_CHAIN, STRICT, TRUSTED_FIRST};

#[test]
fn flags_with_an_effect_are_passed_on() {
    const POLICIES: u64 = 0x780;
    let wanted = CRL_CHECKS | PARTIAL_CHAIN | STRICT | TRUSTED_FIRST | POLICIES;
    assert_eq!(verify_flags_passed(wanted), Ok(wanted & !STRICT));
    assert_eq!(verify_flags_passed(0), Ok(0));
}

#[test]
fn flags_without_an_effect_are_refused() {
    // Proxy certificates, notices of policies, more of revocation lists, Suite B, OCSP, and what nobody has.
    for bit in [0, 6, 11, 12, 13, 16, 17, 18, 22, 23, 31, 32, 63] {
        assert_eq!(verify_flags_passed(1 << bit | STRICT), Err(UnknownBits(1 << bit)), "{bit}");
    }
}

#[test]
fn options_of_new_contexts_are_taken() {
    let context = 1 << 31 | 1 << 6 | 1 << 4 | 1 << 25 | 1 << 17 | 1 << 20 | 1 << 22 | 1 << 30 | 1 << 2;
    assert_eq!(options_passed(context), Ok(1 << 22));
    let versions = 1 << 26 | 1 << 27 | 1 << 28 | 1 << 29 | 1 << 7 | 1 << 14;
    assert_eq!(options_passed(versions), Ok(versions));
}

#[test]
fn options_without_an_effect_are_refused() {
    for bit in [0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 15, 18, 21, 23, 24, 34, 35, 36, 63] {
        assert_eq!(options_passed(1 << bit | 1 << 14), Err(UnknownBits(1 << bit)), "{bit}");
    }
}
