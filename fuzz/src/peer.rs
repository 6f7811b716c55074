//! Contexts and connections by name.

use crate::c::*;
use crate::call::{Outcome, call, give};
use crate::certs;
use crate::handle::{Handle, raw};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{CStr, c_int};
use std::ptr::{null, null_mut};
use std::rc::Rc;

/// A context that may be kept from run to run.
pub type Shared = Rc<Handle<tlsock_context>>;

/// Makes a context of a protocol.
pub fn context(protocol: i64) -> Handle<tlsock_context> {
    // SAFETY: a place for a handle.
    let made = give("context_new", |out, error| unsafe { tlsock_context_new(protocol as c_int, out, error) });
    // SAFETY: ours.
    unsafe { Handle::new(made.expect("a context")) }.expect("a handle")
}

/// Makes a context once per process and settings.
pub fn cached(settings: &str, make: impl FnOnce() -> Handle<tlsock_context>) -> Shared {
    thread_local!(static KNOWN: RefCell<HashMap<String, Shared>> = RefCell::default());
    if let Some(known) = KNOWN.with_borrow(|known| known.get(settings).cloned()) {
        return known;
    }
    let made = Rc::new(make());
    KNOWN.with_borrow_mut(|known| known.insert(settings.to_string(), Rc::clone(&made)));
    made
}

/// Loads one of the tests' certificates with its key.
pub fn identify(context: &Handle<tlsock_context>, name: &str) {
    let (cert, key) = (certs::read(&format!("{name}.pem")), certs::read(&format!("{name}.key")));
    load_chain(context, cert, Some(key), None).expect("a certificate and its key");
}

/// Loads a chain and its key from memory.
pub fn load_chain(
    context: &Handle<tlsock_context>,
    cert: &[u8],
    key: Option<&[u8]>,
    password: Option<&CStr>,
) -> Outcome<()> {
    let (key, key_len) = key.map_or((null(), 0), |key| (key.as_ptr().cast(), key.len()));
    let password = password.map_or(null(), CStr::as_ptr);
    // SAFETY: a live context and bytes of the length given.
    call("load_cert_chain_data", |error| unsafe {
        let cert_len = cert.len();
        tlsock_context_load_cert_chain_data(
            context.raw(),
            cert.as_ptr().cast(),
            cert_len,
            key,
            key_len,
            password,
            error,
        )
    })
}

/// Trusts CAs from memory.
pub fn trust(context: &Handle<tlsock_context>, data: &[u8]) -> Outcome<()> {
    // SAFETY: a live context and bytes of the length given.
    call("load_verify_locations", |error| unsafe {
        let data_len = data.len();
        tlsock_context_load_verify_locations(
            context.raw(),
            null(),
            null(),
            data.as_ptr().cast(),
            data_len,
            error,
        )
    })
}

/// Adds the tests' revocation lists and has them looked at.
pub fn check_crls(context: &Handle<tlsock_context>) {
    let crl = certs::read("crl.pem");
    // SAFETY: a live context and bytes of the length given.
    let added = call("load_crl_data", |error| unsafe {
        tlsock_context_load_crl_data(context.raw(), crl.as_ptr().cast(), crl.len(), error)
    });
    added.expect("the lists are good");
    // SAFETY: a live context.
    let flags = unsafe { tlsock_context_verify_flags(context.raw()) } | VERIFY_CRL_CHECK_CHAIN;
    set("verify_flags", context, |context, error| unsafe {
        tlsock_context_set_verify_flags(context, flags, error)
    });
}

/// Makes a setting that must work.
pub fn set(
    name: &str,
    context: &Handle<tlsock_context>,
    setter: impl FnOnce(*mut tlsock_context, crate::call::Out) -> tlsock_status,
) {
    call(name, |error| setter(context.raw(), error)).unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
}

/// The same, of a feature that the library may not have.
pub fn set_if_there(
    feature: i64,
    name: &str,
    context: &Handle<tlsock_context>,
    setter: impl FnOnce(*mut tlsock_context, crate::call::Out) -> tlsock_status,
) {
    // SAFETY: no preconditions.
    if unsafe { tlsock_has(feature as c_int) } {
        set(name, context, setter);
    }
}

/// Sets the highest version.
pub fn limit(context: &Handle<tlsock_context>, version: i64) {
    set("maximum_version", context, |context, error| unsafe {
        tlsock_context_set_maximum_version(context, version as c_int, error)
    });
}

/// Sets how peers are verified, without a look at names.
pub fn verify(context: &Handle<tlsock_context>, mode: i64) {
    set("check_hostname", context, |context, error| unsafe {
        tlsock_context_set_check_hostname(context, false, error)
    });
    set("verify_mode", context, |context, error| unsafe {
        tlsock_context_set_verify_mode(context, mode as c_int, error)
    });
}

/// Sets the application protocols.
pub fn alpn(context: &Handle<tlsock_context>, protocols: &[&CStr]) -> Outcome<()> {
    let pointers: Vec<_> = protocols.iter().map(|one| one.as_ptr()).collect();
    // SAFETY: a live context and an array of text.
    call("set_alpn_protocols", |error| unsafe {
        tlsock_context_set_alpn_protocols(context.raw(), pointers.as_ptr(), pointers.len(), error)
    })
}

/// Makes a connection in memory.
pub fn wrap(
    context: &Handle<tlsock_context>,
    bios: Option<(&Handle<tlsock_bio>, &Handle<tlsock_bio>)>,
    flags: u32,
    hostname: Option<&CStr>,
    session: Option<&Handle<tlsock_session>>,
) -> Outcome<Handle<tlsock_object>> {
    let (incoming, outgoing) = bios.map_or((null_mut(), null_mut()), |(one, two)| (one.raw(), two.raw()));
    let hostname = hostname.map_or(null(), CStr::as_ptr);
    // SAFETY: live handles.
    let made = give("wrap_bio", |out, error| unsafe {
        let session = raw(session);
        tlsock_context_wrap_bio(context.raw(), incoming, outgoing, flags, hostname, session, out, error)
    });
    // SAFETY: ours.
    made.map(|object| unsafe { Handle::new(object) }.expect("a handle"))
}

/// Makes a memory buffer.
pub fn bio() -> Handle<tlsock_bio> {
    // SAFETY: a place for a handle.
    let made = give("bio_new", |out, error| unsafe { tlsock_bio_new(out, error) }).expect("a buffer");
    // SAFETY: ours.
    unsafe { Handle::new(made) }.expect("a handle")
}
