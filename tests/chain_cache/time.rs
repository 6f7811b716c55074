//! Certificates and revocation lists that end while their chain is in the cache.

use crate::made::{Workshop, before_the_end, seconds_now};
use crate::version::is_openssl_4;
use crate::{add_flags, is_hit, keeper, pair, pair_for, refused};
use std::time::Duration;
use tlsock::Context;

const EXPIRED: i32 = 10;
const CRL_EXPIRED: i32 = 12;
const CRL_CHECK_LEAF: u64 = 0x4;

fn wait_for(second: u64) {
    while seconds_now() < second {
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Connects before the end, and finds out that it is refused from then on: by OpenSSL 4, which still trusts in the very
/// second of the end, from the next one. The cache has no say in either.
fn outlive(ends_with: impl Fn(u64) -> (Context, Context)) -> i32 {
    let (end, (client, server)) = before_the_end(|end| {
        let (client, server) = ends_with(end);
        assert!(!is_hit(&client, &server));
        assert!(is_hit(&client, &server));
        (client, server)
    });
    wait_for(end);
    if is_openssl_4() {
        last_second(&client, &server, end);
        wait_for(end + 1);
    }
    refused(&client, &server, "localhost")
}

/// OpenSSL still trusts the chain, and is asked each time.
fn last_second(client: &Context, server: &Context, end: u64) {
    let before = client.chain_cache_hits();
    for _ in 0..2 {
        let verdict = pair_for(client, server, "localhost").shake();
        assert_eq!(client.chain_cache_hits(), before);
        // On a busy machine that second may have passed.
        if seconds_now() == end {
            verdict.expect("a chain that ends now");
        }
    }
}

#[test]
fn a_certificate_that_expires_meanwhile_is_refused() {
    let code = outlive(|end| {
        let shop = Workshop::new("expires");
        shop.leaf_until("leaf", end);
        (keeper(), shop.server("leaf"))
    });
    assert_eq!(code, EXPIRED);
}

#[test]
fn an_authority_that_expires_before_what_it_signed_is_refused() {
    let code = outlive(|end| {
        let shop = Workshop::new("brief");
        shop.leaf_below_one_until("leaf", end);
        (keeper(), shop.server("leaf"))
    });
    assert_eq!(code, EXPIRED);
}

/// No matter which of the two authorities made it.
#[test]
fn the_first_of_two_lists_that_expires_is_enough() {
    const CRL_CHECK_CHAIN: u64 = 0xC;
    for (brief, other) in [("ca", "inter"), ("inter", "ca")] {
        let code = outlive(|end| {
            let shop = Workshop::new(&format!("lists-{brief}"));
            shop.empty_crl_of(brief, "brief", end);
            shop.empty_crl_of(other, "long", end + 100_000);
            let client = keeper();
            add_flags(&client, CRL_CHECK_CHAIN);
            for list in ["brief", "long"] {
                client.load_crl_data(&std::fs::read(shop.file(list)).unwrap()).expect("a list");
            }
            (client, pair::server("ecdsa"))
        });
        assert_eq!(code, CRL_EXPIRED, "{brief}");
    }
}

/// The expired list is not used, so it does not cause a verification each time.
#[test]
fn a_list_that_nobody_asks_ends_nothing() {
    let shop = Workshop::new("unasked");
    shop.empty_crl_until("old", seconds_now() - 1000);
    let (client, server) = (keeper(), pair::server("ecdsa"));
    client.load_crl_data(&std::fs::read(shop.file("old")).unwrap()).expect("a list");
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
}

#[test]
fn a_revocation_list_that_expires_meanwhile_counts_no_more() {
    let code = outlive(|end| {
        let shop = Workshop::new("list");
        shop.empty_crl_until("crl", end);
        let client = keeper();
        add_flags(&client, CRL_CHECK_LEAF);
        client.load_crl_data(&std::fs::read(shop.file("crl")).unwrap()).expect("a list");
        (client, pair::server("ecdsa"))
    });
    assert_eq!(code, CRL_EXPIRED);
}

#[test]
fn time_does_not_count_while_it_is_not_checked() {
    const NO_CHECK_TIME: u64 = 0x20_0000;
    let (client, server) = (keeper(), pair::server("expired"));
    add_flags(&client, NO_CHECK_TIME);
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
    crate::remove_flags(&client, NO_CHECK_TIME);
    assert_eq!(refused(&client, &server, "localhost"), EXPIRED);
}

#[test]
fn a_time_of_its_own_is_asked_each_time() {
    const USE_CHECK_TIME: u64 = 0x2;
    const NOT_YET_VALID: i32 = 9;
    let (client, server) = (keeper(), pair::server("ecdsa"));
    assert!(!is_hit(&client, &server));
    add_flags(&client, USE_CHECK_TIME);
    assert_eq!(refused(&client, &server, "localhost"), NOT_YET_VALID);
}

#[test]
fn with_a_flag_that_nobody_knows_nothing_is_kept() {
    const NOT_ASSIGNED: u64 = 0x4_0000;
    let (client, server) = (keeper(), pair::server("ecdsa"));
    add_flags(&client, NOT_ASSIGNED);
    for _ in 0..3 {
        assert!(!is_hit(&client, &server));
    }
}
