//! Chains that end with nobody who is trusted.

use super::forge::{self, Forged};
use super::{by_openssl, reference};
use crate::openssl::backend::rules::judge::without_end;

#[test]
fn a_stranger_is_told_as_by_openssl() {
    let root = forge::good_chain(2).remove(1);
    let trusted = Forged { subject: "another".to_string(), issuer: "another".to_string(), ..root.clone() };
    // The one that is verified stands before the one that is trusted.
    assert_eq!(by_openssl(&[root.clone(), trusted], 0, false), (18, 0));
    assert_eq!(without_end(&[root.der()], 100, 20), 18);
    assert_eq!(without_end(&[forge::good_chain(2)[0].der()], 100, 20), 20);
    assert_eq!(without_end(&[root.der()], 100, 10), 10);
}

/// What AWS-LC says of a chain whose last certificate has signed itself and is not trusted, or has not.
fn by_aws_lc(built: usize, ends: bool) -> i32 {
    match (built, ends) {
        (1, true) => 18,
        (_, true) => 19,
        (_, false) => 20,
    }
}

#[test]
fn a_chain_that_is_too_deep_is_told_as_by_openssl() {
    let mut too_deep = 0;
    for (length, depth) in (1..7).flat_map(|length| (0..6).map(move |depth| (length, depth))) {
        let chain = forge::good_chain(length);
        for sent in 1..=length {
            let (outcome, built) = reference::verify_without_trust(&chain[..sent], depth);
            let own = by_aws_lc(built.len(), built.len() == length);
            let told = without_end(&built, depth, own);
            assert_eq!(
                (told, outcome.depth as usize),
                (outcome.code, built.len() - 1),
                "{sent} of {length}, {depth}"
            );
            too_deep += usize::from(told == 22);
        }
    }
    assert!(too_deep > 20, "{too_deep}");
}
