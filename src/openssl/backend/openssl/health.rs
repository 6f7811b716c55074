//! What has become of a connection. OpenSSL knows that by itself, and tells it with each call.

use crate::openssl::error::Entry;
use crate::openssl::failure::Failure;
use crate::openssl::{Result, sys};
use std::os::raw::c_int;

/// Is given what became of a limit for a connection's handshake.
pub unsafe fn bar_unless(_: *mut sys::SSL, limited: Result<()>) -> Result<()> {
    limited
}

/// Tells whether no handshake has begun.
pub unsafe fn is_unbegun(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_in_before(ssl) != 0 }
}

/// Refuses a call of libssl that is not to be made: for a reason, or as the connection has failed before.
#[inline]
pub unsafe fn check_usable(_: *mut sys::SSL) -> std::result::Result<(), Option<Entry>> {
    Ok(())
}

/// Is given what a call has failed with that has just come back, and gives what is to be told of it.
#[inline]
pub unsafe fn note(_: *mut sys::SSL, failure: Failure) -> Failure {
    failure
}

/// Is told of an alert, by its level and its number. Tells whether the program is to be told of it.
#[inline]
pub unsafe fn has_alerted(_: *mut sys::SSL, _written: bool, _alert: c_int) -> bool {
    true
}

/// Is told that a callback has refused the name that a client asks for.
#[inline]
pub unsafe fn has_refused(_: *mut sys::SSL) {}

/// Which close_notify was exchanged: (ours was sent, the peer's, or a fatal alert of it, was received).
#[inline]
pub unsafe fn shutdown_state(ssl: *mut sys::SSL) -> (bool, bool) {
    // SAFETY: the caller's connection is alive.
    let state = unsafe { sys::SSL_get_shutdown(ssl) };
    (state & sys::SSL_SENT_SHUTDOWN != 0, state & sys::SSL_RECEIVED_SHUTDOWN != 0)
}

/// Tells whether a read would tell nothing but the end, as a call has failed for good. OpenSSL has no function that tells.
#[inline]
pub unsafe fn has_failed(_: *mut sys::SSL) -> bool {
    false
}

/// Tells whether the handshake is finished, and nothing has failed since.
#[inline]
pub unsafe fn is_init_finished(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_is_init_finished(ssl) != 0 }
}

/// Tells whether `SSL_shutdown` may be called: OpenSSL finds out by itself.
#[inline]
pub unsafe fn may_shut_down(_: *mut sys::SSL) -> bool {
    true
}
