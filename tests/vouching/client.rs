//! What a client trusts changes.

use crate::{ALL, CRL_CHECK_LEAF, careless, certs, ends, pair, resumes, session, session_of, talk, visit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tlsock::context::{PROTOCOL_TLS, PURPOSE_CLIENT_AUTH, PURPOSE_SERVER_AUTH};
use tlsock::{Context, PskClientCallback, PskServerCallback, Session, Status};

const STRICT: u64 = 0x20;

type Change = fn(&Context) -> tlsock::Result<()>;

/// Changes of what a context asks for, none of which refuses the tests' server.
const CHANGES: [Change; 5] = [
    |context| context.set_verify_flags(context.verify_flags() & !STRICT),
    |context| context.set_hostname_checks_common_name(false),
    |context| context.load_verify_locations(Some(&certs::folder().join("unknown-ca.pem")), None, None),
    |context| {
        context.load_crl_data(&certs::read("crl.pem"))?;
        context.set_verify_flags(context.verify_flags() | CRL_CHECK_LEAF)
    },
    |context| context.set_ciphers("@SECLEVEL=1:ECDHE+AESGCM"),
];

#[test]
fn a_change_of_trust_makes_a_full_handshake() {
    for keeping in ALL {
        let server = keeping.server("ecdsa");
        for (index, change) in CHANGES.iter().enumerate() {
            let client = pair::client();
            let kept = session(&client, &server);
            change(&client).expect("a change");
            assert!(!resumes(&client, &server, &kept), "{keeping:?}, change {index}");
            session(&client, &server);
        }
    }
}

#[test]
fn a_change_of_trust_makes_bytes_useless() {
    let server = pair::server("ecdsa");
    for (index, change) in CHANGES.iter().enumerate() {
        let client = pair::client();
        let kept = session(&client, &server);
        change(&client).expect("a change");
        // What was proved counts, not what is demanded now.
        let data = kept.data().expect("bytes");
        let error = Session::from_data(&client, &data).map(|_| ()).expect_err("other trust");
        assert_eq!(error.status(), Status::Value, "change {index}");
        assert!(resumes(&client, &server, &session(&client, &server)));
        Session::from_data(&pair::client(), &data).expect("the trust of then");
    }
}

#[test]
fn a_revoked_certificate_gets_no_further_by_a_session() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("revoked"));
        let kept = session(&client, &server);
        client.load_crl_data(&certs::read("crl.pem")).expect("a list");
        assert!(resumes(&client, &server, &kept), "nobody asks the list");
        client.set_verify_flags(client.verify_flags() | CRL_CHECK_LEAF).expect("flags");
        let error = visit(&client, &server, "localhost", Some(&kept)).map(|_| ()).expect_err("revoked");
        assert_eq!(error.status(), Status::CertVerification, "{keeping:?}");
    }
}

#[test]
fn a_list_that_comes_later_is_asked() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        client.load_crl_data(&certs::read("crl.pem")).expect("a list");
        client.set_verify_flags(client.verify_flags() | CRL_CHECK_LEAF).expect("flags");
        let kept = session(&client, &server);
        let shop = crate::made::Workshop::new(&format!("list-{:x}-{}", keeping.version, keeping.tickets));
        shop.empty_crl_until("list", crate::made::seconds_now() + 1000);
        client.load_crl_data(&std::fs::read(shop.file("list")).expect("a list")).expect("a list");
        assert!(!resumes(&client, &server, &kept), "{keeping:?}");
    }
}

#[test]
fn the_same_trust_loaded_again_changes_nothing() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        let kept = session(&client, &server);
        client.load_verify_locations(None, None, Some(&certs::read("ca.pem"))).expect("authorities");
        client.load_crl_data(&certs::read("crl.pem")).expect("a list that nobody asks for");
        assert!(resumes(&client, &server, &kept), "{keeping:?}");
    }
}

#[test]
fn lists_in_a_directory_may_change_unseen() {
    let folder = certs::scratch().join("directory");
    std::fs::create_dir_all(&folder).expect("a folder");
    crate::made::put_hashed(&folder, &certs::folder().join("inter.pem"), "x509", "0");
    let list = certs::folder().join("crl.pem");
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        client.load_verify_locations(None, Some(&folder), None).expect("a directory");
        let kept = session(&client, &server);
        client.load_crl_data(&std::fs::read(&list).expect("a list")).expect("a list");
        client.set_verify_flags(client.verify_flags() | CRL_CHECK_LEAF).expect("flags");
        assert!(!resumes(&client, &server, &kept), "{keeping:?}");
        let later = session_of(&visit(&client, &server, "localhost", None).expect("a handshake"));
        assert!(!resumes(&client, &server, &later), "{keeping:?}");
        assert_eq!(later.data().expect_err("no bytes").status(), Status::Value);
    }
}

#[test]
fn a_name_that_was_not_checked_is_not_vouched_for() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("wrong-name"));
        client.set_check_hostname(false).expect("a change");
        let kept = session(&client, &server);
        let data = kept.data().expect("bytes");
        client.set_check_hostname(true).expect("a change");
        let refused = |result: tlsock::Result<_>| result.map(|_: pair::Pair| ()).expect_err("not checked");
        let error = refused(visit(&client, &server, "localhost", Some(&kept)));
        assert_eq!(error.status(), Status::Value, "{keeping:?}");
        assert!(error.message().contains("without checking the host name"), "{error}");
        assert_eq!(Session::from_data(&client, &data).map(|_| ()).unwrap_err().status(), Status::Value);
    }
}

#[test]
fn a_session_belongs_to_the_context_that_judged() {
    for keeping in ALL {
        let (first, server) = (pair::client(), keeping.server("ecdsa"));
        let unknown = certs::folder().join("unknown-ca.pem");
        let second =
            Context::create_default(PURPOSE_SERVER_AUTH, Some(&unknown), None, None).expect("a context");
        let pair = visit(&first, &server, "localhost", None).expect("a handshake");
        pair.client.set_context(&second).expect("another context");
        let kept = session_of(&pair);
        let error = visit(&second, &server, "localhost", Some(&kept)).map(|_| ()).expect_err("not its own");
        assert_eq!(error.message(), "Session refers to a different SSLContext.");
        assert!(Session::from_data(&second, &kept.data().expect("bytes")).is_err());
        assert!(resumes(&first, &server, &kept), "{keeping:?}");
    }
}

/// The context is changed before the server's certificate is judged, and back again.
#[test]
fn a_handshake_of_two_contexts_vouches_for_nothing() {
    for keeping in ALL {
        let (first, second, server) = (pair::client(), pair::client(), keeping.server("ecdsa"));
        for last in [&first, &second] {
            let pair = ends(&first, &server, "localhost", None).expect("two ends");
            pair.client.do_handshake().expect_err("a hello");
            pair.client.set_context(&second).expect("another context");
            pair.client.set_context(last).expect("another context");
            pair.shake().expect("a handshake");
            talk(&pair).expect("two bytes");
            let kept = session_of(&pair);
            assert!(!resumes(last, &server, &kept), "{keeping:?}");
        }
    }
}

#[test]
fn authorities_that_came_during_the_handshake_are_not_vouched_for() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        let pair = ends(&client, &server, "localhost", None).expect("two ends");
        pair.client.do_handshake().expect_err("a hello");
        let unknown = certs::folder().join("unknown-ca.pem");
        client.load_verify_locations(Some(&unknown), None, None).expect("authorities");
        pair.shake().expect("a handshake");
        talk(&pair).expect("two bytes");
        assert!(!resumes(&client, &server, &session_of(&pair)), "{keeping:?}");
    }
}

#[test]
fn a_session_that_comes_later_vouches_for_the_handshake() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        let kept: Arc<Mutex<Vec<Session>>> = Arc::default();
        let place = Arc::clone(&kept);
        let keep = move |_: &dyn tlsock::Connection, session| {
            place.lock().unwrap().push(session);
            Ok(())
        };
        client.set_session_callback(Some(Arc::new(keep))).expect("a client");
        let pair = ends(&client, &server, "localhost", None).expect("two ends");
        pair.shake().expect("a handshake");
        client.set_verify_flags(client.verify_flags() & !STRICT).expect("flags");
        talk(&pair).expect("two bytes");
        let late = kept.lock().unwrap().pop().expect("a session");
        assert!(!resumes(&client, &server, &late), "{keeping:?}");
        client.set_verify_flags(client.verify_flags() | STRICT).expect("flags");
        assert!(resumes(&client, &server, &late), "{keeping:?}");
    }
}

#[test]
fn what_is_resumed_vouches_for_what_was_proved_at_first() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        let mut kept = session(&client, &server);
        for _ in 0..3 {
            let pair = visit(&client, &server, "localhost", Some(&kept)).expect("a handshake");
            assert!(pair.client.session_reused(), "{keeping:?}");
            kept = session_of(&pair);
        }
        let again = Session::from_data(&client, &kept.data().expect("bytes")).expect("a session");
        assert!(resumes(&client, &server, &again), "{keeping:?}");
        client.set_verify_flags(client.verify_flags() & !STRICT).expect("flags");
        assert!(!resumes(&client, &server, &kept), "{keeping:?}");
    }
}

/// The trust changes after the session was set and before the handshake begins.
#[test]
fn what_counts_is_the_trust_when_the_handshake_begins() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        let kept = session(&client, &server);
        let pair = ends(&client, &server, "localhost", Some(&kept)).expect("two ends");
        let unknown = certs::folder().join("unknown-ca.pem");
        client.load_verify_locations(Some(&unknown), None, None).expect("authorities");
        pair.shake().expect("a handshake");
        assert!(!pair.client.session_reused(), "{keeping:?}");
    }
}

const KEY: &[u8] = b"a key of both sides, and no certificate";

/// So that no certificate's end is asked for either.
const NO_CHECK_TIME: u64 = 0x20_0000;

fn give(key: &mut [u8]) -> usize {
    key[..KEY.len()].copy_from_slice(KEY);
    KEY.len()
}

#[test]
fn a_key_shared_before_is_no_certificate() {
    for (keeping, flags) in ALL.into_iter().flat_map(|keeping| [(keeping, 0), (keeping, NO_CHECK_TIME)]) {
        // One with a certificate would choose a cipher that is not for such keys.
        let server = Context::create_default(PURPOSE_CLIENT_AUTH, None, None, None).expect("a context");
        let (client, server) = (pair::client(), keeping.keeps(server));
        client.set_verify_flags(client.verify_flags() | flags).expect("flags");
        let proved = session(&client, &keeping.server("ecdsa"));
        let ask: PskClientCallback = Arc::new(|_, _, key| Ok((b"me".to_vec(), give(key))));
        // A short ticket comes as an identity too.
        let know: PskServerCallback =
            Arc::new(|_, identity, key| Ok(if identity == Some("me") { give(key) } else { 0 }));
        if keeping.version == crate::TLS1_2 {
            client.set_ciphers("PSK").expect("ciphers");
            server.set_ciphers("PSK:ECDHE+AESGCM").expect("ciphers");
        }
        server.set_psk_server_callback(Some(know), None).expect("a key");
        client.set_psk_client_callback(Some(Arc::clone(&ask))).expect("a key");
        // Offered beside the key, which is what the server takes.
        let pair = visit(&client, &server, "localhost", Some(&proved)).expect("a handshake by key");
        assert!(pair.client.peer_certificate().expect("a handshake").is_none());
        let kept = session_of(&pair);
        visit(&client, &server, "localhost", Some(&kept)).expect("a handshake by key, again");
        client.set_psk_client_callback(None).expect("no key");
        if keeping.version == crate::TLS1_2 {
            client.set_ciphers("PSK:ECDHE+AESGCM").expect("ciphers");
        }
        let pair = ends(&client, &server, "localhost", Some(&kept)).expect("two ends");
        let error = pair.shake().expect_err("a server that cannot be verified");
        assert!(!pair.client.session_reused(), "{keeping:?}: {error}");
        let data = kept.data().expect("bytes");
        let fresh = pair::client();
        if let Ok(again) = Session::from_data(&fresh, &data) {
            visit(&fresh, &server, "localhost", Some(&again)).map(|_| ()).expect_err("not verified");
        }
    }
}

/// A session that a key has proved is as long-lived as the key.
#[test]
fn a_server_that_no_longer_knows_a_key_resumes_no_session_of_it() {
    for keeping in ALL {
        let server = Context::create_default(PURPOSE_CLIENT_AUTH, None, None, None).expect("a context");
        let (client, server) = (careless(), keeping.keeps(server));
        if keeping.version == crate::TLS1_2 {
            client.set_ciphers("PSK").expect("ciphers");
            server.set_ciphers("PSK").expect("ciphers");
        }
        // In TLS 1.3 a key is taken before a session. It stays the same callback, with which the client's sessions would end.
        let gives = Arc::new(AtomicBool::new(true));
        let giving = Arc::clone(&gives);
        let ask: PskClientCallback = Arc::new(move |_, _, key| {
            Ok((b"me".to_vec(), if giving.load(Ordering::Relaxed) { give(key) } else { 0 }))
        });
        client.set_psk_client_callback(Some(ask)).expect("a key");
        let asks = |asks: bool| gives.store(asks || keeping.version == crate::TLS1_2, Ordering::Relaxed);
        let knows = |name: Option<&'static str>| {
            let know = name.map(|name| -> PskServerCallback {
                Arc::new(move |_, identity, key| Ok(if identity == Some(name) { give(key) } else { 0 }))
            });
            server.set_psk_server_callback(know, None).expect("a key");
        };
        knows(Some("me"));
        let by_key = || {
            asks(true);
            let kept = session_of(&visit(&client, &server, "localhost", None).expect("a handshake by key"));
            asks(false);
            kept
        };
        let kept = by_key();
        assert!(resumes_by_key(&client, &server, &kept), "{keeping:?}");
        for other in [Some("another"), None] {
            let kept = by_key();
            knows(other);
            let pair = ends(&client, &server, "localhost", Some(&kept)).expect("two ends");
            pair.shake().expect_err("nobody knows the key");
            knows(Some("me"));
        }
    }
}

fn resumes_by_key(client: &Context, server: &Context, session: &Session) -> bool {
    visit(client, server, "localhost", Some(session)).expect("a handshake").server.session_reused()
}

#[test]
fn a_careless_client_resumes_what_it_likes() {
    for keeping in ALL {
        let (client, server) = (careless(), keeping.server("self-signed"));
        let kept = session_of(&visit(&client, &server, "localhost", None).expect("a handshake"));
        assert!(
            visit(&client, &server, "localhost", Some(&kept)).expect("a handshake").client.session_reused()
        );
    }
}

/// A CA that is loaded as a TRUSTED CERTIFICATE can be rejected for servers, which its DER bytes do not say.
#[test]
fn what_an_authority_is_trusted_for_counts() {
    let rejecting = certs::scratch().join("rejecting.pem");
    let ca = certs::folder().join("ca.pem");
    let mut openssl = std::process::Command::new("openssl");
    openssl
        .args(["x509", "-trustout", "-addreject", "serverAuth", "-in"])
        .arg(ca)
        .arg("-out")
        .arg(&rejecting);
    certs::run(&mut openssl);
    let stricter = Context::create_default(PURPOSE_SERVER_AUTH, Some(&rejecting), None, None);
    let stricter = stricter.expect("a context");
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        let data = session(&client, &server).data().expect("bytes");
        assert!(visit(&stricter, &server, "localhost", None).is_err(), "the CA is no good for servers");
        assert!(Session::from_data(&stricter, &data).is_err(), "{keeping:?}");
        Session::from_data(&pair::client(), &data).expect("the trust of then");
    }
}

/// The connection continues with the store it began with, which the context no longer has.
#[test]
fn a_directory_that_came_during_the_handshake_is_not_vouched_for() {
    let folder = certs::scratch().join("empty");
    std::fs::create_dir_all(&folder).expect("a folder");
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        let pair = ends(&client, &server, "localhost", None).expect("two ends");
        pair.client.do_handshake().expect_err("a hello");
        client.load_verify_locations(None, Some(&folder), None).expect("a directory");
        pair.shake().expect("a handshake");
        talk(&pair).expect("two bytes");
        assert!(!resumes(&client, &server, &session_of(&pair)), "{keeping:?}");
        session(&client, &server);
    }
}

/// Both contexts are alike, but a session is for one.
#[test]
fn a_session_does_not_follow_to_another_context() {
    for keeping in ALL {
        let (first, second, server) = (pair::client(), pair::client(), keeping.server("ecdsa"));
        let kept = session(&first, &server);
        for (context, reused) in [(&first, true), (&second, false)] {
            let pair = ends(&first, &server, "localhost", Some(&kept)).expect("two ends");
            pair.client.set_context(context).expect("a context");
            pair.shake().expect("a handshake");
            assert_eq!(pair.client.session_reused(), reused, "{keeping:?}");
        }
    }
}

/// A peer that has proved to be a client is not thereby a server, although it knows the secrets of the session.
#[test]
fn what_a_client_has_proved_is_not_offered_to_a_server() {
    let both = Context::new(PROTOCOL_TLS).expect("a context");
    both.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("authorities");
    both.set_verify_mode(2).expect("a mode");
    both.set_maximum_version(crate::TLS1_2).expect("a version");
    both.set_options(both.options() | crate::OP_NO_TICKET).expect("options");
    pair::identify(&both, "ecdsa");
    let (visitor, server) = (careless(), ALL[1].server("ecdsa"));
    pair::identify(&visitor, "client");
    let of_visitor = visit(&visitor, &both, "localhost", None).expect("a handshake").server.session();
    let of_visitor = of_visitor.expect("no failure").expect("a session");
    let of_server = session_of(&visit(&both, &server, "localhost", None).expect("a handshake"));

    let sent: Arc<Mutex<Vec<u8>>> = Arc::default();
    let place = Arc::clone(&sent);
    both.set_message_callback(Some(Arc::new(move |_, message| {
        place.lock().unwrap().extend(message.data);
        Ok(())
    })));
    for (kept, offered) in [(&of_server, true), (&of_visitor, false)] {
        let pair = ends(&both, &server, "localhost", Some(kept)).expect("two ends");
        pair.client.do_handshake().expect_err("a hello");
        let hello = std::mem::take(&mut *sent.lock().unwrap());
        assert!(!kept.id().is_empty());
        assert_eq!(hello.windows(kept.id().len()).any(|part| part == kept.id()), offered);
    }
    both.set_message_callback(None);
}
