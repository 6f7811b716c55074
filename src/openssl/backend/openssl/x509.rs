//! What a certificate says of itself.

use crate::openssl::x509::{SignatureInfo, X509};
use crate::openssl::{Result, cvt, quietly, sys, text_at};
use std::ffi::CStr;
use std::os::raw::c_int;

/// How a certificate is signed; None where that is not known.
pub fn signature_info(x509: &X509) -> Result<Option<SignatureInfo>> {
    let (mut digest, mut key, mut bits, mut flags): (c_int, c_int, c_int, u32) = (0, 0, 0, 0);
    // SAFETY: the certificate is alive, and all places are ours.
    let told = cvt(|| unsafe {
        sys::X509_get_signature_info(x509.as_ptr(), &mut digest, &mut key, &mut bits, &mut flags)
    });
    match told {
        Ok(()) => Ok(Some(SignatureInfo { digest: name(digest), bits })),
        Err(cause) if cause.is_memory() => Err(cause),
        Err(_) => Ok(None),
    }
}

/// How many bits of strength the key of a certificate has; 0 where it cannot be read.
pub fn key_strength(x509: &X509) -> i32 {
    // SAFETY: the certificate is alive.
    let key = quietly(|| unsafe { sys::X509_get0_pubkey(x509.as_ptr()) });
    // SAFETY: not NULL, and as alive as the certificate.
    if key.is_null() { 0 } else { unsafe { sys::EVP_PKEY_security_bits(key) } }
}

/// OpenSSL's name of a digest, by its number.
fn name(digest: c_int) -> Option<&'static CStr> {
    if digest == sys::NID_undef {
        return None;
    }
    // SAFETY: any number is allowed.
    let name = unsafe { sys::OBJ_nid2sn(digest) };
    // SAFETY: NULL or static text.
    unsafe { text_at(name) }
}
