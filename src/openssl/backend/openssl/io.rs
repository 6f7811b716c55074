//! Calls that move bytes.

use crate::openssl::sys;

/// Is told that a call of libssl has come back.
#[inline]
pub unsafe fn has_called(_: *mut sys::SSL) {}

/// Tells whether libssl can send an alert, given its number.
pub fn is_alert(_: u8) -> bool {
    true
}

/// Is told that a fatal alert was sent or received.
pub unsafe fn has_broken(_: *mut sys::SSL) {}

/// Tells whether libssl only repeats what it failed with before.
#[inline]
pub unsafe fn repeats(_: *mut sys::SSL) -> bool {
    false
}

/// Tells whether `SSL_shutdown` may be called: OpenSSL finds out by itself.
#[inline]
pub unsafe fn may_shut_down(_: *mut sys::SSL) -> bool {
    true
}

/// Tells whether a call of libssl has come back only to be made again.
pub unsafe fn is_to_be_called(_: *mut sys::SSL) -> bool {
    false
}
