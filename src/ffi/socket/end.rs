//! Ending a connection, and detaching its descriptor.

use super::Fd;
use super::address::INVALID;
use crate::ffi::boundary::{ask, call, handle, optional};
use crate::ssl::socket::release;
use crate::ssl::{Error, Socket, Status};
use std::ffi::c_int;

/// Shuts the transport down without close_notify: how is SHUT_RD, SHUT_WR or SHUT_RDWR of the system (0, 1, 2). A
/// thread blocked in this socket wakes. SHUT_RDWR drops TLS. To end only your own data, and notify the peer, use
/// close_write. Ours: after SHUT_WR recv still decrypts (Python's returns ciphertext), and after SHUT_RDWR it returns
/// no bytes.
/// Returns: OS.
/// Python: SSLSocket.shutdown(how)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_shutdown(
    socket: *mut Socket,
    how: c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        socket.shutdown(super::address::half(how)?)
    })
}

/// Closes the descriptor, without close_notify (unwrap or close_write send it), once all streams of makefile are
/// closed. A thread blocked in this socket wakes with an error. Closing twice does nothing. If the system's close fails,
/// that changes nothing and is not returned.
/// Ours: up to 256 KiB that have arrived unread, such as tickets, are read and dropped first: otherwise the system
/// would reset the connection, and the peer could lose data that it has not read yet. Bytes that arrive later still
/// cause a reset: a client that must be sure calls close_write and reads to the end.
/// Returns: nothing beyond the conventions.
/// Python: SSLSocket.close()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_close(socket: *mut Socket, error: *mut *mut Error) -> Status {
    call(error, || unsafe { handle(socket, "socket") }?.close())
}

/// Resets the transport at once and closes it; unsent data is lost. Threads blocked in this socket wake with an
/// error. Any thread may call it to give up on a peer.
/// Returns: nothing beyond the conventions.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_abort(socket: *mut Socket, error: *mut *mut Error) -> Status {
    call(error, || unsafe { handle(socket, "socket") }?.abort())
}

/// Returns the descriptor, still open, which then belongs to the caller; TLSOCK_INVALID_FD if there is none.
/// Ours: TLS on this socket is over.
/// Python: SSLSocket.detach()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_detach(socket: *mut Socket) -> Fd {
    ask(INVALID, || {
        let fd = unsafe { optional(socket) }.as_deref().and_then(Socket::detach);
        fd.map_or(INVALID, release)
    })
}

/// Tells whether the stream ended without close_notify although recv reported a normal end: the data may be truncated.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_ragged_eof(socket: *const Socket) -> bool {
    ask(false, || unsafe { optional(socket) }.as_deref().is_some_and(Socket::ragged_eof))
}
