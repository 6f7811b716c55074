//! Sending several pieces, sending a file, and being a C stream.

use super::address::borrow_file;
use crate::ffi::boundary::{bytes, call, handle, output, slice, store, text};
use crate::ffi::bytes::Part;
use crate::ssl::socket::File;
use crate::ssl::{Error, Result, Socket, Status};
use std::ffi::{c_char, c_int};

/// Sends the parts in order, as one piece of data, so that records are filled across their borders; otherwise like
/// send. *sent (may be NULL) is the number of bytes.
/// Returns: I/O statuses.
/// Extension: SSLSocket.sendmsg() is not allowed in Python.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_sendv(
    socket: *mut Socket,
    parts: *const Part,
    count: usize,
    sent: *mut usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        let parts = unsafe { slice(parts, count, "parts") }?.iter();
        let parts = parts.map(|part| unsafe { bytes(part.data, part.len, "a part's data") });
        let done = socket.sendv(&parts.collect::<Result<Vec<_>>>()?)?;
        unsafe { store(sent, done) };
        Ok(())
    })
}

/// Sends count bytes of a file from offset on; count 0 means to its end. file is a descriptor of the C library,
/// opened in binary mode; it stays yours, and its position is left after the last byte sent. *sent is filled in on
/// failure too.
/// Ours: offset 0 is the start of the file, and one deadline covers all of it. After TIMEOUT, INTERRUPTED or
/// NO_MEMORY continue at offset + *sent: bytes that are counted but not sent yet are sent first. If *sent is count then, send
/// these by tlsock_socket_write of no bytes: count 0 would be the rest of the file.
/// Returns: I/O statuses, VALUE on a non-blocking socket, NOT_IMPLEMENTED on Windows.
/// Python: SSLSocket.sendfile(file, offset, count)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_sendfile(
    socket: *mut Socket,
    file: c_int,
    offset: u64,
    count: u64,
    sent: *mut u64,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(sent, "sent")?;
        let socket = unsafe { handle(socket, "socket") }?;
        let (done, result) = match unsafe { borrow_file(file) } {
            Ok(file) => socket.sendfile(file, offset, count),
            Err(error) => (0, Err(error)),
        };
        output.set(done);
        result
    })
}

/// Opens a C stream over the connection. mode is as for fopen, without "a". The stream is yours: end it with
/// fclose, before the socket, so that its buffered output is sent. The descriptor is closed when the socket and all
/// its streams are closed. What cannot be done yet fails with EAGAIN, on a non-blocking socket or while a callback of the
/// handshake has no answer, and after the timeout with ETIMEDOUT: clearerr, and go on behind what fwrite says has gone. The
/// last of that may wait inside (tlsock_socket_pending_write), also where fwrite has taken all; the next write sends it, or
/// fclose, which fails if it cannot, and fflush does not. Where a write may stop, on a non-blocking socket or one with a
/// timeout, turn the stream's own buffer off (setvbuf with _IONBF): C libraries drop what they could not write.
/// Returns: NOT_IMPLEMENTED if the C library has no custom streams.
/// Python: SSLSocket.makefile(mode)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_makefile(
    socket: *mut Socket,
    mode: *const c_char,
    file: *mut *mut File,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(file, "file")?;
        let socket = unsafe { handle(socket, "socket") }?;
        output.set(socket.makefile(unsafe { text(mode, "mode") }?)?);
        Ok(())
    })
}
