//! A connection whose context has another one take its place: what the higher of the two levels takes away, whatever library does
//! the work.

mod certs;
mod pair;

use pair::Pair;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tlsock::context::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use tlsock::*;

const TLS1_1: i32 = 0x302;
const TLS1_2: i32 = 0x303;
const TLS1_3: i32 = 0x304;
const HANDSHAKE_FAILURE: u8 = 40;

/// A certificate of its own name, with a key on this curve.
fn identity(curve: &str, digest: &str) -> (PathBuf, PathBuf) {
    let folder = certs::scratch();
    let path = |kind: &str| folder.join(format!("switched-{curve}-{:?}.{kind}", std::thread::current().id()));
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-noenc", "-days", "10", "-subj", "/CN=localhost", digest]);
    command.args(["-newkey", "ec", "-pkeyopt", &format!("ec_paramgen_curve:{curve}")]);
    command.args(["-addext", "subjectAltName=DNS:localhost", "-keyout"]).arg(path("key"));
    certs::run(command.arg("-out").arg(path("pem")));
    (path("pem"), path("key"))
}

/// An identity that level 4 takes.
fn strong() -> (PathBuf, PathBuf) {
    identity("secp384r1", "-sha384")
}

fn server(level: i32, (cert, key): &(PathBuf, PathBuf)) -> Context {
    let server = Context::new(PROTOCOL_TLS_SERVER).expect("a context");
    server.set_ciphers(&format!("ALL:@SECLEVEL={level}")).expect("a level");
    server.load_cert_chain(cert, Some(key), None).expect("an identity");
    server
}

/// A client that minds nothing.
fn client(root: &Path) -> Context {
    let client = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    client.set_ciphers("ALL:@SECLEVEL=0").expect("ciphers");
    client.load_verify_locations(Some(root), None, None).expect("a root");
    client
}

/// What takes the place of `server` when a client has said hello.
fn give_way(server: &Context, chosen: &Context) {
    let chosen = chosen.clone();
    let choose: SniCallback = Arc::new(move |connection, _, _| Ok(connection.set_context(&chosen)?));
    server.set_sni_callback(Some(choose)).expect("a callback");
}

/// Does the handshake as far as it goes, and gives what came of it on both ends.
fn shake(pair: &Pair) -> (Result<()>, Result<()>) {
    let (mut at_client, mut at_server) = (None, None);
    let step = |end: &Object, told: &mut Option<Result<()>>| {
        if told.is_none() {
            *told = Some(end.do_handshake()).filter(|result| !result.as_ref().is_err_and(Error::is_want));
        }
    };
    for _ in 0..10 {
        step(&pair.client, &mut at_client);
        step(&pair.server, &mut at_server);
    }
    (at_client.expect("it ends"), at_server.expect("it ends"))
}

/// A name, what the client offers, and whether level 4 takes that.
type Case = (&'static str, fn(&Context), bool);

const CASES: [Case; 8] = [
    ("anything", |_| {}, true),
    ("X25519", |client| client.set_groups("X25519").expect("a group"), false),
    ("P-384", |client| client.set_groups("P-384").expect("a group"), true),
    ("P-384, 1.2", |client| (only(client, TLS1_2), client.set_groups("P-384").expect("a group")).1, true),
    ("AES-128", |client| with(client, TLS1_2, "ECDHE-ECDSA-AES128-GCM-SHA256"), false),
    ("AES-256", |client| with(client, TLS1_2, "ECDHE-ECDSA-AES256-GCM-SHA384"), true),
    ("AES-128, 1.3", |client| newer(client, "TLS_AES_128_GCM_SHA256"), false),
    ("AES-256, 1.3", |client| newer(client, "TLS_AES_256_GCM_SHA384"), true),
];

fn only(context: &Context, version: i32) {
    context.set_minimum_version(version).expect("a version");
    context.set_maximum_version(version).expect("a version");
}

fn with(client: &Context, version: i32, cipher: &str) {
    only(client, version);
    client.set_ciphers(&format!("{cipher}:@SECLEVEL=0")).expect("a cipher");
}

fn newer(client: &Context, ciphersuite: &str) {
    only(client, TLS1_3);
    client.set_ciphersuites(ciphersuite).expect("a cipher");
    client.set_groups("P-384").expect("a group");
}

/// Plays all cases with servers that `make` gives: a context, and what is to be done with its connection.
fn play(root: &Path, make: impl Fn() -> (Context, Option<Context>)) {
    for (name, offers, passes) in CASES {
        let client = client(root);
        offers(&client);
        let (server, chosen) = make();
        let pair = Pair::new(&client, &server, None);
        if let Some(chosen) = chosen {
            pair.server.set_context(&chosen).expect("before the handshake");
        }
        let (at_client, at_server) = shake(&pair);
        assert_eq!(at_server.is_ok(), passes, "{name}: {at_server:?}");
        assert_eq!(at_client.is_ok(), passes, "{name}: {at_client:?}");
    }
}

#[test]
fn the_level_of_a_context_that_a_callback_chooses_counts() {
    let identity = strong();
    play(&identity.0, || {
        let (first, chosen) = (server(0, &identity), server(4, &identity));
        give_way(&first, &chosen);
        (first, None)
    });
}

#[test]
fn the_level_of_a_context_that_is_set_before_counts() {
    let identity = strong();
    play(&identity.0, || (server(0, &identity), Some(server(4, &identity))));
}

#[test]
fn versions_follow_too() {
    let identity = strong();
    for (level, passes) in [(0, true), (1, false)] {
        let (client, first, chosen) = (client(&identity.0), server(0, &identity), server(level, &identity));
        for context in [&client, &first, &chosen] {
            only(context, TLS1_1);
        }
        give_way(&first, &chosen);
        let (at_client, at_server) = shake(&Pair::new(&client, &first, None));
        assert_eq!((at_client.is_ok(), at_server.is_ok()), (passes, passes), "{at_client:?} {at_server:?}");
    }
}

/// None of the first context's groups is left, so nothing can be agreed on; its client is told.
#[test]
fn without_any_group_the_handshake_fails() {
    let identity = strong();
    for version in [TLS1_2, TLS1_3] {
        let (client, first, chosen) = (client(&identity.0), server(0, &identity), server(4, &identity));
        only(&client, version);
        first.set_groups("X25519").expect("a group");
        give_way(&first, &chosen);
        let pair = Pair::new(&client, &first, None);
        let (at_client, at_server) = shake(&pair);
        assert_eq!(at_server.expect_err("no group").status(), Status::Ssl);
        let error = at_client.expect_err("no group");
        assert_eq!(
            error.detail().and_then(|detail| detail.alert_received),
            Some(HANDSHAKE_FAILURE),
            "{error}"
        );
        assert_eq!(pair.server.write(b"data").expect_err("it has failed").status(), Status::Eof);
    }
}

/// Nothing more is chosen once the handshake is over.
#[test]
fn a_connection_that_is_made_stays() {
    let identity = identity("prime256v1", "-sha256");
    let (client, first, chosen) = (client(&identity.0), server(0, &identity), server(0, &identity));
    let pair = Pair::connected(&client, &first, None);
    chosen.set_ciphers("ALL:@SECLEVEL=4").expect("a level");
    pair.server.set_context(&chosen).expect("a context");
    pair.client.write(b"question").expect("a write");
    assert_eq!(pair.server.read(&mut [0; 9]).expect("a read"), 8);
    pair.server.write(b"answer").expect("a write");
    assert_eq!(pair.client.read(&mut [0; 9]).expect("a read"), 6);
}

/// What was loaded before the level was raised is not shown by a connection of another context either.
#[test]
fn a_certificate_below_the_level_is_not_shown() {
    let identity = identity("prime256v1", "-sha256");
    let (client, first, chosen) = (client(&identity.0), server(0, &identity), server(0, &identity));
    give_way(&first, &chosen);
    assert!(shake(&Pair::new(&client, &first, None)).1.is_ok());
    chosen.set_ciphers("ALL:@SECLEVEL=4").expect("a level");
    let (at_client, at_server) = shake(&Pair::new(&client, &first, None));
    assert!(at_client.is_err(), "{at_client:?}");
    assert_eq!(at_server.expect_err("128 bits are too few at level 4").status(), Status::Ssl);
}
