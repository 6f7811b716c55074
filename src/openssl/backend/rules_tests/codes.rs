//! Verify codes.

use crate::openssl::backend::rules::codes::{aws_lc_code, openssl_code};

#[test]
fn codes_come_back_as_they_went() {
    // What OpenSSL has that AWS-LC has too, and what the rules complain of.
    let codes = (0..=23).chain(25..=64).chain(66..=70).chain(77..=103);
    for code in codes {
        assert_eq!(openssl_code(aws_lc_code(code)), code);
    }
}

#[test]
fn no_number_of_aws_lc_is_taken_for_another_code_of_openssl() {
    assert_eq!([24, 65, 66, 67, 68, 69, 70, 71, 72].map(openssl_code), [79, 69, 70, 1, 66, 67, 68, 1, 94]);
    assert_eq!([10, 18, 20, 62].map(openssl_code), [10, 18, 20, 62]);
}
