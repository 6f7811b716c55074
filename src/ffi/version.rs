//! `tlsock_version*` and the names of statuses.

use super::boundary::ask;
use super::constants::TLSOCK_VERSION_NUMBER;
use crate::ssl::Status;
use std::ffi::{CStr, c_char, c_int};

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => panic!("a version holds no NUL"),
};

/// Returns the version of the running library, such as "0.1.0". Static.
/// Extension: the counterpart of TLSOCK_VERSION.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_version() -> *const c_char {
    VERSION.as_ptr()
}

/// Returns the version of the running library as (major << 16) | (minor << 8) | patch. A program is compatible if the
/// major numbers are equal and this is not below its TLSOCK_VERSION_NUMBER.
/// Extension: the counterpart of TLSOCK_VERSION_NUMBER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_version_number() -> u32 {
    TLSOCK_VERSION_NUMBER
}

/// Names a status by Python's class: "SSLWantReadError", "OSError", "ValueError"; "OK" for 0.
/// An unknown number gives the class of its range. Static, never NULL.
/// Extension: Python has type(error).__name__.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_status_name(status: c_int) -> *const c_char {
    ask(c"Exception", || Status::class_name(status)).as_ptr()
}
