//! Cipher suites.

use crate::ffi::boundary::{call, handle, text};
use crate::ssl::{Context, Error, Status};
use std::ffi::c_char;

/// Sets the ciphers of TLS 1.2 and below from an OpenSSL cipher list. Those of TLS 1.3 stay.
/// Returns: SSL "No cipher can be selected.".
/// Python: SSLContext.set_ciphers(ciphers)
/// OpenSSL: SSL_CTX_set_cipher_list
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_ciphers(
    context: *mut Context,
    ciphers: *const c_char,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_ciphers(unsafe { text(ciphers, "ciphers") }?)
    })
}
