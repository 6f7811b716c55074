//! When a session can be asked for and set.

use crate::{ALL, ends, pair, session, talk, visit};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tlsock::{Object, Status, context::PROTOCOL_TLS};

const MIDWAY: &str = "Cannot set session once the handshake has begun.";

#[test]
fn there_is_no_session_before_the_end_of_the_handshake() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        let kept = session(&client, &server);
        for offered in [None, Some(&kept)] {
            let pair = ends(&client, &server, "localhost", offered).expect("two ends");
            loop {
                for end in [&pair.client, &pair.server] {
                    let there = end.session().expect("no failure").is_some();
                    assert_eq!(there, end.is_handshake_done(), "{keeping:?}");
                }
                let done = [pair.client.do_handshake(), pair.server.do_handshake()];
                if done.iter().all(Result::is_ok) {
                    break;
                }
            }
            assert!(pair.client.session().expect("no failure").is_some());
        }
    }
}

#[test]
fn a_session_is_set_before_the_handshake_or_not_at_all() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        let kept = session(&client, &server);
        let pair = ends(&client, &server, "localhost", None).expect("two ends");
        pair.client.set_session(&kept).expect("before");
        let mut tries = 0;
        while pair.client.do_handshake().is_err() {
            let error = pair.client.set_session(&kept).expect_err("midway");
            assert_eq!((error.status(), error.message()), (Status::Value, MIDWAY));
            let _ = pair.server.do_handshake();
            tries += 1;
        }
        assert!(tries > 0 && pair.client.session_reused(), "{keeping:?}");
        let error = pair.client.set_session(&kept).expect_err("after");
        assert_eq!(error.message(), "Cannot set session after handshake.");
    }
}

#[test]
fn no_callback_of_a_handshake_sets_a_session() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        let kept = session(&client, &server);
        let (refused, count) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (place, asked) = (Arc::clone(&refused), Arc::clone(&count));
        client.set_message_callback(Some(Arc::new(move |connection, _| {
            let object = Object::of(connection).expect("an object");
            asked.fetch_add(usize::from(object.session()?.is_some()), Ordering::Relaxed);
            place.lock().unwrap().push(object.set_session(&kept).expect_err("midway").status());
            Ok(())
        })));
        let pair = ends(&client, &server, "localhost", None).expect("two ends");
        pair.shake().expect("a handshake");
        assert_eq!(count.load(Ordering::Relaxed), 0, "{keeping:?}");
        talk(&pair).expect("two bytes");
        let refused = refused.lock().unwrap();
        assert!(refused.len() > 4 && refused.iter().all(|status| *status == Status::Value), "{refused:?}");
        client.set_message_callback(None);
    }
}

/// After each step of the handshake, by each side.
#[test]
fn the_context_can_be_set_between_any_two_steps() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        let other = (pair::client(), keeping.server("ecdsa"));
        for step in 0..6 {
            let pair = ends(&client, &server, "localhost", None).expect("two ends");
            for round in 0..6 {
                let (end, context) = match round % 2 {
                    0 => (&pair.client, &other.0),
                    _ => (&pair.server, &other.1),
                };
                let _ = end.do_handshake();
                if round == step {
                    end.set_context(context).expect("a context");
                }
            }
            pair.shake().expect("a handshake");
            talk(&pair).expect("two bytes");
        }
    }
}

#[test]
fn a_context_of_both_kinds_keeps_its_roles() {
    let both = tlsock::Context::new(PROTOCOL_TLS).expect("a context");
    pair::identify(&both, "ecdsa");
    let client = pair::client();
    let kept = session(&client, &both);
    let pair = visit(&client, &both, "localhost", Some(&kept)).expect("a handshake");
    assert!(pair.client.session_reused());
}

/// Python looks at the context as it is now, but what was not verified never counts as verified.
#[test]
fn a_peer_is_verified_by_its_handshake_and_while_the_context_verifies() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        let is_known = |pair: &pair::Pair| {
            let known = pair.client.getpeercert().expect("a handshake").is_some();
            let shown = pair.client.peer_certificate().expect("a handshake").expect("a certificate");
            assert_eq!(shown.verified(), known, "{keeping:?}");
            known
        };
        let verifying = visit(&client, &server, "localhost", None).expect("a handshake");
        assert!(is_known(&verifying));
        client.set_check_hostname(false).expect("a change");
        client.set_verify_mode(0).expect("a change");
        assert!(!is_known(&verifying));
        let careless = visit(&client, &server, "localhost", None).expect("a handshake");
        assert!(!is_known(&careless));
        client.set_verify_mode(2).expect("a change");
        assert!(is_known(&verifying) && !is_known(&careless));
        let chain = careless.client.get_verified_chain().expect("a chain");
        assert!(chain.as_slice().iter().all(|x509| !x509.verified()), "{keeping:?}");
    }
}

/// It can be asked for, to tell why it was refused.
#[test]
fn nothing_of_a_chain_that_was_refused_counts_as_verified() {
    for keeping in ALL {
        for name in ["wrong-name", "expired", "twin"] {
            let pair = ends(&pair::client(), &keeping.server(name), "localhost", None).expect("two ends");
            pair.shake().expect_err("a refusal");
            let chain = pair.client.get_verified_chain().expect("a chain");
            assert!(chain.as_slice().iter().all(|x509| !x509.verified()), "{keeping:?} {name}");
        }
    }
}
