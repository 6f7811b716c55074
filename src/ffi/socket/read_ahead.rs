//! Receiving more than one call needs.

use crate::ffi::boundary::{ask, call, handle, optional};
use crate::ssl::{Error, Socket, Status};

/// Tells whether reads that may wait receive more than they return. Off at first.
/// Extension.
/// OpenSSL: SSL_get_read_ahead
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_read_ahead(socket: *const Socket) -> bool {
    ask(false, || unsafe { optional(socket) }.as_deref().is_some_and(Socket::read_ahead))
}

/// Sets whether reads that may wait receive up to 64 KiB at a time. That saves system calls: one for each read
/// instead of two, and one for several records. Whole records may then wait inside, and poll on the descriptor does
/// not report them; a close_notify among them is not even reported by tlsock_socket_pending. With it off, a call
/// receives only what it uses. It is for programs that wait only in recv. A non-blocking socket never receives ahead.
/// Returns: nothing beyond the conventions.
/// Extension.
/// OpenSSL: SSL_set_read_ahead
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_set_read_ahead(
    socket: *mut Socket,
    on: bool,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        unsafe { handle(socket, "socket") }?.set_read_ahead(on);
        Ok(())
    })
}
