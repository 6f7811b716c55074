//! Application protocols.

use crate::ffi::boundary::{call, handle, slice, text};
use crate::ssl::{Context, Error, Result, Status};
use std::ffi::c_char;

unsafe fn names<'a>(protocols: *const *const c_char, count: usize) -> Result<Vec<&'a str>> {
    let protocols = unsafe { slice(protocols, count, "protocols") }?;
    protocols.iter().map(|name| unsafe { text(*name, "an entry of protocols") }).collect()
}

/// Sets the application protocols that a client offers, or from which a server chooses in this order. Each is ASCII of 1
/// to 255 bytes. If both sides have none in common, the connection has no protocol. Nothing changes on failure.
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
