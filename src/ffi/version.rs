//! `tlsock_version*` and the names of statuses.

use super::boundary::ask;
use crate::ssl::Status;
use std::ffi::{c_char, c_int};

const VERSION: &std::ffi::CStr = c"0.1.0";

/// Returns the version of the library that runs, such as "0.1.0". Static.
/// Extension: the counterpart of TLSOCK_VERSION.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_version() -> *const c_char {
    VERSION.as_ptr()
}

/// Names a status by Python's class: "SSLWantReadError", "OSError", "ValueError"; "OK" for 0.
/// An unknown number gives the class of its range. Static, never NULL.
/// Extension: Python has type(error).__name__.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_status_name(status: c_int) -> *const c_char {
    ask(c"Exception", || Status::class_name(status)).as_ptr()
}
