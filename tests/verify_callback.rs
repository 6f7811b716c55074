//! A callback that judges peers beside OpenSSL: when it is called, what it sees, what it can do, and that no resumption
//! avoids it.
#![allow(clippy::print_stdout)]

mod certs;
mod pair;

use pair::{Pair, TLS1_2, TLS1_3, client, identify, server};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tlsock::*;

const CERT_NONE: i32 = 0;
const CERT_REQUIRED: i32 = 2;
const REFUSED: i32 = 50;
const HANDSHAKE_FAILURE: u8 = 40;
const VERSIONS: [i32; 2] = [TLS1_2, TLS1_3];

fn at_most(context: Context, version: i32) -> Context {
    context.set_maximum_version(version).unwrap();
    context
}

fn asking(name: &str) -> Context {
    let server = server(name);
    for ca in ["ca.pem", "inter.pem"] {
        server.load_verify_locations(Some(&certs::folder().join(ca)), None, None).unwrap();
    }
    server.set_verify_mode(CERT_REQUIRED).unwrap();
    server
}

/// What a callback has seen: the code, the depth, and how long the two chains were.
type Seen = Arc<Mutex<Vec<(i32, Option<u32>, usize, usize)>>>;

/// Has a callback note what it sees, and answer.
fn watch(context: &Context, may_override: VerifyOverride, answer: fn() -> Result<()>) -> Seen {
    let seen = Seen::default();
    let notes = Arc::clone(&seen);
    let callback: VerifyCallback = Arc::new(move |_, verification| {
        let lens = [verification.chain(), verification.sent_chain()].map(|list| list.as_slice().len());
        let note = (verification.code(), verification.depth(), lens[0], lens[1]);
        notes.lock().unwrap().push(note);
        answer()
    });
    context.set_verify_callback(may_override, Some(callback));
    seen
}

fn good() -> Result<()> {
    Ok(())
}

fn bad() -> Result<()> {
    Err(Error::os_with(17, "not on the list"))
}

fn taken(seen: &Seen) -> Vec<(i32, Option<u32>, usize, usize)> {
    std::mem::take(&mut *seen.lock().unwrap())
}

#[track_caller]
fn assert_refused(error: &Error, code: i32) {
    assert_eq!(error.status(), Status::CertVerification, "{error}");
    let detail = error.detail().unwrap();
    assert_eq!(detail.verify_code, code, "{error}");
    let cause = detail.cause.as_ref().expect("a cause");
    assert_eq!((cause.message(), cause.os_errno()), ("not on the list", 17));
    assert!(error.message().ends_with(": not on the list"), "{error}");
    assert!(detail.certificate.is_some());
}

/// Does the handshake until the client fails: the server has not heard of it.
fn client_fails(pair: &Pair) -> Error {
    for _ in 0..20 {
        match pair.client.do_handshake() {
            Err(error) if !error.is_want() => return error,
            _ => drop(pair.server.do_handshake()),
        }
    }
    panic!("the client does not fail")
}

#[test]
fn a_client_has_the_last_word_on_a_server_that_has_passed() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        let seen = watch(&client, VerifyOverride::Never, good);
        let pair = Pair::connected(&client, &server, None);
        assert_eq!(taken(&seen), [(0, None, 3, 2)]);
        assert!(!pair.client.verify_overridden());
        assert!(pair.client.getpeercert().unwrap().is_some());
        watch(&client, VerifyOverride::Never, bad);
        let pair = Pair::new(&client, &server, None);
        let error = client_fails(&pair);
        assert_refused(&error, REFUSED);
        let detail = error.detail().unwrap();
        assert_eq!(detail.alert_sent, Some(HANDSHAKE_FAILURE));
        let words = "certificate verify failed: application verification failure: not on the list";
        assert!(error.message().ends_with(words), "{error}");
        let heard = pair.server.do_handshake().unwrap_err();
        assert_eq!(heard.detail().unwrap().alert_received, Some(HANDSHAKE_FAILURE));
        // Without a callback OpenSSL alone decides.
        client.set_verify_callback(VerifyOverride::Never, None);
        Pair::connected(&client, &server, None);
    }
}

#[test]
fn a_server_has_the_last_word_on_a_client() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), asking("ecdsa"));
        identify(&client, "client");
        let seen = watch(&server, VerifyOverride::Never, good);
        Pair::connected(&client, &server, None);
        let noted = taken(&seen);
        assert_eq!(noted.len(), 1);
        assert_eq!(noted[0].0, 0);
        watch(&server, VerifyOverride::Never, bad);
        let pair = Pair::new(&client, &server, None);
        let ended = pair.shake();
        let error = match version {
            TLS1_2 => ended.unwrap_err(),
            // The client was done by then.
            _ => ended.and_then(|()| pair.server.do_handshake()).unwrap_err(),
        };
        assert_refused(&error, REFUSED);
    }
}

#[test]
fn a_client_that_is_asked_for_nothing_is_not_judged() {
    let server = server("ecdsa");
    let seen = watch(&server, VerifyOverride::Never, bad);
    Pair::connected(&client(), &server, None);
    assert!(taken(&seen).is_empty());
    // Nor is one that shows nothing where it need not.
    for ca in ["ca.pem", "inter.pem"] {
        server.load_verify_locations(Some(&certs::folder().join(ca)), None, None).unwrap();
    }
    server.set_verify_mode(1).unwrap();
    Pair::connected(&client(), &server, None);
    assert!(taken(&seen).is_empty());
}

#[test]
fn without_the_flag_what_has_failed_stays_refused_and_nobody_is_asked() {
    for version in VERSIONS {
        for name in ["expired", "wrong-name", "self-signed"] {
            let (client, server) = (at_most(client(), version), server(name));
            let seen = watch(&client, VerifyOverride::Never, good);
            let error = Pair::new(&client, &server, None).shake().unwrap_err();
            assert_eq!(error.status(), Status::CertVerification);
            assert!(error.detail().unwrap().cause.is_none());
            assert!(taken(&seen).is_empty(), "{name}");
        }
    }
}

#[test]
fn with_the_flag_what_has_failed_is_accepted_and_the_connection_says_so() {
    for version in VERSIONS {
        for (name, code, depth) in [("expired", 10, 0), ("wrong-name", 62, 0), ("self-signed", 18, 0)] {
            let (client, server) = (at_most(client(), version), server(name));
            let seen = watch(&client, VerifyOverride::Insecure, good);
            let pair = Pair::connected(&client, &server, None);
            let noted = taken(&seen);
            assert_eq!((noted.len(), noted[0].0, noted[0].1), (1, code, Some(depth)), "{name}");
            assert!(pair.client.verify_overridden());
            assert_eq!(pair.client.verify_result().unwrap(), code);
            // It does not count as verified anywhere.
            assert!(pair.client.getpeercert().unwrap().is_none());
            assert!(!pair.client.peer_certificate().unwrap().unwrap().verified());
            let chain = pair.client.get_verified_chain().unwrap();
            assert!(!chain.as_slice().iter().any(Certificate::verified));
            assert!(pair.client.verify_again().unwrap().as_slice().is_empty());
            let facts = pair.client.info_json().unwrap().into_string().unwrap();
            assert!(facts.contains("\"verified\":false") && facts.contains("\"verify_overridden\":true"));
            // It may refuse as well, and what was wrong stays the reason.
            watch(&client, VerifyOverride::Insecure, bad);
            assert_refused(&Pair::new(&client, &server, None).shake().unwrap_err(), code);
        }
        // What has passed is not overridden.
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        watch(&client, VerifyOverride::Insecure, good);
        let pair = Pair::connected(&client, &server, None);
        assert!(!pair.client.verify_overridden() && pair.client.getpeercert().unwrap().is_some());
    }
}

#[test]
fn a_server_can_accept_a_client_that_has_failed() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), asking("ecdsa"));
        identify(&client, "self-signed");
        let seen = watch(&server, VerifyOverride::Insecure, good);
        let pair = Pair::connected(&client, &server, None);
        assert_eq!(taken(&seen).len(), 1);
        assert!(pair.server.verify_overridden() && pair.server.getpeercert().unwrap().is_none());
    }
}

#[test]
fn where_nothing_is_demanded_a_refusal_ends_the_connection_all_the_same() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("self-signed"));
        client.set_check_hostname(false).unwrap();
        client.set_verify_mode(CERT_NONE).unwrap();
        let seen = watch(&client, VerifyOverride::Never, good);
        let pair = Pair::connected(&client, &server, None);
        let noted = taken(&seen);
        assert_eq!((noted.len(), noted[0].0), (1, 18));
        assert!(pair.client.getpeercert().unwrap().is_none() && !pair.client.verify_overridden());
        watch(&client, VerifyOverride::Never, bad);
        let pair = Pair::new(&client, &server, None);
        let error = pair.shake().unwrap_err();
        assert_eq!((error.status(), error.message()), (Status::Os, "not on the list"));
        let after = pair.client.write(b"secret").unwrap_err();
        assert!(after.message().starts_with("a callback that failed has ended this connection"), "{after}");
    }
}

#[test]
fn a_client_that_proves_itself_after_the_handshake_is_judged() {
    for (answer, passes) in [(good as fn() -> Result<()>, true), (bad, false)] {
        let (client, server) = (client(), asking("ecdsa"));
        identify(&client, "client");
        for context in [&client, &server] {
            context.set_post_handshake_auth(true).unwrap();
        }
        let seen = watch(&server, VerifyOverride::Never, answer);
        let pair = Pair::connected(&client, &server, None);
        assert!(taken(&seen).is_empty());
        pair.server.verify_client_post_handshake().unwrap();
        pair.server.write(b"who are you?").unwrap();
        pair.client.read(&mut [0; 32]).unwrap();
        pair.client.write(b"this is me").unwrap();
        let read = pair.server.read(&mut [0; 32]);
        assert_eq!(taken(&seen).len(), 1);
        match passes {
            true => assert_eq!(read.unwrap(), 10),
            false => assert_refused(&read.unwrap_err(), REFUSED),
        }
    }
}

fn resume(client: &Context, server: &Context, session: &Session) -> bool {
    Pair::connected(client, server, Some(session)).client.session_reused()
}

#[test]
fn no_resumption_goes_round_a_callback() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        let before = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        assert!(resume(&client, &server, &before));
        // A callback that came later has not judged what the session stands for, and one that has may say otherwise now.
        let seen = watch(&client, VerifyOverride::Never, good);
        assert!(!resume(&client, &server, &before));
        let judged = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        assert!(!resume(&client, &server, &judged));
        assert_eq!(taken(&seen).len(), 3);
        assert_eq!(judged.data().unwrap_err().status(), Status::Value);
        // The bytes of before are a session of somebody who is not judged.
        let data = before.data().unwrap();
        assert!(Session::from_data(&client, &data).is_err());
        client.set_verify_callback(VerifyOverride::Never, None);
        assert!(Session::from_data(&client, &data).is_ok());
        assert!(resume(&client, &server, &before));
        assert!(!resume(&client, &server, &judged));
        // A verification that was overridden proves nothing.
        let (stranger, plain) = (self::server("self-signed"), at_most(self::client(), version));
        plain.set_check_hostname(false).unwrap();
        watch(&plain, VerifyOverride::Insecure, good);
        let accepted = Pair::connected(&plain, &stranger, None).client.session().unwrap().unwrap();
        plain.set_verify_callback(VerifyOverride::Never, None);
        assert!(Pair::new(&plain, &stranger, Some(&accepted)).shake().is_err());
        // Nor can the callback be avoided where nothing is demanded.
        plain.set_verify_mode(CERT_NONE).unwrap();
        let careless = Pair::connected(&plain, &stranger, None).client.session().unwrap().unwrap();
        assert!(resume(&plain, &stranger, &careless));
        let seen = watch(&plain, VerifyOverride::Never, good);
        assert!(!resume(&plain, &stranger, &careless));
        assert_eq!(taken(&seen).len(), 1);
    }
}

#[test]
fn a_server_that_only_verifies_its_clients_resumes_their_sessions() {
    for (version, options) in [(TLS1_2, 0), (TLS1_2, 1 << 14), (TLS1_3, 0), (TLS1_3, 1 << 14)] {
        let (client, server) = (at_most(client(), version), asking("ecdsa"));
        identify(&client, "client");
        server.set_options(server.options() | options).unwrap();
        let session = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        assert!(resume(&client, &server, &session), "{version:#x} {options}");
    }
}

#[test]
fn a_server_that_judges_its_clients_resumes_none_of_their_sessions() {
    for version in VERSIONS {
        for stateful in [false, true] {
            let (client, server) = (at_most(client(), version), asking("ecdsa"));
            identify(&client, "client");
            if stateful {
                server.set_options(server.options() | 1 << 14).unwrap();
            }
            let before = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
            let seen = watch(&server, VerifyOverride::Never, good);
            assert!(!resume(&client, &server, &before));
            let judged = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
            assert!(!resume(&client, &server, &judged));
            assert_eq!(taken(&seen).len(), 3);
        }
        // One that asks for nothing judges nobody, and resumes.
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        watch(&server, VerifyOverride::Never, bad);
        let session = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        assert!(resume(&client, &server, &session));
    }
}

#[test]
fn chains_that_are_known_are_judged_too() {
    let (client, server) = (client(), server("ecdsa"));
    client.set_chain_cache(true);
    let seen = watch(&client, VerifyOverride::Never, good);
    for _ in 0..3 {
        Pair::connected(&client, &server, None);
    }
    assert_eq!(taken(&seen), [(0, None, 3, 2); 3]);
    assert_eq!(client.chain_cache_hits(), 2);
    watch(&client, VerifyOverride::Never, bad);
    assert_refused(&Pair::new(&client, &server, None).shake().unwrap_err(), REFUSED);
    assert_eq!(client.chain_cache_hits(), 3);
    // Nor does what was overridden become known.
    let stranger = self::server("expired");
    watch(&client, VerifyOverride::Insecure, good);
    for _ in 0..2 {
        assert!(Pair::connected(&client, &stranger, None).client.verify_overridden());
    }
    client.set_verify_callback(VerifyOverride::Never, None);
    assert!(Pair::new(&client, &stranger, None).shake().is_err());
}

#[test]
fn the_callback_sees_names_and_certificates() {
    let (client, server) = (client(), server("wrong-name"));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    client.set_verify_callback(
        VerifyOverride::Insecure,
        Some(Arc::new(move |connection, verification| {
            let names = verification.expected_names().iter().map(|name| name.to_str().unwrap().to_string());
            let offered = verification.offered_names().iter();
            let offered = offered.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned());
            let own = Object::of(connection).expect("an object");
            assert!(own.write(b"too early").is_err() && own.peer_certificate().is_err());
            let leaf = verification.certificate();
            assert!(!leaf.verified() && leaf.equal(&verification.chain().as_slice()[0]));
            assert!(leaf.equal(&verification.sent_chain().as_slice()[0]));
            notes.lock().unwrap().push((
                names.collect::<Vec<_>>(),
                offered.collect::<Vec<_>>(),
                verification.message().map(|message| message.to_str().unwrap().to_string()),
            ));
            Ok(())
        })),
    );
    Pair::connected(&client, &server, None);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].0, ["localhost"]);
    assert_eq!(seen[0].1, ["other.example"]);
    assert_eq!(seen[0].2.as_deref(), Some("hostname mismatch"));
}

#[test]
fn both_contexts_of_a_server_judge_and_neither_weakens_the_other() {
    for version in VERSIONS {
        let (client, first, second) = (at_most(client(), version), asking("ecdsa"), asking("rsa"));
        identify(&client, "client");
        let chosen = second.clone();
        first
            .set_sni_callback(Some(Arc::new(move |connection, _, _| Ok(connection.set_context(&chosen)?))))
            .unwrap();
        let (of_first, of_second) =
            (watch(&first, VerifyOverride::Never, good), watch(&second, VerifyOverride::Never, good));
        Pair::connected(&client, &first, None);
        assert_eq!((taken(&of_first).len(), taken(&of_second).len()), (1, 1));
        for judge in [&first, &second] {
            watch(judge, VerifyOverride::Never, bad);
            let pair = Pair::new(&client, &first, None);
            assert!(pair.shake().and_then(|()| pair.server.do_handshake()).is_err());
            watch(judge, VerifyOverride::Never, good);
        }
        // If two contexts verify, both have to accept.
        identify(&client, "self-signed");
        first.set_verify_callback(VerifyOverride::Never, None);
        watch(&second, VerifyOverride::Insecure, good);
        let pair = Pair::new(&client, &first, None);
        assert!(pair.shake().and_then(|()| pair.server.do_handshake()).is_err());
        watch(&first, VerifyOverride::Insecure, good);
        assert!(Pair::connected(&client, &first, None).server.verify_overridden());
    }
}

#[test]
fn a_callback_that_panics_or_says_want_refuses() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        client.set_verify_callback(VerifyOverride::Insecure, Some(Arc::new(|_, _| panic!("on purpose"))));
        let error = Pair::new(&client, &server, None).shake().unwrap_err();
        assert_eq!(error.status(), Status::Panic);
        client.set_verify_callback(VerifyOverride::Insecure, Some(Arc::new(|_, _| Err(Error::want_read()))));
        let error = Pair::new(&client, &server, None).shake().unwrap_err();
        assert_eq!(error.status(), Status::CertVerification);
    }
}

#[test]
fn a_server_that_only_reports_is_judged_by_its_callback() {
    let (client, server) = (client(), server("ecdsa"));
    identify(&client, "self-signed");
    let calls = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&calls);
    for answer in [good as fn() -> Result<()>, bad] {
        let count = Arc::clone(&count);
        server.set_verify_callback(
            VerifyOverride::Never,
            Some(Arc::new(move |_, verification| {
                assert_ne!(verification.code(), 0);
                count.fetch_add(1, Ordering::Relaxed);
                answer()
            })),
        );
        let (up, down) = (MemoryBio::new(), MemoryBio::new());
        let flags = WrapFlags::SERVER_SIDE | WrapFlags::REPORT_VERIFICATION;
        let pair = Pair {
            client: client
                .wrap_bio(Some((&down, &up)), WrapFlags::default(), Some("localhost"), None)
                .unwrap(),
            server: server.wrap_bio(Some((&up, &down)), flags, None, None).unwrap(),
        };
        let result = pair.shake().and_then(|()| pair.server.do_handshake());
        assert_eq!(result.is_ok(), answer().is_ok());
        assert!(!pair.server.verify_overridden());
    }
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}
