//! The lines of the key log: the secrets of a connection, for debugging.

use super::guarded;
use crate::openssl::sys;
use std::ffi::CStr;
use std::os::raw::c_char;

pub(in crate::openssl) unsafe extern "C" fn keylog(ssl: *const sys::SSL, line: *const c_char) {
    // SAFETY: libssl gives text that ends in NUL.
    let line = unsafe { CStr::from_ptr(line) };
    // SAFETY: libssl calls with a live SSL.
    unsafe { guarded(ssl, (), |handler| handler.keylog(line)) }
}
