//! Sessions from bytes. Nearly every changed input would fail at the digest at its end, so the target gives most inputs a
//! correct one.
//!
//! The input: flags, then the bytes, or what stands between mark and digest.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::cell::OnceCell;
use tlsock_fuzz::c::*;
use tlsock_fuzz::call::{Outcome, give, owned};
use tlsock_fuzz::handle::Handle;
use tlsock_fuzz::peer::{self, Shared};
use tlsock_fuzz::reader::Reader;
use tlsock_fuzz::sealed::{DIGEST, changed, sealed};
use tlsock_fuzz::{certs, handshake, object};

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let flags = input.byte();
    let insists = flags & 1 == 0;
    let client = client(insists);
    let honest = honest(insists);
    let mark = honest.iter().position(|byte| *byte == b'\n').expect("a mark") + 1;
    let bytes = match flags >> 1 & 3 {
        0 => input.0.to_vec(),
        // All after the mark.
        1 => sealed([&honest[..mark], input.0].concat()),
        // All after the digest of the trust, which no input can guess.
        2 => sealed([&honest[..mark + DIGEST], input.0].concat()),
        // Some bytes of a good one changed.
        _ => sealed(changed(&honest[..honest.len() - DIGEST], &mut input)),
    };
    let Ok(session) = load(&client, &bytes) else { return };
    assert!(bytes.starts_with(&honest[..mark + DIGEST]), "a session of another trust was taken");
    // SAFETY: a live session.
    unsafe { object::inspect_session(session.raw()) }
    round_trip(&client, &session);
    if flags & 8 != 0 {
        resume(&client, &session, insists);
    }
});

fn load(client: &Shared, bytes: &[u8]) -> Outcome<Handle<tlsock_session>> {
    // SAFETY: a live context, bytes of the length given and a place for a handle.
    let made = give("session_new_data", |out, error| unsafe {
        tlsock_session_new_data(client.raw(), bytes.as_ptr().cast(), bytes.len(), out, error)
    });
    // SAFETY: ours.
    made.map(|session| unsafe { Handle::new(session) }.expect("a handle"))
}

fn data(session: &Handle<tlsock_session>) -> Vec<u8> {
    // SAFETY: a live session and a place for bytes.
    let data = owned("session_data", |out, error| unsafe { tlsock_session_data(session.raw(), out, error) });
    data.expect("a session can be kept").expect("bytes")
}

/// What is kept is read as the same.
fn round_trip(client: &Shared, session: &Handle<tlsock_session>) {
    let kept = data(session);
    let again =
        load(client, &kept).unwrap_or_else(|failure| panic!("its own bytes are refused: {failure:?}"));
    assert!(data(&again) == kept, "its own bytes do not come back");
    // SAFETY: live sessions.
    assert!(unsafe { tlsock_session_equal(session.raw(), again.raw()) });
}

/// A connection with the session: resumed or not, it is honest.
fn resume(client: &Shared, session: &Handle<tlsock_session>, insists: bool) {
    let Some((end, _)) = handshake::shake(client, &server(), Some(c"localhost"), Some(session)) else {
        return;
    };
    if !end.done {
        return;
    }
    // SAFETY: a live object.
    let seen = unsafe { object::inspect(end.object.raw()) }.expect("a finished handshake");
    // A resumed session shows the certificate that is in its bytes.
    // SAFETY: a live object.
    let resumed = unsafe { tlsock_object_session_reused(end.object.raw()) };
    assert!(resumed || seen.verified == insists);
}

fn client(insists: bool) -> Shared {
    peer::cached(&format!("session client {insists}"), || {
        let client = peer::context(PROTOCOL_TLS_CLIENT);
        peer::trust(&client, certs::read("ca.pem")).expect("the root is good");
        if !insists {
            peer::verify(&client, CERT_NONE);
        }
        peer::limit(&client, TLS_VERSION_TLSV1_2);
        client
    })
}

fn server() -> Shared {
    peer::cached("session server", || {
        let server = peer::context(PROTOCOL_TLS_SERVER);
        peer::identify(&server, "ecdsa");
        server
    })
}

/// The bytes of a real session.
fn honest(insists: bool) -> Vec<u8> {
    thread_local!(static KNOWN: [OnceCell<Vec<u8>>; 2] = const { [OnceCell::new(), OnceCell::new()] });
    KNOWN.with(|known| {
        known[usize::from(insists)]
            .get_or_init(|| {
                let client = client(insists);
                let (end, _) =
                    handshake::shake(&client, &server(), Some(c"localhost"), None).expect("two ends");
                assert!(end.done, "{:?}", end.failure);
                // SAFETY: a live object and a place for a handle.
                let session = give("object_session", |out, error| unsafe {
                    tlsock_object_session(end.object.raw(), out, error)
                });
                // SAFETY: ours.
                let session = unsafe { Handle::new(session.expect("an answer")) }.expect("a session");
                data(&session)
            })
            .clone()
    })
}
