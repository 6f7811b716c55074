//! Certificate timestamps that come with a server's certificate.

use crate::ffi::boundary::{ask, call, handle, optional};
use crate::ssl::{Context, Error, Status};

/// Tells whether clients of this context ask for certificate timestamps; false for NULL.
/// Extension: see tlsock_context_set_scts_requested.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_scts_requested(context: *const Context) -> bool {
    ask(false, || unsafe { optional(context) }.as_deref().is_some_and(Context::scts_requested))
}

/// Sets whether clients ask servers for the signed certificate timestamps (SCTs, RFC 6962) of their certificates, for
/// connections made from now on: see tlsock_socket_scts. They are told as they came, and nobody is refused for them, but for a
/// list whose lengths do not fit (SSL). Those that are in certificates and OCSP responses are not among them. Off at first:
/// the ClientHello is one extension longer with it.
/// Returns: VALUE on a TLS_SERVER context, SSL.
/// Extension: what crypto/tls does
/// OpenSSL: SSL_CTX_add_custom_ext
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_scts_requested(
    context: *mut Context,
    requested: bool,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_scts_requested(requested))
}
