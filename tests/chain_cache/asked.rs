//! A chain that is known under one name, side or set of rules is verified again under another.

use crate::made::Workshop;
use crate::{
    add_flags, certs, connect, is_hit, keeper, keeping, pair, pair_for, refused, remove_flags, trust,
};
use tlsock::context::{PROTOCOL_TLS, PURPOSE_SERVER_AUTH};
use tlsock::{Context, Status};

const STRICT: u64 = 0x20;
const PARTIAL_CHAIN: u64 = 0x80000;
const WRONG_NAME: i32 = 62;
const WRONG_ADDRESS: i32 = 64;

#[test]
fn each_name_is_checked() {
    let (client, server) = (keeper(), pair::server("ecdsa"));
    for known in [false, true] {
        for name in ["localhost", "127.0.0.1", "::1"] {
            assert_eq!(connect(&client, &server, name).0, known, "{name}");
        }
        assert_eq!(refused(&client, &server, "other.example"), WRONG_NAME);
        assert_eq!(refused(&client, &server, "localhost.example"), WRONG_NAME);
        assert_eq!(refused(&client, &server, "127.0.0.2"), WRONG_ADDRESS);
    }
}

#[test]
fn a_chain_that_was_verified_without_a_name_has_none() {
    let (client, server) = (keeper(), pair::server("ecdsa"));
    client.set_check_hostname(false).unwrap();
    assert!(!connect(&client, &server, "other.example").0);
    assert!(connect(&client, &server, "other.example").0);
    client.set_check_hostname(true).unwrap();
    assert_eq!(refused(&client, &server, "other.example"), WRONG_NAME);
    assert!(!is_hit(&client, &server));
    client.set_check_hostname(false).unwrap();
    assert!(connect(&client, &server, "other.example").0);
}

#[test]
fn the_common_name_counts_only_while_it_does() {
    let shop = Workshop::new("common");
    shop.certificate("root", "/CN=a root", "root", None);
    shop.certificate("leaf", "/CN=localhost", "common", Some("root"));
    let (client, server) = (keeper(), shop.server("leaf"));
    trust(&client, &shop.file("root.pem"));
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
    client.set_hostname_checks_common_name(false).unwrap();
    assert_eq!(refused(&client, &server, "localhost"), WRONG_NAME);
    client.set_hostname_checks_common_name(true).unwrap();
    assert!(is_hit(&client, &server));
}

#[test]
fn strictness_counts_when_it_is_switched_on() {
    let shop = Workshop::new("lax");
    shop.certificate("root", "/CN=lax root", "lax", None);
    shop.certificate("leaf", "/CN=lax leaf", "leaf", Some("root"));
    let (client, server) = (keeper(), shop.server("leaf"));
    trust(&client, &shop.file("root.pem"));
    remove_flags(&client, STRICT);
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
    add_flags(&client, STRICT);
    refused(&client, &server, "localhost");
}

#[test]
fn a_partial_chain_counts_only_while_it_is_enough() {
    let inter = certs::folder().join("inter.pem");
    let client = Context::create_default(PURPOSE_SERVER_AUTH, Some(&inter), None, None).unwrap();
    let (client, server) = (keeping(client), pair::server("ecdsa"));
    assert_eq!(connect(&client, &server, "localhost"), (false, 2));
    assert_eq!(connect(&client, &server, "localhost"), (true, 2));
    remove_flags(&client, PARTIAL_CHAIN);
    refused(&client, &server, "localhost");
    add_flags(&client, PARTIAL_CHAIN);
    assert!(is_hit(&client, &server));
}

#[test]
fn a_higher_security_level_asks_for_longer_keys() {
    const KEY_TOO_SMALL: i32 = 66;
    let (client, server) = (keeper(), pair::server("rsa"));
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
    client.set_ciphers("DEFAULT:@SECLEVEL=3").expect("ciphers");
    assert_eq!(client.security_level(), 3);
    assert_eq!(refused(&client, &server, "localhost"), KEY_TOO_SMALL);
}

#[test]
fn what_is_good_for_a_server_is_not_good_for_a_client() {
    // One context for both sides, and so one cache.
    #[allow(deprecated)]
    let both = keeping(Context::new(PROTOCOL_TLS).expect("a context"));
    trust(&both, &certs::folder().join("ca.pem"));
    both.set_verify_mode(crate::CERT_REQUIRED).unwrap();
    pair::identify(&both, "ecdsa");
    let plain = pair::server("ecdsa");
    assert!(!is_hit(&both, &plain));
    assert!(is_hit(&both, &plain));

    let client = pair::client();
    pair::identify(&client, "ecdsa");
    let before = both.chain_cache_hits();
    for _ in 0..2 {
        let error = pair_for(&client, &both, "localhost").shake().expect_err("a refusal");
        assert_eq!(error.status(), Status::CertVerification, "{error}");
        assert_eq!(error.detail().expect("details").verify_code, 26);
    }
    pair::identify(&client, "client");
    for expected in [before, before + 1] {
        pair_for(&client, &both, "localhost").shake().expect("a handshake");
        assert_eq!(both.chain_cache_hits(), expected);
    }
}

#[test]
fn a_client_that_checked_nothing_learns_nothing() {
    let (client, good, bad) = (keeper(), pair::server("ecdsa"), pair::server("self-signed"));
    client.set_check_hostname(false).unwrap();
    client.set_verify_mode(0).unwrap();
    for server in [&good, &good, &bad, &bad] {
        let pair = pair_for(&client, server, "localhost");
        pair.shake().expect("a handshake");
        assert!(pair.client.getpeercert().unwrap().is_none());
        let verified = pair.client.get_verified_chain().unwrap();
        assert!(verified.as_slice().iter().all(|x509| !x509.verified()));
    }
    client.set_check_hostname(true).unwrap();
    assert_eq!(client.verify_mode(), crate::CERT_REQUIRED);
    assert_eq!(refused(&client, &bad, "localhost"), 18);
    assert!(!is_hit(&client, &good));
}
