//! How many authorities may stand below one.

use super::forge::{Forged, basic_constraints, good_chain};
use super::{by_openssl, judged};

const ONLY_UNSIGNED: (i32, u32) = (7, 0);

/// Which depths have a limit and which one, which are issued by their own name; and the depth that is refused.
type Case = (&'static [(usize, u8)], &'static [usize], Option<u32>);

const CASES: [Case; 15] = [
    (&[], &[], None),
    (&[(4, 3)], &[], None),
    (&[(4, 2)], &[], Some(4)),
    (&[(3, 2), (2, 1), (1, 0)], &[], None),
    (&[(3, 1)], &[], Some(3)),
    (&[(2, 0)], &[], Some(2)),
    // The lowest one is told.
    (&[(4, 0), (3, 0), (2, 0)], &[], Some(2)),
    // The peer's own certificate is not counted, also where it has the name of its issuer.
    (&[(2, 1), (1, 0)], &[0], None),
    (&[(2, 0)], &[0], Some(2)),
    // Authorities that are issued by their own name are not counted.
    (&[(4, 2)], &[2], None),
    (&[(4, 1)], &[2], Some(4)),
    (&[(2, 0)], &[1], None),
    (&[(3, 0)], &[1, 2], None),
    // But what they say counts.
    (&[(2, 0)], &[2], Some(2)),
    (&[(3, 1)], &[3], Some(3)),
];

fn chain((limits, own, _): Case) -> Vec<Forged> {
    let mut chain = good_chain(5);
    for depth in own.iter().rev() {
        chain[*depth].subject = chain[*depth].issuer.clone();
        if let Some(below) = depth.checked_sub(1) {
            chain[below].issuer = chain[*depth].subject.clone();
        }
    }
    for (depth, limit) in limits {
        chain[*depth].set(basic_constraints(true, Some(true), Some(*limit)));
    }
    chain
}

#[test]
fn paths_are_as_long_as_openssl_lets_them_be() {
    for (number, case) in CASES.into_iter().enumerate() {
        let chain = chain(case);
        let expected = case.2.map_or(ONLY_UNSIGNED, |depth| (25, depth));
        for strict in [false, true] {
            let theirs = by_openssl(&chain, 2, strict);
            assert_eq!(theirs.0, expected.0, "{number}, by OpenSSL: {chain:?}");
            assert!(case.2.is_none() || theirs == expected, "{number}, by OpenSSL: {theirs:?}");
            assert_eq!(judged(&chain, 2, strict), theirs, "{number}");
        }
    }
}
