//! PKCS#12 files. What loads is an identity that a server can show; what fails says why.
//!
//! The input: flags, a password behind its length, the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::ffi::{CStr, CString};
use std::ptr::null;
use tlsock_fuzz::c::*;
use tlsock_fuzz::call::{Outcome, call, give};
use tlsock_fuzz::handle::Handle;
use tlsock_fuzz::reader::Reader;
use tlsock_fuzz::{handshake, object, peer};

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let flags = input.byte();
    let password =
        CString::new(input.sized().split(|byte| *byte == 0).next().unwrap_or(b"")).expect("no NUL");
    let password = (flags & 1 != 0).then_some(password.as_c_str());
    let Ok(identity) = load(input.0, password) else { return };
    // SAFETY: a live identity and a place for a handle.
    let listed = give("identity_certificates", |out, error| unsafe {
        tlsock_identity_certificates(identity.raw(), out, error)
    });
    // SAFETY: ours.
    let list: Handle<tlsock_certificate_list> =
        unsafe { Handle::new(listed.expect("an identity has certificates")) }.expect("a list");
    // SAFETY: a live list.
    assert!(unsafe { object::inspect_list(list.raw()) } > 0, "an identity without a certificate");
    if flags & 2 != 0 {
        show(&identity);
    }
});

fn load(file: &[u8], password: Option<&CStr>) -> Outcome<Handle<tlsock_identity>> {
    let password = password.map_or(null(), CStr::as_ptr);
    // SAFETY: bytes of the length given, text or NULL, and a place for a handle.
    let made = give("identity_new_pkcs12", |out, error| unsafe {
        tlsock_identity_new_pkcs12(file.as_ptr().cast(), file.len(), password, out, error)
    });
    // SAFETY: ours.
    made.map(|identity| unsafe { Handle::new(identity) }.expect("a handle"))
}

/// A server may refuse it, for a key that is too short or a purpose, but not by chance.
fn show(identity: &Handle<tlsock_identity>) {
    let server = peer::context(PROTOCOL_TLS_SERVER);
    // SAFETY: live handles.
    let used = call("context_use_identity", |error| unsafe {
        tlsock_context_use_identity(server.raw(), identity.raw(), error)
    });
    let client = peer::cached("pkcs12", || {
        let client = peer::context(PROTOCOL_TLS_CLIENT);
        peer::verify(&client, CERT_NONE);
        client
    });
    let Some((client, _)) = handshake::shake(&client, &server, None, None) else { return };
    assert!(!client.done || used.is_ok(), "an identity that was refused is shown");
}
