//! Two equal conversations: in one the callbacks do nothing, in the other all that the header allows. What becomes of
//! each call must be the same.
//!
//! The input: what is wrong (or nothing), the version and how bytes arrive, then for each callback what it does and what
//! it does to OpenSSL's error queue.

mod deeds;

use crate::c::*;
use crate::call::{Failure, Out, Outcome, call, fill};
use crate::handle::Handle;
use crate::libcrypto::peek_error;
use crate::reader::Reader;
use crate::{certs, peer, queue};
use deeds::Deed;
use std::ffi::{CStr, c_int};

/// What goes wrong.
const FAULTS: u8 = 10;
/// How many callbacks there are: of the client's context those with even numbers, of the server's the others.
const CALLBACKS: usize = 10;

/// What a run is made of.
#[derive(Clone, Copy)]
struct Plan {
    fault: u8,
    tls12: bool,
    mutual: bool,
    parts: u8,
    after: u8,
}

/// A call and what became of it.
type Seen = (&'static str, c_int, Option<String>, c_int);

/// Plays both and compares them.
pub fn run(data: &[u8]) {
    let mut input = Reader(data);
    let (fault, flags) = (input.byte() % FAULTS, input.byte());
    let plan = Plan {
        fault,
        tls12: flags & 1 != 0,
        mutual: flags & 2 != 0,
        parts: 1 + (flags >> 2) % 4,
        after: input.byte(),
    };
    let deeds: [Deed; CALLBACKS] =
        std::array::from_fn(|_| Deed { does: input.byte(), entries: input.byte() });
    let quiet = play(plan, &[Deed::default(); CALLBACKS]);
    let disturbed = play(plan, &deeds);
    assert_eq!(quiet, disturbed, "what callbacks did has changed what became of a call");
    if plan.fault == 1 {
        let refused = disturbed
            .iter()
            .any(|(name, status, ..)| *name == "client handshake" && *status == TLSOCK_CERT_VERIFICATION);
        assert!(refused, "nobody refused a certificate of an unknown CA: {disturbed:?}");
    }
}

fn play(plan: Plan, deeds: &[Deed; CALLBACKS]) -> Vec<Seen> {
    // What is wrong with what follows is nobody's else.
    queue::clear();
    deeds::CALLS.set(0);
    let mut seen = Vec::new();
    let (client, server) = (client(plan), peer::context(PROTOCOL_TLS_SERVER));
    deeds::set(plan.fault, &client, deeds, 0);
    deeds::set(plan.fault, &server, deeds, 1);
    configure(plan, &server, &mut seen);
    converse(plan, &client, &server, &mut seen);
    drop((client, server));
    assert_eq!(peek_error(), 0, "something is left in OpenSSL's error queue");
    seen
}

fn note<T>(seen: &mut Vec<Seen>, name: &'static str, outcome: Outcome<T>) -> Option<T> {
    match outcome {
        Ok(value) => {
            seen.push((name, TLSOCK_OK, None, -1));
            Some(value)
        }
        Err(Failure { status, reason, alert_sent, .. }) => {
            seen.push((name, status, reason, alert_sent));
            None
        }
    }
}

fn client(plan: Plan) -> Handle<tlsock_context> {
    let client = peer::context(PROTOCOL_TLS_CLIENT);
    let ca = if plan.fault == 1 { "unknown-ca.pem" } else { "ca.pem" };
    peer::trust(&client, certs::read(ca)).expect("the root is good");
    if plan.fault == 5 {
        peer::set("minimum_version", &client, |raw, error| unsafe {
            tlsock_context_set_minimum_version(raw, TLS_VERSION_TLSV1_3 as c_int, error)
        });
    } else if plan.tls12 {
        peer::limit(&client, TLS_VERSION_TLSV1_2);
    }
    if plan.mutual {
        // Nobody trusts the second.
        peer::identify(&client, if plan.fault == 4 { "self-signed" } else { "client" });
    }
    if plan.fault == 6 {
        peer::verify(&client, CERT_NONE);
        peer::set("ciphers", &client, |raw, error| unsafe {
            tlsock_context_set_ciphers(raw, c"PSK".as_ptr(), error)
        });
    }
    client
}

fn configure(plan: Plan, server: &Handle<tlsock_context>, seen: &mut Vec<Seen>) {
    match plan.fault {
        3 => peer::identify(server, "expired"),
        // The password is right, the key not always the certificate's.
        9 => {
            let name = if plan.after & 1 == 0 { "rsa.pem" } else { "ecdsa.pem" };
            let loaded =
                peer::load_chain(server, certs::read(name), Some(certs::read("rsa-encrypted.key")), None);
            note(seen, "load_cert_chain", loaded);
        }
        6 => {}
        _ => peer::identify(server, "ecdsa"),
    }
    if plan.fault == 6 {
        peer::set("ciphers", server, |raw, error| unsafe {
            tlsock_context_set_ciphers(raw, c"PSK".as_ptr(), error)
        });
    }
    if plan.mutual {
        peer::trust(server, certs::read("ca.pem")).expect("the root is good");
        peer::verify(server, CERT_REQUIRED);
    }
    if plan.fault == 5 {
        // The client insists on the next one.
        peer::limit(server, TLS_VERSION_TLSV1_2);
    }
}

/// An end with its buffers.
struct Side {
    object: Handle<tlsock_object>,
    incoming: Handle<tlsock_bio>,
    outgoing: Handle<tlsock_bio>,
    names: [&'static str; 4],
}

fn side(context: &Handle<tlsock_context>, server: bool, name: Option<&CStr>) -> Side {
    let (incoming, outgoing) = (peer::bio(), peer::bio());
    let flags = if server { WRAP_SERVER_SIDE } else { 0 };
    let object = peer::wrap(context, Some((&incoming, &outgoing)), flags, name, None).expect("an object");
    let names = match server {
        true => ["server handshake", "server read", "server write", "server unwrap"],
        false => ["client handshake", "client read", "client write", "client unwrap"],
    };
    Side { object, incoming, outgoing, names }
}

fn converse(
    plan: Plan,
    client: &Handle<tlsock_context>,
    server: &Handle<tlsock_context>,
    seen: &mut Vec<Seen>,
) {
    let name = if plan.fault == 2 { c"other.example" } else { c"localhost" };
    let (client, server) = (side(client, false, Some(name)), side(server, true, None));
    let mut moves = 0;
    for turn in 0..5 {
        for (from, to) in [(&client, &server), (&server, &client)] {
            step(from, turn, seen);
            let mut bytes = taken(from);
            moves += 1;
            if plan.fault == 7 && moves > usize::from(plan.after % 5) {
                call("bio_write_eof", |error| unsafe { tlsock_bio_write_eof(to.incoming.raw(), error) })
                    .expect("an end can be marked");
                continue;
            }
            if plan.fault == 8 && moves == usize::from(1 + plan.after % 5) {
                // The kind of the first record.
                bytes.iter_mut().take(1).for_each(|byte| *byte ^= plan.after | 64);
            }
            let size = bytes.len().div_ceil(usize::from(plan.parts)).max(1);
            for part in bytes.chunks(size) {
                let _ = call("bio_write", |error| unsafe {
                    tlsock_bio_write(to.incoming.raw(), part.as_ptr().cast(), part.len(), error)
                });
                step(to, turn, seen);
            }
        }
    }
    for end in [&client, &server, &client] {
        // SAFETY: a live object.
        note(
            seen,
            end.names[3],
            call("unwrap", |error| unsafe { tlsock_object_unwrap(end.object.raw(), error) }),
        );
    }
}

/// Does the handshake; when that is done writes and reads.
fn step(end: &Side, turn: u8, seen: &mut Vec<Seen>) {
    let raw = end.object.raw();
    // SAFETY: a live object and buffers of the length given.
    unsafe {
        if note(seen, end.names[0], call("do_handshake", |error| tlsock_object_do_handshake(raw, error)))
            .is_none()
        {
            return;
        }
        if turn % 2 == 0 {
            let write = |error: Out| {
                let mut written = 0;
                tlsock_object_write(raw, b"hello".as_ptr().cast(), 5, &mut written, error)
            };
            note(seen, end.names[2], call("write", write));
        }
        let read =
            fill("read", 3, |data, size, len, error| tlsock_object_read(raw, data.cast(), size, len, error));
        note(seen, end.names[1], read);
    }
}

fn taken(end: &Side) -> Vec<u8> {
    let read = |data: *mut u8, size, len, error| unsafe {
        tlsock_bio_read(end.outgoing.raw(), data.cast(), size, len, error)
    };
    fill("bio_read", 30_000, read).expect("a buffer can be read")
}
