//! `tlsock_object_*`: the functions that move bytes. The others are in files by subject.

mod agreed;
mod connection;
mod names;
mod peer;
mod pump;

use super::boundary::{ask, bytes, call, free, handle, optional, output, store};
use crate::ssl::{Error, Object, Status};
use std::ffi::c_void;

/// Frees the object; its buffers and context stay valid. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_free(object: *mut Object) {
    unsafe { free(object) }
}

/// Does the handshake, or continues it; once finished it succeeds at once. Reading and writing do it by themselves.
/// Ours: in TLS 1.2 a peer that has shown a certificate shows the same one in every further handshake, or that fails with
/// CERT_VERIFICATION: what was concluded from the first one says nothing of another.
/// Returns: I/O statuses.
/// Python: SSLObject.do_handshake()
/// OpenSSL: SSL_do_handshake
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_do_handshake(object: *mut Object, error: *mut *mut Error) -> Status {
    call(error, || unsafe { handle(object, "object") }?.do_handshake())
}

/// Reads up to size decrypted bytes; *len is 0 at the end of the stream, or if size is 0.
/// Ours: a close_notify before the end of the handshake, which anybody can send, is an end without close_notify.
/// Returns: I/O statuses.
/// Python: SSLObject.read(len, buffer)
/// OpenSSL: SSL_read_ex
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_read(
    object: *mut Object,
    buffer: *mut c_void,
    size: usize,
    len: *mut usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let object = unsafe { handle(object, "object") }?;
        let output = output(len, "len")?;
        output.set(object.read(unsafe { super::boundary::buffer(buffer, size, "buffer") }?)?);
        Ok(())
    })
}

/// Encrypts all of data into the outgoing buffer, or fails. After WANT_READ, WANT_WRITE or NO_MEMORY repeat with the
/// same bytes (at any address). written may be NULL: on success it is data_len.
/// Ours: other bytes are VALUE, and the connection stays usable. After NO_MEMORY in the middle of the data close_write, unwrap and
/// key_update are VALUE too until it is repeated; data that is longer and begins with the same bytes goes on as well.
/// Returns: I/O statuses.
/// Python: SSLObject.write(data)
/// OpenSSL: SSL_write_ex
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_write(
    object: *mut Object,
    data: *const c_void,
    data_len: usize,
    written: *mut usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let object = unsafe { handle(object, "object") }?;
        let count = object.write(unsafe { bytes(data, data_len, "data") }?)?;
        unsafe { store(written, count) };
        Ok(())
    })
}

/// Returns the number of decrypted bytes that can be read without the transport.
/// Python: SSLObject.pending()
/// OpenSSL: SSL_pending
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_pending(object: *const Object) -> usize {
    ask(0, || unsafe { optional(object) }.as_deref().map_or(0, |object| object.pending()))
}

/// Sends close_notify and receives the peer's. WANT_READ: the peer's has not come yet. Bytes that follow it stay in
/// the incoming buffer.
/// Returns: I/O statuses.
/// Python: SSLObject.unwrap()
/// OpenSSL: SSL_shutdown
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_unwrap(object: *mut Object, error: *mut *mut Error) -> Status {
    call(error, || unsafe { handle(object, "object") }?.unwrap())
}

/// Sends close_notify; reading stays possible: the peer sees the end of our data, and its answer can still be read
/// to the end. Further writes fail.
/// Returns: I/O statuses.
/// Extension: the half of unwrap that needs no answer.
/// OpenSSL: SSL_shutdown
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_close_write(object: *mut Object, error: *mut *mut Error) -> Status {
    call(error, || unsafe { handle(object, "object") }?.close_write())
}
