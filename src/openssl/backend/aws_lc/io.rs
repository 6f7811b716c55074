//! Calls that move bytes.

use super::{handshake, health, limits, settings};
use crate::openssl::alert::Alert;
use crate::openssl::{queue, quietly, sys};
use std::os::raw::c_int;
use std::ptr::null;

const FAILED: c_int = -1;

/// Is told that a call of libssl has come back. A server of TLS 1.3 keeps its tickets until its next write, which may never
/// come: one of no bytes sends them.
pub unsafe fn has_called(ssl: *mut sys::SSL) {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return };
    if settings.flushed.get() {
        return;
    }
    // SAFETY: as above.
    if unsafe { sys::SSL_in_init(ssl) } != 0 {
        return;
    }
    settings.flushed.set(true);
    // SAFETY: as above.
    let is_server = unsafe { sys::SSL_is_server(ssl) } != 0;
    // SAFETY: as above.
    let is_concerned = is_server && unsafe { sys::SSL_version(ssl) } == sys::TLS1_3_VERSION;
    if is_concerned && settings.health.is_good() {
        // What it may leave on the queue is not about the call that has come back.
        // SAFETY: as above; nothing is read.
        quietly(|| unsafe { sys::SSL_write(ssl, null(), 0) });
    }
}

/// Tells whether libssl can send an alert, given its number. With close_notify AWS-LC ends the process in a debug build.
pub fn is_alert(number: u8) -> bool {
    number != 0
}

/// The number of the alert that a connection sends for one. Those of TLS 1.3 alone are, as with OpenSSL, handshake_failure in others.
pub unsafe fn alert_of(ssl: *mut sys::SSL, number: c_int) -> c_int {
    const MISSING_EXTENSION: c_int = 109;
    const CERTIFICATE_REQUIRED: c_int = 116;
    // SAFETY: the caller's connection is alive.
    let is_newest = unsafe { sys::SSL_version(ssl) } >= sys::TLS1_3_VERSION;
    match number {
        MISSING_EXTENSION | CERTIFICATE_REQUIRED if !is_newest => c_int::from(Alert::HANDSHAKE_FAILURE.0),
        number => number,
    }
}

/// Goes on with the handshake. 1 once it is over, with nothing that the level does not allow.
pub unsafe fn do_handshake(ssl: *mut sys::SSL) -> c_int {
    // SAFETY: the caller's connection is alive; so below.
    let was_over = unsafe { sys::SSL_in_init(ssl) } == 0;
    // SAFETY: as above.
    let result = unsafe { sys::SSL_do_handshake(ssl) };
    if result != 1 || was_over {
        return result;
    }
    // SAFETY: as above.
    match unsafe { limits::objection(ssl) } {
        None => result,
        Some(reason) => {
            // SAFETY: as above.
            unsafe { health::break_off(ssl, reason, Alert::HANDSHAKE_FAILURE) };
            FAILED
        }
    }
}

/// Does what is left of the handshake. AWS-LC would do that in reads and writes too, but give an end in it a reason of its own.
unsafe fn shake(ssl: *mut sys::SSL) -> c_int {
    // SAFETY: the caller's connection is alive; so below.
    match unsafe { sys::SSL_in_init(ssl) } {
        0 => 1,
        // SAFETY: as above.
        _ => unsafe { do_handshake(ssl) },
    }
}

/// Reads decrypted bytes, from one record at most. 1 is success.
pub unsafe fn read(ssl: *mut sys::SSL, buffer: &mut [u8], count: &mut usize) -> c_int {
    // SAFETY: the caller's connection is alive; so below.
    match unsafe { shake(ssl) } {
        // SAFETY: as above; pointer and size are those of one buffer.
        1 => unsafe { sys::SSL_read_ex(ssl, buffer.as_mut_ptr().cast(), buffer.len(), count) },
        failed => failed,
    }
}

/// The same, but leaves the bytes where they are.
pub unsafe fn peek(ssl: *mut sys::SSL, buffer: &mut [u8], count: &mut usize) -> c_int {
    // SAFETY: the caller's connection is alive; so below.
    match unsafe { shake(ssl) } {
        // SAFETY: as above; pointer and size are those of one buffer.
        1 => unsafe { sys::SSL_peek_ex(ssl, buffer.as_mut_ptr().cast(), buffer.len(), count) },
        failed => failed,
    }
}

/// Encrypts bytes. 1 is success.
pub unsafe fn write(ssl: *mut sys::SSL, data: &[u8], count: &mut usize) -> c_int {
    // SAFETY: the caller's connection is alive; so below.
    match unsafe { shake(ssl) } {
        // `SSL_write_ex` succeeds with nothing, even where close_notify was sent.
        // SAFETY: as above; nothing is read.
        1 if data.is_empty() => match unsafe { sys::SSL_write(ssl, null(), 0) } {
            0 => c_int::from(queue::is_empty()),
            failed => failed,
        },
        // SAFETY: as above; pointer and length are those of one slice.
        1 => unsafe { sys::SSL_write_ex(ssl, data.as_ptr().cast(), data.len(), count) },
        failed => failed,
    }
}

/// Sends the message by which keys are changed, which AWS-LC keeps until its next write. 1 is success.
pub unsafe fn send_key_update(ssl: *mut sys::SSL) -> c_int {
    // SAFETY: the caller's connection is alive.
    unsafe { write(ssl, &[], &mut 0) }
}

/// Tells whether a call of libssl has come back only to be made again.
pub unsafe fn is_to_be_called(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { handshake::is_to_be_called(ssl) }
}
