//! Options of the system's sockets.

use crate::ffi::boundary::{buffer, bytes, call, handle, store};
use crate::ssl::{Error, Socket, Status};
use std::ffi::{c_int, c_void};

/// Gets an option of the socket, by the system's numbers, into value; *len (may be NULL) is its length in bytes.
/// Returns: OS.
/// Python: SSLSocket.getsockopt(level, optname, buflen)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_getsockopt(
    socket: *const Socket,
    level: c_int,
    optname: c_int,
    value: *mut c_void,
    size: usize,
    len: *mut usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        let count = socket.getsockopt(level, optname, unsafe { buffer(value, size, "value") }?)?;
        unsafe { store(len, count) };
        Ok(())
    })
}

/// Sets an option of the socket, by the system's numbers.
/// Returns: OS.
/// Python: SSLSocket.setsockopt(level, optname, value)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_setsockopt(
    socket: *mut Socket,
    level: c_int,
    optname: c_int,
    value: *const c_void,
    value_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        socket.setsockopt(level, optname, unsafe { bytes(value, value_len, "value") }?)
    })
}
