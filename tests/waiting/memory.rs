//! Connections in memory.

use crate::answer::{Kind, Later, each, until_it_waits};
use crate::certs;
use crate::pair::{self, Pair, TLS1_2, TLS1_3};
use std::sync::Arc;
use tlsock::engine::Question;
use tlsock::*;

/// `OP_NO_TICKET`
const NO_TICKET: u64 = 1 << 14;

#[test]
fn each_call_asks_again_and_the_answer_ends_the_wait() {
    each(|version, kind| {
        let later = Later::default();
        let (client, server) = kind.contexts(version, &later);
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        let end = kind.of(&pair);
        assert_eq!(later.asked(), 1);
        assert_eq!(
            end.open_question(),
            Some(match kind {
                Kind::ServerHello => Question::ClientHello,
                Kind::ServerIdentity | Kind::ClientIdentity => Question::Identity,
                Kind::ClientVerification | Kind::ServerVerification => Question::Verification,
                Kind::ServerSignature | Kind::ClientSignature => Question::Signature,
            })
        );
        // Each call that would do the handshake says so, and takes nothing.
        let calls: [&dyn Fn() -> Result<()>; 4] = [
            &|| end.do_handshake(),
            &|| end.read(&mut [0; 10]).map(drop),
            &|| end.write(b"early").map(drop),
            &|| end.do_handshake(),
        ];
        for (asked, call) in (2..).zip(calls) {
            let error = call().expect_err("no answer yet");
            assert_eq!((error.status(), error.detail().is_some()), (Status::WantCallback, false));
            assert_eq!(later.asked(), asked);
        }
        assert_eq!(end.pending(), 0);
        assert!(end.version().is_none());
        later.give();
        pair.shake().unwrap();
        assert_eq!((later.asked(), end.open_question()), (6, None));
        pair.server.write(b"late").unwrap();
        let mut buffer = [0; 10];
        assert_eq!(pair.client.read(&mut buffer).unwrap(), 4);
        pair.client.write(b"too").unwrap();
        assert_eq!(pair.server.read(&mut buffer).unwrap(), 3);
    });
}

#[test]
fn a_refusal_that_comes_late_is_one() {
    each(|version, kind| {
        let later = Later::default();
        let (client, server) = kind.contexts(version, &later);
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        later.refuse();
        let error = kind.of(&pair).do_handshake().expect_err("refused");
        let expected = if kind.is_verification() { Status::CertVerification } else { Status::Ssl };
        assert_eq!(error.status(), expected, "{error}");
        let detail = error.detail().unwrap();
        assert_eq!(
            detail.cause.as_ref().map(|cause| (cause.message(), cause.os_errno())),
            Some(("not on the list", 17))
        );
        assert!(detail.alert_sent.is_some());
        assert!(kind.of(&pair).do_handshake().is_err_and(|error| !error.is_want()));
        assert_eq!(kind.of(&pair).open_question(), None);
        assert_eq!(later.asked(), 2);
    });
}

/// A server that has not been accepted counts as refused.
#[test]
fn nobody_is_verified_while_the_verdict_is_open() {
    for version in [TLS1_2, TLS1_3] {
        let later = Later::default();
        let (client, server) = Kind::ClientVerification.contexts(version, &later);
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        let unproved = || {
            assert!(pair.client.verify_result().is_err());
            let chain = pair.client.get_verified_chain().unwrap();
            assert!(chain.as_slice().iter().all(|certificate| !certificate.verified()));
            assert!(pair.client.verify_again().unwrap().as_slice().is_empty());
        };
        unproved();
        assert!(pair.client.do_handshake().is_err_and(|error| error.waits()));
        unproved();
        later.give();
        pair.shake().unwrap();
        assert_eq!(pair.client.verify_result().unwrap(), 0);
        assert!(pair.client.get_verified_chain().unwrap().as_slice()[0].verified());
        // To verify again asks nobody.
        assert!(!pair.client.verify_again().unwrap().as_slice().is_empty());
        assert_eq!(later.asked(), 3);
    }
}

/// What the check has refused is no reason for the call to fail while a callback that may accept it has no answer.
#[test]
fn an_override_may_wait() {
    for version in [TLS1_2, TLS1_3] {
        let later = Later::default();
        let (client, server) = (pair::client(), pair::server("wrong-name"));
        client.set_maximum_version(version).unwrap();
        let ask = later.clone();
        client.set_verify_callback(
            VerifyOverride::Insecure,
            Some(Arc::new(move |_, seen| {
                assert_eq!(seen.code(), 62);
                ask.ask()
            })),
        );
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        assert!(!pair.client.verify_overridden());
        later.give();
        pair.shake().unwrap();
        assert!(pair.client.verify_overridden());
    }
}

/// A handshake that a callback judges resumes nothing, so that it waits in each.
#[test]
fn a_session_goes_round_no_verdict() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = (pair::client(), pair::server("rsa"));
        client.set_maximum_version(version).unwrap();
        let session = Pair::connected(&client, &server, None).client.session().unwrap();
        let later = Later::default();
        let ask = later.clone();
        client.set_verify_callback(VerifyOverride::Never, Some(Arc::new(move |_, _| ask.ask())));
        let pair = Pair::new(&client, &server, session.as_ref());
        until_it_waits(&pair);
        later.give();
        pair.shake().unwrap();
        assert!(!pair.client.session_reused());
    }
}

/// A ClientHello is shown before a session is looked up; an identity is not asked for where one is resumed.
#[test]
fn a_server_that_resumes_waits_for_the_hello_only() {
    for version in [TLS1_2, TLS1_3] {
        for (kind, waits) in [(Kind::ServerHello, true), (Kind::ServerIdentity, false)] {
            let later = Later::default();
            let (client, server) = kind.contexts(version, &later);
            later.give();
            let session = Pair::connected(&client, &server, None).client.session().unwrap();
            let before = later.asked();
            let again = Pair::connected(&client, &server, session.as_ref());
            assert!(again.client.session_reused());
            assert_eq!(later.asked() > before, waits);
        }
    }
}

/// A client is asked for a certificate after the handshake, behind data that has come.
#[test]
fn a_client_may_wait_after_the_handshake() {
    let later = Later::default();
    let (client, server) = Kind::ClientIdentity.contexts(TLS1_3, &later);
    server.set_verify_mode(1).unwrap();
    for context in [&client, &server] {
        context.set_post_handshake_auth(true).unwrap();
    }
    let pair = Pair::new(&client, &server, None);
    pair.shake().unwrap();
    assert_eq!(later.asked(), 0);
    pair.server.write(b"before").unwrap();
    pair.server.verify_client_post_handshake().unwrap();
    pair.server.write(b"after").unwrap();
    let mut buffer = [0; 10];
    assert_eq!(pair.client.read(&mut buffer).unwrap(), 6);
    for _ in 0..2 {
        assert!(pair.client.read(&mut buffer).is_err_and(|error| error.waits()));
        assert!(pair.client.write(b"x").is_err_and(|error| error.waits()));
        assert_eq!(pair.client.pending(), 0);
    }
    later.give();
    assert_eq!(pair.client.read(&mut buffer).unwrap(), 5);
    pair.client.write(b"mine").unwrap();
    assert_eq!(pair.server.read(&mut buffer).unwrap(), 4);
    assert!(pair.server.peer_certificate().unwrap().is_some());
}

#[test]
fn a_connection_that_waits_gets_another_context() {
    for version in [TLS1_2, TLS1_3] {
        for (kind, has_own) in
            [Kind::ServerHello, Kind::ServerIdentity].map(|kind| [(kind, false), (kind, true)]).concat()
        {
            let (later, own) = (Later::default(), Later::default());
            let (client, server) = kind.contexts(version, &later);
            let pair = Pair::new(&client, &server, None);
            until_it_waits(&pair);
            own.give();
            let chooses = || Kind::ServerIdentity.contexts(version, &own).1;
            let other = if has_own { chooses() } else { pair::server("ecdsa") };
            pair.server.set_context(&other).unwrap();
            // The question about the ClientHello stays; which certificate is shown is another context's question now.
            if kind == Kind::ServerHello {
                assert!(pair.server.do_handshake().is_err_and(|error| error.waits()));
                later.give();
            }
            pair.shake().unwrap();
            let shown = pair.client.peer_certificate().unwrap().unwrap();
            let expected = certs::read("ecdsa.pem");
            assert!(shown.equal(&Certificate::from_data(&expected).unwrap()));
            assert!(pair.server.context().same(&other));
            assert_eq!(own.asked(), u32::from(has_own), "{kind:?}");
        }
    }
}

/// What a session is bound to is settled at the ClientHello, and another context that comes while the identity is awaited changes
/// nothing of it: what a client got where nobody asked who it is does not let it in where it has to say so.
#[test]
fn a_context_that_comes_later_binds_no_session_anew() {
    for version in [TLS1_2, TLS1_3] {
        for options in [0, NO_TICKET] {
            let later = Later::default();
            let (client, open) = Kind::ServerIdentity.contexts(version, &later);
            open.set_options(open.options() | options).unwrap();
            let strict = Kind::ServerIdentity.contexts(version, &later).1;
            strict.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
            strict.set_verify_mode(2).unwrap();
            let last = pair::server("ecdsa");
            let shake = |session: Option<&Session>| {
                later.take_back();
                let pair = Pair::new(&client, &open, session);
                until_it_waits(&pair);
                pair.server.set_context(&last).unwrap();
                let shaken = pair.shake();
                (pair, shaken)
            };
            let (pair, shaken) = shake(None);
            shaken.unwrap();
            pair.server.write(b"!").unwrap();
            pair.client.read(&mut [0]).unwrap();
            let session = pair.client.session().unwrap();
            let chosen = strict.clone();
            let choose: SniCallback = Arc::new(move |connection, _, _| Ok(connection.set_context(&chosen)?));
            open.set_sni_callback(Some(choose)).unwrap();
            let (pair, shaken) = shake(session.as_ref());
            assert!(shaken.is_err() || pair.server.read(&mut [0]).is_err_and(|error| !error.is_want()));
            assert!(!pair.server.session_reused(), "{version:#x} {options:#x}");
        }
    }
}

/// The callback that has begun to answer is the one that answers, though it has set another context meanwhile.
#[test]
fn one_callback_answers_one_hello() {
    let (client, server, other) = (pair::client(), pair::server("rsa"), pair::server("ecdsa"));
    let (later, others) = (Later::default(), Later::default());
    let (ask, chosen) = (later.clone(), other.clone());
    let choose: ClientHelloCallback = Arc::new(move |connection, _| {
        connection.set_context(&chosen)?;
        Ok(ask.ask()?)
    });
    server.set_client_hello_callback(Some(choose)).unwrap();
    let ask = others.clone();
    other.set_client_hello_callback(Some(Arc::new(move |_, _| Ok(ask.ask()?)))).unwrap();
    let pair = Pair::new(&client, &server, None);
    until_it_waits(&pair);
    later.give();
    pair.shake().unwrap();
    assert_eq!((later.asked(), others.asked()), (2, 0));
    assert!(pair.server.context().same(&other));
}

/// A callback that has begun to answer is the one that answers, though it was taken away meanwhile: a verdict that is open
/// admits nobody.
#[test]
fn a_callback_that_is_taken_away_still_answers() {
    each(|version, kind| {
        let later = Later::default();
        let (client, server) = kind.contexts(version, &later);
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        server.set_client_hello_callback(None).unwrap();
        server.set_identity_callback(None);
        client.set_identity_callback(None);
        for context in [&client, &server] {
            context.set_verify_callback(VerifyOverride::Never, None);
        }
        let end = kind.of(&pair);
        assert!(end.do_handshake().is_err_and(|error| error.waits()));
        later.refuse();
        assert!(end.do_handshake().is_err_and(|error| !error.is_want()));
        assert_eq!(later.asked(), 3);
    });
}

/// The second ClientHello may wait as well.
#[test]
fn both_hellos_may_wait() {
    let (client, server) = (pair::client(), pair::server("rsa"));
    server.set_ecdh_curve("secp384r1").unwrap();
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let notes = Arc::clone(&asked);
    let every_other: ClientHelloCallback = Arc::new(move |_, hello| {
        let mut notes = notes.lock().unwrap();
        notes.push(hello.is_second());
        if notes.len() % 2 == 1 { Err(Error::want_callback().into()) } else { Ok(()) }
    });
    server.set_client_hello_callback(Some(every_other)).unwrap();
    let pair = Pair::connected(&client, &server, None);
    assert_eq!(*asked.lock().unwrap(), [false, false, true, true]);
    drop(pair);
}

/// The answer is for any thread, and a connection that waits for ever leaves nothing behind.
#[test]
fn another_thread_goes_on() {
    each(|version, kind| {
        let later = Later::default();
        let (client, server) = kind.contexts(version, &later);
        let (kept, given_up) = (Pair::new(&client, &server, None), Pair::new(&client, &server, None));
        until_it_waits(&kept);
        until_it_waits(&given_up);
        drop(given_up);
        later.give();
        let pair = std::thread::spawn(move || {
            kept.shake().unwrap();
            kept
        });
        pair.join().unwrap().client.write(b"x").unwrap();
    });
}

/// A program that frees a connection has nothing more to say to the peer, and libssl must not say it either.
#[test]
fn one_that_is_freed_writes_nothing() {
    each(|version, kind| {
        let later = Later::default();
        let (client, server) = kind.contexts(version, &later);
        let (up, down) = (MemoryBio::new(), MemoryBio::new());
        let pair = Pair {
            client: client
                .wrap_bio(Some((&down, &up)), WrapFlags::default(), Some("localhost"), None)
                .unwrap(),
            server: server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None).unwrap(),
        };
        until_it_waits(&pair);
        let Pair { client, server } = pair;
        let (waits, other, written) =
            if kind.is_of_server() { (server, client, down) } else { (client, server, up) };
        let before = written.pending();
        drop(waits);
        assert_eq!(written.pending(), before);
        drop(other);
        assert_eq!(later.asked(), 1);
    });
}
