//! Options and verify flags.

use crate::openssl::backend::rules::known::{
    OPTIONS_PASSED, unknown_bits_of_options, unknown_bits_of_verify_flags,
};
use crate::openssl::flags::verify::{CRL_CHECKS, PARTIAL_CHAIN, STRICT, TRUSTED_FIRST};

#[test]
fn flags_with_an_effect_are_known() {
    const POLICIES: u64 = 0x780;
    let wanted = CRL_CHECKS | PARTIAL_CHAIN | STRICT | TRUSTED_FIRST | POLICIES;
    assert_eq!(unknown_bits_of_verify_flags(wanted), 0);
}

#[test]
fn flags_without_an_effect_are_not() {
    // Proxy certificates, notices of policies, more of revocation lists, Suite B, OCSP, and what nobody has.
    for bit in [0, 6, 11, 12, 13, 16, 17, 18, 22, 23, 31, 32, 63] {
        assert_eq!(unknown_bits_of_verify_flags(1 << bit | STRICT), 1 << bit, "{bit}");
    }
}

#[test]
fn options_of_new_contexts_are_known() {
    let context = 1 << 31 | 1 << 6 | 1 << 4 | 1 << 25 | 1 << 17 | 1 << 20 | 1 << 22 | 1 << 30 | 1 << 2;
    assert_eq!(unknown_bits_of_options(context), 0);
    assert_eq!(context & OPTIONS_PASSED, 1 << 22);
    let versions = 1 << 26 | 1 << 27 | 1 << 28 | 1 << 29 | 1 << 7 | 1 << 14;
    assert_eq!(versions & OPTIONS_PASSED, versions);
}

#[test]
fn options_without_an_effect_are_not() {
    for bit in [0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 15, 18, 21, 23, 24, 34, 35, 36, 63] {
        assert_eq!(unknown_bits_of_options(1 << bit | 1 << 14), 1 << bit, "{bit}");
    }
}
