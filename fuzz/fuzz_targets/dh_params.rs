//! Diffie-Hellman parameters from a file.
//!
//! The input: flags, then the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlsock_fuzz::c::*;
use tlsock_fuzz::call::call;
use tlsock_fuzz::file::Scratch;
use tlsock_fuzz::reader::Reader;
use tlsock_fuzz::{handshake, peer};

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let flags = input.byte();
    let file = Scratch::new(input.0);
    let context = peer::context(PROTOCOL_TLS_SERVER);
    // SAFETY: a live context and text.
    let loaded = call("load_dh_params", |error| unsafe {
        tlsock_context_load_dh_params(context.raw(), file.path().as_ptr(), error)
    });
    // SAFETY: no preconditions.
    if unsafe { !tlsock_has(HAS_DH as std::ffi::c_int) } {
        assert!(loaded.is_err_and(|failure| failure.status == TLSOCK_NOT_IMPLEMENTED));
        return;
    }
    // One input in eight does the handshake, which takes long with long numbers.
    if flags & 7 != 0 || input.0.len() > 800 {
        return;
    }
    peer::identify(&context, "rsa");
    let client = peer::cached("dh_params", || {
        let client = peer::context(PROTOCOL_TLS_CLIENT);
        peer::verify(&client, CERT_NONE);
        peer::limit(&client, TLS_VERSION_TLSV1_2);
        // SAFETY: a live context and text.
        peer::set("ciphers", &client, |client, error| unsafe {
            tlsock_context_set_ciphers(client, c"DHE-RSA-AES128-GCM-SHA256".as_ptr(), error)
        });
        client
    });
    let (client, server) = handshake::shake(&client, &context, Some(c"localhost"), None).expect("two ends");
    assert!(!client.done || loaded.is_ok(), "DHE without parameters");
    assert!(client.done || client.failure.is_some() || server.failure.is_some());
});
