//! Sessions that can now be resumed, and tickets that are about to be made.

use super::guarded;
use crate::openssl::{backend, bytes_at, lent::Lent, session::SslSession, sys};
use std::os::raw::{c_int, c_uchar, c_void};
use std::ptr::null_mut;

pub(in crate::openssl) unsafe extern "C" fn new_session(
    ssl: *mut sys::SSL,
    session: *mut sys::SSL_SESSION,
) -> c_int {
    const TAKEN: c_int = 1;
    const LEFT: c_int = 0;
    // SAFETY: libssl passes a reference, which is ours because we return TAKEN.
    let Some(session) = (unsafe { SslSession::from_raw(session) }) else { return LEFT };
    // SAFETY: libssl calls with a live SSL; so below.
    let Some(lent) = (unsafe { Lent::new(ssl) }) else { return TAKEN };
    // SAFETY: as above.
    unsafe { backend::session::remember(ssl, session.as_ptr()) };
    // SAFETY: as above.
    unsafe { guarded(ssl, (), |handler| handler.new_session(session, &lent)) };
    TAKEN
}

pub(in crate::openssl) unsafe extern "C" fn stored_session(
    ssl: *mut sys::SSL,
    id: *const c_uchar,
    len: c_int,
    shared: *mut c_int,
) -> *mut sys::SSL_SESSION {
    // SAFETY: libssl gives len readable bytes.
    let id = unsafe { bytes_at(id, usize::try_from(len).unwrap_or(0)) };
    // SAFETY: libssl calls with a live SSL.
    let found = unsafe { guarded(ssl, None, |handler| handler.stored_session(id)) };
    // SAFETY: libssl gives a place for the answer: it gets the one reference there is.
    unsafe { shared.write(0) };
    found.map_or(null_mut(), SslSession::into_raw)
}

pub(in crate::openssl) unsafe extern "C" fn new_ticket(ssl: *mut sys::SSL, _: *mut c_void) -> c_int {
    const MADE: c_int = 1;
    const FAILED: c_int = 0;
    // SAFETY: libssl calls with a live SSL; so below.
    let Some(lent) = (unsafe { Lent::new(ssl) }) else { return FAILED };
    // SAFETY: as above.
    let made = unsafe { guarded(ssl, false, |handler| handler.new_ticket(&lent)) };
    if made { MADE } else { FAILED }
}
