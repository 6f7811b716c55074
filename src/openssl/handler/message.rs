//! Passes the protocol's messages to the handler.

use super::{follow_trust, guarded};
use crate::openssl::{bytes_at, lent::Lent, sys};
use std::os::raw::{c_int, c_void};

pub(in crate::openssl) unsafe extern "C" fn message(
    written: c_int,
    version: c_int,
    content_type: c_int,
    data: *const c_void,
    len: usize,
    ssl: *mut sys::SSL,
    _: *mut c_void,
) {
    // SAFETY: libssl gives that many bytes.
    let data = unsafe { bytes_at(data.cast(), len) };
    // SAFETY: libssl calls with a live SSL.
    unsafe { guarded(ssl, (), |handler| handler.message(written != 0, version, content_type, data)) }
    if written != 0 {
        return;
    }
    // What has arrived may be a certificate, and the program may have changed its trust as it was told.
    // SAFETY: libssl calls with a live SSL.
    let Some(lent) = (unsafe { Lent::new(ssl) }) else { return };
    // SAFETY: as above.
    unsafe { follow_trust(&lent) }
}
