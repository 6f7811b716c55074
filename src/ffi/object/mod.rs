//! `tlsock_object_*`: the functions that move bytes. The others are in files by subject.

mod agreed;
mod peer;

use super::boundary::{ask, buffer, bytes, call, free, handle, optional, output, place, store};
use super::bytes::c_text;
use crate::ssl::{Context, Error, Object, Pump, PumpResult, Result, Status};
use std::ffi::{c_char, c_void};

const PUMP_EOF: u32 = 1 << 0;
const PUMP_CLOSE_WRITE: u32 = 1 << 1;

/// Frees the object; its buffers and context stay valid. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_free(object: *mut Object) {
    unsafe { free(object) }
}

/// Does the handshake, or continues it; once finished it succeeds at once. Reading and writing do it by themselves.
/// Returns: I/O statuses.
/// Python: SSLObject.do_handshake()
/// OpenSSL: SSL_do_handshake
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_do_handshake(object: *mut Object, error: *mut *mut Error) -> Status {
    call(error, || unsafe { handle(object, "object") }?.do_handshake())
}

/// Reads up to size decrypted bytes; *len is 0 at the end of the stream, or if size is 0.
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

/// Encrypts all of data into the outgoing buffer, or fails. After WANT_READ or WANT_WRITE repeat with the same
/// bytes (at any address). written may be NULL: on success it is data_len.
/// Ours: other bytes are VALUE, and the connection stays usable.
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

/// Moves bytes both ways in one call: for event loops and bindings. Each of the four buffers may be NULL with
/// length 0.
/// Order: (1) ciphertext that waits inside goes to ciphertext_out; (2) the handshake continues, if it is
/// not finished; (3) plaintext_in is encrypted, record by record, and with TLSOCK_PUMP_CLOSE_WRITE close_notify
/// follows the last one; (4) ciphertext_in is decrypted into plaintext_out. ciphertext_in is read whenever TLS
/// needs it, so in step 2 too.
/// Threads: calls on one object run one after the other and never wait for the network. Two threads may share the
/// work: one encrypts, without ciphertext_in, the other decrypts, without ciphertext_out. Ciphertext must be sent
/// in the order in which it came out, so only the first one sends; the second one notifies it when ciphertext_pending
/// is not 0.
/// Overlap: plaintext_out and ciphertext_out must overlap neither each other nor an input.
/// Returns: OK: the handshake is finished, plaintext_in is used up and, if plaintext_out has room, it got bytes or
/// the peer closed (plaintext_len 0). WANT_READ: pass more ciphertext; a part of plaintext_in may be left, since
/// nothing can be encrypted in the middle of a handshake message. WANT_WRITE: ciphertext_out was too small, even
/// during a handshake: send what it got and call again. Otherwise an I/O status, but never TIMEOUT or OS. *done is
/// filled in with every status: first send what ciphertext_out got (after a failure, the alert).
/// Extension: MemoryBIO.write, SSLObject.write, SSLObject.read and MemoryBIO.read in one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_pump(
    object: *mut Object,
    flags: u32,
    ciphertext_in: *const c_void,
    ciphertext_in_len: usize,
    plaintext_in: *const c_void,
    plaintext_in_len: usize,
    plaintext_out: *mut c_void,
    plaintext_out_size: usize,
    ciphertext_out: *mut c_void,
    ciphertext_out_size: usize,
    done: *mut PumpResult,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(done, "done")?;
        let mut result = PumpResult::default();
        let mut pumped = || -> Result<()> {
            let object = unsafe { handle(object, "object") }?;
            let unknown = flags & !(PUMP_EOF | PUMP_CLOSE_WRITE);
            if unknown != 0 {
                return Err(Error::value(format_args!("flags has unknown bits {unknown:#x}")));
            }
            let (filled, outcome) = object.pump(Pump {
                eof: flags & PUMP_EOF != 0,
                close_write: flags & PUMP_CLOSE_WRITE != 0,
                ciphertext_in: unsafe { bytes(ciphertext_in, ciphertext_in_len, "ciphertext_in") }?,
                plaintext_in: unsafe { bytes(plaintext_in, plaintext_in_len, "plaintext_in") }?,
                plaintext_out: unsafe { buffer(plaintext_out, plaintext_out_size, "plaintext_out") }?,
                ciphertext_out: unsafe { buffer(ciphertext_out, ciphertext_out_size, "ciphertext_out") }?,
            });
            result = filled;
            outcome
        };
        let outcome = pumped();
        output.set(result);
        outcome
    })
}

/// Gives a new handle on the context in use.
/// Returns: nothing beyond the conventions.
/// Python: SSLObject.context
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_context(
    object: *const Object,
    context: *mut *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(context, "context")?;
        output.give(unsafe { handle(object, "object") }?.context());
        Ok(())
    })
}

/// Switches to another context's certificate and callbacks, as an SNI callback does to choose a certificate.
/// Options, versions, ciphers and verification stay. Ours: a server demands of its client at least what the context
/// demands that is set when the ClientHello is handled: of the two verify modes, and of each verify flag, the
/// stricter is used. Inside this connection's own callbacks only an SNI callback can call this.
/// Returns: VALUE inside any other callback of this connection, SSL.
/// Python: SSLObject.context = context
/// OpenSSL: SSL_set_SSL_CTX
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_set_context(
    object: *mut Object,
    context: *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let object = unsafe { handle(object, "object") }?;
        object.set_context(&*unsafe { handle(context, "context") }?)
    })
}

/// Tells whether this is the server's side.
/// Python: SSLObject.server_side
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_server_side(object: *const Object) -> bool {
    ask(false, || unsafe { optional(object) }.as_deref().is_some_and(|object| object.server_side()))
}

/// Returns the name that the peer must prove, as ASCII (A-labels), lent by the object; NULL for none.
/// Python: SSLObject.server_hostname
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_server_hostname(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.server_hostname()))
    })
}

/// Returns the pointer that set_userdata stored; NULL at first.
/// Extension: any attribute of a Python object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_userdata(object: *const Object) -> *mut c_void {
    ask(std::ptr::null_mut(), || {
        unsafe { optional(object) }.as_deref().map_or(std::ptr::null_mut(), Object::userdata)
    })
}

/// Stores a pointer of yours, which the library passes to callbacks and neither dereferences nor frees.
/// Extension: any attribute of a Python object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_set_userdata(object: *mut Object, userdata: *mut c_void) {
    ask((), || {
        if let Some(object) = unsafe { optional(object) } {
            object.set_userdata(userdata);
        }
    })
}
