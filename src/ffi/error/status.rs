//! The names of statuses.

use crate::ffi::boundary::ask;
use crate::ssl::Status;
use std::ffi::{c_char, c_int};

/// Names a status by Python's class: "SSLWantReadError", "OSError", "ValueError"; "OK" for 0.
/// An unknown number gives the class of its range. Static, never NULL.
/// Extension: Python has type(error).__name__.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_status_name(status: c_int) -> *const c_char {
    ask(c"Exception", || Status::class_name(status)).as_ptr()
}
