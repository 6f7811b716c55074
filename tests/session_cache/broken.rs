//! Sessions of connections that a fatal alert has ended: they are forgotten.

use crate::pair::{Pair, TLS1_3};
use crate::{Asked, Store, VERSIONS, client, keeping, resumes, session};
use std::sync::Arc;
use tlsock::{Context, MemoryBio, Session, Status, WrapFlags};

const BAD_RECORD_MAC: u8 = 20;
/// A record of TLS 1.2, and of 1.3.
const UNENCRYPTED: &[u8] = b"\x17\x03\x03\x00\x20 this was never encrypted by any.";

/// Both ends, their handshake done, of which one has got a record that nobody has encrypted, and the other its alert.
fn broken_by(client: &Context, server: &Context, by_client: bool) -> Pair {
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    let name = Some("localhost");
    let pair = Pair {
        client: client.wrap_bio(Some((&down, &up)), WrapFlags::default(), name, None).expect("a client"),
        server: server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None).expect("a server"),
    };
    pair.shake().expect("a handshake");
    assert!(pair.client.read(&mut [0; 9]).expect_err("tickets alone").is_want());
    let (to, ends) = match by_client {
        true => (&down, [&pair.client, &pair.server]),
        false => (&up, [&pair.server, &pair.client]),
    };
    to.write(UNENCRYPTED).expect("room");
    let [sent, received] = ends.map(|end| {
        let error = end.read(&mut [0; 9]).expect_err("a bad record");
        let detail = error.detail().expect("a detail");
        (detail.alert_sent, detail.alert_received)
    });
    assert_eq!((sent, received), ((Some(BAD_RECORD_MAC), None), (None, Some(BAD_RECORD_MAC))));
    pair
}

/// RFC 5246, section 7.2.2: the session of a connection that a fatal alert has ended is not resumed.
#[test]
fn a_fatal_alert_forgets_the_session() {
    for (version, by_client) in VERSIONS.into_iter().flat_map(|v| [(v, false), (v, true)]) {
        let (store, client) = (Arc::new(Store::default()), client());
        let server = keeping(version, &store);
        session(&client, &server);
        let (puts, kept) = (store.asked().len(), store.count());
        let pair = broken_by(&client, &server, by_client);
        let asked = store.asked();
        assert_eq!((asked.len(), asked.last()), (puts + 1, Some(&Asked::Remove)), "{version:x} {by_client}");
        assert_eq!(store.count(), 2 * kept - 1, "{version:x} {by_client}");
        let last = pair.client.session().expect("no failure").expect("a session");
        assert!(!resumes(&client, &server, &last), "{version:x} {by_client}");
    }
}

#[test]
fn a_fatal_alert_forgets_the_session_that_a_context_keeps() {
    for (version, by_client) in VERSIONS.into_iter().flat_map(|v| [(v, false), (v, true)]) {
        let client = client();
        let server = keeping(version, &Arc::new(Store::default()));
        server.set_session_cache(None).expect("no cache");
        let other = session(&client, &server);
        let kept = server.session_stats().number;
        let pair = broken_by(&client, &server, by_client);
        assert_eq!(server.session_stats().number, 2 * kept - 1, "{version:x} {by_client}");
        let last = pair.client.session().expect("no failure").expect("a session");
        assert!(!resumes(&client, &server, &last), "{version:x} {by_client}");
        assert!(resumes(&client, &server, &other), "{version:x} {by_client}: another stays");
    }
}

/// Gives a server the ClientHello of a client that offers a session, changed, and more behind it. The server refuses both.
fn offered(client: &Context, server: &Context, session: &Session, change: fn(&mut Vec<u8>), more: &[u8]) {
    let (nothing, hello, up, down) = (MemoryBio::new(), MemoryBio::new(), MemoryBio::new(), MemoryBio::new());
    let name = Some("localhost");
    let offering = client.wrap_bio(Some((&nothing, &hello)), WrapFlags::default(), name, Some(session));
    offering.expect("a client").do_handshake().expect_err("the server has not answered");
    let mut bytes = vec![0; hello.pending()];
    hello.read(&mut bytes);
    change(&mut bytes);
    let end = server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None).expect("a server");
    up.write(&[&bytes, more].concat()).expect("room");
    assert_eq!(end.do_handshake().expect_err("a broken handshake").status(), Status::Ssl);
}

/// Anybody can have seen the id that a client of TLS 1.3 shows. That it has the session, it proves at the end of its hello.
#[test]
fn who_has_only_seen_an_id_has_no_session_forgotten() {
    for shares in [true, false] {
        let (store, client) = (Arc::new(Store::default()), client());
        let server = keeping(TLS1_3, &store);
        if !shares {
            server.set_session_cache(None).expect("no cache");
        }
        let first = session(&client, &server);
        store.asked();
        offered(&client, &server, &first, |hello| *hello.last_mut().expect("a hello") ^= 1, b"");
        assert!(!store.asked().contains(&Asked::Remove));
        assert!(resumes(&client, &server, &first));
        // The same without the mistake.
        offered(&client, &server, &first, |_| {}, UNENCRYPTED);
        assert_eq!(store.asked().contains(&Asked::Remove), shares);
        assert!(!resumes(&client, &server, &first));
    }
}
