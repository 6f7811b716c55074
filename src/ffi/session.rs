//! `tlsock_session_*`: Python's SSLSession.

use super::boundary::{ask, bytes, call, free, handle, optional, output, place};
use super::bytes::{Bytes, Slice};
use crate::ssl::{Context, Error, Session, Status};
use std::ffi::c_void;

/// Makes a session from the bytes that tlsock_session_data gave, for use with this context.
/// Returns: VALUE for damaged bytes, those of another library version or backend (tlsock_backend), or those of a context with other trust (CAs,
/// directories, revocation lists if they are checked, verify mode and flags, security level, signature algorithms, host name
/// checks), or for a session that a pre-shared key has proved, of one without that callback of this process; SSL.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_new_data(
    context: *mut Context,
    data: *const c_void,
    data_len: usize,
    session: *mut *mut Session,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(session, "session")?;
        let context = unsafe { handle(context, "context") }?;
        output.give(Session::from_data(&context, unsafe { bytes(data, data_len, "data") }?)?);
        Ok(())
    })
}

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
        (Some(session), Some(other)) => session.equal(&other),
        _ => false,
    })
}

/// Returns the id, up to 32 bytes, lent by the session; len is 0 if the session is identified only by its ticket.
/// Python: SSLSession.id
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_id(session: *const Session) -> Slice {
    ask(Slice::new(None), || Slice::new(unsafe { optional(session) }.as_deref().map(Session::id)))
}

/// Returns when the session was made, in seconds since 1970.
/// Python: SSLSession.time
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_time(session: *const Session) -> i64 {
    ask(0, || unsafe { optional(session) }.as_deref().map_or(0, Session::time))
}

/// Returns how many seconds after its time the session may be resumed.
/// Python: SSLSession.timeout
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_timeout(session: *const Session) -> i64 {
    ask(0, || unsafe { optional(session) }.as_deref().map_or(0, Session::timeout))
}

/// Returns the lifetime in seconds that the server gave its ticket; 0 without a ticket.
/// Python: SSLSession.ticket_lifetime_hint
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_ticket_lifetime_hint(session: *const Session) -> u64 {
    ask(0, || unsafe { optional(session) }.as_deref().map_or(0, Session::ticket_lifetime_hint))
}

/// Tells whether the session has a ticket.
/// Python: SSLSession.has_ticket
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_has_ticket(session: *const Session) -> bool {
    ask(false, || unsafe { optional(session) }.as_deref().is_some_and(Session::has_ticket))
}

/// Gives the session as bytes, to be stored or used in another process. They are secret: anyone who has them can resume
/// as this client.
/// Returns: VALUE if it is not known what its handshake has proved: the context finds revocation lists in a
/// directory, or was changed during the handshake; SSL.
/// Extension.
/// OpenSSL: i2d_SSL_SESSION
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_session_data(
    session: *const Session,
    data: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(data, "data")?;
        output.set(Bytes::new(Some(unsafe { handle(session, "session") }?.data()?))?);
        Ok(())
    })
}
