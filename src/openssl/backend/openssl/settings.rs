//! Settings of contexts and connections.

use crate::openssl::{Result, cvt_p, sys};
use std::os::raw::c_int;

/// A context that was just made gets what settings need that libssl has no place for.
pub unsafe fn prepare(_: *mut sys::SSL_CTX) -> Result<()> {
    Ok(())
}

/// A connection that was just made takes over what its context does not hand on by itself.
pub unsafe fn take_over(_: *mut sys::SSL, _: *mut sys::SSL_CTX) -> Result<()> {
    Ok(())
}

/// The option bits of a context.
pub unsafe fn context_options(ctx: *mut sys::SSL_CTX) -> u64 {
    // SAFETY: the caller's context is alive.
    unsafe { sys::SSL_CTX_get_options(ctx) }
}

/// Sets exactly these option bits of a context.
pub unsafe fn set_context_options(ctx: *mut sys::SSL_CTX, options: u64) {
    // SAFETY: the caller's context is alive; so below.
    let old = unsafe { sys::SSL_CTX_get_options(ctx) };
    // SAFETY: as above.
    unsafe { sys::SSL_CTX_clear_options(ctx, old & !options) };
    // SAFETY: as above.
    unsafe { sys::SSL_CTX_set_options(ctx, options & !old) };
}

/// The security level of a context.
pub unsafe fn context_level(ctx: *mut sys::SSL_CTX) -> c_int {
    // SAFETY: the caller's context is alive.
    unsafe { sys::SSL_CTX_get_security_level(ctx) }
}

/// Sets the security level of a context.
pub unsafe fn set_context_level(ctx: *mut sys::SSL_CTX, level: c_int) {
    // SAFETY: the caller's context is alive.
    unsafe { sys::SSL_CTX_set_security_level(ctx, level) };
}

/// The option bits of a connection.
pub unsafe fn options(ssl: *mut sys::SSL) -> u64 {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_get_options(ssl) }
}

/// Adds option bits of a connection.
pub unsafe fn add_options(ssl: *mut sys::SSL, options: u64) {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_set_options(ssl, options) };
}

/// The security level of a connection.
pub unsafe fn security_level(ssl: *mut sys::SSL) -> c_int {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_get_security_level(ssl) }
}

/// Tells whether no further handshake can follow on a connection.
pub unsafe fn refuses_renegotiation(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_get_options(ssl) & sys::SSL_OP_NO_RENEGOTIATION != 0 }
}

/// Gives a connection another context. What its sessions are bound to stays.
pub unsafe fn switch_context(ssl: *mut sys::SSL, ctx: *mut sys::SSL_CTX) -> Result<()> {
    // SAFETY: both are alive, as the caller promises; the connection takes its own reference.
    cvt_p(|| unsafe { sys::SSL_set_SSL_CTX(ssl, ctx) }).map(|_| ())
}

/// The store that a connection verifies against, lent by it, or NULL.
pub unsafe fn store(ssl: *mut sys::SSL) -> *mut sys::X509_STORE {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_get0_verify_cert_store(ssl) }
}

/// Has a connection verify against a store, and build an own chain from it that is not given.
pub unsafe fn set_store(ssl: *mut sys::SSL, store: *mut sys::X509_STORE) {
    // SAFETY: the caller's connection and store are alive; the connection takes its own references.
    unsafe { sys::SSL_set1_verify_cert_store(ssl, store) };
    // SAFETY: as above.
    unsafe { sys::SSL_set1_chain_cert_store(ssl, store) };
}

/// Has a client offer post-handshake authentication, or no longer.
pub unsafe fn set_post_handshake_auth(ssl: *mut sys::SSL, on: bool) {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_set_post_handshake_auth(ssl, c_int::from(on)) }
}

/// The option bits, of these, by which nothing would come about: OpenSSL keeps any.
pub fn unknown_options(_: u64) -> u64 {
    0
}

/// The same of verify flags.
pub fn unknown_verify_flags(_: u64) -> u64 {
    0
}

/// Sets the security level of a verification that no connection has asked for.
pub unsafe fn set_level_of_verification(param: *mut sys::X509_VERIFY_PARAM, level: c_int) {
    // SAFETY: the caller's parameters are alive.
    unsafe { sys::X509_VERIFY_PARAM_set_auth_level(param, level) };
}
