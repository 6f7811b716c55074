//! Ending a socket, its descriptor and its timeout.

use super::{Address, Fd};
use crate::ffi::boundary::{ask, call, handle, optional, output};
use crate::ssl::socket::release;
use crate::ssl::{Error, Socket, Status, Timeout};
use std::ffi::c_int;

/// TLSOCK_INVALID_FD
const INVALID: Fd = !0;

/// Shuts the transport down without close_notify: how is SHUT_RD, SHUT_WR or SHUT_RDWR of the system (0,
/// 1, 2). A thread blocked in this socket wakes. SHUT_RDWR drops TLS. To end only your own data, and say
/// so, use close_write. Ours: after SHUT_WR recv goes on through TLS (Python's gives ciphertext), and
/// after SHUT_RDWR it gives nothing.
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

/// Closes the descriptor, without close_notify (unwrap or close_write send it), once all streams of
/// makefile are closed. A thread blocked in this socket wakes with an error. Closing twice is fine, and what the
/// system says to a close changes nothing: it is not returned.
/// Ours: up to 256 KiB that have arrived unread, tickets for one, are taken in first: else the system would reset the
/// connection, and the peer could lose what it has not read. What arrives later still does that: a client that must
/// be sure calls close_write and reads to the end.
/// Python: SSLSocket.close()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_close(socket: *mut Socket, error: *mut *mut Error) -> Status {
    call(error, || unsafe { handle(socket, "socket") }?.close())
}

/// Resets the transport at once, unsent data lost, and closes it. Threads blocked in this socket wake
/// with an error. For giving up on a peer, from any thread.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_abort(socket: *mut Socket, error: *mut *mut Error) -> Status {
    call(error, || unsafe { handle(socket, "socket") }?.abort())
}

/// Gives the descriptor up to the caller, still open; TLSOCK_INVALID_FD if there is none.
/// Ours: TLS on this socket is over.
/// Python: SSLSocket.detach()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_detach(socket: *mut Socket) -> Fd {
    ask(INVALID, || {
        let fd = unsafe { optional(socket) }.as_deref().and_then(Socket::detach);
        fd.map_or(INVALID, release)
    })
}

/// Returns the descriptor, for poll and the like; TLSOCK_INVALID_FD if there is none. Bytes may be ready
/// in tlsock_socket_pending though the descriptor is not, and in tlsock_socket_pending_write to be sent.
/// Python: SSLSocket.fileno()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_fileno(socket: *const Socket) -> Fd {
    ask(INVALID, || {
        unsafe { optional(socket) }.as_deref().and_then(Socket::fileno).map_or(INVALID, |fd| fd as Fd)
    })
}

/// Waits until the descriptor is ready for what a call wanted: want is TLSOCK_WANT_READ or
/// TLSOCK_WANT_WRITE (a connect that is under way too). timeout as in settimeout. Bytes in
/// tlsock_socket_pending end it at once.
/// Returns: TIMEOUT, OS.
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

/// Tells whether the stream ended without close_notify though recv reported a plain end: what was
/// received may be cut short.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_ragged_eof(socket: *const Socket) -> bool {
    ask(false, || unsafe { optional(socket) }.as_deref().is_some_and(Socket::ragged_eof))
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

/// Sets no timeout (true) or non-blocking (false).
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

/// Gives the address of the peer.
/// Returns: OS.
/// Python: SSLSocket.getpeername()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_getpeername(
    socket: *const Socket,
    address: *mut Address,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(address, "address")?;
        let socket = unsafe { handle(socket, "socket") }?;
        output.set(Address::new(&socket.getpeername()?));
        Ok(())
    })
}

/// Gives the address of this end.
/// Returns: OS.
/// Python: SSLSocket.getsockname()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_getsockname(
    socket: *const Socket,
    address: *mut Address,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(address, "address")?;
        let socket = unsafe { handle(socket, "socket") }?;
        output.set(Address::new(&socket.getsockname()?));
        Ok(())
    })
}
