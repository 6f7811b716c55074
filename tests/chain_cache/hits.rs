//! What a connection tells is the same with and without the cache; what is kept, and for how long.

use crate::{add_flags, certs, ders, is_hit, keeper, keeping, pair, pair_for, refused, trust};
use pair::{Pair, TLS1_2, TLS1_3};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tlsock::*;

/// What a client and its user can tell of a connection.
fn facts(pair: &Pair) -> Vec<Vec<u8>> {
    let certificate = pair.client.getpeercert().unwrap().expect("a certificate");
    let mut facts = vec![certificate.der().to_vec(), certificate.json().unwrap().to_bytes().to_vec()];
    let (verified, shown) =
        (pair.client.get_verified_chain().unwrap(), pair.client.get_unverified_chain().unwrap());
    facts.extend(ders(&verified).into_iter().map(ToOwned::to_owned));
    facts.extend(ders(&shown).into_iter().map(ToOwned::to_owned));
    facts.push(verified.as_slice().iter().map(|x509| u8::from(x509.verified())).collect());
    facts
}

#[test]
fn a_chain_that_is_known_looks_as_one_that_was_verified() {
    for version in [TLS1_2, TLS1_3] {
        for name in ["ecdsa", "rsa", "ed25519"] {
            let (plain, client, server) = (pair::client(), keeper(), pair::server(name));
            assert!(!plain.chain_cache() && client.chain_cache());
            for context in [&plain, &client] {
                context.set_maximum_version(version).unwrap();
            }
            let expected = facts(&Pair::connected(&plain, &server, None));
            for hits in 0..3 {
                let pair = Pair::connected(&client, &server, None);
                assert_eq!(client.chain_cache_hits(), hits, "{name} {version:#x}");
                assert_eq!(facts(&pair), expected);
                let session = pair.client.session().unwrap().expect("a session");
                let again = Pair::connected(&client, &server, Some(&session));
                assert!(again.client.session_reused());
                assert_eq!(client.chain_cache_hits(), hits, "resuming verifies nothing");
                assert!(again.client.getpeercert().unwrap().is_some());
            }
            assert_eq!(plain.chain_cache_hits(), 0);
        }
    }
}

#[test]
fn switching_it_off_forgets() {
    let (client, server) = (pair::client(), pair::server("ecdsa"));
    let early = pair_for(&client, &server, "localhost");
    client.set_chain_cache(true);
    client.set_chain_cache(true);
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
    let late = pair_for(&client, &server, "localhost");
    client.set_chain_cache(false);
    assert!(!client.chain_cache());
    let before = client.chain_cache_hits();
    for pair in [early, late] {
        pair.shake().expect("a handshake");
    }
    assert!(!is_hit(&client, &server));
    client.set_chain_cache(true);
    assert_eq!(client.chain_cache_hits(), before);
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
}

#[test]
fn failures_are_never_kept() {
    let client = keeper();
    for (name, code) in [("expired", 10), ("wrong-name", 62), ("self-signed", 18)] {
        let plain = refused(&pair::client(), &pair::server(name), "localhost");
        assert_eq!((refused(&client, &pair::server(name), "localhost"), plain), (code, code));
    }
    // A chain that was refused passes as soon as the reason for the refusal is gone.
    let server = pair::server("self-signed");
    trust(&client, &certs::folder().join("self-signed.pem"));
    client.set_verify_flags(client.verify_flags() & !0x20).unwrap();
    assert!(!is_hit(&client, &server));
    assert!(is_hit(&client, &server));
}

#[test]
fn the_least_recently_used_chain_goes() {
    const KEEP: usize = 64;
    let (client, inter) = (keeper(), certs::read("inter.pem"));
    let shown = |more: usize| {
        let server = pair::server("ecdsa");
        let chain = [certs::read("ecdsa.pem"), inter.repeat(more)].concat();
        server.load_cert_chain_data(&chain, Some(&certs::read("ecdsa.key")), None).expect("an identity");
        server
    };
    let servers: Vec<_> = (0..=KEEP).map(shown).collect();
    for server in &servers[..KEEP] {
        assert!(!is_hit(&client, server));
    }
    assert!(is_hit(&client, &servers[0]));
    assert!(!is_hit(&client, &servers[KEEP]));
    assert!(is_hit(&client, &servers[0]), "used of late");
    assert!(!is_hit(&client, &servers[1]), "used longest ago");
    assert!(is_hit(&client, &servers[3]));
}

#[test]
fn callbacks_see_what_they_saw_before() {
    let seen = |keep: bool| {
        let (client, server) = (pair::client(), pair::server("ecdsa"));
        client.set_chain_cache(keep);
        is_hit(&client, &server);
        let (messages, sessions) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let kept = Arc::clone(&messages);
        client.set_message_callback(Some(Arc::new(move |_, message| {
            let Message { written, content_type, msg_type, .. } = *message;
            kept.lock().unwrap().push((written, content_type, msg_type));
            Ok(())
        })));
        let count = Arc::clone(&sessions);
        let callback: SessionCallback = Arc::new(move |_, _| {
            *count.lock().unwrap() += 1;
            Ok(())
        });
        client.set_session_callback(Some(callback)).unwrap();
        Pair::connected(&client, &server, None);
        assert_eq!(client.chain_cache_hits(), u64::from(keep));
        let count = *sessions.lock().unwrap();
        (messages.lock().unwrap().clone(), count)
    };
    assert_eq!(seen(true), seen(false));
}

#[test]
fn a_certificate_that_is_asked_for_later_is_known_too() {
    let (client, server) = (pair::client(), keeping(pair::server("ecdsa")));
    pair::identify(&client, "client");
    client.set_post_handshake_auth(true).unwrap();
    server.set_post_handshake_auth(true).unwrap();
    server.set_verify_mode(crate::CERT_REQUIRED).unwrap();
    trust(&server, &certs::folder().join("ca.pem"));
    for round in 0..2 {
        let pair = Pair::connected(&client, &server, None);
        for again in 0..2 {
            pair.server.verify_client_post_handshake().unwrap();
            pair.server.write(b"?").unwrap();
            assert_eq!(pair.client.read(&mut [0; 8]).unwrap(), 1);
            pair.client.write(b"!").unwrap();
            assert_eq!(pair.server.read(&mut [0; 8]).unwrap(), 1);
            assert!(pair.server.getpeercert().unwrap().is_some());
            assert_eq!(pair.server.get_verified_chain().unwrap().as_slice().len(), 3);
            assert_eq!(server.chain_cache_hits(), 2 * round + again);
        }
    }
    // The same chain, with stricter demands.
    add_flags(&server, 0x4);
    let pair = Pair::connected(&client, &server, None);
    pair.server.verify_client_post_handshake().unwrap();
    pair.server.write(b"?").unwrap();
    assert_eq!(pair.client.read(&mut [0; 8]).unwrap(), 1);
    pair.client.write(b"!").unwrap();
    let error = pair.server.read(&mut [0; 8]).expect_err("a refusal");
    assert_eq!(error.status(), Status::CertVerification, "{error}");
}

#[test]
fn threads_share_what_is_kept_while_it_changes() {
    const THREADS: usize = 4;
    const ROUNDS: usize = 25;
    let (client, good, bad) = (keeper(), pair::server("ecdsa"), pair::server("revoked"));
    client.load_crl_data(&certs::read("crl.pem")).expect("lists");
    add_flags(&client, 0x4);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let work = || {
            for _ in 0..ROUNDS {
                Pair::connected(&client, &good, None);
                let error = pair_for(&client, &bad, "localhost").shake().expect_err("a refusal");
                assert_eq!(error.detail().expect("details").verify_code, 23);
            }
        };
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        scope.spawn(|| {
            for on in [false, true].into_iter().cycle() {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                client.set_chain_cache(on);
                trust(&client, &certs::folder().join("unknown-ca.pem"));
                std::thread::yield_now();
            }
        });
        let results: Vec<_> = workers.into_iter().map(|worker| worker.join()).collect();
        done.store(true, Ordering::Relaxed);
        assert!(results.iter().all(|result| result.is_ok()));
    });
    client.set_chain_cache(true);
    is_hit(&client, &good);
    assert!(is_hit(&client, &good));
}

#[test]
fn who_shows_nothing_is_not_looked_up() {
    for keep in [false, true] {
        let (client, server) = (pair::client(), pair::server("ecdsa"));
        for context in [&client, &server] {
            context.set_chain_cache(keep);
            context.set_maximum_version(TLS1_2).unwrap();
            context.set_ciphers("AECDH-AES256-SHA:@SECLEVEL=0").expect("an anonymous cipher");
        }
        client.set_check_hostname(false).unwrap();
        client.set_verify_mode(0).unwrap();
        for _ in 0..2 {
            let pair = pair_for(&client, &server, "localhost");
            pair.shake().expect("a handshake");
            assert!(pair.client.peer_certificate().unwrap().is_none());
            assert!(pair.client.get_verified_chain().unwrap().as_slice().is_empty());
        }
        // A server that asks for a certificate, and a client without one.
        let (client, server) = (pair::client(), pair::server("ecdsa"));
        server.set_chain_cache(keep);
        server.set_verify_mode(crate::CERT_REQUIRED).unwrap();
        client.set_maximum_version(TLS1_2).unwrap();
        let error = pair_for(&client, &server, "localhost").shake().expect_err("a refusal");
        assert!(error.message().contains("PEER_DID_NOT_RETURN_A_CERTIFICATE"), "{error}");
        server.set_verify_mode(1).unwrap();
        Pair::connected(&client, &server, None);
        assert_eq!(server.chain_cache_hits() + client.chain_cache_hits(), 0);
    }
}
