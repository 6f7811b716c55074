//! What this side proves who it is with, and what a server asks of its clients.

use crate::ffi::boundary::{bytes, call, handle};
use crate::ssl::{Context, Error, Identity, Status};
use std::ffi::c_void;

/// Uses an identity for the connections made from now on, in place of the one of the same key type (RSA, RSA-PSS, ECDSA,
/// Ed25519): call it once for each type, and the handshake chooses. This is how a running server takes up a renewed
/// certificate: any thread may call it while others accept, connections made before keep what they have, and a
/// handshake gets the old pair or the new one, never parts of both. tlsock_context_load_cert_chain is this with an
/// identity of its own. The context keeps the identity; the handle stays the caller's.
/// Returns: SSL for a key that the security level or OpenSSL does not allow; nothing has changed then.
/// Extension.
/// OpenSSL: SSL_CTX_use_cert_and_key
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_use_identity(
    context: *mut Context,
    identity: *const Identity,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.use_identity(&*unsafe { handle(identity, "identity") }?)
    })
}

/// Sets the authorities that a server names when it asks its clients for certificates: the subjects of these, PEM or DER
/// (any number). They tell a client which of its certificates to show, and change nothing about whom the context
/// trusts. NULL with length 0 names none, as at first, which is any. At most 64,000 bytes of names can be sent,
/// two more for each counted.
/// Returns: VALUE on a TLS_CLIENT context and for more names than can be sent, SSL.
/// Extension: Python never sends any.
/// OpenSSL: SSL_CTX_set_client_CA_list
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_client_ca_names(
    context: *mut Context,
    certificates: *const c_void,
    certificates_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_client_ca_names(unsafe { bytes(certificates, certificates_len, "certificates") }?)
    })
}
