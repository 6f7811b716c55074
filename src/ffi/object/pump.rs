//! `tlsock_object_pump`.

use crate::ffi::boundary::{buffer, bytes, call, handle, output};
use crate::ffi::constants::{TLSOCK_PUMP_CLOSE_WRITE, TLSOCK_PUMP_EOF};
use crate::ssl::{Error, Object, Pump, PumpResult, Result, Status};
use std::ffi::c_void;

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
/// during a handshake: send what it got and call again. WANT_CALLBACK: a callback of the handshake has no answer yet:
/// call again when there is one, with the ciphertext that was not used. After NO_MEMORY call again with the rest of plaintext_in: it
/// may have been begun, and other bytes are VALUE then. Otherwise an I/O status, but never TIMEOUT or OS. *done is
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
            let unknown = flags & !(TLSOCK_PUMP_EOF | TLSOCK_PUMP_CLOSE_WRITE);
            if unknown != 0 {
                return Err(Error::value(format_args!("flags has unknown bits {unknown:#x}")));
            }
            let (filled, outcome) = object.pump(Pump {
                eof: flags & TLSOCK_PUMP_EOF != 0,
                close_write: flags & TLSOCK_PUMP_CLOSE_WRITE != 0,
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
