//! The sessions of a server that are kept outside of the process: whatever the store gives back, the handshake of an honest client goes on.
//!
//! The input: flags, then the bytes, or what stands between mark and digest.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use std::ffi::{c_int, c_void};
use tlsock_fuzz::c::*;
use tlsock_fuzz::call::{Out, give};
use tlsock_fuzz::handle::Handle;
use tlsock_fuzz::peer::{self, Shared};
use tlsock_fuzz::reader::Reader;
use tlsock_fuzz::sealed::{DIGEST, changed, sealed};
use tlsock_fuzz::{certs, handshake};

thread_local!(static STORE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) });

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let flags = input.byte();
    let (client, server) = (client(flags & 1 != 0), server());
    let (first, _) = handshake::shake(&client, &server, Some(c"localhost"), None).expect("two ends");
    assert!(first.done, "{:?}", first.failure);
    // SAFETY: a live object and a place for a handle.
    let session =
        give("object_session", |out, error| unsafe { tlsock_object_session(first.object.raw(), out, error) });
    // SAFETY: ours.
    let session: Handle<tlsock_session> =
        unsafe { Handle::new(session.expect("an answer")) }.expect("a session");
    let honest = STORE.take();
    assert!(!honest.is_empty(), "nothing was put into the store");
    let mark = honest.iter().position(|byte| *byte == b'\n').expect("a mark") + 1;
    let (bytes, fits) = match flags >> 1 & 3 {
        0 => (input.0.to_vec(), false),
        1 => (sealed([&honest[..mark], input.0].concat()), true),
        2 => (sealed(changed(&honest[..honest.len() - DIGEST], &mut input)), true),
        _ => (changed(&honest, &mut input), false),
    };
    let whole = bytes == honest;
    STORE.set(bytes);
    let (second, _) =
        handshake::shake(&client, &server, Some(c"localhost"), Some(&session)).expect("two ends");
    // SAFETY: a live object.
    let resumed = unsafe { tlsock_object_session_reused(second.object.raw()) };
    assert!(second.done || fits, "{:?}", second.failure);
    assert!(!whole || resumed, "what was put is not found");
    assert!(whole || fits || !resumed, "damaged bytes are resumed");
    STORE.take();
});

unsafe extern "C" fn put(
    _: *mut c_void,
    _: *const tlsock_connection,
    _: *const u8,
    _: usize,
    data: *const u8,
    data_len: usize,
    _: i64,
    _: Out,
) -> c_int {
    // SAFETY: bytes of that length, by the header.
    STORE.set(unsafe { std::slice::from_raw_parts(data, data_len) }.to_vec());
    TLSOCK_OK
}

unsafe extern "C" fn get(
    _: *mut c_void,
    _: *const tlsock_connection,
    _: *const u8,
    _: usize,
    data: *mut u8,
    size: usize,
    len: *mut usize,
    _: Out,
) -> c_int {
    STORE.with_borrow(|store| {
        assert!(size >= store.len());
        // SAFETY: a buffer of that size and a place for a number, by the header.
        unsafe {
            data.copy_from(store.as_ptr(), store.len());
            len.write(store.len());
        }
    });
    TLSOCK_OK
}

fn server() -> Shared {
    peer::cached("stored_session server", || {
        let server = peer::context(PROTOCOL_TLS_SERVER);
        peer::identify(&server, "ecdsa");
        // SAFETY: a live context and no userdata.
        unsafe {
            let options = tlsock_context_options(server.raw()) | OP_NO_TICKET as u64;
            peer::set("options", &server, |server, error| tlsock_context_set_options(server, options, error));
            peer::set("session_cache", &server, |server, error| {
                tlsock_context_set_session_cache(
                    server,
                    Some(put),
                    Some(get),
                    None,
                    std::ptr::null_mut(),
                    None,
                    error,
                )
            });
        }
        server
    })
}

fn client(older: bool) -> Shared {
    peer::cached(&format!("stored_session client {older}"), || {
        let client = peer::context(PROTOCOL_TLS_CLIENT);
        peer::trust(&client, certs::read("ca.pem")).expect("the root is good");
        if older {
            peer::limit(&client, TLS_VERSION_TLSV1_2);
        }
        client
    })
}
