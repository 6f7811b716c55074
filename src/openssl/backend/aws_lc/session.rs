//! Sessions.

use super::settings;
use crate::openssl::{Result, sys};

/// The same session: AWS-LC does not mark one that was resumed.
pub unsafe fn duplicate(session: *mut sys::SSL_SESSION) -> Result<*mut sys::SSL_SESSION> {
    // SAFETY: the caller's session is alive.
    unsafe { sys::SSL_SESSION_up_ref(session) };
    Ok(session)
}

/// The current session of a connection, with a reference for the caller, or NULL. In TLS 1.3 a client's has no ticket: that is in
/// the one that came last.
pub unsafe fn current(ssl: *mut sys::SSL) -> *mut sys::SSL_SESSION {
    // SAFETY: the caller's connection is alive; so below.
    let latest = unsafe { settings::of(ssl) }.and_then(|settings| settings.latest());
    match latest {
        Some(session) => {
            // SAFETY: the connection holds it; the reference is for the caller.
            unsafe { sys::SSL_SESSION_up_ref(session) };
            session
        }
        // SAFETY: as above.
        None => unsafe { sys::SSL_get1_session(ssl) },
    }
}

/// Whether `current` depends on what `remember` is given: AWS-LC gives sessions with tickets to a callback alone.
pub const COME_BY_CALLBACK: bool = true;

/// Keeps a client's session that can be resumed as its connection's latest.
pub unsafe fn remember(ssl: *mut sys::SSL, session: *mut sys::SSL_SESSION) {
    // SAFETY: both are alive, as the caller promises; so below.
    if unsafe { sys::SSL_is_server(ssl) } == 0 {
        // SAFETY: as above.
        if let Some(settings) = unsafe { settings::of(ssl) } {
            // SAFETY: as above; it takes its own reference.
            unsafe { settings.keep_latest(session) };
        }
    }
}

/// Stores a note with a session, which its tickets contain too. Only for a session that is in no cache yet.
pub unsafe fn keep(_: *mut sys::SSL_SESSION, _: &[u8]) -> Result<()> {
    // Tickets have no place for it yet: see `kept`.
    Ok(())
}

/// The note that was stored with a session: none, so that a session which depends on it counts as unproved.
pub unsafe fn kept(_: *mut sys::SSL_SESSION) -> Vec<u8> {
    Vec::new()
}
