//! `tlsock_socket_*`: the functions that move bytes. The others are in files by subject.

mod address;
mod connect;
mod listen;
mod end;
mod file;
mod time;
mod options;
mod read_ahead;
mod ktls;
mod agreed;
mod connection;
mod names;
mod peer;

pub use address::{Fd, own, port_number};

use super::boundary::{ask, bytes, call, free_by, handle, optional, output, store};
use super::bytes::Bytes;
use crate::ssl::{Error, Socket, Status};
use std::ffi::c_void;

/// Frees the socket, and closes its descriptor if it still has one. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_free(socket: *mut Socket) {
    unsafe { free_by(socket, Socket::let_go) }
}

/// Does the handshake, or continues it; once finished it succeeds at once. Reading and writing do it by themselves.
/// Ours: in TLS 1.2 a peer that has shown a certificate shows the same one in every further handshake, or that fails with
/// CERT_VERIFICATION: what was concluded from the first one says nothing of another.
/// Ours: without TLS it is VALUE.
/// Returns: I/O statuses, among them OS (ENOTCONN) before connect; VALUE without TLS.
/// Python: SSLSocket.do_handshake()
/// OpenSSL: SSL_do_handshake
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_do_handshake(socket: *mut Socket, error: *mut *mut Error) -> Status {
    call(error, || unsafe { handle(socket, "socket") }?.do_handshake())
}

/// Reads up to size decrypted bytes; *len is 0 at the end of the stream, or if size is 0.
/// Ours: a close_notify before the end of the handshake, which anybody can send, is an end without close_notify.
/// Returns: I/O statuses, VALUE once TLS is over (after unwrap use recv).
/// Python: SSLSocket.read(len, buffer)
/// OpenSSL: SSL_read_ex
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_read(
    socket: *mut Socket,
    buffer: *mut c_void,
    size: usize,
    len: *mut usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        let output = output(len, "len")?;
        output.set(socket.read(unsafe { super::boundary::buffer(buffer, size, "buffer") }?)?);
        Ok(())
    })
}

/// Encrypts and sends all of data, or fails. After WANT_READ, WANT_WRITE or NO_MEMORY repeat it with data that begins
/// with the same bytes (at any address; it may be longer or shorter, but must include everything that was taken or begun).
/// written may be NULL: on success it is data_len.
/// Ours: after NO_MEMORY in the middle of the data close_write and unwrap are VALUE until it is repeated.
/// Returns: I/O statuses, VALUE once TLS is over (after unwrap use send).
/// Python: SSLSocket.write(data)
/// OpenSSL: SSL_write_ex
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_write(
    socket: *mut Socket,
    data: *const c_void,
    data_len: usize,
    written: *mut usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        let count = socket.write(unsafe { bytes(data, data_len, "data") }?)?;
        unsafe { store(written, count) };
        Ok(())
    })
}

/// Returns the number of decrypted bytes that can be read without the transport: call this before you wait for the
/// descriptor. Together with the descriptor it covers all that has arrived, unless tlsock_socket_set_read_ahead is on.
/// Python: SSLSocket.pending()
/// OpenSSL: SSL_pending
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_pending(socket: *const Socket) -> usize {
    ask(0, || unsafe { optional(socket) }.as_deref().map_or(0, Socket::pending))
}

/// Returns the number of encrypted bytes that wait to be sent, because the system took only a part: then also wait for
/// room to send, and call again. Calls in either direction send them. A call returns WANT_WRITE if these bytes belong
/// to its own handshake, unwrap or answer to the peer; if they are the rest of a send, recv returns WANT_READ. A
/// loop that wants to receive must wait for bytes with either of the two: if both sides waited only for room to send,
/// both would wait for ever, as with OpenSSL.
/// Extension.
/// OpenSSL: BIO_wpending(SSL_get_wbio(ssl))
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_pending_write(socket: *const Socket) -> usize {
    ask(0, || unsafe { optional(socket) }.as_deref().map_or(0, Socket::pending_write))
}

/// Receives up to size bytes; *len is 0 at the end of the stream, or if size is 0. After unwrap, and never before it,
/// it receives plain bytes.
/// Returns: I/O statuses.
/// Python: SSLSocket.recv(bufsize), SSLSocket.recv_into(buffer, nbytes)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_recv(
    socket: *mut Socket,
    buffer: *mut c_void,
    size: usize,
    len: *mut usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        let output = output(len, "len")?;
        output.set(socket.recv(unsafe { super::boundary::buffer(buffer, size, "buffer") }?)?);
        Ok(())
    })
}

/// Sends bytes: with TLS all of them; after unwrap, and never before it, plain ones and possibly only a part. *sent
/// (may be NULL) is their number. After WANT_READ, WANT_WRITE or NO_MEMORY repeat as for tlsock_socket_write.
/// Ours: other bytes at the beginning are VALUE, and the connection stays usable.
/// Returns: I/O statuses. A send that the system refuses is OS; once recv has reported the peer's close_notify it
/// is ZERO_RETURN, with the system's error as its cause.
/// Python: SSLSocket.send(data)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_send(
    socket: *mut Socket,
    data: *const c_void,
    data_len: usize,
    sent: *mut usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        let count = socket.send(unsafe { bytes(data, data_len, "data") }?)?;
        unsafe { store(sent, count) };
        Ok(())
    })
}

/// Sends all of data. After WANT_READ, WANT_WRITE or NO_MEMORY with TLS, repeat as for tlsock_socket_write.
/// Returns: I/O statuses.
/// Python: SSLSocket.sendall(data)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_sendall(
    socket: *mut Socket,
    data: *const c_void,
    data_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        socket.sendall(unsafe { bytes(data, data_len, "data") }?)
    })
}

/// Sends close_notify, waits for the peer's and ends TLS: the socket is plain from then on. Bytes that follow the
/// peer's close_notify stay in the descriptor. Only if reads with read_ahead on came before may some of them have been
/// received: these go to *leftover, which is yours; if leftover is NULL, this socket's next recv returns them first.
/// On failure TLS stays. Ours: data from the peer that was not read makes the call fail, as in Python, but can
/// still be read: read to the end, then call again.
/// Ours: if the kernel encrypts for a socket, the socket does not become plain for sending.
/// Returns: I/O statuses, SSL (APPLICATION_DATA_AFTER_CLOSE_NOTIFY), VALUE without TLS.
/// Python: SSLSocket.unwrap()
/// OpenSSL: SSL_shutdown
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_unwrap(
    socket: *mut Socket,
    leftover: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        if leftover.is_null() {
            return socket.unwrap_giving(|surplus| surplus);
        }
        let mut given = Ok(());
        // Bytes that the caller does not get are returned by the next recv.
        socket.unwrap_giving(|surplus| match Bytes::copy(&surplus) {
            Ok(bytes) => {
                unsafe { store(leftover, bytes) };
                Vec::new()
            }
            Err(failure) => {
                given = Err(failure);
                surplus
            }
        })?;
        given
    })
}

/// Sends close_notify; reading stays possible: the peer sees the end of our data, and its answer can still be read
/// to the end. Further writes fail.
/// Returns: I/O statuses.
/// Extension: the half of unwrap that needs no answer.
/// OpenSSL: SSL_shutdown
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_close_write(socket: *mut Socket, error: *mut *mut Error) -> Status {
    call(error, || unsafe { handle(socket, "socket") }?.close_write())
}
