//! Sessions.

use super::sessions::{Id, Sessions};
use super::{settings, stateful};
use crate::openssl::{Result, sys};
use std::os::raw::c_long;

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

/// Sees to it that no further session of TLS 1.3 outlives this one, whose lifetime was limited to that of what it proves: AWS-LC
/// hands on, in tickets too, when the peer has to prove itself again. Only for a session that is in no cache yet.
pub unsafe fn end_proof(session: *mut sys::SSL_SESSION, _: i64) -> Result<()> {
    // SAFETY: the caller's session is alive; so below.
    let seconds = unsafe { sys::SSL_SESSION_get_timeout(session) };
    // What is set is the lifetime and that end.
    // SAFETY: as above.
    unsafe { sys::SSL_SESSION_set_timeout(session, c_long::from(seconds)) };
    Ok(())
}

/// The end of the session that a connection has resumed, which is not behind that of what it proves.
pub unsafe fn proof_end(ssl: *mut sys::SSL) -> Option<i64> {
    // SAFETY: the caller's connection is alive; so below.
    let session = unsafe { sys::SSL_get_session(ssl) };
    // SAFETY: as above.
    if session.is_null() || unsafe { sys::SSL_session_reused(ssl) } != 1 {
        return None;
    }
    // SAFETY: a session that lives as long as the connection has it; so below.
    let made = unsafe { sys::SSL_SESSION_get_time(session) };
    // SAFETY: as above.
    let seconds = unsafe { sys::SSL_SESSION_get_timeout(session) };
    i64::try_from(made.saturating_add(u64::from(seconds))).ok()
}

/// The id by which a server's session is kept, where the session itself has another.
pub unsafe fn id_apart(ssl: *mut sys::SSL) -> Option<Id> {
    // SAFETY: the caller's connection is alive.
    unsafe { stateful::id_of(ssl) }
}

/// How many sessions a context keeps that libssl does not know of.
pub unsafe fn count_beside(ctx: *mut sys::SSL_CTX) -> i64 {
    // SAFETY: the caller's context is alive.
    unsafe { settings::sessions_of(ctx) }.map_or(0, Sessions::count)
}
