//! Keys of session tickets: what is refused leaves the old ones, what is taken opens the tickets that it has sealed.
//!
//! The input: flags, the length of a key in two bytes, the keys.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;
use tlsock_fuzz::c::*;
use tlsock_fuzz::call::{Outcome, call, give};
use tlsock_fuzz::handle::Handle;
use tlsock_fuzz::peer::{self, Shared};
use tlsock_fuzz::reader::Reader;
use tlsock_fuzz::{certs, handshake};

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let flags = input.byte();
    let len = match flags & 3 {
        0 => 48,
        1 => 80,
        _ => input.short(),
    };
    let keys = input.0;
    let server = peer::context(PROTOCOL_TLS_SERVER);
    if flags & 4 != 0 {
        set(&server, &OLD, 48).expect("the old key is good");
    }
    let outcome = set(&server, keys, len);
    assert_eq!(outcome.is_ok(), are_good(keys, len), "{} bytes in keys of {len}", keys.len());
    // A handshake costs as much as a hundred inputs that are refused.
    if flags & 8 == 0 {
        return;
    }
    peer::identify(&server, "ecdsa");
    let client = client(flags & 16 != 0);
    let (first, _) = handshake::shake(&client, &server, Some(c"localhost"), None).expect("two ends");
    assert!(first.done, "{:?}", first.failure);
    let Some(session) = session(&first.object) else { return };
    // The same keys once more are no other keys.
    assert_eq!(set(&server, keys, len).is_ok(), outcome.is_ok());
    let (second, _) =
        handshake::shake(&client, &server, Some(c"localhost"), Some(&session)).expect("two ends");
    assert!(second.done, "{:?}", second.failure);
    let own_key_again = outcome.is_ok() && keys.is_empty() && flags & 4 != 0;
    // SAFETY: a live object.
    let resumed = unsafe { tlsock_object_session_reused(second.object.raw()) };
    assert!(resumed || own_key_again, "its own ticket is not opened");
});

const OLD: [u8; 48] = [0x5A; 48];

/// Whole keys of a length that there is, none of them zero and no two of one name.
fn are_good(keys: &[u8], len: usize) -> bool {
    if keys.is_empty() {
        return true;
    }
    let whole = (len == 48 || len == 80) && keys.len() % len == 0;
    let mut names = BTreeSet::new();
    whole && keys.chunks(len).all(|key| key.iter().any(|byte| *byte != 0) && names.insert(&key[..16]))
}

fn set(server: &Handle<tlsock_context>, keys: &[u8], len: usize) -> Outcome<()> {
    // SAFETY: a live context and bytes of the length given.
    call("set_ticket_keys", |error| unsafe {
        tlsock_context_set_ticket_keys(server.raw(), keys.as_ptr().cast(), keys.len(), len, error)
    })
}

fn session(object: &Handle<tlsock_object>) -> Option<Handle<tlsock_session>> {
    // SAFETY: a live object and a place for a handle.
    let session =
        give("object_session", |out, error| unsafe { tlsock_object_session(object.raw(), out, error) });
    // SAFETY: ours.
    unsafe { Handle::new(session.expect("an answer")) }
}

fn client(older: bool) -> Shared {
    peer::cached(&format!("ticket_keys client {older}"), || {
        let client = peer::context(PROTOCOL_TLS_CLIENT);
        peer::trust(&client, certs::read("ca.pem")).expect("the root is good");
        if older {
            peer::limit(&client, TLS_VERSION_TLSV1_2);
        }
        client
    })
}
