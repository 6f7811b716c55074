//! Signed certificate timestamps that come with a server's certificate (RFC 6962, section 3.3).

mod certs;
#[path = "scts/made.rs"]
mod made;
mod pair;
#[path = "peers/s_server.rs"]
mod peer;
#[path = "scts/s_server.rs"]
mod s_server;

use made::{ONE, TWO, identity, list};
use pair::{Pair, TLS1_2, TLS1_3};
use std::sync::{Arc, Mutex};
use tlsock::context::{PROTOCOL_TLS, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use tlsock::context::{PskClientCallback, PskServerCallback, SniCallback};
use tlsock::{ClientHello, Context, Identity, Status, WrapFlags};

const VERSIONS: [i32; 2] = [TLS1_2, TLS1_3];
/// The number of the extension.
const SCT: u16 = 18;

fn asking() -> Context {
    let client = pair::client();
    client.set_scts_requested(true).expect("a change");
    client
}

fn server(name: &str, version: i32) -> Context {
    let server = pair::server(name);
    server.set_maximum_version(version).expect("a version");
    server
}

/// A server whose certificate comes with these timestamps.
fn sending(name: &str, version: i32, scts: &[&[u8]]) -> Context {
    let server = server(name, version);
    server.use_identity(&identity(name).with_scts(&list(scts)).expect("a list")).expect("an identity");
    server
}

/// What a client gets of a server.
fn got(client: &Context, server: &Context) -> Option<Vec<u8>> {
    let pair = Pair::connected(client, server, None);
    assert_eq!(pair.server.scts().expect("nothing"), None, "a server got some");
    pair.client.scts().expect("a list")
}

/// Has a server's callback choose this identity.
fn choosing(server: &Context, identity: &Identity) {
    let identity = identity.clone();
    server.set_identity_callback(Some(Arc::new(move |_, request| {
        request.answer(Some(identity.clone()));
        Ok(())
    })));
}

#[test]
fn who_asks_gets_them() {
    for version in VERSIONS {
        let server = sending("ecdsa", version, &[ONE, TWO]);
        assert_eq!(got(&asking(), &server), Some(list(&[ONE, TWO])));
        assert_eq!(got(&pair::client(), &server), None);
        let plain = self::server("ecdsa", version);
        assert_eq!(got(&asking(), &plain), None);
        choosing(&plain, &identity("rsa").with_scts(&list(&[TWO])).expect("a list"));
        assert_eq!(got(&asking(), &plain), Some(list(&[TWO])));
        choosing(&plain, &identity("rsa"));
        assert_eq!(got(&asking(), &plain), None);
    }
}

/// The extensions of a client's ClientHellos, by their numbers.
fn hello_of(client: &Context, server: &Context) -> Vec<Vec<u16>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let note = move |hello: &ClientHello| {
        let count = hello.extension_count();
        let kinds = (0..count).filter_map(|index| Some(hello.extension_at(index)?.0)).collect();
        notes.lock().unwrap().push(kinds);
    };
    server
        .set_client_hello_callback(Some(Arc::new(move |_, hello| {
            note(hello);
            Ok(())
        })))
        .expect("a callback");
    Pair::connected(client, server, None);
    let all: Vec<Vec<u16>> = seen.lock().unwrap().drain(..).collect();
    all
}

#[test]
fn nobody_asks_by_default() {
    let server = sending("ecdsa", TLS1_3, &[ONE]);
    let client = pair::client();
    assert!(!client.scts_requested());
    let plain = hello_of(&client, &server);
    assert!(!plain[0].contains(&SCT));
    client.set_scts_requested(true).expect("a change");
    assert!(client.scts_requested());
    let asked = hello_of(&client, &server);
    assert_eq!((asked.len(), asked[0].len()), (1, plain[0].len() + 1));
    assert_eq!(asked[0].iter().filter(|kind| **kind == SCT).count(), 1);
    for copy in [client.copy().expect("a copy"), client.clone()] {
        assert!(copy.scts_requested());
    }
    client.set_scts_requested(false).expect("a change");
    assert!(!client.scts_requested());
    assert_eq!(hello_of(&client, &server), plain);
    assert_eq!(got(&client, &server), None);
    client.set_scts_requested(false).expect("no change");
    client.set_scts_requested(true).expect("a change");
    assert_eq!(got(&client, &server), Some(list(&[ONE])));
}

/// What a connection asks for is decided when it is made.
#[test]
fn a_change_counts_for_connections_made_later() {
    let (client, server) = (asking(), sending("ecdsa", TLS1_3, &[ONE]));
    let asks = Pair::new(&client, &server, None);
    client.set_scts_requested(false).expect("a change");
    let asks_not = Pair::new(&client, &server, None);
    for pair in [&asks, &asks_not] {
        pair.shake().expect("a handshake");
    }
    assert_eq!(asks.client.scts().expect("a list"), Some(list(&[ONE])));
    assert_eq!(asks_not.client.scts().expect("none"), None);
}

/// A connection asks for what it was made to ask for, whichever context it gets before its ClientHello or after.
#[test]
fn another_context_does_not_take_the_question_back() {
    for version in VERSIONS {
        let server = sending("ecdsa", version, &[ONE]);
        for (first, later, expected) in
            [(asking(), pair::client(), Some(list(&[ONE]))), (pair::client(), asking(), None)]
        {
            for begun in [false, true] {
                let pair = Pair::new(&first, &server, None);
                if begun {
                    assert!(pair.client.do_handshake().expect_err("no answer yet").is_want());
                }
                pair.client.set_context(&later).expect("another context");
                pair.shake().expect("a handshake");
                assert_eq!(pair.client.scts().expect("a list"), expected, "{version:x} {begun}");
            }
        }
    }
}

/// Nor does it bring its ciphers, where libssl does not take them from it.
#[test]
fn another_context_comes_without_its_ciphers() {
    if tlsock::backend() != c"aws-lc" {
        return;
    }
    let server = server("ecdsa", TLS1_2);
    server.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256").expect("a cipher");
    for first in [asking(), pair::client()] {
        first.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384").expect("a cipher");
        let pair = Pair::new(&first, &server, None);
        pair.client.set_context(&pair::client()).expect("another context");
        let error = pair.shake().expect_err("no cipher in common");
        let reason = error.detail().and_then(|detail| detail.reason.as_deref());
        assert_eq!(reason, Some(c"NO_SHARED_CIPHER"), "{error}");
    }
}

/// With a second ClientHello both ask, and the server answers once.
#[test]
fn behind_a_hello_retry_request() {
    let server = sending("ecdsa", TLS1_3, &[ONE]);
    server.set_ecdh_curve("secp384r1").expect("a curve");
    let hellos = hello_of(&asking(), &server);
    assert!(hellos.iter().all(|kinds| kinds.contains(&SCT)), "{hellos:?}");
    assert_eq!(got(&asking(), &server), Some(list(&[ONE])));
}

#[test]
fn they_come_with_the_certificate_that_is_shown() {
    for version in VERSIONS {
        let server = sending("ecdsa", version, &[ONE]);
        server.use_identity(&identity("rsa").with_scts(&list(&[TWO])).expect("a list")).expect("a second");
        for (sigalgs, scts) in [("ecdsa_secp256r1_sha256", ONE), ("rsa_pss_rsae_sha256", TWO)] {
            server.set_server_sigalgs(sigalgs).expect("an algorithm");
            assert_eq!(got(&asking(), &server), Some(list(&[scts])), "{sigalgs}");
        }
        server.use_identity(&identity("rsa")).expect("one without");
        assert_eq!(got(&asking(), &server), None);
    }
}

/// A connection shows the certificate that its context had when it was made.
#[test]
fn a_renewed_identity_takes_none_from_those_before() {
    for version in VERSIONS {
        let server = sending("ecdsa", version, &[ONE]);
        let before = Pair::new(&asking(), &server, None);
        server.use_identity(&identity("ecdsa").with_scts(&list(&[TWO])).expect("a list")).expect("another");
        assert_eq!(got(&asking(), &server), Some(list(&[TWO])));
        before.shake().expect("a handshake");
        assert_eq!(before.client.scts().expect("a list"), Some(list(&[ONE])));
        let without = identity("ecdsa").with_scts(&list(&[TWO])).and_then(|some| some.with_scts(&[]));
        server.use_identity(&without.expect("one without")).expect("another");
        assert_eq!(got(&asking(), &server), None);
    }
}

/// The identity callback that comes after the connection was made counts, and so do the timestamps that it brings.
#[test]
fn a_callback_that_is_set_late_counts() {
    let server = server("ecdsa", TLS1_3);
    let pair = Pair::new(&asking(), &server, None);
    choosing(&server, &identity("rsa").with_scts(&list(&[TWO])).expect("a list"));
    pair.shake().expect("a handshake");
    assert_eq!(pair.client.scts().expect("a list"), Some(list(&[TWO])));
}

#[test]
fn the_context_that_an_sni_callback_chooses_counts() {
    for version in VERSIONS {
        let (with, without) = (sending("rsa", version, &[TWO]), server("rsa", version));
        for (first, chosen, expected) in [
            (server("ecdsa", version), &with, Some(list(&[TWO]))),
            (sending("ecdsa", version, &[ONE]), &without, None),
            (sending("ecdsa", version, &[ONE]), &with, Some(list(&[TWO]))),
            // The same certificate, without: those of the other context are not for it.
            (sending("rsa", version, &[ONE]), &without, None),
        ] {
            let chosen = chosen.clone();
            let callback: SniCallback =
                Arc::new(move |connection, _, _| Ok(connection.set_context(&chosen)?));
            first.set_sni_callback(Some(callback)).expect("a callback");
            assert_eq!(got(&asking(), &first), expected, "{version:x}");
        }
    }
}

/// RFC 6962, section 3.3: a server that resumes a session sends none, as it shows no certificate.
#[test]
fn a_resumed_session_has_none() {
    for version in VERSIONS {
        let (client, server) = (asking(), sending("ecdsa", version, &[ONE]));
        let session = Pair::connected(&client, &server, None).client.session().unwrap().expect("a session");
        let again = Pair::connected(&client, &server, Some(&session));
        assert!(again.client.session_reused());
        assert_eq!(again.client.scts().expect("none"), None, "{version:x}");
    }
}

/// Where no certificate is shown there is nothing that they could be for.
#[test]
fn without_a_certificate_there_are_none() {
    let (client, server) = (asking(), sending("ecdsa", TLS1_2, &[ONE]));
    client.set_check_hostname(false).expect("a change");
    client.set_verify_mode(0).expect("a change");
    for context in [&client, &server] {
        context.set_ciphers("AECDH-AES128-SHA:@SECLEVEL=0").expect("ciphers");
    }
    client.set_maximum_version(TLS1_2).expect("a version");
    assert_eq!(got(&client, &server), None);
}

#[test]
fn with_a_shared_key_there_are_none() {
    let (client, server) = (asking(), sending("ecdsa", TLS1_2, &[ONE]));
    for context in [&client, &server] {
        context.set_ciphers("PSK-AES128-CBC-SHA").expect("ciphers");
    }
    client.set_maximum_version(TLS1_2).expect("a version");
    let give: PskClientCallback = Arc::new(|_, _, key| {
        key[..16].fill(7);
        Ok((b"me".to_vec(), 16))
    });
    client.set_psk_client_callback(Some(give)).expect("a callback");
    let know: PskServerCallback = Arc::new(|_, _, key| {
        key[..16].fill(7);
        Ok(16)
    });
    server.set_psk_server_callback(Some(know), None).expect("a callback");
    client.set_check_hostname(false).expect("a change");
    client.set_verify_mode(0).expect("a change");
    assert_eq!(got(&client, &server), None);
}

/// Servers never ask, and clients never send.
#[test]
fn each_side_has_its_part() {
    let server = Context::new(PROTOCOL_TLS_SERVER).expect("a context");
    for on in [true, false] {
        let error = server.set_scts_requested(on).expect_err("a server");
        assert_eq!(error.status(), Status::Value);
        assert!(error.message().contains("certificate timestamps are requested by clients"), "{error}");
    }
    sending("ecdsa", TLS1_3, &[ONE]).use_identity(&identity("rsa")).expect("another");
    assert!(!server.scts_requested());
    let client = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    client.use_identity(&identity("client").with_scts(&list(&[ONE])).expect("a list")).expect("an identity");
    assert!(!client.scts_requested(), "only who is told to asks");
    let server = self::server("ecdsa", TLS1_3);
    server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("a CA");
    server.set_verify_mode(2).expect("a mode");
    choosing(&server, &identity("ecdsa").with_scts(&list(&[TWO])).expect("a list"));
    let client = asking();
    client.use_identity(&identity("client").with_scts(&list(&[ONE])).expect("a list")).expect("an identity");
    assert_eq!(got(&client, &server), Some(list(&[TWO])));
}

/// A context for both sides sends what its identity has, and asks once it is told to.
#[test]
fn a_context_for_both_sides() {
    let both = Context::new(PROTOCOL_TLS).expect("a context");
    both.use_identity(&identity("ecdsa").with_scts(&list(&[ONE])).expect("a list")).expect("an identity");
    assert!(!both.scts_requested());
    assert_eq!((got(&both, &both), got(&asking(), &both)), (None, Some(list(&[ONE]))));
    both.set_scts_requested(true).expect("a change");
    assert_eq!((got(&both, &both), got(&asking(), &both)), (Some(list(&[ONE])), Some(list(&[ONE]))));
    both.set_scts_requested(false).expect("a change");
    assert_eq!((got(&both, &both), got(&asking(), &both)), (None, Some(list(&[ONE]))));
}

#[test]
fn an_identity_takes_a_list_only() {
    let whole = list(&[ONE, TWO]);
    let over = list(&[&[0; 40_000], &[1; 25_000]]);
    for (bad, message) in [
        (&whole[..whole.len() - 1], "scts is not a SignedCertificateTimestampList (RFC 6962, section 3.3)"),
        (ONE, "scts is not a SignedCertificateTimestampList (RFC 6962, section 3.3)"),
        (&over[..], "scts has 65006 bytes: TLS can send 64000"),
    ] {
        let error = identity("ecdsa").with_scts(bad).expect_err(message);
        assert_eq!((error.status(), error.message()), (Status::Value, message));
    }
}

/// The largest list goes through both versions.
#[test]
fn a_long_list_is_sent() {
    let long = list(&[&[7; 63_996]]);
    assert_eq!(long.len(), 64_000);
    for version in VERSIONS {
        let server = server("ecdsa", version);
        server.use_identity(&identity("ecdsa").with_scts(&long).expect("a list")).expect("an identity");
        assert_eq!(got(&asking(), &server), Some(long.clone()), "{version:x}");
    }
}

/// Timestamps and a response for one certificate, and neither takes the other's place.
#[test]
fn an_identity_keeps_what_else_it_has() {
    let plain = identity("ecdsa");
    let with = plain.with_scts(&list(&[ONE])).expect("a list");
    let server = server("ecdsa", TLS1_3);
    server.use_identity(&plain).expect("an identity");
    assert_eq!(got(&asking(), &server), None, "the given one does not change");
    assert_eq!(with.certificates().as_slice().len(), plain.certificates().as_slice().len());
    server.use_identity(&with.with_scts(&list(&[TWO])).expect("another list")).expect("an identity");
    assert_eq!(got(&asking(), &server), Some(list(&[TWO])));
}

/// Nothing is there before the handshake, and what came stays.
#[test]
fn they_are_there_once_the_server_has_answered() {
    let pair = Pair::new(&asking(), &sending("ecdsa", TLS1_3, &[ONE]), None);
    assert_eq!(pair.client.scts().expect("none"), None);
    pair.shake().expect("a handshake");
    assert_eq!(pair.client.scts().expect("a list"), Some(list(&[ONE])));
    pair.client.close_write().expect("an end");
    assert_eq!(pair.client.scts().expect("a list"), Some(list(&[ONE])));
}

/// The socket tells the same as the object, and nothing before there is TLS.
#[test]
fn sockets_tell_them_too() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("an address");
    let plain = std::net::TcpStream::connect(address).expect("a stream");
    let socket = asking()
        .wrap_socket(plain.into(), WrapFlags::NO_HANDSHAKE, Some("localhost"), None)
        .map_err(|refused| refused.error)
        .expect("a socket");
    assert_eq!(socket.scts().expect("none"), None);
}
