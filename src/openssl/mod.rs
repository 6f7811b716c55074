//! Thin owned wrappers over libssl and libcrypto, in OpenSSL's own words. Each `unsafe` is one call wide.
//! Nothing here knows a rule of Python's.

pub mod error;
mod sys;
pub mod x509;

use error::Entry;
use std::os::raw::{c_int, c_long};

/// The result of a call into OpenSSL: its most recent error, or nothing if it left none.
pub type Result<T> = std::result::Result<T, Option<Entry>>;

/// Checks a call that returns 1 for success.
fn cvt(result: c_int) -> Result<()> {
    if result > 0 { Ok(()) } else { Err(error::take()) }
}

/// Checks a control call, which returns a long.
fn cvt_long(result: c_long) -> Result<()> {
    if result > 0 { Ok(()) } else { Err(error::take()) }
}

/// Checks a call that returns an object, or NULL for failure.
fn cvt_p<T>(result: *mut T) -> Result<*mut T> {
    if result.is_null() { Err(error::take()) } else { Ok(result) }
}

/// Overwrites a secret in a way the compiler cannot leave out.
pub fn cleanse(secret: &mut [u8]) {
    // SAFETY: the pointer and length are those of one slice.
    unsafe { sys::OPENSSL_cleanse(secret.as_mut_ptr().cast(), secret.len()) }
}
