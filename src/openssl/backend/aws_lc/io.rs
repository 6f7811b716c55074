//! Calls that move bytes.

use super::handshake;
use super::settings::{self, Health};
use crate::openssl::{quietly, sys};
use std::ptr::null;

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
    if is_concerned && settings.health.get() == Health::Good {
        // What it may leave on the queue is not about the call that has come back.
        // SAFETY: as above; nothing is read.
        quietly(|| unsafe { sys::SSL_write(ssl, null(), 0) });
    }
}

/// Tells whether libssl can send an alert, given its number. With close_notify AWS-LC ends the process in a debug build.
pub fn is_alert(number: u8) -> bool {
    number != 0
}

/// Is told that a fatal alert was sent or received.
pub unsafe fn has_broken(ssl: *mut sys::SSL) {
    // SAFETY: the caller's connection is alive.
    if let Some(settings) = unsafe { settings::of(ssl) } {
        settings.health.set(Health::Failing);
    }
}

/// Tells whether libssl only repeats what it failed with before: AWS-LC does, where OpenSSL looks at the connection again.
pub unsafe fn repeats(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return false };
    match settings.health.get() {
        Health::Good => false,
        Health::Failing => {
            settings.health.set(Health::Failed);
            false
        }
        Health::Failed => true,
    }
}

/// Tells whether `SSL_shutdown` may be called: AWS-LC calls a connection closed that is in a handshake.
pub unsafe fn may_shut_down(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_in_init(ssl) == 0 }
}

/// Tells whether a call of libssl has come back only to be made again.
pub unsafe fn is_to_be_called(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { handshake::is_to_be_called(ssl) }
}
