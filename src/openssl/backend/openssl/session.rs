//! Sessions.

use crate::openssl::{Result, bytes_at, cvt, cvt_p, sys};
use std::os::raw::c_void;
use std::ptr::null_mut;

/// Another session with the same content: with a session callback OpenSSL marks a resumed one as used up (TLS 1.3).
pub unsafe fn duplicate(session: *mut sys::SSL_SESSION) -> Result<*mut sys::SSL_SESSION> {
    // SAFETY: the caller's session is alive and only read.
    cvt_p(|| unsafe { sys::SSL_SESSION_dup(session) })
}

/// The current session of a connection, with a reference for the caller, or NULL.
pub unsafe fn current(ssl: *mut sys::SSL) -> *mut sys::SSL_SESSION {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_get1_session(ssl) }
}

/// The id by which a server's session is kept, where the session itself has another: never.
pub unsafe fn id_apart(_: *mut sys::SSL) -> Option<[u8; 32]> {
    None
}

/// Stores with a session until when what it proves is valid, in a note that its tickets contain too. Only for a session that is in
/// no cache yet.
pub unsafe fn end_proof(session: *mut sys::SSL_SESSION, until: i64) -> Result<()> {
    let note = until.to_be_bytes();
    // SAFETY: the caller's session is alive; pointer and length are those of one slice, which OpenSSL copies.
    cvt(|| unsafe { sys::SSL_SESSION_set1_ticket_appdata(session, note.as_ptr().cast(), note.len()) })
}

/// What was stored with the session of a connection.
pub unsafe fn proof_end(ssl: *mut sys::SSL) -> Option<i64> {
    let (mut note, mut len): (*mut c_void, usize) = (null_mut(), 0);
    // SAFETY: the caller's connection is alive; so below.
    let session = unsafe { sys::SSL_get_session(ssl) };
    // SAFETY: not NULL, so a session that lives as long as the connection has it; both are places of ours.
    let found = !session.is_null()
        && unsafe { sys::SSL_SESSION_get0_ticket_appdata(session, &mut note, &mut len) } == 1;
    if !found {
        return None;
    }
    // SAFETY: the bytes are the session's and have that length.
    let note = unsafe { bytes_at(note.cast_const().cast(), len) };
    Some(i64::from_be_bytes(note.try_into().ok()?))
}

/// Whether `current` depends on what `remember` is given: on the callback for new sessions.
pub const COME_BY_CALLBACK: bool = false;

/// Keeps a client's session that can be resumed as its connection's latest, which OpenSSL does by itself.
pub unsafe fn remember(_: *mut sys::SSL, _: *mut sys::SSL_SESSION) {}

/// How many sessions a context keeps that libssl does not know of.
pub unsafe fn count_beside(_: *mut sys::SSL_CTX) -> i64 {
    0
}
