//! Keying material for other protocols.

use crate::openssl::error::{Entry, LIB_SSL};
use crate::openssl::{Result, sys};
use std::os::raw::c_int;

const SSL_R_TLS_ILLEGAL_EXPORTER_LABEL: c_int = 367;
/// What TLS 1.2 and below derive their own secrets by (RFC 5705, section 4). AWS-LC would derive the same once more.
const RESERVED: [&[u8]; 5] =
    [b"client finished", b"server finished", b"master secret", b"extended master secret", b"key expansion"];

/// Refuses the labels that OpenSSL refuses.
pub unsafe fn check_label(ssl: *mut sys::SSL, label: &[u8]) -> Result<()> {
    // SAFETY: the caller's connection is alive.
    let is_older = unsafe { sys::SSL_version(ssl) } < sys::TLS1_3_VERSION;
    match is_older && RESERVED.iter().any(|reserved| label.starts_with(reserved)) {
        true => Err(Entry::of(LIB_SSL, SSL_R_TLS_ILLEGAL_EXPORTER_LABEL).into()),
        false => Ok(()),
    }
}
