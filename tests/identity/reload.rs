//! A running server changes its certificate.

use crate::pair::{self, Pair, TLS1_2, TLS1_3};
use crate::{named, peer, server_of, shown};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use tlsock::*;

fn is_of(certificate: &Certificate, identity: &Identity) -> bool {
    certificate.equal(&identity.certificates().as_slice()[0])
}

#[test]
fn the_next_connection_gets_the_new_pair() {
    let (old, new) = (named("ecdsa"), named("names"));
    let server = server_of(&old);
    let before = Pair::new(&pair::client(), &server, None);
    server.use_identity(&new).expect("another of the same kind");
    before.shake().expect("a connection that was made before");
    assert!(is_of(&peer(&before.client), &old));
    let after = Pair::new(&loose(), &server, None);
    after.shake().expect("a handshake");
    assert!(is_of(&peer(&after.client), &new));
    // What both hold is not changed: the next generation has the new pair too.
    server.set_num_tickets(1).expect("a change");
    let later = Pair::new(&loose(), &server, None);
    later.shake().expect("a handshake");
    assert!(is_of(&peer(&later.client), &new));
}

fn loose() -> Context {
    let client = pair::client();
    client.set_check_hostname(false).expect("no names");
    client
}

#[test]
fn one_of_each_kind_of_key() {
    let server = server_of(&named("ecdsa"));
    server.use_identity(&named("rsa")).expect("another kind");
    server.set_maximum_version(TLS1_2).expect("a version");
    for (ciphers, name) in
        [("ECDHE-RSA-AES128-GCM-SHA256", "rsa"), ("ECDHE-ECDSA-AES128-GCM-SHA256", "ecdsa")]
    {
        let client = pair::client();
        client.set_ciphers(ciphers).expect("a cipher");
        let pair = Pair::connected(&client, &server, None);
        assert!(is_of(&peer(&pair.client), &named(name)), "{name}");
    }
}

#[test]
fn a_bad_pair_changes_nothing() {
    let old = named("ecdsa");
    let server = server_of(&old);
    let folder = crate::certs::folder();
    for (cert, key) in [("names.pem", "ecdsa.key"), ("names.pem", "no.key"), ("crl.pem", "names.key")] {
        server.load_cert_chain(&folder.join(cert), Some(&folder.join(key)), None).expect_err("a bad pair");
        assert!(is_of(&shown(&server), &old));
    }
}

/// The security level is the context's: what is too weak for it is refused there, and the old pair stays.
#[test]
fn what_the_level_does_not_allow_changes_nothing() {
    let old = named("ecdsa");
    let server = server_of(&old);
    server.set_ciphers("ALL:@SECLEVEL=5").expect("a level");
    server.use_identity(&named("rsa")).expect_err("a key of 112 bits of security");
    server.set_ciphers("ALL:@SECLEVEL=2").expect("a level");
    assert!(is_of(&shown(&server), &old));
}

/// Connections are made in several threads while the pair changes, now and then to a bad one: each gets one of the good
/// ones, and none is lost.
#[test]
fn no_connection_is_lost_under_load() {
    const EACH: usize = 60;
    let identities = [named("ecdsa"), named("names")];
    let server = server_of(&identities[0]);
    let (done, seen) = (AtomicBool::new(false), [const { AtomicUsize::new(0) }; 2]);
    thread::scope(|scope| {
        let connecting: Vec<_> = [TLS1_2, TLS1_3, TLS1_3]
            .into_iter()
            .map(|version| {
                let (server, identities, seen) = (&server, &identities, &seen);
                scope.spawn(move || {
                    let client = loose();
                    client.set_maximum_version(version).expect("a version");
                    for _ in 0..EACH {
                        let pair = Pair::connected(&client, server, None);
                        let certificate = peer(&pair.client);
                        let which =
                            identities.iter().position(|one| is_of(&certificate, one)).expect("a good pair");
                        seen[which].fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        let folder = crate::certs::folder();
        let (server, done, identities) = (&server, &done, &identities);
        let changing = scope.spawn(move || {
            while !done.load(Ordering::Relaxed) {
                for identity in identities.iter().rev() {
                    server.use_identity(identity).expect("a change");
                    let bad = server.load_cert_chain(
                        &folder.join("ecdsa.pem"),
                        Some(&folder.join("names.key")),
                        None,
                    );
                    bad.expect_err("a bad pair");
                    thread::yield_now();
                }
            }
        });
        let results: Vec<_> = connecting.into_iter().map(thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        changing.join().expect("changes");
        results.into_iter().for_each(|result| result.expect("connections"));
    });
    let [old, new] = seen.map(AtomicUsize::into_inner);
    assert_eq!(old + new, 3 * EACH);
    assert!(old > 0 && new > 0, "{old} and {new}");
}
