//! Connecting and accepting.

use super::address::{Address, endpoint, port_number};
use crate::ffi::boundary::{call, handle, output, place, store, text};
use crate::ssl::{Error, Socket, Status};
use std::ffi::{c_char, c_int, c_void};

/// Connects to a host (name or address) and port, then does the handshake unless TLSOCK_WRAP_NO_HANDSHAKE. The look-up,
/// connecting and the handshake may each take the socket's timeout. A non-blocking socket returns WANT_WRITE, later
/// WANT_READ: repeat the call. A failed connect may be repeated, a failed handshake may not. Ours: if the handshake fails, the socket stays a TLS socket, so
/// that nothing is sent unprotected (Python leaves a plain socket).
/// Ours: a host that resolvers may take for another IPv4 address (127.0.0.010, 127.1) is VALUE.
/// Returns: I/O statuses, VALUE on a server's socket or one that is already connected.
/// Python: SSLSocket.connect((host, port))
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_connect(
    socket: *mut Socket,
    host: *const c_char,
    port: c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        socket.connect_host(unsafe { text(host, "host") }?, port_number(port)?)
    })
}

/// Like connect, but to a struct sockaddr of the system.
/// Returns: as connect, without those of a look-up.
/// Python: SSLSocket.connect(address)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_connect_address(
    socket: *mut Socket,
    address: *const c_void,
    address_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        socket.connect(&unsafe { endpoint(address, address_len) }?)
    })
}

/// Connects, but reports the system's failures as a number, with OK: *os_errno is 0 when connected, EINPROGRESS
/// if a non-blocking socket should wait for writing and then call do_handshake, EAGAIN (WSAEWOULDBLOCK on
/// Windows) if the timeout passed first, otherwise the system's error number.
/// Returns: as connect, for a failed look-up (OS or TIMEOUT with phase RESOLVE) and a failed handshake.
/// Python: SSLSocket.connect_ex((host, port))
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_connect_ex(
    socket: *mut Socket,
    host: *const c_char,
    port: c_int,
    os_errno: *mut c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(os_errno, "os_errno")?;
        let socket = unsafe { handle(socket, "socket") }?;
        let host = unsafe { text(host, "host") }?;
        output.set(socket.connect_host_ex(host, port_number(port)?)?);
        Ok(())
    })
}

/// Like connect_ex, but to a struct sockaddr of the system.
/// Returns: as connect_ex, without those of a look-up.
/// Python: SSLSocket.connect_ex(address)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_connect_ex_address(
    socket: *mut Socket,
    address: *const c_void,
    address_len: usize,
    os_errno: *mut c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(os_errno, "os_errno")?;
        let socket = unsafe { handle(socket, "socket") }?;
        output.set(socket.connect_ex(&unsafe { endpoint(address, address_len) }?)?);
        Ok(())
    })
}

/// Accepts a connection, with the listener's context and flags, as a new blocking socket, and does the handshake
/// unless TLSOCK_WRAP_NO_HANDSHAKE (a server should set it, and call do_handshake in the peer's own thread: otherwise
/// one silent peer blocks all others). *accepted is yours; address, which may be NULL, gets the peer's. If a peer's
/// handshake fails, the listener still works: tlsock_error_phase is HANDSHAKE then, and ACCEPT if the listener
/// itself failed.
/// Ours: the listener's timeout covers the handshake too. Without one, or on a non-blocking listener, the handshake
/// waits for the peer without a limit. With TLSOCK_WRAP_NO_HANDSHAKE accept returns once a peer is connected. A busy
/// server then gives each peer a deadline (settimeout), does its handshake in a separate thread, and limits the number
/// of handshakes in progress: others wait in the backlog, at no cost. bindings/c/server.c does all of it.
/// Returns: I/O statuses; WANT_READ if a non-blocking listener has no peer; OS (EINVAL) on a socket that is not a
/// listener.
/// Python: SSLSocket.accept()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_accept(
    socket: *mut Socket,
    accepted: *mut *mut Socket,
    address: *mut Address,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(accepted, "accepted")?;
        let socket = unsafe { handle(socket, "socket") }?;
        let (peer, from) = socket.accept()?;
        output.give(peer);
        unsafe { store(address, Address::new(&from)) };
        Ok(())
    })
}
