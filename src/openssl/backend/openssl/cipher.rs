//! Lists of ciphers, and what the handshakes of a cipher prove.

use crate::openssl::{Result, cvt, sys};
use std::ffi::CStr;
use std::os::raw::c_int;

/// Sets the ciphers of TLS 1.2 and below of a context, and its security level where the list has one.
pub unsafe fn set_context_list(ctx: *mut sys::SSL_CTX, list: &CStr) -> Result<()> {
    // SAFETY: the caller's context is alive; the text ends in NUL.
    cvt(|| unsafe { sys::SSL_CTX_set_cipher_list(ctx, list.as_ptr()) })
}

/// The same of a connection.
pub unsafe fn set_list(ssl: *mut sys::SSL, list: &CStr) -> Result<()> {
    // SAFETY: the caller's connection is alive; the text ends in NUL.
    cvt(|| unsafe { sys::SSL_set_cipher_list(ssl, list.as_ptr()) })
}

/// Tells whether both sides of a cipher of TLS 1.2 and below have a key that they had before.
pub unsafe fn is_of_psk(cipher: *const sys::SSL_CIPHER) -> bool {
    /// `NID_kx_ecdhe_psk`, `NID_kx_dhe_psk`, `NID_kx_rsa_psk` and `NID_kx_psk`.
    const BY_PSK: std::ops::RangeInclusive<c_int> = 1040..=1043;
    // SAFETY: the caller's cipher is static.
    BY_PSK.contains(&unsafe { sys::SSL_CIPHER_get_kx_nid(cipher) })
}

/// Tells whether a server of a cipher may show a certificate.
pub unsafe fn is_of_certificate(cipher: *const sys::SSL_CIPHER) -> bool {
    /// `NID_auth_rsa`, `NID_auth_ecdsa`, `NID_auth_dss` and `NID_auth_any`, which is TLS 1.3.
    const BY_CERTIFICATE: [c_int; 4] = [1046, 1047, 1049, 1064];
    // SAFETY: the caller's cipher is static.
    BY_CERTIFICATE.contains(&unsafe { sys::SSL_CIPHER_get_auth_nid(cipher) })
}
