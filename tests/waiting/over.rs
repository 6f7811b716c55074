//! Waits that end without an answer, and what is left of them.

use crate::answer::{Kind, Later, each, until_it_waits};
use crate::pair::{self, Pair, TLS1_2, TLS1_3};
use crate::sockets::{Ends, both, shake_until_it_waits};
use std::sync::Arc;
use tlsock::socket::Ready;
use tlsock::*;

#[test]
fn a_refusal_under_cert_none_ends_the_wait() {
    for version in [TLS1_2, TLS1_3] {
        let later = Later::default();
        let (client, server) = Kind::ClientVerification.contexts(version, &later);
        client.set_check_hostname(false).unwrap();
        client.set_verify_mode(0).unwrap();
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        assert!(pair.client.write(b"secret").is_err_and(|error| error.waits()));
        later.refuse();
        assert!(pair.client.do_handshake().is_err_and(|error| !error.is_want()));
        assert_eq!(pair.client.open_question(), None);
        assert!(pair.client.write(b"secret").is_err_and(|error| !error.is_want()));
        assert!(pair.client.session().unwrap().is_none());
        let _ = pair.server.do_handshake();
        assert!(pair.server.read(&mut [0; 10]).is_err());

        let later = Later::default();
        let (client, server) = Kind::ClientVerification.contexts(version, &later);
        client.set_check_hostname(false).unwrap();
        client.set_verify_mode(0).unwrap();
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        later.give();
        pair.shake().unwrap();
        assert_eq!(pair.client.verify_result().unwrap(), 0);
    }
}

#[test]
fn the_peer_goes_meanwhile() {
    each(|version, kind| {
        let later = Later::default();
        let Ends { waits, other } = both(kind, version, &later);
        other.settimeout(Timeout::NonBlocking).unwrap();
        waits.settimeout(Timeout::NonBlocking).unwrap();
        shake_until_it_waits(&waits, &other);
        waits.settimeout(Timeout::Never).unwrap();
        other.abort().unwrap();
        assert!(waits.do_handshake().is_err_and(|error| error.waits()));
        assert!(waits.wait(Ready::Read, Timeout::Never).is_err_and(|error| error.waits()));
        later.give();
        let end = waits.do_handshake().and_then(|()| waits.recv(&mut [0; 10]).map(|got| assert_eq!(got, 0)));
        assert!(end.as_ref().is_ok() || end.as_ref().is_err_and(|error| !error.is_want()), "{end:?}");
        // Nothing is waited for any more.
        let over = waits.wait(Ready::Read, Timeout::After(std::time::Duration::from_secs(10)));
        assert!(over.as_ref().is_ok() || over.as_ref().is_err_and(|error| !error.waits()), "{over:?}");
    });
}

#[test]
fn a_panic_after_a_wait() {
    for kind in [Kind::ServerHello, Kind::ServerIdentity] {
        let (client, server) = (pair::client(), pair::server("rsa"));
        let later = Later::default();
        let ask = later.clone();
        let asks = move || {
            ask.ask()?;
            if ask.asked() > 1 { panic!("a callback") } else { Ok(()) }
        };
        if kind == Kind::ServerHello {
            server.set_client_hello_callback(Some(Arc::new(move |_, _| Ok(asks()?)))).unwrap();
        } else {
            server.set_identity_callback(Some(Arc::new(move |_, _| asks())));
        }
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        later.give();
        assert!(pair.server.do_handshake().is_err_and(|error| !error.is_want()));
        assert_eq!(pair.server.open_question(), None);
        assert!(pair.server.do_handshake().is_err_and(|error| !error.is_want()));
    }
}

/// Unwrapping while it waits fails, and harms nothing.
#[test]
fn ends_that_come_too_early() {
    each(|version, kind| {
        let later = Later::default();
        let Ends { waits, other } = both(kind, version, &later);
        let other = std::thread::spawn(move || {
            other.do_handshake().unwrap();
            let mut buffer = [0; 10];
            assert_eq!(other.recv(&mut buffer).unwrap(), 4);
            other.unwrap().unwrap();
        });
        assert!(waits.do_handshake().is_err_and(|error| error.waits()));
        for end in [waits.unwrap().map(drop), waits.close_write()] {
            let error = end.expect_err("too early");
            assert_eq!(error.detail().unwrap().reason.as_deref(), Some(c"SHUTDOWN_WHILE_IN_INIT"), "{error}");
        }
        assert!(waits.key_update(true).is_err());
        assert_eq!(waits.pending(), 0);
        assert!(waits.do_handshake().is_err_and(|error| error.waits()));
        later.give();
        waits.sendall(b"mine").unwrap();
        waits.unwrap().unwrap();
        other.join().unwrap();
    });
}
