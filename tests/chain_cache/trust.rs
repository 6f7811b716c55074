//! Other roots are trusted, or fewer of them, or another peer shows a chain that is known.

use crate::made::{Workshop, put_hashed, seconds_now};
use crate::{add_flags, certs, connect, is_hit, keeper, keeping, pair, pair_for, refused, trust};
use std::sync::Arc;
use tlsock::context::PURPOSE_SERVER_AUTH;
use tlsock::*;

const CRL_CHECK_LEAF: u64 = 0x4;
const REVOKED: i32 = 23;
const YEAR: u64 = 365 * 86_400;

fn trusting(file: &str) -> Context {
    let file = certs::folder().join(file);
    keeping(Context::create_default(PURPOSE_SERVER_AUTH, Some(&file), None, None).expect("a client"))
}

/// A server that shows these certificates with the key of one of the tests' certificates.
fn showing(certificates: &[&[u8]], key: &str) -> Context {
    let server = pair::server("rsa");
    server.load_cert_chain_data(&certificates.concat(), Some(&certs::read(key)), None).expect("an identity");
    server
}

fn pem_of(der: &[u8]) -> Vec<u8> {
    der_cert_to_pem_cert(der).unwrap().into_bytes()
}

/// The first certificate of one of the tests' files.
fn leaf(name: &str) -> Vec<u8> {
    Certificate::from_data(&certs::read(name)).expect("a certificate").der().to_vec()
}

#[test]
fn what_one_context_trusts_no_other_does() {
    let (one, other) = (keeper(), trusting("unknown-ca.pem"));
    let server = pair::server("ecdsa");
    assert!(!is_hit(&one, &server));
    refused(&other, &server, "localhost");
    assert!(is_hit(&one, &server));
    let same = keeper();
    assert!(!is_hit(&same, &server), "a cache of its own");
}

#[test]
fn a_change_of_trust_means_verifying() {
    let (client, server) = (keeper(), pair::server("ecdsa"));
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
    trust(&client, &certs::folder().join("unknown-ca.pem"));
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
    client.load_crl_data(&certs::read("crl.pem")).expect("lists");
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
    client.load_verify_locations(None, Some(&certs::scratch()), None).expect("a directory");
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
    client.set_num_tickets(0).expect_err("a server's");
    client.set_options(client.options() | 1 << 14).expect("options");
    assert!(is_hit(&client, &server), "nothing that matters");
}

#[test]
fn a_revocation_that_comes_later_counts() {
    let (client, server) = (keeper(), pair::server("revoked"));
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
    client.load_crl_data(&certs::read("crl.pem")).expect("lists");
    add_flags(&client, CRL_CHECK_LEAF);
    assert_eq!(refused(&client, &server, "localhost"), REVOKED);
}

#[test]
fn a_newer_list_counts_at_once() {
    let shop = Workshop::new("newer");
    shop.empty_crl_until("old.crl", seconds_now() + YEAR);
    let (client, server) = (keeper(), pair::server("revoked"));
    add_flags(&client, CRL_CHECK_LEAF);
    client.load_crl_data(&std::fs::read(shop.file("old.crl")).unwrap()).expect("a list");
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
    let late = pair_for(&client, &server, "localhost");
    client.load_crl_data(&certs::read("crl.pem")).expect("lists");
    assert_eq!(refused(&client, &server, "localhost"), REVOKED);
    let error = late.shake().expect_err("a refusal, also for who was there before the list");
    assert_eq!(error.detail().expect("details").verify_code, REVOKED);
}

#[test]
fn lists_in_a_directory_are_looked_for_each_time() {
    let shop = Workshop::new("directory");
    shop.empty_crl_until("old.crl", seconds_now() + YEAR);
    put_hashed(&shop.0, &certs::folder().join("ca.pem"), "x509", "0");
    put_hashed(&shop.0, &shop.file("old.crl"), "crl", "r0");
    let client = Context::create_default(PURPOSE_SERVER_AUTH, None, Some(&shop.0), None).expect("a client");
    let (client, server) = (keeping(client), pair::server("revoked"));
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server), "no lists are asked");
    add_flags(&client, CRL_CHECK_LEAF);
    for _ in 0..3 {
        assert!(!is_hit(&client, &server));
    }
    put_hashed(&shop.0, &certs::folder().join("crl.pem"), "crl", "r1");
    assert_eq!(refused(&client, &server, "localhost"), REVOKED);
}

#[test]
fn a_file_that_is_loaded_after_a_directory_hides_none_of_its_lists() {
    let shop = Workshop::new("file-after-directory");
    shop.empty_crl_until("old.crl", seconds_now() + YEAR);
    put_hashed(&shop.0, &shop.file("old.crl"), "crl", "r0");
    let client = Context::create_default(PURPOSE_SERVER_AUTH, None, Some(&shop.0), None).expect("a client");
    client.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("a root");
    let (client, server) = (keeping(client), pair::server("revoked"));
    add_flags(&client, CRL_CHECK_LEAF);
    for _ in 0..2 {
        assert!(!is_hit(&client, &server), "a list may have come");
    }
    put_hashed(&shop.0, &certs::folder().join("crl.pem"), "crl", "r1");
    assert_eq!(refused(&client, &server, "localhost"), REVOKED);
}

#[test]
fn somebody_else_with_the_same_name_is_refused() {
    let (client, server) = (keeper(), pair::server("ecdsa"));
    assert!(!is_hit(&client, &server));
    let impostor = showing(&[&certs::read("self-signed.pem"), &certs::read("inter.pem")], "self-signed.key");
    assert_eq!(refused(&client, &impostor, "localhost"), 18);

    // The same names up to the root.
    let shop = Workshop::new("impostor");
    shop.certificate("root", "/CN=tlsock test root", "root", None);
    shop.certificate("inter", "/CN=tlsock test intermediate", "root", Some("root"));
    shop.certificate("leaf", "/O=tlsock/CN=localhost", "server", Some("inter"));
    let mut chain = std::fs::read(shop.file("leaf.pem")).unwrap();
    chain.extend(std::fs::read(shop.file("inter.pem")).unwrap());
    std::fs::write(shop.file("leaf.pem"), chain).unwrap();
    refused(&client, &shop.server("leaf"), "localhost");
    assert!(is_hit(&client, &server));
}

#[test]
fn one_bit_makes_another_certificate() {
    let (client, server) = (keeper(), pair::server("ecdsa"));
    assert!(!is_hit(&client, &server));
    let genuine = leaf("ecdsa.pem");
    // The last bytes are those of the signature.
    let mut forged = genuine.clone();
    *forged.last_mut().unwrap() ^= 1;
    let inter = certs::read("inter.pem");
    assert_eq!(refused(&client, &showing(&[&pem_of(&forged), &inter], "ecdsa.key"), "localhost"), 7);
    let mut forged = leaf("inter.pem");
    *forged.last_mut().unwrap() ^= 1;
    let server = showing(&[&pem_of(&genuine), &pem_of(&forged)], "ecdsa.key");
    assert_eq!(refused(&client, &server, "localhost"), 7);
}

#[test]
fn another_order_is_another_chain() {
    let (client, inter) = (keeper(), certs::read("inter.pem"));
    let (first, other) = (pem_of(&leaf("ecdsa.pem")), certs::read("unknown-ca.pem"));
    let orders: [&[&[u8]]; 4] =
        [&[&first, &inter], &[&first, &inter, &other], &[&first, &other, &inter], &[&first, &inter, &inter]];
    let servers = orders.map(|order| showing(order, "ecdsa.key"));
    for known in [false, true] {
        for server in &servers {
            assert_eq!(connect(&client, server, "localhost"), (known, 3));
        }
    }
    refused(&client, &showing(&[&first, &other], "ecdsa.key"), "localhost");
    refused(&client, &showing(&[&first], "ecdsa.key"), "localhost");
}

/// A server that asks for certificates and believes those of one root.
fn asking(root: &str, keep: bool) -> Context {
    let server = pair::server("ecdsa");
    trust(&server, &certs::folder().join(root));
    server.set_verify_mode(crate::CERT_REQUIRED).unwrap();
    server.set_chain_cache(keep);
    server
}

#[test]
fn the_context_that_was_switched_to_decides() {
    for keep in [[true, true], [true, false], [false, true], [false, false]] {
        let (first, second) = (asking("ca.pem", keep[0]), asking("unknown-ca.pem", keep[1]));
        let target = second.clone();
        let switch: SniCallback = Arc::new(move |connection, name, _| match name {
            Some("localhost") => Ok(connection.set_context(&target)?),
            _ => Ok(()),
        });
        first.set_sni_callback(Some(switch)).unwrap();
        let client = pair::client();
        pair::identify(&client, "client");
        let mut expected = 0;
        for round in 0..3 {
            // A client may not ask for an address by SNI.
            pair_for(&client, &first, "127.0.0.1").shake().expect("a handshake");
            assert_eq!(first.chain_cache_hits(), expected, "{keep:?} {round}");
            expected += u64::from(keep[0]);
            let error = pair_for(&client, &first, "localhost").shake().expect_err("a refusal");
            assert_eq!(error.status(), Status::CertVerification, "{keep:?} {round}: {error}");
        }
        assert_eq!(second.chain_cache_hits(), 0);

        trust(&second, &certs::folder().join("ca.pem"));
        for round in 0..3 {
            pair_for(&client, &first, "localhost").shake().expect("a handshake");
            assert_eq!(second.chain_cache_hits(), if keep[1] { round } else { 0 }, "{keep:?}");
        }
        assert_eq!(first.chain_cache_hits(), if keep[0] { 2 } else { 0 });
    }
}
