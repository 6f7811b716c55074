//! Binding and listening.

use super::address::{endpoint, port_number};
use crate::ffi::boundary::{call, handle, optional_text};
use crate::ssl::{Error, Socket, Status};
use std::ffi::{c_char, c_int, c_void};

/// Binds to an address of this machine (host NULL: all) and a port (0: any).
/// Returns: OS.
/// Python: SSLSocket.bind((host, port))
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_bind(
    socket: *mut Socket,
    host: *const c_char,
    port: c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        socket.bind_host(unsafe { optional_text(host, "host") }?, port_number(port)?)
    })
}

/// Binds to a struct sockaddr of the system.
/// Returns: OS.
/// Python: SSLSocket.bind(address)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_bind_address(
    socket: *mut Socket,
    address: *const c_void,
    address_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        socket.bind(&unsafe { endpoint(address, address_len) }?)
    })
}

/// Starts listening; backlog 0 lets the system choose.
/// Returns: OS.
/// Python: SSLSocket.listen(backlog)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_listen(
    socket: *mut Socket,
    backlog: c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        let backlog = u32::try_from(backlog).map_err(|_| Error::value("backlog must not be negative"))?;
        socket.listen(backlog)
    })
}
