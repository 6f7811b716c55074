//! How the application protocol is chosen, and what happens where there is none in common.

mod certs;
mod pair;

use pair::{Pair, TLS1_2, TLS1_3, client, server};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tlsock::context::PROTOCOL_TLS_CLIENT;
use tlsock::*;

const NO_APPLICATION_PROTOCOL: u8 = 120;

fn offering(protocols: &[&str], version: i32) -> Context {
    let context = client();
    context.set_maximum_version(version).unwrap();
    context.set_alpn_protocols(protocols).unwrap();
    context
}

/// A server whose callback answers with this, and counts how often it is asked.
fn answering(
    answer: impl Fn(&[&[u8]]) -> Result<Option<usize>> + Send + Sync + 'static,
) -> (Context, Arc<AtomicUsize>) {
    let (context, asked) = (server("ecdsa"), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&asked);
    let callback: AlpnCallback = Arc::new(move |connection, name, protocols| {
        assert_eq!(name, Some(c"localhost"));
        assert!(Object::of(connection).is_some_and(|object| object.server_side()));
        count.fetch_add(1, Ordering::Relaxed);
        answer(protocols)
    });
    context.set_alpn_callback(Some(callback)).unwrap();
    (context, asked)
}

/// The two ends of a handshake that the server refuses: the server's error, after the client was told.
fn refused(client: &Context, server: &Context) -> Error {
    let pair = Pair::new(client, server, None);
    assert!(pair.client.do_handshake().unwrap_err().is_want());
    let refusal = pair.server.do_handshake().expect_err("it refuses");
    let told = pair.client.do_handshake().expect_err("it is told");
    assert_eq!(told.detail().unwrap().alert_received, Some(NO_APPLICATION_PROTOCOL));
    assert_eq!(refusal.detail().unwrap().alert_sent, Some(NO_APPLICATION_PROTOCOL));
    refusal
}

#[test]
fn a_callback_chooses_by_the_whole_list() {
    for version in [TLS1_2, TLS1_3] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&seen);
        let (server, asked) = answering(move |protocols| {
            *keep.lock().unwrap() = protocols.iter().map(|name| name.to_vec()).collect();
            Ok(protocols.iter().position(|name| *name == b"two"))
        });
        // A list of the context's own does not count beside it.
        server.set_alpn_protocols(&["one"]).unwrap();
        let client = offering(&["one", "two", "three"], version);
        let pair = Pair::connected(&client, &server, None);
        assert_eq!(pair.client.selected_alpn_protocol(), Some(c"two"));
        assert_eq!(pair.server.selected_alpn_protocol(), Some(c"two"));
        assert_eq!(*seen.lock().unwrap(), [&b"one"[..], b"two", b"three"]);
        let session = pair.client.session().unwrap();
        let resumed = Pair::connected(&client, &server, session.as_ref());
        assert!(resumed.client.session_reused());
        assert_eq!(resumed.client.selected_alpn_protocol(), Some(c"two"));
        assert_eq!(asked.load(Ordering::Relaxed), 2, "once in each handshake");
        // A client that offers nothing is not asked about.
        let pair = Pair::connected(&offering(&[], version), &server, None);
        assert_eq!(pair.client.selected_alpn_protocol(), None);
        assert_eq!(asked.load(Ordering::Relaxed), 2);
        let pair = Pair::connected(&offering(&["one"], version), &server, None);
        assert_eq!(pair.client.selected_alpn_protocol(), None, "the callback has chosen none");
        server.set_alpn_callback(None).unwrap();
        let pair = Pair::connected(&client, &server, None);
        assert_eq!(pair.client.selected_alpn_protocol(), Some(c"one"));
    }
}

#[test]
fn a_second_client_hello_asks_again() {
    let (server, asked) = answering(|_| Ok(Some(0)));
    server.set_groups("P-256").unwrap();
    let client = offering(&["one"], TLS1_3);
    client.set_groups("X25519:P-256").unwrap();
    let pair = Pair::connected(&client, &server, None);
    assert_eq!(pair.client.group(), Some(c"secp256r1"), "it was asked for by a HelloRetryRequest");
    assert_eq!(pair.client.selected_alpn_protocol(), Some(c"one"));
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[test]
fn a_callback_that_fails_or_chooses_what_was_not_offered_refuses() {
    for version in [TLS1_2, TLS1_3] {
        let client = offering(&["one", "two"], version);
        let (server, _) = answering(|_| Err(Error::value("not today")));
        let refusal = refused(&client, &server);
        let cause = refusal.detail().unwrap().cause.as_ref();
        let words = cause.map_or(refusal.message(), Error::message);
        assert!(words.contains("not today"), "{words}");
        let (server, _) = answering(|protocols| Ok(Some(protocols.len())));
        let refusal = refused(&client, &server);
        let cause = refusal.detail().unwrap().cause.as_ref();
        let words = cause.map_or(refusal.message(), Error::message);
        assert!(words.contains("index 2 of 2"), "{words}");
    }
}

#[test]
fn strict_servers_refuse_where_there_is_none_in_common() {
    for version in [TLS1_2, TLS1_3] {
        let server = server("ecdsa");
        let foreign = offering(&["other"], version);
        assert!(!server.alpn_strict());
        server.set_alpn_strict(true).unwrap();
        assert!(server.alpn_strict());
        let pair = Pair::connected(&foreign, &server, None);
        assert_eq!(pair.client.selected_alpn_protocol(), None, "the server takes no part");
        server.set_alpn_protocols(&["one", "two"]).unwrap();
        let error = refused(&foreign, &server);
        assert_eq!(error.detail().unwrap().reason.as_deref(), Some(c"NO_APPLICATION_PROTOCOL"));
        refused(&foreign, &server.copy().unwrap());
        let pair = Pair::connected(&offering(&["two", "other"], version), &server, None);
        assert_eq!(pair.client.selected_alpn_protocol(), Some(c"two"));
        let pair = Pair::connected(&offering(&[], version), &server, None);
        assert_eq!(pair.client.selected_alpn_protocol(), None, "it has not asked for any");
        server.set_alpn_strict(false).unwrap();
        assert_eq!(Pair::connected(&foreign, &server, None).client.selected_alpn_protocol(), None);
        let (server, _) = answering(|_| Ok(None));
        server.set_alpn_strict(true).unwrap();
        refused(&foreign, &server);
    }
}

#[test]
fn the_context_that_the_name_has_chosen_chooses_the_protocol() {
    let (other, _) = answering(|_| Ok(Some(1)));
    let first = server("ecdsa");
    first.set_alpn_protocols(&["one"]).unwrap();
    let chosen = other.clone();
    let sni: SniCallback = Arc::new(move |connection, _, _| Ok(connection.set_context(&chosen)?));
    first.set_sni_callback(Some(sni)).unwrap();
    let pair = Pair::connected(&offering(&["one", "two"], TLS1_3), &first, None);
    assert_eq!(pair.client.selected_alpn_protocol(), Some(c"two"));
}

#[test]
fn clients_choose_nothing() {
    let context = Context::new(PROTOCOL_TLS_CLIENT).unwrap();
    assert_eq!(context.set_alpn_callback(None).unwrap_err().status(), Status::Value);
    assert_eq!(context.set_alpn_strict(true).unwrap_err().status(), Status::Value);
}

/// The names are C text, which ends at a NUL: "h2" must not come out where something else was agreed on.
#[test]
fn a_protocol_with_a_nul_is_told_as_another_one() {
    for version in [TLS1_2, TLS1_3] {
        let (server, _) = answering(|protocols| {
            assert_eq!(protocols, [b"h\x002"]);
            Ok(Some(0))
        });
        let pair = Pair::connected(&offering(&["h\x002"], version), &server, None);
        for end in [&pair.client, &pair.server] {
            assert_eq!(end.selected_alpn_protocol(), Some(c"h\u{FFFD}2"));
            assert!(end.info_json().unwrap().to_str().unwrap().contains("\"alpn\":\"h\u{FFFD}2\""));
        }
    }
}
