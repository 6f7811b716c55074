//! Calls that move bytes.

use crate::openssl::sys;
use std::os::raw::c_int;

/// Is told that a call of libssl has come back.
#[inline]
pub unsafe fn has_called(_: *mut sys::SSL) {}

/// Tells whether libssl can send an alert, given its number.
pub fn is_alert(_: u8) -> bool {
    true
}

/// The number of the alert that a connection sends for one. libssl knows which belong to TLS 1.3 alone.
pub unsafe fn alert_of(_: *mut sys::SSL, number: c_int) -> c_int {
    number
}

/// Goes on with the handshake. 1 once it is over.
pub unsafe fn do_handshake(ssl: *mut sys::SSL) -> c_int {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_do_handshake(ssl) }
}

/// Reads decrypted bytes, from one record at most. 1 is success.
#[inline]
pub unsafe fn read(ssl: *mut sys::SSL, buffer: &mut [u8], count: &mut usize) -> c_int {
    // SAFETY: the caller's connection is alive; pointer and size are those of one buffer.
    unsafe { sys::SSL_read_ex(ssl, buffer.as_mut_ptr().cast(), buffer.len(), count) }
}

/// The same, but leaves the bytes where they are.
#[inline]
pub unsafe fn peek(ssl: *mut sys::SSL, buffer: &mut [u8], count: &mut usize) -> c_int {
    // SAFETY: the caller's connection is alive; pointer and size are those of one buffer.
    unsafe { sys::SSL_peek_ex(ssl, buffer.as_mut_ptr().cast(), buffer.len(), count) }
}

/// Encrypts bytes. 1 is success.
#[inline]
pub unsafe fn write(ssl: *mut sys::SSL, data: &[u8], count: &mut usize) -> c_int {
    // SAFETY: the caller's connection is alive; pointer and length are those of one slice.
    unsafe { sys::SSL_write_ex(ssl, data.as_ptr().cast(), data.len(), count) }
}

/// Sends the message by which keys are changed, which libssl has only noted. 1 is success.
pub unsafe fn send_key_update(ssl: *mut sys::SSL) -> c_int {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_do_handshake(ssl) }
}

/// Tells whether a call of libssl has come back only to be made again.
pub unsafe fn is_to_be_called(_: *mut sys::SSL) -> bool {
    false
}
