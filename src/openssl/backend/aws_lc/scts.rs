//! The extension of certificate timestamps, which this library does not use with AWS-LC yet: a program that asks for some, or has
//! some to send, is refused when it sets that. AWS-LC takes no extensions of the program's.

use crate::openssl::{Result, sys};
use std::os::raw::c_uint;

/// Nothing can be sent or come.
pub unsafe fn install(
    _: *mut sys::SSL_CTX,
    _: sys::SendExtension,
    _: sys::FreeExtension,
    _: sys::ReceiveExtension,
) -> Result<()> {
    Ok(())
}

/// No place of the extension is a ClientHello.
pub fn asks(_: c_uint) -> bool {
    false
}
