//! What a security level leaves of what a connection may use.

use crate::openssl::{Result, sys};
use std::ffi::CStr;
use std::os::raw::c_int;

/// OpenSSL asks the level of a connection whenever something is chosen.
pub unsafe fn apply(
    _: *mut sys::SSL,
    _group: Option<c_int>,
    _groups: Option<&CStr>,
    _sigalgs: Option<&CStr>,
) -> Result<()> {
    Ok(())
}

/// The level comes with the context's certificates.
pub unsafe fn apply_after_switch(
    _: *mut sys::SSL,
    _: *mut sys::SSL_CTX,
    _sigalgs: Option<&CStr>,
) -> Result<()> {
    Ok(())
}
