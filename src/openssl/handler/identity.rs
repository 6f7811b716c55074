//! Choosing this side's certificate once it is known what the peer wants.

use super::{Reply, guarded};
use crate::openssl::lent::Lent;
use crate::openssl::sys;
use std::os::raw::{c_int, c_void};

const GO_ON: c_int = 1;
const NOT_YET: c_int = -1;
const FAILED: c_int = 0;

/// Has the handler choose.
pub(in crate::openssl) unsafe extern "C" fn choose_identity(ssl: *mut sys::SSL, _: *mut c_void) -> c_int {
    // SAFETY: libssl calls with a live SSL.
    let Some(lent) = (unsafe { Lent::new(ssl) }) else { return FAILED };
    // SAFETY: the same.
    match unsafe { guarded(ssl, Err(()), |handler| handler.choose_identity(&lent)) } {
        Ok(Reply::Given) => GO_ON,
        Ok(Reply::Pending) => NOT_YET,
        Err(()) => FAILED,
    }
}
