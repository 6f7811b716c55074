//! The group of a key exchange.

use crate::openssl::error::{Cause, Entry, LIB_SSL};
use crate::openssl::sys;
use std::ffi::CStr;
use std::os::raw::{c_char, c_int};
use std::ptr::null;

/// What OpenSSL calls the groups that AWS-LC calls otherwise.
const NAMES: [(u16, &CStr); 4] =
    [(23, c"secp256r1"), (24, c"secp384r1"), (25, c"secp521r1"), (29, c"x25519")];

const SSL_R_UNSUPPORTED_ELLIPTIC_CURVE: c_int = 315;

/// Why a group was refused that a program has chosen by its number: AWS-LC lacks some that have one, and says nothing.
pub fn refusal(cause: Cause) -> Cause {
    match cause {
        Cause::Untold => Entry::of(LIB_SSL, SSL_R_UNSUPPORTED_ELLIPTIC_CURVE).into(),
        told => told,
    }
}

/// OpenSSL's name of the group that a connection has agreed on; NULL for none. Static.
pub unsafe fn negotiated(ssl: *mut sys::SSL) -> *const c_char {
    // SAFETY: the caller's connection is alive.
    let id = unsafe { sys::SSL_get_group_id(ssl) };
    if id == 0 {
        return null();
    }
    match NAMES.iter().find(|(known, _)| *known == id) {
        Some((_, name)) => name.as_ptr(),
        // SAFETY: any number is allowed.
        None => unsafe { sys::SSL_get_group_name(id) },
    }
}
