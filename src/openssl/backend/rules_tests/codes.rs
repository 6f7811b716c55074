//! Verify codes.

use crate::openssl::backend::rules::codes::{aws_lc_code, openssl_code, openssl_text};

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

#[test]
fn texts_are_those_of_openssl() {
    let texts: Vec<_> = (0..200).filter_map(|code| Some((code, openssl_text(code)?))).collect();
    assert_eq!(texts.len(), 12);
    for (code, text) in texts {
        assert_eq!(crate::openssl::ctx::verify_text(code).as_deref(), Some(text));
    }
}
