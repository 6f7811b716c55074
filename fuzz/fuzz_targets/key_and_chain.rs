//! A certificate chain and its key, from memory or files. What fails changes nothing; what loads is what a peer sees.
//!
//! The input: flags, a password, the certificates, and the key unless it is among them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::ffi::{CStr, CString, c_int, c_void};
use std::ptr::null;
use tlsock_fuzz::c::*;
use tlsock_fuzz::call::{Out, Outcome, call};
use tlsock_fuzz::file::Scratch;
use tlsock_fuzz::handle::Handle;
use tlsock_fuzz::reader::Reader;
use tlsock_fuzz::{certificate, certs, handshake, peer};

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let flags = input.byte();
    let password =
        CString::new(input.sized().split(|byte| *byte == 0).next().unwrap_or(b"")).expect("no NUL");
    let password = (flags & 1 != 0).then_some(password.as_c_str());
    let (cert, rest) = (input.sized(), input.0);
    let key = (flags & 2 == 0).then_some(rest);
    let context = peer::context(PROTOCOL_TLS_SERVER);
    if flags & 4 != 0 {
        peer::identify(&context, "ecdsa");
    }
    if flags & 8 != 0 {
        answer_passwords(&context, flags);
    }
    let loaded = match flags & 16 == 0 {
        true => peer::load_chain(&context, cert, key, password),
        false => load_files(&context, cert, key, password),
    };
    // A handshake costs as much as a hundred inputs that are refused.
    if loaded.is_ok() || flags & 0xE4 == 0xE4 {
        look(&context, cert, loaded.is_ok(), flags & 4 != 0);
    }
});

fn load_files(
    context: &Handle<tlsock_context>,
    cert: &[u8],
    key: Option<&[u8]>,
    password: Option<&CStr>,
) -> Outcome<()> {
    let (cert, key) = (Scratch::new(cert), key.map(Scratch::new));
    let keyfile = key.as_ref().map_or(null(), |key| key.path().as_ptr());
    let password = password.map_or(null(), CStr::as_ptr);
    // SAFETY: a live context and text.
    call("load_cert_chain", |error| unsafe {
        tlsock_context_load_cert_chain(context.raw(), cert.path().as_ptr(), keyfile, password, error)
    })
}

/// Sees what a peer sees.
fn look(context: &Handle<tlsock_context>, cert: &[u8], loaded: bool, had_one: bool) {
    let client = peer::cached("key_and_chain", || {
        let client = peer::context(PROTOCOL_TLS_CLIENT);
        peer::verify(&client, CERT_NONE);
        client
    });
    let Some((client, _)) = handshake::shake(&client, context, None, None) else { return };
    assert!(!client.done || loaded || had_one, "a server without a certificate");
    assert!(client.done || loaded, "a failure to load has spoilt what was there: {:?}", client.failure);
    // SAFETY: a live object.
    let Some(seen) = (unsafe { tlsock_fuzz::object::inspect(client.object.raw()) }) else { return };
    // With two kinds of keys the client's taste decides.
    let old = certificate::load(certs::read("ecdsa.pem")).expect("it loads");
    let new = certificate::load(cert);
    // SAFETY: live certificates.
    let der = |one: &Handle<_>| unsafe { certificate::slice(tlsock_certificate_der(one.raw())).to_vec() };
    let new = new.as_ref().ok().filter(|_| loaded).map(der);
    assert!(seen.der == new || (had_one && seen.der == Some(der(&old))), "neither certificate is shown");
}

/// Sets a callback that answers rightly, wrongly, too long, with nothing or with a failure.
fn answer_passwords(context: &Handle<tlsock_context>, flags: u8) {
    // SAFETY: a live context; the userdata is a number.
    peer::set("password_callback", context, |context, error| unsafe {
        let kind = usize::from(flags >> 5);
        tlsock_context_set_password_callback(context, Some(password), kind as *mut c_void, None, error)
    });
}

unsafe extern "C" fn password(
    kind: *mut c_void,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    error: Out,
) -> c_int {
    let answer: &[u8] = match kind as usize {
        0 | 1 => b"sesame",
        2 => b"wrong",
        3 => b"",
        4 => {
            // SAFETY: a place for a number, by the header.
            unsafe { len.write(size + 1) };
            return TLSOCK_OK;
        }
        5 => return TLSOCK_WANT_READ,
        6 => return 12345,
        _ => {
            // SAFETY: a place for an error, by the header.
            unsafe { error.write(tlsock_error_new(TLSOCK_TYPE, c"no password".as_ptr())) };
            return TLSOCK_TYPE;
        }
    };
    assert!(size >= answer.len());
    // SAFETY: a buffer of that size and a place for a number, by the header.
    unsafe {
        buffer.copy_from(answer.as_ptr(), answer.len());
        len.write(answer.len());
    }
    TLSOCK_OK
}
