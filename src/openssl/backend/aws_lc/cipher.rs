//! Lists of ciphers, and what the handshakes of a cipher prove. AWS-LC gets the names that a list comes to, since it reads lists
//! otherwise than OpenSSL, and takes one that leaves no cipher.

use super::rules::cipher_string::CipherChoice;
use super::{limits, settings};
use crate::openssl::error::{Cause, Entry, LIB_SSL};
use crate::openssl::{Result, cvt, sys};
use std::ffi::{CStr, CString};
use std::os::raw::c_int;

const SSL_R_NO_CIPHER_MATCH: c_int = 185;

/// What a list comes to.
fn chosen(list: &CStr) -> Result<(CString, Option<c_int>)> {
    let no_match = || Cause::from(Entry::of(LIB_SSL, SSL_R_NO_CIPHER_MATCH));
    let text = list.to_str().map_err(|_| no_match())?;
    let choice = CipherChoice::of(text).map_err(|_| no_match())?;
    let names: Vec<_> = choice.suites.iter().map(|suite| suite.name).collect();
    let names = CString::new(names.join(":")).map_err(|_| no_match())?;
    Ok((names, choice.level.map(|level| level.number())))
}

/// Sets the ciphers of TLS 1.2 and below of a context, and its security level where the list has one.
pub unsafe fn set_context_list(ctx: *mut sys::SSL_CTX, list: &CStr) -> Result<()> {
    let (names, level) = chosen(list)?;
    // SAFETY: the caller's context is alive; the text ends in NUL.
    cvt(|| unsafe { sys::SSL_CTX_set_strict_cipher_list(ctx, names.as_ptr()) })?;
    if let Some(level) = level {
        // SAFETY: as above.
        unsafe { settings::set_context_level(ctx, level) };
    }
    Ok(())
}

/// The same of a connection, which has what its level leaves of them.
pub unsafe fn set_list(ssl: *mut sys::SSL, list: &CStr) -> Result<()> {
    let (names, level) = chosen(list)?;
    // SAFETY: the caller's connection is alive; the text ends in NUL; so below.
    cvt(|| unsafe { sys::SSL_set_strict_cipher_list(ssl, names.as_ptr()) })?;
    // SAFETY: as above.
    let settings = unsafe { settings::of(ssl) };
    if let Some((level, settings)) = level.zip(settings) {
        settings.set_level(level);
    }
    // SAFETY: as above.
    unsafe { limits::apply_level(ssl) }
}

/// Tells whether both sides of a cipher of TLS 1.2 and below have a key that they had before.
pub unsafe fn is_of_psk(cipher: *const sys::SSL_CIPHER) -> bool {
    // SAFETY: the caller's cipher is static.
    unsafe { sys::SSL_CIPHER_get_auth_nid(cipher) == sys::NID_auth_psk }
}

/// Tells whether a server of a cipher may show a certificate.
pub unsafe fn is_of_certificate(cipher: *const sys::SSL_CIPHER) -> bool {
    // SAFETY: the caller's cipher is static.
    let auth = unsafe { sys::SSL_CIPHER_get_auth_nid(cipher) };
    [sys::NID_auth_rsa, sys::NID_auth_ecdsa, sys::NID_auth_any].contains(&auth)
}
