//! The context of a name demands as much of its clients as ever, no matter what the front context demands.

use crate::pair::{self, TLS1_2, TLS1_3};
use crate::{CRL_CHECK_LEAF, careless, certs, visit};
use std::sync::Arc;
use tlsock::Context;

const NONE: i32 = 0;
const OPTIONAL: i32 = 1;
const REQUIRED: i32 = 2;

fn server(version: i32, mode: i32) -> Context {
    let server = pair::server("ecdsa");
    server.set_maximum_version(version).expect("a version");
    server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("authorities");
    server.set_verify_mode(mode).expect("a mode");
    server
}

fn chooses(front: &Context, chosen: &Context) {
    let chosen = chosen.clone();
    let choose = move |connection: &dyn tlsock::Connection, _: Option<&str>, _: &Context| {
        Ok(connection.set_context(&chosen)?)
    };
    front.set_sni_callback(Some(Arc::new(choose))).expect("a callback");
}

fn clients() -> (Context, Context) {
    let known = careless();
    pair::identify(&known, "client");
    (known, careless())
}

fn lets_in(client: &Context, server: &Context) -> bool {
    visit(client, server, "a.example", None).is_ok()
}

#[test]
fn a_name_that_asks_for_certificates_gets_them() {
    let (known, stranger) = clients();
    for version in [TLS1_2, TLS1_3] {
        for (first, second) in
            [(NONE, REQUIRED), (OPTIONAL, REQUIRED), (REQUIRED, NONE), (REQUIRED, OPTIONAL)]
        {
            let (front, chosen) = (server(version, first), server(version, second));
            chooses(&front, &chosen);
            assert!(!lets_in(&stranger, &front), "{version:x}: {first}, {second}");
            let pair = visit(&known, &front, "a.example", None).expect("a client that is known");
            assert!(pair.server.peer_certificate().expect("a handshake").is_some(), "{version:x}");
        }
        for (first, second) in [(NONE, OPTIONAL), (OPTIONAL, NONE), (NONE, NONE)] {
            let (front, chosen) = (server(version, first), server(version, second));
            chooses(&front, &chosen);
            assert!(lets_in(&stranger, &front), "{version:x}: {first}, {second}");
        }
    }
}

#[test]
fn a_context_that_is_set_before_the_handshake_counts_as_well() {
    let (known, stranger) = clients();
    for version in [TLS1_2, TLS1_3] {
        for (client, expected) in [(&known, true), (&stranger, false)] {
            let pair = crate::ends(client, &server(version, NONE), "a.example", None).expect("two ends");
            pair.server.set_context(&server(version, REQUIRED)).expect("a context");
            let done = pair.shake().and_then(|()| crate::talk(&pair));
            assert_eq!(done.is_ok(), expected, "{version:x}");
        }
    }
}

/// Without any list a check for revocation refuses everybody.
#[test]
fn flags_of_verification_are_raised() {
    let (known, _) = clients();
    for version in [TLS1_2, TLS1_3] {
        for first in [NONE, REQUIRED] {
            let (front, chosen) = (server(version, first), server(version, REQUIRED));
            chooses(&front, &chosen);
            assert!(lets_in(&known, &front), "{version:x}");
            chosen.set_verify_flags(chosen.verify_flags() | CRL_CHECK_LEAF).expect("flags");
            assert!(!lets_in(&known, &front), "{version:x}");
            chosen.load_crl_data(&certs::read("crl.pem")).expect("a list");
            assert!(lets_in(&known, &front), "{version:x}");
        }
        let (front, chosen) = (server(version, REQUIRED), server(version, REQUIRED));
        front.set_verify_flags(front.verify_flags() | CRL_CHECK_LEAF).expect("flags");
        chooses(&front, &chosen);
        assert!(!lets_in(&known, &front), "{version:x}: the front context's flags count too");
    }
}

/// A handshake that is asked to begin again (HelloRetryRequest).
#[test]
fn a_client_that_must_retry_is_asked_for_its_certificate() {
    let (known, stranger) = clients();
    let (front, chosen) = (server(TLS1_3, NONE), server(TLS1_3, REQUIRED));
    front.set_ecdh_curve("secp384r1").expect("a curve");
    chosen.set_ecdh_curve("secp384r1").expect("a curve");
    chooses(&front, &chosen);
    assert!(lets_in(&known, &front));
    assert!(!lets_in(&stranger, &front));
}

/// A name may ask after the handshake, unless the front context asks within it.
#[test]
fn a_name_that_asks_later_asks_then() {
    let (known, stranger) = clients();
    let chosen = server(TLS1_3, REQUIRED);
    chosen.set_post_handshake_auth(true).unwrap();
    for client in [&known, &stranger] {
        client.set_post_handshake_auth(true).unwrap();
        let front = server(TLS1_3, NONE);
        chooses(&front, &chosen);
        let pair = visit(client, &front, "a.example", None).expect("nobody has asked");
        assert!(pair.server.peer_certificate().expect("a handshake").is_none());
        pair.server.verify_client_post_handshake().expect("a question");
        let answered = crate::talk(&pair).and_then(|()| crate::talk(&pair));
        assert_eq!(answered.is_ok(), std::ptr::eq(client, &known));
        let front = server(TLS1_3, REQUIRED);
        chooses(&front, &chosen);
        assert_eq!(lets_in(client, &front), std::ptr::eq(client, &known));
    }
}

/// The context that was chosen by the ClientHello, or set before it, has an SNI callback that chooses a third one.
#[test]
fn what_a_context_between_two_others_demands_counts() {
    let (known, stranger) = clients();
    for version in [TLS1_2, TLS1_3] {
        let (front, middle, chosen) =
            (server(version, NONE), server(version, REQUIRED), server(version, OPTIONAL));
        chooses(&middle, &chosen);
        let next = middle.clone();
        let choose = move |connection: &dyn tlsock::Connection, _: &tlsock::ClientHello| {
            Ok(connection.set_context(&next)?)
        };
        front.set_client_hello_callback(Some(Arc::new(choose))).expect("a callback");
        assert!(lets_in(&known, &front), "{version:x}");
        assert!(!lets_in(&stranger, &front), "{version:x}: chosen by the ClientHello");
        middle.set_pins(&["sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]).expect("a pin");
        assert!(!lets_in(&known, &front), "{version:x}: its pins count too");
        middle.set_pins(&[]).expect("no pins");
        front.set_client_hello_callback(None).expect("no callback");
        for (client, passes) in [(&known, true), (&stranger, false)] {
            let pair = pair::Pair::new(client, &front, None);
            pair.server.set_context(&middle).expect("another context");
            assert_eq!(pair.shake().and_then(|()| crate::talk(&pair)).is_ok(), passes, "{version:x}");
        }
    }
}

/// What a program sets between the ClientHello and the client's certificate takes nothing back.
#[test]
fn what_the_chosen_context_demands_counts_though_another_one_replaces_it() {
    let (known, _) = clients();
    for version in [TLS1_2, TLS1_3] {
        let (front, chosen) = (server(version, REQUIRED), server(version, REQUIRED));
        chooses(&front, &chosen);
        let lets_in = |later: &Context| {
            let pair = pair::Pair::new(&known, &front, None);
            assert!(pair.client.do_handshake().is_err_and(|error| error.is_want()));
            assert!(pair.server.do_handshake().is_err_and(|error| error.is_want()));
            pair.server.set_context(later).expect("another context");
            pair.shake().and_then(|()| crate::talk(&pair)).is_ok()
        };
        let judge = |accepts: bool| -> tlsock::VerifyCallback {
            Arc::new(move |_, _| if accepts { Ok(()) } else { Err(tlsock::Error::value("no")) })
        };
        for later in [&front, &server(version, REQUIRED)] {
            assert!(lets_in(later), "{version:x}");
            chosen.set_verify_callback(tlsock::VerifyOverride::Never, Some(judge(false)));
            assert!(!lets_in(later), "{version:x}: its callback is asked");
            chosen.set_verify_callback(tlsock::VerifyOverride::Never, Some(judge(true)));
            assert!(lets_in(later), "{version:x}");
            chosen.set_verify_callback(tlsock::VerifyOverride::Never, None);
            chosen.set_pins(&["sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]).expect("a pin");
            assert!(!lets_in(later), "{version:x}: its pins count");
            chosen.set_pins(&[]).expect("no pins");
        }
    }
}
