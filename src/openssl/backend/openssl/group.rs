//! The group of a key exchange.

use crate::openssl::error::Cause;
use crate::openssl::sys;
use std::os::raw::c_char;
use std::ptr::null;

/// Why a group was refused that a program has chosen by its number.
pub fn refusal(cause: Cause) -> Cause {
    cause
}

/// OpenSSL's name of the group that a connection has agreed on; NULL for none. Static.
pub unsafe fn negotiated(ssl: *mut sys::SSL) -> *const c_char {
    // SAFETY: the caller's connection is alive; so below.
    let id = unsafe { sys::SSL_get_negotiated_group(ssl) };
    // SAFETY: as above; any number is allowed.
    if id > 0 { unsafe { sys::SSL_group_to_name(ssl, id) } } else { null() }
}
