//! Waiting and timeouts.

use crate::ffi::boundary::{ask, call, handle, optional};
use crate::ssl::{Error, Socket, Status, Timeout};
use std::ffi::c_int;

/// Waits until the descriptor is ready for what a call wanted: want is TLSOCK_WANT_READ or TLSOCK_WANT_WRITE (also
/// for a connect in progress). timeout is in seconds as for settimeout. For TLSOCK_WANT_READ it returns at once if
/// tlsock_socket_pending is not 0, and if the next read tells the peer's end or a failure that was received already.
/// While a callback of the handshake has no answer, it returns WANT_CALLBACK at once: the descriptor cannot tell when there
/// is one.
/// Returns: WANT_CALLBACK, TIMEOUT, OS.
/// Extension: select.select() on one socket.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_wait(
    socket: *mut Socket,
    want: c_int,
    timeout: f64,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        socket.wait(super::address::ready(want)?, Timeout::from_seconds(timeout)?)
    })
}

/// Returns the timeout in seconds: negative for none, 0 for non-blocking.
/// Python: SSLSocket.gettimeout()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_gettimeout(socket: *const Socket) -> f64 {
    ask(-1.0, || unsafe { optional(socket) }.as_deref().map_or(-1.0, |socket| socket.gettimeout().seconds()))
}

/// Sets the deadline of each later call, in seconds from its start: negative for none, 0 for
/// non-blocking.
/// Returns: OS, VALUE for NaN.
/// Python: SSLSocket.settimeout(value)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_settimeout(
    socket: *mut Socket,
    seconds: f64,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        socket.settimeout(Timeout::from_seconds(seconds)?)
    })
}

/// Makes the socket blocking without a timeout (true), or non-blocking (false).
/// Returns: OS.
/// Python: SSLSocket.setblocking(flag)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_setblocking(
    socket: *mut Socket,
    blocking: bool,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        socket.settimeout(if blocking { Timeout::Never } else { Timeout::NonBlocking })
    })
}
