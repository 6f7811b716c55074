//! Options, protocol versions and tickets.

use crate::ffi::boundary::{ask, call, handle, optional};
use crate::ssl::{Context, Error, Status};
use std::ffi::c_int;

/// Returns the TLSOCK_OP_* bits, including unknown ones.
/// Python: SSLContext.options
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_options(context: *const Context) -> u64 {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, Context::options))
}

/// Sets exactly these TLSOCK_OP_* bits; start from the getter to add one. OP_ENABLE_KTLS lets the kernel encrypt what
/// sockets send, if it can: see tlsock_socket_ktls_send.
/// Returns: SSL; VALUE if the warning callback refuses an OP_NO_* of a version, which is deprecated.
/// Python: SSLContext.options = options
/// OpenSSL: SSL_CTX_set_options, SSL_CTX_clear_options
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_options(
    context: *mut Context,
    options: u64,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_options(options))
}

/// Returns the lowest TLSOCK_TLS_VERSION_* that is accepted; MINIMUM_SUPPORTED if there is no limit.
/// Python: SSLContext.minimum_version
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_minimum_version(context: *const Context) -> c_int {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, Context::minimum_version))
}

/// Sets the lowest TLSOCK_TLS_VERSION_* to accept. The default is TLSV1_2, or the value in openssl.cnf if that is
/// higher.
/// Returns: VALUE for an unknown version, one that OpenSSL refuses, one that the warning callback refuses, or a
/// context of one fixed version; SSL.
/// Python: SSLContext.minimum_version = version
/// OpenSSL: SSL_CTX_set_min_proto_version
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_minimum_version(
    context: *mut Context,
    version: c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_minimum_version(version))
}

/// Returns the highest TLSOCK_TLS_VERSION_* that is accepted; MAXIMUM_SUPPORTED if there is no limit.
/// Python: SSLContext.maximum_version
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_maximum_version(context: *const Context) -> c_int {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, Context::maximum_version))
}

/// Sets the highest TLSOCK_TLS_VERSION_* to accept. The default is the value in openssl.cnf.
/// Returns: VALUE as for the minimum. An empty range of versions fails in the handshake.
/// Python: SSLContext.maximum_version = version
/// OpenSSL: SSL_CTX_set_max_proto_version
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_maximum_version(
    context: *mut Context,
    version: c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_maximum_version(version))
}

/// Returns the number of TLS 1.3 tickets that a server sends after a handshake.
/// Python: SSLContext.num_tickets
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_num_tickets(context: *const Context) -> c_int {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, Context::num_tickets))
}

/// Sets the number of TLS 1.3 tickets that a server sends after a handshake. The default is 2.
/// Returns: VALUE for a negative count or any but a TLS_SERVER context, NOT_IMPLEMENTED with
/// AWS-LC for more than 16, SSL.
/// Python: SSLContext.num_tickets = count
/// OpenSSL: SSL_CTX_set_num_tickets
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_num_tickets(
    context: *mut Context,
    count: c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_num_tickets(count))
}
