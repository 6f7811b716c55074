//! Making connections.

use crate::ffi::boundary::{call, handle, optional_handle, optional_text, place, text};
use crate::ffi::socket::{Fd, own, port_number};
use crate::ssl::socket::release;
use crate::ssl::{Context, Error, MemoryBio, Object, Session, Socket, Status, Timeout, WrapFlags};
use std::ffi::{c_char, c_int};

/// Wraps a stream socket of the system and, if it is connected, does the handshake, unless
/// TLSOCK_WRAP_NO_HANDSHAKE. A non-blocking fd starts with timeout 0, a blocking one without a timeout; on Windows,
/// where a socket's mode cannot be read, every fd starts without. Ours: a blocking fd with SO_RCVTIMEO or SO_SNDTIMEO
/// starts with the shorter one as its timeout, which then covers a whole operation; changing these two later has no
/// effect.
/// server_hostname: the name or address to send and check, IDNA-encoded here; NULL on servers. Ours: a dot at its
/// end and the zone of an address are neither sent nor compared; a text that resolvers may take for another IPv4
/// address (127.0.0.010, 127.1, 0x7f.1) is VALUE. session: one to resume, or NULL. On success the socket owns fd.
/// Ours: on every failure fd stays open and yours (Python closes it in some cases), and handles that a callback has
/// kept belong to a closed socket.
/// Ours: if fd is not connected yet, TLS begins with the first call that moves bytes after it is connected, by any code.
/// Until then, such a call returns WANT_WRITE or waits if a connect is in progress, and otherwise returns OS (ENOTCONN,
/// or why the connect failed). Nothing is sent or received in plain before unwrap (in Python everything is).
/// Returns: I/O statuses, VALUE (a name is to be checked but not given, ...), NOT_IMPLEMENTED (fd is not a stream).
/// Python: SSLContext.wrap_socket(sock, server_side, do_handshake_on_connect, suppress_ragged_eofs,
/// server_hostname, session)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_wrap_socket(
    context: *mut Context,
    fd: Fd,
    flags: u32,
    server_hostname: *const c_char,
    session: *const Session,
    socket: *mut *mut Socket,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let output = place(socket, "socket")?;
        let flags = WrapFlags::from_bits(flags)?;
        let name = unsafe { optional_text(server_hostname, "server_hostname") }?;
        let session = unsafe { optional_handle(session, "session") }?;
        let wrapped = context.wrap_socket(unsafe { own(fd) }?, flags, name, session.as_deref());
        output.give(wrapped.map_err(|refused| {
            // The descriptor stays the caller's.
            let _ = release(refused.fd);
            refused.error
        })?);
        Ok(())
    })
}

/// Makes a TLS connection in memory: the peer's bytes are read from incoming, and the bytes to send appear in outgoing.
/// If both are NULL, the ciphertext only goes through tlsock_object_pump. No byte moves yet.
/// Ours: a context that checks host names refuses a client without one, unless the flag
/// TLSOCK_WRAP_INSECURE_NO_HOSTNAME is given (Python would connect without a check).
/// Returns: SSL, also for a side that does not fit the context.
/// Python: SSLContext.wrap_bio(incoming, outgoing, server_side, server_hostname, session)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_wrap_bio(
    context: *mut Context,
    incoming: *mut MemoryBio,
    outgoing: *mut MemoryBio,
    flags: u32,
    server_hostname: *const c_char,
    session: *const Session,
    object: *mut *mut Object,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let output = place(object, "object")?;
        let flags = WrapFlags::from_bits(flags)?;
        let name = unsafe { optional_text(server_hostname, "server_hostname") }?;
        let incoming = unsafe { optional_handle(incoming, "incoming") }?;
        let outgoing = unsafe { optional_handle(outgoing, "outgoing") }?;
        let bios = match (incoming.as_deref(), outgoing.as_deref()) {
            (Some(incoming), Some(outgoing)) => Some((incoming, outgoing)),
            (None, None) => None,
            _ => return Err(Error::value("incoming and outgoing must both be NULL or neither")),
        };
        let session = unsafe { optional_handle(session, "session") }?;
        output.give(context.wrap_bio(bios, flags, name, session.as_deref())?);
        Ok(())
    })
}

/// Connects to a host (name or address) and port and does the handshake with host as server_hostname. Ours: the
/// host's addresses are tried in turn, IPv6 and IPv4 alternating, with the next attempt 250 ms after one that has not
/// answered (RFC 8305); the first that answers is used. One deadline covers everything, including the look-up; the new
/// socket keeps the timeout for its later calls.
/// Returns: I/O statuses, VALUE (also for a text that resolvers may take for another IPv4 address, such as 127.0.0.010).
/// A failed look-up is OS or TIMEOUT with phase RESOLVE, a failed connect OS or TIMEOUT with phase CONNECT; the
/// message gives the failure of each address, and tlsock_error_os_errno the number that tells most.
/// Extension: socket.create_connection() and wrap_socket() in one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_create_connection(
    context: *mut Context,
    host: *const c_char,
    port: c_int,
    timeout: f64,
    socket: *mut *mut Socket,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let output = place(socket, "socket")?;
        let host = unsafe { text(host, "host") }?;
        let timeout = Timeout::from_seconds(timeout)?;
        output.give(context.create_connection(host, port_number(port)?, timeout)?);
        Ok(())
    })
}

/// Listens on a host (NULL: all addresses) and port (0: any, see getsockname) and makes a listener whose accept
/// does handshakes as a server; flags are those of wrap_socket and apply to accepted sockets. backlog 0 lets the
/// system choose.
/// Returns: OS, SSL.
/// Extension: socket.create_server() and wrap_socket() in one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_create_server(
    context: *mut Context,
    host: *const c_char,
    port: c_int,
    backlog: c_int,
    flags: u32,
    socket: *mut *mut Socket,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let output = place(socket, "socket")?;
        let host = unsafe { optional_text(host, "host") }?;
        let backlog = u32::try_from(backlog).map_err(|_| Error::value("backlog must not be negative"))?;
        let flags = WrapFlags::from_bits(flags)?;
        output.give(context.create_server(host, port_number(port)?, backlog, flags)?);
        Ok(())
    })
}
