//! Reads certificates from DER.

use super::X509;
use crate::openssl::error::Cause;
use crate::openssl::mem::MemReader;
use crate::openssl::{Result, asn1, cvt_p, quietly, sequence, sys};
use std::os::raw::{c_long, c_uchar};
use std::ptr::null_mut;

type Decoder = unsafe extern "C" fn(*mut *mut sys::X509, *mut *const c_uchar, c_long) -> *mut sys::X509;

impl X509 {
    /// Reads a certificate from DER, which must hold nothing else.
    pub fn from_der(der: &[u8]) -> Result<X509> {
        with_key(|| {
            asn1::from_der(der, |data, len| {
                // SAFETY: data and len are those of one slice.
                let x509 = cvt_p(|| unsafe { sys::d2i_X509(null_mut(), data, len) })?;
                // SAFETY: d2i gave us the only reference.
                unsafe { X509::from_raw(x509) }.ok_or(Cause::Untold)
            })
        })
    }

    /// Reads a certificate from the start of DER, whatever is behind it.
    pub(in crate::openssl) fn start_of_der(der: &[u8]) -> Result<X509> {
        with_key(|| at_start(der, sys::d2i_X509))
    }

    /// Reads a certificate from the start of DER, and what it is trusted or rejected for from what is behind it, if there is
    /// anything (TRUSTED CERTIFICATE).
    pub(in crate::openssl) fn from_trusted_der(der: &[u8]) -> Result<X509> {
        with_key(|| at_start(der, sys::d2i_X509_AUX))
    }

    /// Reads consecutive certificates in DER; an error ends the iteration.
    pub fn all_from_der(der: &[u8]) -> Result<impl Iterator<Item = Result<X509>>> {
        let bio = MemReader::new(der)?;
        Ok(sequence(move || {
            if bio.is_at_end() {
                return Ok(None);
            }
            let start = bio.read_of(der).len();
            // SAFETY: the BIO is alive.
            let x509 = cvt_p(|| unsafe { sys::d2i_X509_bio(bio.as_ptr(), null_mut()) })?;
            // SAFETY: d2i gave us the only reference.
            let x509 = unsafe { X509::from_raw(x509) }.ok_or(Cause::Untold)?;
            match x509.has_key() {
                true => Ok(Some(x509)),
                false => X509::start_of_der(&der[start..]).map(Some),
            }
        }))
    }

    /// Tells whether the public key was decoded. One without a size is a part of a key.
    fn has_key(&self) -> bool {
        // SAFETY: the certificate is alive.
        let key = quietly(|| unsafe { sys::X509_get0_pubkey(self.as_ptr()) });
        // SAFETY: not NULL, and as alive as the certificate.
        !key.is_null() && quietly(|| unsafe { sys::EVP_PKEY_get_size(key) }) > 0
    }
}

/// Reads once more what came without its key: libcrypto gives such a certificate where there was no memory to decode the key, as
/// it does for a key that it does not know, and a CA like that verifies nothing as long as it is kept.
fn with_key(mut read: impl FnMut() -> Result<X509>) -> Result<X509> {
    let x509 = read()?;
    if x509.has_key() { Ok(x509) } else { read() }
}

fn at_start(der: &[u8], decode: Decoder) -> Result<X509> {
    let mut data = der.as_ptr();
    let len = c_long::try_from(der.len()).map_err(|_| Cause::Untold)?;
    // SAFETY: data and len are those of one slice.
    let x509 = cvt_p(|| unsafe { decode(null_mut(), &mut data, len) })?;
    // SAFETY: d2i gave us the only reference.
    unsafe { X509::from_raw(x509) }.ok_or(Cause::Untold)
}
