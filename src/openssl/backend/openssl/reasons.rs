//! Numbers of errors.

use crate::openssl::reason::{LIB_CRYPTO, LIB_SYS, MALLOC_FAILURE};
use crate::openssl::sys;
use std::collections::TryReserveError;
use std::ffi::CStr;
use std::os::raw::{c_int, c_ulong};
use std::ptr::null;

const SYSTEM_FLAG: c_ulong = 0x8000_0000;
const REASON_MASK: c_ulong = 0x7F_FFFF;

/// The library and the reason in a number of the queue, as OpenSSL numbers them.
pub fn numbers(queued: c_ulong) -> (c_int, c_int) {
    match queued & SYSTEM_FLAG {
        0 => ((queued >> 23 & 0xFF) as c_int, (queued & REASON_MASK) as c_int),
        _ => (LIB_SYS, (queued & !SYSTEM_FLAG) as c_int),
    }
}

/// A copy of the text for a reason of a library.
pub fn text(library: c_int, reason: c_int) -> Result<Option<String>, TryReserveError> {
    // SAFETY: any number is allowed.
    let text = unsafe { sys::ERR_reason_error_string(packed(library, reason)) };
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, and OpenSSL's texts end in NUL.
    let Ok(text) = unsafe { CStr::from_ptr(text) }.to_str() else { return Ok(None) };
    let mut copy = String::new();
    copy.try_reserve_exact(text.len())?;
    copy.push_str(text);
    Ok(Some(copy))
}

/// OpenSSL's number for both.
pub fn packed(library: c_int, reason: c_int) -> c_ulong {
    match library {
        LIB_SYS => SYSTEM_FLAG | reason as c_ulong,
        library => (library as c_ulong) << 23 | reason as c_ulong,
    }
}

/// Puts an entry for a failed allocation on the queue.
pub fn raise_memory() {
    // SAFETY: no preconditions.
    unsafe { sys::ERR_new() };
    // SAFETY: after ERR_new; without a format nothing more is read.
    unsafe { sys::ERR_set_error(LIB_CRYPTO, MALLOC_FAILURE, null()) };
}
