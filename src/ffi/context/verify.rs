//! Verify mode, host name checks and verify flags.

use crate::ffi::boundary::{ask, call, handle, optional};
use crate::ssl::{Context, Error, Status};
use std::ffi::c_int;

/// Returns TLSOCK_CERT_NONE, _OPTIONAL or _REQUIRED.
/// Python: SSLContext.verify_mode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_verify_mode(context: *const Context) -> c_int {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, Context::verify_mode))
}

/// Sets whether the peer must have a valid certificate. On a client, OPTIONAL is the same as REQUIRED.
/// Ours: once a server requests certificates, it no longer resumes sessions made before that. A client that verifies refuses a
/// server without a certificate, which ciphers with "aNULL" allow (a pre-shared key proves a server, too).
/// Returns: VALUE for CERT_NONE while host names are checked, SSL.
/// Python: SSLContext.verify_mode = mode
/// OpenSSL: SSL_CTX_set_verify
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_verify_mode(
    context: *mut Context,
    mode: c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_verify_mode(mode))
}

/// Tells whether the peer's certificate must be for the server_hostname.
/// Python: SSLContext.check_hostname
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_check_hostname(context: *const Context) -> bool {
    ask(false, || unsafe { optional(context) }.as_deref().is_some_and(Context::check_hostname))
}

/// Sets whether host names are checked. Switching it on raises a verify mode of NONE to REQUIRED.
/// Returns: SSL.
/// Python: SSLContext.check_hostname = check
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_check_hostname(
    context: *mut Context,
    check: bool,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_check_hostname(check))
}

/// Tells whether the common name of a certificate is compared if it has no DNS name.
/// Python: SSLContext.hostname_checks_common_name
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_hostname_checks_common_name(context: *const Context) -> bool {
    ask(false, || unsafe { optional(context) }.as_deref().is_some_and(Context::hostname_checks_common_name))
}

/// Sets whether the common name of a certificate is compared if it has no DNS name. It is by default.
/// Returns: SSL.
/// Python: SSLContext.hostname_checks_common_name = check
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_hostname_checks_common_name(
    context: *mut Context,
    check: bool,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_hostname_checks_common_name(check))
}

/// Returns the TLSOCK_VERIFY_* bits, including unknown ones.
/// Python: SSLContext.verify_flags
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_verify_flags(context: *const Context) -> u64 {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, Context::verify_flags))
}

/// Sets exactly these TLSOCK_VERIFY_* bits; start from the getter to add one.
/// Returns: SSL.
/// Python: SSLContext.verify_flags = flags
/// OpenSSL: X509_VERIFY_PARAM_set_flags, X509_VERIFY_PARAM_clear_flags
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_verify_flags(
    context: *mut Context,
    flags: u64,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_verify_flags(flags))
}

/// Returns how many certificates may stand between a peer's own and the trust anchor; -1 for OpenSSL's own limit, 100.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_verify_depth(context: *const Context) -> c_int {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, Context::verify_depth))
}

/// Sets how many certificates may stand between a peer's own and the trust anchor, for connections made from now on; -1
/// is OpenSSL's own limit, 100. A longer chain is refused with verify code 22, "certificate chain too long". Where an SNI
/// callback chooses another context the lesser of the two counts.
/// Returns: VALUE below -1, SSL.
/// Extension.
/// OpenSSL: SSL_CTX_set_verify_depth
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_verify_depth(
    context: *mut Context,
    depth: c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_verify_depth(depth))
}

/// Returns how long the certificates that a peer sends may be together, in bytes; 102400 at first.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_max_cert_list(context: *const Context) -> usize {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, Context::max_cert_list))
}

/// Sets how long the certificates that a peer sends may be together, in bytes, for connections made from now on: what is
/// longer is refused before it is read, or decompressed.
/// Returns: VALUE for 0 and beyond 16777215, the longest message of TLS; SSL.
/// Extension.
/// OpenSSL: SSL_CTX_set_max_cert_list
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_max_cert_list(
    context: *mut Context,
    bytes: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_max_cert_list(bytes))
}
