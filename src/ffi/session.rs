//! `tlsock_session_*`: Python's SSLSession.

use super::boundary::{ask, free, optional};
use super::bytes::Slice;
use crate::ssl::Session;

/// Frees a handle on a session. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_free(session: *mut Session) {
    unsafe { free(session) }
}

/// Tells whether two sessions have the same id; two empty ids are the same.
/// Python: a == b
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_equal(session: *const Session, other: *const Session) -> bool {
    ask(false, || match unsafe { (optional(session), optional(other)) } {
        (Some(session), Some(other)) => session.equal(other),
        _ => false,
    })
}

/// Returns the id, up to 32 bytes, lent by the session; len is 0 where only a ticket names it.
/// Python: SSLSession.id
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_id(session: *const Session) -> Slice {
    ask(Slice::new(None), || Slice::new(unsafe { optional(session) }.map(Session::id)))
}

/// Returns when it was made, in seconds since 1970.
/// Python: SSLSession.time
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_time(session: *const Session) -> i64 {
    ask(0, || unsafe { optional(session) }.map_or(0, Session::time))
}

/// Returns for how many seconds it may be resumed.
/// Python: SSLSession.timeout
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_timeout(session: *const Session) -> i64 {
    ask(0, || unsafe { optional(session) }.map_or(0, Session::timeout))
}

/// Returns the lifetime in seconds the server gave its ticket; 0 without a ticket.
/// Python: SSLSession.ticket_lifetime_hint
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_ticket_lifetime_hint(session: *const Session) -> u64 {
    ask(0, || unsafe { optional(session) }.map_or(0, Session::ticket_lifetime_hint))
}

/// Tells whether there is a ticket.
/// Python: SSLSession.has_ticket
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_has_ticket(session: *const Session) -> bool {
    ask(false, || unsafe { optional(session) }.is_some_and(Session::has_ticket))
}
