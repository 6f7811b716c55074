//! Sessions as they become resumable.

use super::guarded;
use crate::openssl::{session::SslSession, sys};
use std::os::raw::c_int;

pub(in crate::openssl) unsafe extern "C" fn new_session(
    ssl: *mut sys::SSL,
    session: *mut sys::SSL_SESSION,
) -> c_int {
    const TAKEN: c_int = 1;
    const LEFT: c_int = 0;
    // SAFETY: libssl gives a reference along, which is ours since we return TAKEN.
    let Some(session) = (unsafe { SslSession::from_raw(session) }) else { return LEFT };
    // SAFETY: libssl calls with a live SSL.
    unsafe { guarded(ssl, (), |handler| handler.new_session(session)) };
    TAKEN
}
