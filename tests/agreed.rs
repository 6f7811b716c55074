//! What the ends of a connection know of each other beyond Python: keys made of its secrets, the name that was asked for,
//! and the chain of a peer whose session was resumed.
#![allow(clippy::print_stdout)]

mod certs;
mod pair;

use pair::{Pair, TLS1_2, TLS1_3, client, identify, server};
use tlsock::*;

const NO_EXTENDED_MASTER_SECRET: u64 = 1;
const CERT_REQUIRED: i32 = 2;
const LABEL: &str = "EXPORTER-tlsock-test";

fn at_most(context: Context, version: i32) -> Context {
    context.set_maximum_version(version).unwrap();
    context
}

fn keys(end: &Object, label: &str, context: Option<&[u8]>, count: usize) -> Vec<u8> {
    end.export_keying_material(label, context, count).unwrap()
}

fn refusal(end: &Object, label: &str, count: usize) -> (Status, String) {
    let error = end.export_keying_material(label, None, count).unwrap_err();
    (error.status(), error.message().to_string())
}

#[test]
fn both_ends_export_the_same_keys_by_label_context_and_connection() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        let mut seen: Vec<Vec<u8>> = Vec::new();
        for _ in 0..2 {
            let pair = Pair::connected(&client, &server, None);
            let contexts: [Option<&[u8]>; 3] = [Some(b"a"), Some(b"b"), Some(b"")];
            for (label, context) in
                contexts.map(|context| (LABEL, context)).into_iter().chain([("other", None)])
            {
                let ours = keys(&pair.client, label, context, 48);
                assert_eq!((ours.len(), keys(&pair.server, label, context, 48)), (48, ours.clone()));
                assert!(!seen.contains(&ours), "{version:#x} {label} {context:?}");
                seen.push(ours);
            }
            // RFC 8446, 7.5: no context is an empty one. RFC 5705, 4: it is not.
            let none_is_empty =
                keys(&pair.client, LABEL, None, 32) == keys(&pair.client, LABEL, Some(b""), 32);
            assert_eq!(none_is_empty, version == TLS1_3);
        }
    }
}

#[test]
fn no_keys_before_the_end_of_the_handshake_none_of_no_length_and_none_with_a_label_of_tls() {
    let pair = Pair::new(&client(), &server("ecdsa"), None);
    for end in [&pair.client, &pair.server] {
        assert_eq!(refusal(end, LABEL, 32), (Status::Value, "handshake not done yet".to_string()));
        // The server's half is enough for libssl by then.
        let _ = end.do_handshake();
        assert_eq!(refusal(end, LABEL, 32), (Status::Value, "handshake not done yet".to_string()));
    }
    pair.shake().unwrap();
    assert_eq!(refusal(&pair.client, LABEL, 0).0, Status::Value);
    // HKDF gives at most 255 times the length of its hash.
    assert_eq!(refusal(&pair.client, LABEL, 255 * 48 + 1).0, Status::Ssl);
    let old = Pair::connected(&at_most(client(), TLS1_2), &server("ecdsa"), None);
    assert_eq!(refusal(&old.client, "master secret", 32).0, Status::Ssl);
}

#[test]
fn no_keys_over_tls_1_2_without_the_extended_master_secret() {
    let plain = at_most(client(), TLS1_2);
    plain.set_options(plain.options() | NO_EXTENDED_MASTER_SECRET).unwrap();
    let pair = Pair::connected(&plain, &server("ecdsa"), None);
    for end in [&pair.client, &pair.server] {
        let (status, message) = refusal(end, LABEL, 32);
        assert_eq!(status, Status::Value);
        assert!(message.contains("RFC 7627"), "{message}");
    }
}

#[test]
fn both_ends_know_the_name_that_was_asked_for() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        let pair = Pair::new(&client, &server, None);
        assert_eq!(pair.server.server_name(), None);
        pair.shake().unwrap();
        let session = {
            pair.server.write(b"!").unwrap();
            pair.client.read(&mut [0]).unwrap();
            pair.client.session().unwrap()
        };
        let resumed = Pair::connected(&client, &server, session.as_ref());
        assert!(resumed.server.session_reused());
        for end in [&pair.client, &pair.server, &resumed.client, &resumed.server] {
            assert_eq!(end.server_name(), Some(c"localhost"));
        }
        // A server has no name that its peer must prove.
        assert_eq!(pair.server.server_hostname(), None);
    }
}

/// Both ends verify each other.
fn mutual(version: i32) -> (Context, Context) {
    let (client, server) = (at_most(client(), version), server("ecdsa"));
    identify(&client, "client");
    server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
    server.load_verify_locations(Some(&certs::folder().join("inter.pem")), None, None).unwrap();
    server.set_verify_mode(CERT_REQUIRED).unwrap();
    (client, server)
}

fn ders(list: &CertificateList) -> Vec<Vec<u8>> {
    list.as_slice().iter().map(|certificate| certificate.der().to_vec()).collect()
}

#[test]
fn the_chain_of_a_resumed_peer_is_built_and_checked_again() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = mutual(version);
        let first = Pair::connected(&client, &server, None);
        let session = first.client.session().unwrap();
        let resumed = Pair::connected(&client, &server, session.as_ref());
        for (full, end) in [(&first.client, &resumed.client), (&first.server, &resumed.server)] {
            assert!(end.session_reused());
            assert!(end.get_verified_chain().unwrap().as_slice().is_empty());
            let again = end.verify_again().unwrap();
            assert_eq!(ders(&again), ders(&full.get_verified_chain().unwrap()));
            // The server's context trusts the intermediate, and so its chain ends there.
            assert_eq!(again.as_slice().len(), if end.server_side() { 2 } else { 3 });
            assert!(again.as_slice().iter().all(Certificate::verified));
            assert_eq!(ders(&full.verify_again().unwrap()), ders(&again));
        }
    }
}

#[test]
fn who_was_not_verified_or_would_not_pass_now_has_no_chain() {
    let (client, server) = (client(), server("ecdsa"));
    let pair = Pair::new(&client, &server, None);
    assert!(pair.client.verify_again().unwrap().as_slice().is_empty());
    pair.shake().unwrap();
    // It showed no certificate, and nobody asked for one.
    assert!(pair.server.verify_again().unwrap().as_slice().is_empty());
    assert_eq!(pair.client.verify_again().unwrap().as_slice().len(), 3);
    // The context that is used now does not know the root.
    let stranger = Context::create_default(
        context::PURPOSE_SERVER_AUTH,
        Some(&certs::folder().join("unknown-ca.pem")),
        None,
        None,
    );
    pair.client.set_context(&stranger.unwrap()).unwrap();
    assert!(pair.client.verify_again().unwrap().as_slice().is_empty());
    // A connection that does not verify proves nothing, no matter what its context trusts, or demands later.
    let careless = Context::new(16).unwrap();
    careless.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
    careless.set_check_hostname(false).unwrap();
    careless.set_verify_mode(0).unwrap();
    let pair = Pair::connected(&careless, &server, None);
    assert!(pair.client.verify_again().unwrap().as_slice().is_empty());
    careless.set_verify_mode(CERT_REQUIRED).unwrap();
    assert!(pair.client.verify_again().unwrap().as_slice().is_empty());
    // Nor does one whose context no longer verifies: Python has the same rule for certificates.
    let trusting = crate::client();
    let pair = Pair::connected(&trusting, &server, None);
    assert_eq!(pair.client.verify_again().unwrap().as_slice().len(), 3);
    trusting.set_check_hostname(false).unwrap();
    trusting.set_verify_mode(0).unwrap();
    assert!(pair.client.verify_again().unwrap().as_slice().is_empty());
    assert_eq!(pair.client.getpeercert().unwrap().map(|_| ()), None);
}

/// The chain is held to the connection's demands again: one that is trusted but does not meet them is not given.
#[test]
fn the_terms_of_the_connection_count_again() {
    for (flag, passes) in [(0x80000_u64, true), (0, false)] {
        let client = Context::new(16).unwrap();
        client.load_verify_locations(Some(&certs::folder().join("inter.pem")), None, None).unwrap();
        client.set_verify_flags(client.verify_flags() & !0x80000 | flag).unwrap();
        let pair = Pair::new(&client, &server("ecdsa"), None);
        assert_eq!(pair.shake().is_ok(), passes);
        assert_eq!(pair.client.verify_again().unwrap().as_slice().len(), if passes { 2 } else { 0 });
    }
}
