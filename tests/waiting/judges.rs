//! Callbacks of servers that judge a client late: several of them, and those that fail.

use crate::answer::{Kind, Later, until_it_waits};
use crate::certs;
use crate::client::assert_nothing_is_known;
use crate::pair::{self, Pair, TLS1_2, TLS1_3};
use std::sync::Arc;
use tlsock::*;

/// Each of two callbacks may wait, and the answer that was there first is asked for again.
#[test]
fn the_callbacks_of_two_contexts_wait() {
    for version in [TLS1_2, TLS1_3] {
        let (later, others) = (Later::default(), Later::default());
        let (client, server) = Kind::ServerVerification.contexts(version, &later);
        let (_, other) = Kind::ServerVerification.contexts(version, &others);
        let chosen = other.clone();
        server
            .set_sni_callback(Some(Arc::new(move |connection, _, _| Ok(connection.set_context(&chosen)?))))
            .unwrap();
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        for given in [&others, &later] {
            assert!(pair.server.do_handshake().is_err_and(|error| error.waits()));
            given.give();
        }
        pair.shake().unwrap();
        assert!(pair.server.getpeercert().unwrap().is_some());
    }
}

/// Of another language, say: a status like any other.
#[test]
fn a_refusal_with_the_status_of_a_panic() {
    for version in [TLS1_2, TLS1_3] {
        let later = Later::default();
        let (client, server) = Kind::ServerVerification.contexts(version, &later);
        let ask = later.clone();
        server.set_verify_callback(
            VerifyOverride::Never,
            Some(Arc::new(move |_, _| {
                ask.ask()?;
                Err(Error::new(Status::Panic, "in another language"))
            })),
        );
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        later.give();
        let error = pair.server.do_handshake().expect_err("refused");
        assert_eq!(error.status(), Status::CertVerification, "{error}");
        assert!(error.detail().unwrap().cause.as_ref().is_some_and(|cause| cause.status() == Status::Panic));
    }
}

#[test]
fn a_panic_after_a_wait_ends_it() {
    for version in [TLS1_2, TLS1_3] {
        let later = Later::default();
        let (client, server) = Kind::ServerVerification.contexts(version, &later);
        let ask = later.clone();
        server.set_verify_callback(
            VerifyOverride::Never,
            Some(Arc::new(move |_, _| {
                ask.ask()?;
                panic!("a callback")
            })),
        );
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        later.give();
        assert!(pair.server.do_handshake().is_err_and(|error| error.status() == Status::Panic));
        assert_eq!(pair.server.open_question(), None);
        assert_nothing_is_known(&pair.server);
        assert!(pair.server.write(b"x").is_err_and(|error| error.status() == Status::Panic));
    }
}

/// A callback that has not answered is asked again, though the connection has got the context back that it was made with.
#[test]
fn a_verdict_stays_open_when_the_context_goes() {
    for version in [TLS1_2, TLS1_3] {
        for kind in [Kind::ServerVerification, Kind::ClientVerification] {
            let later = Later::default();
            let (client, server) = kind.contexts(version, &later);
            let (judge, first) = match kind.is_of_server() {
                true => (server.clone(), pair::server("rsa")),
                false => (client.clone(), pair::client()),
            };
            first.set_maximum_version(version).unwrap();
            first.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
            let judge_again = judge.clone();
            let pair = match kind.is_of_server() {
                true => {
                    first
                        .set_sni_callback(Some(Arc::new(move |connection, _, _| {
                            Ok(connection.set_context(&judge_again)?)
                        })))
                        .unwrap();
                    Pair::new(&client, &first, None)
                }
                false => {
                    let pair = Pair::new(&first, &server, None);
                    pair.client.set_context(&judge).unwrap();
                    pair
                }
            };
            until_it_waits(&pair);
            let waits = if kind.is_of_server() { &pair.server } else { &pair.client };
            waits.set_context(&first).unwrap();
            for _ in 0..2 {
                assert!(waits.do_handshake().is_err_and(|error| error.waits()), "{version:#x} {kind:?}");
                assert!(!waits.is_handshake_done());
            }
            later.give();
            pair.shake().unwrap();
            assert!(waits.is_handshake_done());
        }
    }
}
