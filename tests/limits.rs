//! How much of a peer's chain is taken, pre-shared keys that have to be used, copies of contexts, and what is told of what is missing.
#![allow(clippy::print_stdout)]

mod certs;
#[path = "limits/chains.rs"]
mod chains;
mod pair;

use pair::{Pair, TLS1_2, TLS1_3, client, identify, server};
use std::sync::{Arc, Mutex};
use tlsock::module::info::{HAS_CLIENT_SIGALGS, HAS_DH, HAS_PHA, HAS_PSK_TLS13, HAS_RENEGOTIATION};
use tlsock::*;

const VERSIONS: [i32; 2] = [TLS1_2, TLS1_3];
const TOO_LONG: i32 = 22;

fn at_most(context: Context, version: i32) -> Context {
    context.set_maximum_version(version).unwrap();
    context
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(certs::folder().join(name)).unwrap()
}

#[test]
fn a_chain_that_is_too_deep_is_refused() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        assert_eq!(client.verify_depth(), -1);
        for (depth, passes) in [(0, false), (1, true), (-1, true), (i32::MAX, true)] {
            client.set_verify_depth(depth).unwrap();
            // A setter after it keeps it.
            client.set_options(client.options() ^ 1 << 14).unwrap();
            assert_eq!(client.verify_depth(), depth);
            let result = Pair::new(&client, &server, None).shake();
            match passes {
                true => result.unwrap(),
                false => assert_eq!(result.unwrap_err().detail().unwrap().verify_code, TOO_LONG),
            }
        }
        assert_eq!(client.set_verify_depth(-2).unwrap_err().status(), Status::Value);
    }
}

#[test]
fn a_session_stands_for_the_depth_it_was_made_under() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        let session = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        assert!(Pair::connected(&client, &server, Some(&session)).client.session_reused());
        client.set_verify_depth(0).unwrap();
        assert!(Pair::new(&client, &server, Some(&session)).shake().is_err());
    }
}

#[test]
fn of_two_contexts_of_a_server_the_lesser_depth_counts() {
    let asking = || {
        let server = server("ecdsa");
        server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
        server.set_verify_flags(server.verify_flags() & !0x8_0000).unwrap();
        server.set_verify_mode(2).unwrap();
        server
    };
    let (client, first, second) = (client(), asking(), asking());
    let folder = certs::folder();
    let both = [read("client.pem"), read("inter.pem")].concat();
    client
        .load_cert_chain_data(&both, Some(&std::fs::read(folder.join("client.key")).unwrap()), None)
        .unwrap();
    let chosen = second.clone();
    first
        .set_sni_callback(Some(Arc::new(move |connection, _, _| Ok(connection.set_context(&chosen)?))))
        .unwrap();
    let passes = || {
        let pair = Pair::new(&client, &first, None);
        pair.shake().and_then(|()| pair.server.do_handshake()).is_ok()
    };
    assert!(passes());
    for strict in [&first, &second] {
        strict.set_verify_depth(0).unwrap();
        assert!(!passes());
        strict.set_verify_depth(7).unwrap();
        assert!(passes());
    }
}

const KEY: &[u8] = b"a key of both ends";

fn with_key(context: &Context, is_server: bool) {
    let give = |buffer: &mut [u8]| {
        buffer[..KEY.len()].copy_from_slice(KEY);
        KEY.len()
    };
    if is_server {
        context.set_psk_server_callback(Some(Arc::new(move |_, _, key| Ok(give(key)))), None).unwrap();
    } else {
        context
            .set_psk_client_callback(Some(Arc::new(move |_, _, key| Ok((b"me".to_vec(), give(key))))))
            .unwrap();
    }
    // With a certificate at hand OpenSSL's server uses a key in TLS 1.3 only where this suite comes first.
    context.set_ciphersuites("TLS_AES_128_GCM_SHA256").unwrap();
    context.set_ciphers("PSK:ECDHE-ECDSA-AES256-GCM-SHA384").unwrap();
}

fn ends(pair: &Pair) -> (Result<()>, Result<()>) {
    for _ in 0..10 {
        let ends = (pair.client.do_handshake(), pair.server.do_handshake());
        if !matches!(&ends, (Err(error), _) | (_, Err(error)) if error.is_want()) {
            return ends;
        }
    }
    panic!("both ends wait for the other")
}

#[test]
fn a_key_that_is_required_has_to_be_used() {
    for version in VERSIONS {
        for (of_client, of_server) in [(true, true), (true, false), (false, true)] {
            for demanding in ["client", "server"] {
                let (client, server) = (at_most(client(), version), server("ecdsa"));
                if of_client {
                    with_key(&client, false);
                }
                if of_server {
                    with_key(&server, true);
                }
                let context = if demanding == "client" { &client } else { &server };
                context.set_psk_required(true).unwrap();
                assert!(context.psk_required());
                let pair = Pair::new(&client, &server, None);
                let (client_ended, server_ended) = ends(&pair);
                if of_client && of_server {
                    assert!(
                        client_ended.is_ok() && server_ended.is_ok(),
                        "{version:#x} {demanding} {client_ended:?} {server_ended:?}"
                    );
                    pair.server.write(b"!").unwrap();
                    assert_eq!(pair.client.read(&mut [0]).unwrap(), 1);
                    continue;
                }
                let (own, error) = match demanding {
                    "client" => (&pair.client, client_ended.unwrap_err()),
                    _ => (&pair.server, server_ended.unwrap_err()),
                };
                assert!(error.message().contains("a pre-shared key is required"), "{demanding} {error}");
                assert!(own.write(b"secret").is_err() && own.read(&mut [0]).is_err());
            }
        }
    }
}

#[test]
fn a_server_that_is_not_verified_cannot_decline_the_key_either() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("self-signed"));
        client.set_check_hostname(false).unwrap();
        client.set_verify_mode(0).unwrap();
        with_key(&client, false);
        client.set_ciphers("PSK:ECDHE+AESGCM").unwrap();
        Pair::connected(&client, &server, None);
        client.set_psk_required(true).unwrap();
        let pair = Pair::new(&client, &server, None);
        let error = pair.shake().unwrap_err();
        assert!(error.message().contains("a pre-shared key is required"), "{error}");
        assert!(pair.client.write(b"secret").is_err());
    }
}

#[test]
fn a_session_made_without_a_key_does_not_stand_for_one() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        client.set_check_hostname(false).unwrap();
        client.set_verify_mode(0).unwrap();
        let session = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        assert!(Pair::connected(&client, &server, Some(&session)).client.session_reused());
        client.set_psk_required(true).unwrap();
        assert!(Pair::new(&client, &server, Some(&session)).shake().is_err());
        with_key(&client, false);
        with_key(&server, true);
        let keyed = Pair::connected(&client, &server, Some(&session));
        let session = keyed.client.session().unwrap().unwrap();
        let again = Pair::connected(&client, &server, Some(&session));
        assert!(again.client.session_reused(), "{version:#x}");
    }
}

/// A session that was offered, or accepted, before a key was required.
#[test]
fn a_key_is_required_of_a_handshake_that_resumes_a_session() {
    for version in VERSIONS {
        for demanding in ["client", "server"] {
            let (client, server) = (at_most(client(), version), server("ecdsa"));
            let session = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
            let pair = Pair::new(&client, &server, Some(&session));
            for end in [&pair.client, &pair.server] {
                assert!(end.do_handshake().is_err_and(|error| error.is_want()));
            }
            let context = if demanding == "client" { &client } else { &server };
            context.set_psk_required(true).unwrap();
            let (client_ended, server_ended) = ends(&pair);
            let (own, error) = match demanding {
                "client" => (&pair.client, client_ended.unwrap_err()),
                _ => (&pair.server, server_ended.unwrap_err()),
            };
            assert!(error.message().contains("a pre-shared key is required"), "{demanding} {error}");
            assert!(own.write(b"secret").is_err() && own.read(&mut [0]).is_err());
        }
    }
}

#[test]
fn the_features_are_those_of_tls_1_3() {
    let with_openssl = has(11) && backend() == c"openssl";
    for feature in [HAS_PHA, HAS_PSK_TLS13] {
        assert_eq!(has(feature), with_openssl);
    }
}

/// What the library in use has not is refused where it is asked for, and a program can know that before.
#[test]
fn what_is_missing_is_told_before() {
    let context = server("ecdsa");
    let is_missing = |result: Result<()>| result.is_err_and(|error| error.status() == Status::NotImplemented);
    let nowhere = certs::folder().join("no-such-file.pem");
    assert_eq!(is_missing(context.load_dh_params(&nowhere)), !has(HAS_DH));
    assert_eq!(context.set_ecdh_curve("ffdhe2048").is_ok(), has(HAS_DH));
    assert_eq!(is_missing(context.set_client_sigalgs("ECDSA+SHA256")), !has(HAS_CLIENT_SIGALGS));
    assert_eq!(is_missing(context.set_post_handshake_auth(true)), !has(HAS_PHA));
    assert!(!has(HAS_RENEGOTIATION + 1));
}

#[test]
fn a_copy_has_the_settings_and_a_life_of_its_own() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        client.set_alpn_protocols(&["h2"]).unwrap();
        client.set_verify_depth(5).unwrap();
        client.set_max_cert_list(5000).unwrap();
        client.set_chain_cache(true);
        if has(HAS_PHA) {
            client.set_post_handshake_auth(true).unwrap();
        }
        identify(&client, "client");
        let judged = Arc::new(Mutex::new(0));
        let count = Arc::clone(&judged);
        let judge: VerifyCallback = Arc::new(move |_, _| {
            *count.lock().unwrap() += 1;
            Ok(())
        });
        client.set_verify_callback(VerifyOverride::Never, Some(judge));
        let log = Arc::new(Mutex::new(0));
        let lines = Arc::clone(&log);
        client
            .set_keylog_callback(Some(Arc::new(move |_, _| {
                *lines.lock().unwrap() += 1;
                Ok(())
            })))
            .unwrap();
        let copy = client.copy().unwrap();
        assert!(!copy.same(&client));
        assert_eq!((copy.verify_depth(), copy.max_cert_list(), copy.chain_cache()), (5, 5000, true));
        assert_eq!((copy.protocol(), copy.verify_mode(), copy.check_hostname()), (16, 2, true));
        assert_eq!((copy.options(), copy.verify_flags()), (client.options(), client.verify_flags()));
        assert_eq!(copy.maximum_version(), client.maximum_version());
        assert_eq!(copy.cert_store_stats().unwrap(), client.cert_store_stats().unwrap());
        assert_eq!((copy.post_handshake_auth(), copy.keylog_filename()), (has(HAS_PHA), None));
        server.set_alpn_protocols(&["h2"]).unwrap();
        for ca in ["ca.pem", "inter.pem"] {
            server.load_verify_locations(Some(&certs::folder().join(ca)), None, None).unwrap();
        }
        server.set_verify_mode(2).unwrap();
        let pair = Pair::connected(&copy, &server, None);
        assert_eq!(pair.client.selected_alpn_protocol(), Some(c"h2"));
        assert_eq!((*judged.lock().unwrap(), *log.lock().unwrap()), (1, 0), "{version:#x}");
        // A change of one does not change the other.
        copy.set_verify_callback(VerifyOverride::Never, None);
        copy.set_check_hostname(false).unwrap();
        copy.load_verify_locations(Some(&certs::folder().join("unknown-ca.pem")), None, None).unwrap();
        copy.set_pins(&["sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]).unwrap();
        assert!(client.check_hostname());
        assert_ne!(copy.cert_store_stats().unwrap(), client.cert_store_stats().unwrap());
        Pair::connected(&client, &server, None);
        assert_eq!(*judged.lock().unwrap(), 2);
        let pinned = copy.copy().unwrap();
        assert!(Pair::new(&pinned, &server, None).shake().is_err());
    }
}

#[test]
fn sessions_and_tickets_stay_behind() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        let session = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        let (other_client, other_server) = (client.copy().unwrap(), server.copy().unwrap());
        // The keys of tickets are the copy's own, and so is the mark by which its sessions are known.
        assert!(!Pair::connected(&client, &other_server, Some(&session)).client.session_reused());
        assert!(Pair::connected(&client, &server, Some(&session)).client.session_reused());
        let (up, down) = (MemoryBio::new(), MemoryBio::new());
        let refused = other_client.wrap_bio(
            Some((&down, &up)),
            WrapFlags::default(),
            Some("localhost"),
            Some(&session),
        );
        assert_eq!(refused.err().unwrap().message(), "Session refers to a different SSLContext.");
        assert_eq!(other_server.session_stats().accept, 1);
    }
}

#[test]
fn a_default_context_is_copied_with_the_file_that_it_has_not_read_yet() {
    let context = client();
    let copy = context.copy().unwrap();
    Pair::connected(&copy, &server("ecdsa"), None);
    Pair::connected(&copy.copy().unwrap(), &server("rsa").copy().unwrap(), None);
}

/// Known chains are held to the present limit as well.
#[test]
fn a_known_chain_is_no_way_round_the_depth() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        client.set_chain_cache(true);
        Pair::connected(&client, &server, None);
        client.set_verify_depth(0).unwrap();
        let error = Pair::new(&client, &server, None).shake().unwrap_err();
        assert_eq!(error.detail().unwrap().verify_code, TOO_LONG);
        assert_eq!(client.chain_cache_hits(), 0);
    }
}

/// A callback of several contexts is freed once none of them can call it, in whatever order they are freed.
#[test]
fn a_callback_of_copies_goes_with_the_last_of_them() {
    let held = Arc::new(());
    let keep = Arc::clone(&held);
    let client = client();
    let judge: VerifyCallback = Arc::new(move |_, _| {
        let _ = &keep;
        Ok(())
    });
    client.set_verify_callback(VerifyOverride::Never, Some(judge));
    let copies: Vec<Context> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..4).map(|_| scope.spawn(|| client.copy().unwrap())).collect();
        for depth in 1..50 {
            client.set_verify_depth(depth).unwrap();
        }
        running.into_iter().map(|copy| copy.join().unwrap()).collect()
    });
    client.set_verify_callback(VerifyOverride::Never, None);
    drop(client);
    let server = server("ecdsa");
    for copy in copies {
        assert_eq!(Arc::strong_count(&held), 2);
        Pair::connected(&copy, &server, None);
    }
    assert_eq!(Arc::strong_count(&held), 1);
}
