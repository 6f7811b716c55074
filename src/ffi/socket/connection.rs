//! `tlsock_socket_context` and others: what a callback, too, can ask of its connection.

use crate::ffi::boundary::{ask, call, handle, optional, place};
use crate::ffi::bytes::c_text;
use crate::ssl::{Context, Error, Socket, Status};
use std::ffi::{c_char, c_void};

/// Gives a new handle on the context in use.
/// Returns: nothing beyond the conventions.
/// Python: SSLSocket.context
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_context(
    socket: *const Socket,
    context: *mut *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(context, "context")?;
        output.give(unsafe { handle(socket, "socket") }?.context());
        Ok(())
    })
}

/// Switches to another context's certificate and callbacks, as an SNI callback does to choose a certificate.
/// Options, versions, ciphers and verification stay. Ours: a server asks its client for no less than the context
/// that the connection has when the ClientHello arrives: of the two verify modes, and of each verify flag, the
/// stricter counts. Inside this connection's own callbacks only an SNI callback can call it.
/// Returns: VALUE inside any other callback of this connection, SSL.
/// Python: SSLSocket.context = context
/// OpenSSL: SSL_set_SSL_CTX
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_set_context(
    socket: *mut Socket,
    context: *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        socket.set_context(&*unsafe { handle(context, "context") }?)
    })
}

/// Tells whether this is the server's end.
/// Python: SSLSocket.server_side
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_server_side(socket: *const Socket) -> bool {
    ask(false, || unsafe { optional(socket) }.as_deref().is_some_and(|socket| socket.server_side()))
}

/// Returns the name that the peer must prove, as ASCII (A-labels), lent by the socket; NULL for none.
/// Python: SSLSocket.server_hostname
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_server_hostname(socket: *const Socket) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(socket) }.as_deref().and_then(|socket| socket.server_hostname()))
    })
}

/// Returns the pointer set_userdata stored; NULL at first.
/// Extension: any attribute of a Python object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_userdata(socket: *const Socket) -> *mut c_void {
    ask(std::ptr::null_mut(), || {
        unsafe { optional(socket) }.as_deref().map_or(std::ptr::null_mut(), Socket::userdata)
    })
}

/// Stores a pointer of yours, which the library hands to callbacks and neither reads through nor frees.
/// Extension: any attribute of a Python object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_set_userdata(socket: *mut Socket, userdata: *mut c_void) {
    ask((), || {
        if let Some(socket) = unsafe { optional(socket) } {
            socket.set_userdata(userdata);
        }
    })
}
