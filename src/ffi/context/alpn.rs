//! Application protocols.

use crate::ffi::boundary::{ask, call, handle, optional, slice, text};
use crate::ssl::{Context, Error, Result, Status};
use std::ffi::c_char;

unsafe fn names<'a>(protocols: *const *const c_char, count: usize) -> Result<Vec<&'a str>> {
    let protocols = unsafe { slice(protocols, count, "protocols") }?;
    protocols.iter().map(|name| unsafe { text(*name, "an entry of protocols") }).collect()
}

/// Sets the application protocols that a client offers, or from which a server chooses in this order. Each is ASCII of 1
/// to 255 bytes. If both sides have none in common, the connection has no protocol: see
/// tlsock_context_set_alpn_strict. Nothing changes on failure.
/// Returns: SSL for a wrong length.
/// Python: SSLContext.set_alpn_protocols(protocols)
/// OpenSSL: SSL_CTX_set_alpn_protos, SSL_CTX_set_alpn_select_cb
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_alpn_protocols(
    context: *mut Context,
    protocols: *const *const c_char,
    count: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_alpn_protocols(&unsafe { names(protocols, count) }?)
    })
}

/// Returns what tlsock_context_set_alpn_strict has set; false for NULL.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_alpn_strict(context: *const Context) -> bool {
    ask(false, || unsafe { optional(context) }.as_deref().is_some_and(Context::alpn_strict))
}

/// Sets whether a server that has protocols, or an ALPN callback, refuses a client that offers others only, and one for which
/// the callback chooses none, with no_application_protocol (RFC 7301, section 3.2): the handshake fails with SSL. A client
/// that offers none at all is not refused. Off at first, as in Python.
/// Returns: VALUE on a TLS_CLIENT context.
/// Extension: what crypto/tls and node do
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_alpn_strict(
    context: *mut Context,
    strict: bool,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_alpn_strict(strict))
}

/// Checks its arguments and fails: NPN was removed from TLS.
/// Returns: SSL for a wrong length, otherwise NOT_IMPLEMENTED.
/// Python: SSLContext.set_npn_protocols(protocols)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_npn_protocols(
    context: *mut Context,
    protocols: *const *const c_char,
    count: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_npn_protocols(&unsafe { names(protocols, count) }?)
    })
}
