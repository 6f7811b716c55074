//! The sessions that a context keeps for its clients.

use crate::ffi::boundary::{ask, call, handle, optional};
use crate::ssl::{Context, Error, Status};

/// Returns how many sessions the context keeps for its clients at most; 0 while it keeps none, and for NULL.
/// Extension: see tlsock_context_set_client_session_cache.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_client_session_cache(context: *const Context) -> usize {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, Context::client_session_cache))
}

/// Has the context keep the sessions of its clients, size of them at most, so that sockets resume by themselves: those of
/// create_connection, wrap_socket and connect with a server_hostname, for connections made from now on. 0, as at first,
/// keeps none and wipes those that were kept. tlsock_socket_session_reused tells what came of it.
/// A session is offered to the server of the same server_hostname and port (that of the socket's peer: behind a proxy the
/// proxy's), if the same name is sent, the same names are expected and the same protocols (ALPN) are offered; it is
/// resumed under the rules of tlsock_socket_set_session. Each is offered once; a handshake that succeeds leaves one for
/// the next connection, the last ticket in TLS 1.3, which comes with the first bytes that are read. So none is offered again after
/// a failed handshake. A fatal alert, and each change of the context's settings, drops what was kept; a full cache drops
/// what has waited longest. A child process does not use what its parent has kept. A connection that has been given a session
/// takes no part, nor does one with a verify, identity or PSK callback, or without a name. On the wire, a session of TLS 1.2
/// shows that both connections are of one client.
/// Returns: VALUE for a TLS_SERVER context; SSL.
/// Extension: Python leaves it to the caller to keep sessions.
/// OpenSSL: SSL_CTX_sess_set_new_cb
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_client_session_cache(
    context: *mut Context,
    size: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_client_session_cache(size))
}
