//! Signature algorithms.

use crate::ffi::boundary::{call, handle, text};
use crate::ssl::{Context, Error, Status};
use std::ffi::c_char;

/// Sets by which algorithms servers may sign in handshakes, in the order of preference, separated by colons:
/// "ecdsa_secp256r1_sha256:ed25519", or in OpenSSL's older form "ECDSA+SHA256:RSA-PSS+SHA256". A client offers these, a
/// server signs by one of them. They hold for the signatures of clients too, unless tlsock_context_set_client_sigalgs sets
/// others. A refusal changes nothing.
/// Returns: VALUE for a name that is no known algorithm (the message has the nearest known one) and for a list that is too
/// long, SSL for a list that OpenSSL refuses for another reason, such as a name that comes twice.
/// Extension: SSLContext.set_server_sigalgs() of Python 3.15
/// OpenSSL: SSL_CTX_set1_sigalgs_list
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_server_sigalgs(
    context: *mut Context,
    sigalgs: *const c_char,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_server_sigalgs(unsafe { text(sigalgs, "sigalgs") }?)
    })
}

/// Sets by which algorithms clients may sign to prove their certificates, as tlsock_context_set_server_sigalgs does for
/// servers. A server asks for these, a client signs by one of them.
/// Returns: VALUE for a name that is no known algorithm (the message has the nearest known one) and for a list that is too
/// long, SSL for a list that OpenSSL refuses for another reason.
/// Extension: SSLContext.set_client_sigalgs() of Python 3.15
/// OpenSSL: SSL_CTX_set1_client_sigalgs_list
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_client_sigalgs(
    context: *mut Context,
    sigalgs: *const c_char,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_client_sigalgs(unsafe { text(sigalgs, "sigalgs") }?)
    })
}
