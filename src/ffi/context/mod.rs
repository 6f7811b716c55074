//! `tlsock_context_*`: the context itself, and its settings by subject.

mod alpn;
mod callback;
mod chain;
mod chain_cache;
mod client_session_cache;
mod ciphers;
mod ech;
mod ocsp;
mod keylog;
mod copy;
mod identity;
mod options;
mod pins;
mod sigalgs;
mod stats;
mod tickets;
mod trust;
mod verify;
mod wrap;

use super::boundary::{ask, call, free, handle, optional, place};
use crate::ssl::{Context, Error, Status};
use std::ffi::c_int;

/// Makes a context of one TLSOCK_PROTOCOL_*. A TLS_CLIENT context requires and verifies certificates and checks host
/// names, but trusts no CA until some are loaded. tlsock_create_default_context makes a context and loads CAs.
/// Ours: for versions, ciphers and the security level, the stricter of our defaults and the system's openssl.cnf is used;
/// Python's defaults replace those of openssl.cnf. A setter replaces both.
/// Returns: VALUE for a protocol that this OpenSSL lacks, SSL.
/// Python: SSLContext(protocol)
/// OpenSSL: SSL_CTX_new
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_new(
    protocol: c_int,
    context: *mut *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(context, "context")?;
        output.give(Context::new(protocol)?);
        Ok(())
    })
}

/// Frees a handle on a context; connections made from the context go on. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_free(context: *mut Context) {
    unsafe { free(context) }
}

/// Tells whether two handles refer to the same context.
/// Python: a is b
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_same(context: *const Context, other: *const Context) -> bool {
    ask(false, || match unsafe { (optional(context), optional(other)) } {
        (Some(context), Some(other)) => context.same(&other),
        _ => false,
    })
}

/// Returns the TLSOCK_PROTOCOL_* the context was made with.
/// Python: SSLContext.protocol
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_protocol(context: *const Context) -> c_int {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, Context::protocol))
}

/// Tells whether TLS 1.3 post-handshake authentication is on.
/// Python: SSLContext.post_handshake_auth
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_post_handshake_auth(context: *const Context) -> bool {
    ask(false, || unsafe { optional(context) }.as_deref().is_some_and(Context::post_handshake_auth))
}

/// Sets whether a client offers, and a server uses, TLS 1.3 post-handshake authentication.
/// Returns: NOT_IMPLEMENTED without TLSOCK_HAS_PHA, unless it is false.
/// Python: SSLContext.post_handshake_auth = on
/// OpenSSL: SSL_set_post_handshake_auth
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_post_handshake_auth(
    context: *mut Context,
    on: bool,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_post_handshake_auth(on))
}

/// Returns OpenSSL's security level. `@SECLEVEL=n` in set_ciphers changes it.
/// Python: SSLContext.security_level
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_security_level(context: *const Context) -> c_int {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, Context::security_level))
}
