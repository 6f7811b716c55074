//! Kernel TLS.

use crate::ffi::boundary::{ask, optional};
use crate::ssl::Socket;

/// Tells whether the kernel encrypts what the socket sends. It does if the context has TLSOCK_OP_ENABLE_KTLS and the
/// kernel, OpenSSL, the version and the cipher support it; the handshake decides. sendfile then copies no byte through
/// the process. A peer that asks for new keys, or in TLS 1.2 for a renegotiation, ends such a connection. After unwrap,
/// or on a detached descriptor, the kernel still encrypts until the descriptor is closed.
/// Extension.
/// OpenSSL: BIO_get_ktls_send
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_ktls_send(socket: *const Socket) -> bool {
    ask(false, || unsafe { optional(socket) }.as_deref().is_some_and(Socket::ktls_send))
}

/// Tells whether the kernel decrypts what the socket receives. So far it never does: a peer may change its keys at
/// any time, and the kernel cannot follow.
/// Extension.
/// OpenSSL: BIO_get_ktls_recv
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_ktls_recv(socket: *const Socket) -> bool {
    ask(false, || unsafe { optional(socket) }.as_deref().is_some_and(Socket::ktls_recv))
}
