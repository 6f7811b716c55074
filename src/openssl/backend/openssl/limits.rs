//! What a security level leaves of what a connection may use.

use crate::openssl::{Result, sys};
use std::ffi::CStr;
use std::os::raw::c_int;

/// OpenSSL asks the level of a connection whenever something is chosen.
pub unsafe fn apply(
    _: *mut sys::SSL,
    _group: Option<c_int>,
    _groups: Option<&CStr>,
    _has_sigalgs: bool,
) -> Result<()> {
    Ok(())
}
