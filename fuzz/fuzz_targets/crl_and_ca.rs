//! Trusted certificates and revocation lists, from memory or files. Nobody is trusted who was not named.
//!
//! The input: flags, then what is loaded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::ffi::c_int;
use std::process::Command;
use std::ptr::null;
use std::sync::OnceLock;
use tlsock_fuzz::c::*;
use tlsock_fuzz::call::{Outcome, call, give};
use tlsock_fuzz::file::Scratch;
use tlsock_fuzz::handle::Handle;
use tlsock_fuzz::reader::Reader;
use tlsock_fuzz::{certificate, certs, handshake, peer};

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let flags = input.byte();
    let data = input.0;
    let context = peer::context(PROTOCOL_TLS_CLIENT);
    let outcome = match flags & 7 {
        0 | 1 => peer::trust(&context, data),
        2 | 3 => load_file(&context, data),
        4 | 5 => load_crl(&context, data),
        _ => match create_default(data, flags) {
            Some(made) => return check_trust(&made, flags, None),
            None => return,
        },
    };
    let lists = (flags & 6 == 4).then_some(outcome.is_ok());
    check_trust(&context, flags, lists);
});

fn load_file(context: &Handle<tlsock_context>, data: &[u8]) -> Outcome<()> {
    let file = Scratch::new(data);
    // SAFETY: a live context and text.
    call("load_verify_locations", |error| unsafe {
        let path = file.path().as_ptr();
        tlsock_context_load_verify_locations(context.raw(), path, null(), null(), 0, error)
    })
}

fn load_crl(context: &Handle<tlsock_context>, data: &[u8]) -> Outcome<()> {
    // SAFETY: a live context and bytes of the length given.
    call("load_crl_data", |error| unsafe {
        tlsock_context_load_crl_data(context.raw(), data.as_ptr().cast(), data.len(), error)
    })
}

fn create_default(data: &[u8], flags: u8) -> Option<Handle<tlsock_context>> {
    let file = (flags & 1 == 0).then(|| Scratch::new(data));
    let path = file.as_ref().map_or(null(), |file| file.path().as_ptr());
    // SAFETY: text, bytes of the length given, and a place for a handle.
    let made = give("create_default_context", |out, error| unsafe {
        let (data, len) = if path.is_null() { (data.as_ptr().cast(), data.len()) } else { (null(), 0) };
        tlsock_create_default_context(PURPOSE_SERVER_AUTH as c_int, path, null(), data, len, out, error)
    });
    // SAFETY: ours.
    let made = made.ok().and_then(|made| unsafe { Handle::new(made) });
    // Without any data it trusts the system's CAs, whose number is not ours to know.
    made.filter(|_| file.is_some() || !data.is_empty())
}

/// Compares what the store says of itself; `lists` tells how loading revocation lists went.
fn check_trust(context: &Handle<tlsock_context>, flags: u8, lists: Option<bool>) {
    // SAFETY: a live context and places for the results.
    let (stats, cas) = unsafe {
        (
            give("cert_store_stats", |out, error| tlsock_context_cert_store_stats(context.raw(), out, error)),
            give("get_ca_certs", |out, error| tlsock_context_get_ca_certs(context.raw(), out, error)),
        )
    };
    let stats = stats.expect("a store can be counted");
    // SAFETY: ours.
    let cas = unsafe { Handle::new(cas.expect("a store can be listed")) }.expect("a list");
    // SAFETY: a live list.
    let count = unsafe { tlsock_certificate_list_count(cas.raw()) };
    assert!(stats.x509 >= stats.x509_ca && stats.x509_ca == count);
    if let Some(loaded) = lists {
        assert_eq!((loaded, stats.x509), (stats.crl > 0, 0));
    }
    // Where a chain may end anywhere, each of its certificates may be the one that is trusted.
    // SAFETY: a live context.
    let partial = unsafe { tlsock_context_verify_flags(context.raw()) } & VERIFY_X509_PARTIAL_CHAIN != 0;
    let trusted = &keys()[..if partial { 3 } else { 1 }];
    // Those that are no CAs are not listed, but may be the server's own.
    let mut knows_root = partial && stats.x509 > count;
    for index in 0..count {
        // SAFETY: a live list lends live certificates.
        unsafe {
            let ca = tlsock_certificate_list_at(cas.raw(), index);
            certificate::inspect(ca);
            let der = certificate::slice(tlsock_certificate_der(ca));
            knows_root |= trusted.iter().any(|key| der.windows(key.len()).any(|part| part == key));
        }
    }
    if flags & 8 != 0 {
        connect(context, flags, knows_root, stats.x509 > 0 || stats.crl > 0);
    }
}

/// A connection to an honest server, whose root may have been named.
fn connect(context: &Handle<tlsock_context>, flags: u8, knows_root: bool, loaded: bool) {
    if !loaded {
        return;
    }
    if flags & 16 != 0 {
        // SAFETY: a live context.
        peer::set("verify_flags", context, |context, error| unsafe {
            tlsock_context_set_verify_flags(context, VERIFY_CRL_CHECK_CHAIN, error)
        });
    }
    let server = peer::cached("crl_and_ca", || {
        let server = peer::context(PROTOCOL_TLS_SERVER);
        peer::identify(&server, "ecdsa");
        server
    });
    let (client, _) = handshake::shake(context, &server, Some(c"localhost"), None).expect("two ends");
    assert!(!client.done || knows_root, "a root that nobody named is trusted");
}

/// The public keys of the server's chain, the root's first: an input with a CA that has this key has named the root.
fn keys() -> &'static [Vec<u8>; 3] {
    static KEYS: OnceLock<[Vec<u8>; 3]> = OnceLock::new();
    KEYS.get_or_init(|| {
        ["ca.key", "inter.key", "ecdsa.key"].map(|name| {
            let mut command = Command::new("openssl");
            command.args(["pkey", "-pubout", "-outform", "DER", "-in"]).arg(certs::folder().join(name));
            let der = command.output().expect("the openssl command is there").stdout;
            // The point of a P-256 key.
            der[der.len() - 64..].to_vec()
        })
    })
}
