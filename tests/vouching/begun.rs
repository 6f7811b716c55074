//! Whom a context trusts later counts for its connections that have begun, in whatever way it is told.

use crate::ends::requiring;
use crate::made::{Workshop, put_hashed, seconds_now};
use crate::pair::{self, Pair, TLS1_2, TLS1_3};
use crate::{ALL, CRL_CHECK_LEAF, Keeping, careless, certs, ends, session_of, talk, visit};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tlsock::{Context, Error, Result, VerifyOverride, context::PROTOCOL_TLS_CLIENT};

const REVOKED: i32 = 23;
const NO_LIST: i32 = 3;
/// `X509_V_ERR_APPLICATION_VERIFICATION`
const REFUSED: i32 = 50;
const VERSIONS: [i32; 2] = [TLS1_2, TLS1_3];

/// What goes before, each of which replaces the store that a context has.
const CHANGES: [fn(&Context, &Lists); 4] = [
    |_, _| (),
    |context, _| {
        context.load_verify_locations(None, Some(Path::new("/no/such/folder")), None).expect("a path")
    },
    |context, _| context.set_default_verify_paths().expect("paths"),
    |context, lists| context.set_crl_data(&lists.none).expect("a list"),
];

/// Each way to load lists.
const WAYS: [fn(&Context, &Lists); 3] = [
    |context, lists| context.load_crl_data(&lists.all).expect("lists"),
    |context, lists| context.load_verify_locations(Some(&lists.file), None, None).expect("lists"),
    |context, lists| context.set_crl_data(&lists.all).expect("lists"),
];

/// Lists of the tests' intermediate: of nobody, and of both the server and the client.
struct Lists {
    none: Vec<u8>,
    all: Vec<u8>,
    file: std::path::PathBuf,
}

impl Lists {
    fn new(name: &str) -> Lists {
        let shop = Workshop::new(name);
        shop.empty_crl_until("none", seconds_now() + 100_000);
        shop.crl_against("client", "client");
        let all = shop.crl_against("ecdsa", "all");
        let none = std::fs::read(shop.file("none")).expect("a list");
        Lists { none, all, file: shop.file("all") }
    }

    /// Has a context ask for lists, and gives it the one of nobody.
    fn asked_by(&self, context: Context) -> Context {
        context.set_verify_flags(context.verify_flags() | CRL_CHECK_LEAF).expect("flags");
        context.load_crl_data(&self.none).expect("a list");
        context
    }

    /// A client and a server of a version, of which one, which comes third, asks for lists.
    fn contexts(&self, version: i32, by_server: bool) -> [Context; 3] {
        let server = pair::server("ecdsa");
        server.set_maximum_version(version).expect("a version");
        match by_server {
            true => {
                let (client, server) = (careless(), self.asked_by(requiring(server)));
                pair::identify(&client, "client");
                [client, server.clone(), server]
            }
            false => {
                let client = self.asked_by(pair::client());
                [client.clone(), server, client]
            }
        }
    }
}

/// Both ends of a handshake that has begun; `steps` of its messages are through.
fn begun(client: &Context, server: &Context, steps: usize) -> Pair {
    let pair = ends(client, server, "localhost", None).expect("two ends");
    for step in 0..steps {
        let end = [&pair.client, &pair.server][step % 2];
        assert!(end.do_handshake().expect_err("not finished").is_want());
    }
    pair
}

/// The code with which one end refuses the other, if it does.
fn refusal(result: Result<()>) -> Option<i32> {
    result.err().map(|error| error.detail().expect("details").verify_code)
}

#[test]
fn lists_that_are_loaded_later_revoke_a_peer() {
    let lists = Lists::new("begun");
    for version in VERSIONS {
        for by_server in [false, true] {
            // The server has its first message out after two steps.
            for steps in 1..=2 {
                for (index, change) in CHANGES.iter().enumerate() {
                    for (way, load) in WAYS.iter().enumerate() {
                        let [client, server, asking] = lists.contexts(version, by_server);
                        let pair = begun(&client, &server, steps);
                        change(&asking, &lists);
                        load(&asking, &lists);
                        let case = (version, by_server, steps, index, way);
                        assert_eq!(refusal(pair.shake()), Some(REVOKED), "{case:?}");
                    }
                }
            }
        }
    }
}

/// Also such as let a peer in that others had revoked.
#[test]
fn lists_that_are_replaced_later_count_alone() {
    let lists = Lists::new("begun-alone");
    for version in VERSIONS {
        for by_server in [false, true] {
            for (new, expected) in [(&lists.none[..], None), (&[], Some(NO_LIST))] {
                let [client, server, asking] = lists.contexts(version, by_server);
                asking.set_crl_data(&lists.all).expect("lists");
                let pair = begun(&client, &server, 2);
                asking.set_crl_data(new).expect("lists");
                assert_eq!(refusal(pair.shake()), expected, "{version:x}, {by_server}");
            }
        }
    }
}

#[test]
fn authorities_that_are_loaded_later_are_trusted() {
    let folder = Workshop::new("begun-directory").0;
    put_hashed(&folder, &certs::folder().join("ca.pem"), "x509", "0");
    let file = certs::folder().join("ca.pem");
    let none = Path::new("/no/such/folder");
    for version in VERSIONS {
        for (path, then) in [(&*folder, None), (none, Some(&*file)), (none, None)] {
            let client = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
            client.set_maximum_version(version).expect("a version");
            let pair = begun(&client, &pair::server("ecdsa"), 2);
            client.load_verify_locations(None, Some(path), None).expect("a folder");
            if let Some(file) = then {
                client.load_verify_locations(Some(file), None, None).expect("authorities");
            }
            let trusted = path == folder || then.is_some();
            assert_eq!(pair.shake().is_ok(), trusted, "{version:x}, {path:?}, {then:?}");
        }
    }
}

#[test]
fn lists_that_are_loaded_after_the_handshake_revoke_a_client_that_is_asked_then() {
    let lists = Lists::new("begun-afterwards");
    for change in CHANGES {
        for load in WAYS {
            let [client, server, _] = lists.contexts(TLS1_3, true);
            client.set_post_handshake_auth(true).expect("a change");
            server.set_post_handshake_auth(true).expect("a change");
            let pair = begun(&client, &server, 0);
            pair.shake().expect("a handshake");
            talk(&pair).expect("bytes");
            change(&server, &lists);
            load(&server, &lists);
            pair.server.verify_client_post_handshake().expect("a request");
            pair.server.write(b"!").expect("the request goes out");
            pair.client.read(&mut [0]).expect("the request arrives");
            pair.client.write(b"!").expect("the answer goes out");
            assert_eq!(refusal(pair.server.read(&mut [0]).map(drop)), Some(REVOKED));
            pair.server.peer_certificate().map(drop).expect_err("no client");
        }
    }
}

/// A peer that is verified again, because a callback had no answer at first, is verified with what is trusted then.
#[test]
fn lists_that_are_loaded_while_a_callback_waits_revoke_a_peer() {
    let lists = Lists::new("begun-waiting");
    for version in VERSIONS {
        for by_server in [false, true] {
            for change in CHANGES {
                let [client, server, asking] = lists.contexts(version, by_server);
                let there = Arc::new(AtomicBool::new(false));
                let known = Arc::clone(&there);
                let ask = move |_: &dyn tlsock::Connection, _: &tlsock::Verification| match known
                    .load(Ordering::SeqCst)
                {
                    true => Ok(()),
                    false => Err(Error::want_callback()),
                };
                asking.set_verify_callback(VerifyOverride::Never, Some(Arc::new(ask)));
                let pair = begun(&client, &server, 0);
                let end = if by_server { &pair.server } else { &pair.client };
                while !end.do_handshake().expect_err("no answer").waits() {
                    let _ = pair.client.do_handshake();
                    let _ = pair.server.do_handshake();
                }
                change(&asking, &lists);
                asking.load_crl_data(&lists.all).expect("lists");
                there.store(true, Ordering::SeqCst);
                // A server that OpenSSL does not stop tells that the client is refused.
                let code = refusal(end.do_handshake());
                assert!(matches!(code, Some(REVOKED | REFUSED)), "{version:x}, {by_server}: {code:?}");
            }
        }
    }
}

/// The program may learn of a certificate before it is verified.
#[test]
fn lists_that_are_loaded_as_the_certificate_arrives_revoke_a_peer() {
    const HANDSHAKE: i32 = 22;
    const CERTIFICATE: u8 = 11;
    let lists = Arc::new(Lists::new("begun-arrives"));
    for version in VERSIONS {
        for by_server in [false, true] {
            for change in CHANGES {
                let [client, server, asking] = lists.contexts(version, by_server);
                let (own, lists) = (asking.clone(), Arc::clone(&lists));
                let hear = move |_: &dyn tlsock::Connection, message: &tlsock::Message<'_>| {
                    let here = !message.written && message.content_type == HANDSHAKE;
                    if here && message.data.first() == Some(&CERTIFICATE) {
                        change(&own, &lists);
                        own.load_crl_data(&lists.all)?;
                    }
                    Ok(())
                };
                asking.set_message_callback(Some(Arc::new(hear)));
                let result = begun(&client, &server, 0).shake();
                asking.set_message_callback(None);
                assert_eq!(refusal(result), Some(REVOKED), "{version:x}, {by_server}");
            }
        }
    }
}

#[test]
fn a_peer_that_is_verified_again_is_revoked_by_later_lists() {
    let lists = Lists::new("begun-again");
    for change in CHANGES {
        for load in WAYS {
            let client = lists.asked_by(pair::client());
            let pair = visit(&client, &pair::server("ecdsa"), "localhost", None).expect("a handshake");
            assert!(!pair.client.verify_again().expect("a chain").as_slice().is_empty());
            change(&client, &lists);
            load(&client, &lists);
            assert!(pair.client.verify_again().expect("no failure").as_slice().is_empty());
        }
    }
}

/// A copy of a context goes its own way.
#[test]
fn lists_of_a_copy_revoke_nobody_else() {
    let lists = Lists::new("begun-copy");
    for version in VERSIONS {
        for by_server in [false, true] {
            for change in CHANGES {
                let [client, server, asking] = lists.contexts(version, by_server);
                let pair = begun(&client, &server, 2);
                let copy = asking.copy().expect("a copy");
                change(&copy, &lists);
                copy.load_crl_data(&lists.all).expect("lists");
                pair.shake().expect("nobody has revoked it here");
            }
        }
    }
}

/// Nobody can tell what a handshake has proved in the middle of which the trust has changed.
#[test]
fn such_a_handshake_makes_no_session() {
    let lists = Lists::new("begun-session");
    for keeping in ALL {
        for by_server in [false, true] {
            for change in &CHANGES[1..] {
                let Keeping { version, .. } = keeping;
                let [client, server, asking] = lists.contexts(version, by_server);
                let server = keeping.keeps(server);
                let pair = begun(&client, &server, 2);
                change(&asking, &lists);
                pair.shake().expect("a handshake");
                talk(&pair).expect("bytes");
                let kept = session_of(&pair);
                let next = visit(&client, &server, "localhost", Some(&kept)).expect("a handshake");
                assert!(!next.server.session_reused(), "{keeping:?}, {by_server}");
            }
        }
    }
}

/// Other threads change the trust while many connections verify.
#[test]
fn trust_changes_while_others_verify() {
    let lists = Arc::new(Lists::new("begun-threads"));
    let client = lists.asked_by(pair::client());
    let server = pair::server("ecdsa");
    let ended = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (client, server, ended) = (client.clone(), server.clone(), Arc::clone(&ended));
            std::thread::spawn(move || {
                while !ended.load(Ordering::SeqCst) {
                    begun(&client, &server, 2).shake().expect("nobody is revoked");
                }
                begun(&client, &server, 2).shake()
            })
        })
        .collect();
    for _ in 0..100 {
        client.set_crl_data(&lists.none).expect("lists");
        client.load_crl_data(&lists.none).expect("lists");
    }
    let last = begun(&client, &server, 2);
    client.load_verify_locations(None, Some(Path::new("/no/such/folder")), None).expect("a path");
    ended.store(true, Ordering::SeqCst);
    for thread in threads {
        thread.join().expect("no panic").expect("nobody is revoked");
    }
    client.load_crl_data(&lists.all).expect("lists");
    assert_eq!(refusal(last.shake()), Some(REVOKED));
}
