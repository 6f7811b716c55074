//! Signers that have no answer yet.

use crate::answer::{Kind, Later, signed, until_it_waits};
use crate::certs;
use crate::pair::{self, Pair, TLS1_2, TLS1_3};
use crate::sign::sign;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use tlsock::*;

/// How many threads this process has.
#[cfg(target_os = "linux")]
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("a folder").count()
}

fn of_version(version: i32, later: &Later, name: &str) -> (Context, Context) {
    let (client, server) = (pair::client(), pair::server("rsa"));
    client.set_maximum_version(version).unwrap();
    server.set_identity_callback(None);
    let server = if name == "rsa" { server } else { pair::server(name) };
    server.use_identity(&signed(later.clone(), name)).unwrap();
    (client, server)
}

#[test]
fn each_kind_of_key() {
    for version in [TLS1_2, TLS1_3] {
        for name in ["rsa", "ecdsa", "ed25519"] {
            let later = Later::default();
            let (client, server) = of_version(version, &later, name);
            let pair = Pair::new(&client, &server, None);
            until_it_waits(&pair);
            assert!(pair.server.do_handshake().is_err_and(|error| error.waits()));
            later.give();
            pair.shake().unwrap();
            assert_eq!(later.asked(), 3);
            assert!(pair.client.peer_certificate().unwrap().unwrap().verified());
        }
    }
}

/// A signer without the flag cannot wait: the error names it.
#[test]
fn a_signer_that_did_not_say_so() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = (pair::client(), pair::server("ecdsa"));
        client.set_maximum_version(version).unwrap();
        let signer: SignerCallback = Arc::new(|_, _| Err(Error::want_callback()));
        let identity = Identity::from_signer(&certs::read("ecdsa.pem"), SignerWait::Never, signer).unwrap();
        server.use_identity(&identity).unwrap();
        let pair = Pair::new(&client, &server, None);
        assert!(pair.client.do_handshake().is_err_and(|error| error.is_want()));
        let error = pair.server.do_handshake().expect_err("no answer");
        let cause = error.detail().and_then(|detail| detail.cause.as_ref()).expect("a cause");
        assert_eq!(cause.status(), Status::Value, "{error}");
        assert!(cause.message().contains("TLSOCK_SIGNER_MAY_WAIT"), "{error}");
    }
}

/// Callbacks run in the thread that calls, whatever thread libssl is on.
#[test]
fn all_callbacks_run_in_the_thread_that_calls() {
    let later = Later::default();
    let seen = Arc::new(Mutex::new(Vec::new()));
    for version in [TLS1_2, TLS1_3] {
        for kind in [Kind::ServerSignature, Kind::ClientSignature] {
            later.take_back();
            let (client, server) = kind.contexts(version, &later);
            for context in [&client, &server] {
                let seen = Arc::clone(&seen);
                let note: MessageCallback = Arc::new(move |connection, _| {
                    // A look at the connection from within.
                    let object = Object::of(connection).expect("an object");
                    assert!(object.version().is_none() || object.is_handshake_done());
                    seen.lock().unwrap().push(thread::current().id());
                    Ok(())
                });
                context.set_message_callback(Some(note));
                let keylog: KeylogCallback = Arc::new(|_, _| Ok(()));
                context.set_keylog_callback(Some(keylog)).unwrap();
            }
            let pair = Pair::new(&client, &server, None);
            until_it_waits(&pair);
            later.give();
            pair.shake().unwrap();
        }
    }
    let here = thread::current().id();
    let seen = seen.lock().unwrap();
    assert!(seen.len() > 40 && seen.iter().all(|one| *one == here));
}

/// A callback that fails ends a handshake that is left as it ends any other, and so does a panic.
#[test]
fn callbacks_that_fail_while_libssl_is_elsewhere() {
    for panics in [false, true] {
        let later = Later::default();
        let (client, server) = of_version(TLS1_3, &later, "ecdsa");
        let after = later.clone();
        let message: MessageCallback = Arc::new(move |_, message| {
            const FINISHED: u8 = 20;
            let is_last =
                message.written && message.content_type == 22 && message.data.first() == Some(&FINISHED);
            match is_last && after.asked() > 1 {
                true if panics => panic!("on purpose"),
                true => Err(Error::os_with(17, "no more")),
                false => Ok(()),
            }
        });
        server.set_message_callback(Some(message));
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        later.give();
        let error = pair.server.do_handshake().expect_err("a failed callback");
        let words = if panics { "on purpose" } else { "no more" };
        assert!(error.message().contains(words), "{error}");
        assert!(pair.server.do_handshake().is_err_and(|error| !error.is_want()));
        assert_eq!(pair.server.open_question(), None);
    }
}

/// A signature that comes late is verified like any other.
#[test]
fn a_wrong_one_after_a_wait() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = (pair::client(), pair::server("ecdsa"));
        client.set_maximum_version(version).unwrap();
        let asked = AtomicUsize::new(0);
        let signer: SignerCallback = Arc::new(move |request, buffer| {
            if asked.fetch_add(1, Ordering::Relaxed) == 0 {
                return Err(Error::want_callback());
            }
            let other = vec![7; request.data.len()];
            let signature =
                sign(&certs::folder().join("ecdsa.key"), &SignRequest { data: &other, ..*request });
            buffer[..signature.len()].copy_from_slice(&signature);
            Ok(signature.len())
        });
        let identity = Identity::from_signer(&certs::read("ecdsa.pem"), SignerWait::MayWait, signer).unwrap();
        server.use_identity(&identity).unwrap();
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        let error = pair.server.do_handshake().expect_err("a wrong signature");
        assert!(error.message().contains("not one of the certificate's key"), "{error}");
        let told = pair.client.do_handshake().expect_err("an alert");
        assert_eq!(told.detail().and_then(|detail| detail.alert_received), Some(80), "{told}");
    }
}

/// The identity that a callback has chosen, which waited itself, has a signer that waits.
#[test]
fn behind_an_identity_that_waited() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = (pair::client(), pair::server("rsa"));
        client.set_maximum_version(version).unwrap();
        let (choice, signature) = (Later::default(), Later::default());
        let (ask, identity) = (choice.clone(), signed(signature.clone(), "ecdsa"));
        server.set_identity_callback(Some(Arc::new(move |_, request| {
            ask.ask()?;
            request.answer(Some(identity.clone()));
            Ok(())
        })));
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        assert_eq!((choice.asked(), signature.asked()), (1, 0));
        choice.give();
        until_it_waits(&pair);
        assert!(pair.server.do_handshake().is_err_and(|error| error.waits()));
        assert_eq!((choice.asked(), signature.asked()), (2, 2));
        signature.give();
        pair.shake().unwrap();
        let shown = pair.client.peer_certificate().unwrap().unwrap();
        assert!(shown.equal(&Certificate::from_data(&certs::read("ecdsa.pem")).unwrap()));
        assert_eq!((choice.asked(), signature.asked()), (2, 3));
    }
}

/// With a second ClientHello the identity is chosen twice, and one signature is made.
#[test]
fn behind_a_hello_retry_request() {
    let (client, later) = (pair::client(), Later::default());
    let server = pair::server("rsa");
    server.set_ecdh_curve("secp384r1").unwrap();
    let chosen = Arc::new(AtomicUsize::new(0));
    let (counts, identity) = (Arc::clone(&chosen), signed(later.clone(), "ecdsa"));
    server.set_identity_callback(Some(Arc::new(move |_, request| {
        counts.fetch_add(1, Ordering::Relaxed);
        request.answer(Some(identity.clone()));
        Ok(())
    })));
    let pair = Pair::new(&client, &server, None);
    until_it_waits(&pair);
    assert_eq!(chosen.load(Ordering::Relaxed), 2);
    later.give();
    pair.shake().unwrap();
    assert_eq!((later.asked(), chosen.load(Ordering::Relaxed)), (2, 2));
}

#[test]
fn a_client_may_wait_after_the_handshake() {
    let later = Later::default();
    let (client, server) = Kind::ClientSignature.contexts(TLS1_3, &later);
    server.set_verify_mode(1).unwrap();
    for context in [&client, &server] {
        context.set_post_handshake_auth(true).unwrap();
    }
    let pair = Pair::new(&client, &server, None);
    pair.shake().unwrap();
    for round in 0..2 {
        later.take_back();
        pair.server.write(b"before").unwrap();
        pair.server.verify_client_post_handshake().unwrap();
        pair.server.write(b"after").unwrap();
        let mut buffer = [0; 10];
        assert_eq!(pair.client.read(&mut buffer).unwrap(), 6);
        for _ in 0..2 {
            assert!(pair.client.read(&mut buffer).is_err_and(|error| error.waits()));
            assert!(pair.client.write(b"x").is_err_and(|error| error.waits()));
            assert!(pair.client.key_update(true).is_err_and(|error| error.status() == Status::Value));
            assert_eq!(pair.client.pending(), 0);
        }
        later.give();
        assert_eq!(pair.client.read(&mut buffer).unwrap(), 5, "{round}");
        pair.client.write(b"mine").unwrap();
        assert_eq!(pair.server.read(&mut buffer).unwrap(), 4);
        assert!(pair.server.peer_certificate().unwrap().is_some());
    }
}

/// libssl is in the middle of that identity.
#[test]
fn no_other_context_meanwhile() {
    for version in [TLS1_2, TLS1_3] {
        let later = Later::default();
        let (client, server) = of_version(version, &later, "rsa");
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        let (other, before) = (pair::server("ecdsa"), pair.server.context());
        let error = pair.server.set_context(&other).expect_err("libssl has that identity");
        assert_eq!(error.status(), Status::Value, "{error}");
        assert!(pair.server.context().same(&before));
        // The server's own identity is replaced at any time, for connections that are made from now on.
        server
            .use_identity(
                &Identity::from_data(&certs::read("rsa.pem"), Some(&certs::read("rsa.key")), None).unwrap(),
            )
            .unwrap();
        assert!(pair.server.do_handshake().is_err_and(|error| error.waits()));
        later.give();
        pair.shake().unwrap();
        pair.server.set_context(&other).unwrap();
    }
}

/// Nothing is left of those that are given up: no thread, no signer.
#[test]
#[cfg(target_os = "linux")]
fn two_hundred_wait_at_once() {
    const COUNT: usize = 200;
    let later = Later::default();
    let (client, server) = of_version(TLS1_3, &later, "ecdsa");
    let before = threads();
    let mut pairs: Vec<Pair> = (0..COUNT).map(|_| Pair::new(&client, &server, None)).collect();
    pairs.iter().for_each(until_it_waits);
    // AWS-LC can be left where it asks for a signature, so nobody needs a thread.
    if cfg!(feature = "openssl") {
        assert!(threads() >= before.max(COUNT));
    }
    let given_up = pairs.split_off(COUNT / 2);
    drop(given_up);
    later.give();
    let halves = pairs.split_off(COUNT / 4);
    let one = thread::spawn(move || halves.iter().for_each(|pair| pair.shake().unwrap()));
    pairs.iter().for_each(|pair| pair.shake().unwrap());
    one.join().unwrap();
    assert_eq!(later.asked() as usize, COUNT + COUNT / 2);
    // Other tests of this process have connections that wait.
    assert!(threads() < COUNT);
}

/// A signer goes with the last that uses it, though a connection had waited for it.
#[test]
fn nothing_keeps_the_signer() {
    let held = Arc::new(());
    let own = Arc::clone(&held);
    let signer: SignerCallback = Arc::new(move |_, _| {
        let _ = &own;
        Err(Error::want_callback())
    });
    let (client, server) = (pair::client(), pair::server("ecdsa"));
    let identity = Identity::from_signer(&certs::read("ecdsa.pem"), SignerWait::MayWait, signer).unwrap();
    server.use_identity(&identity).unwrap();
    let pair = Pair::new(&client, &server, None);
    until_it_waits(&pair);
    drop((identity, server, client));
    assert!(Arc::strong_count(&held) > 1);
    drop(pair);
    assert_eq!(Arc::strong_count(&held), 1);
}
