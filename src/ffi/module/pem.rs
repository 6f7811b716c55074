//! Converts certificates between DER and PEM.

use crate::ffi::boundary::{bytes, call, output, text};
use crate::ffi::bytes::Bytes;
use crate::ssl::{Error, Status};
use std::ffi::{c_char, c_void};

/// Gives the PEM text of DER bytes, which are not checked.
/// Returns: nothing beyond the conventions.
/// Python: DER_cert_to_PEM_cert(der_cert_bytes)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_der_cert_to_pem_cert(
    der: *const c_void,
    der_len: usize,
    pem: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let (der, pem) = (bytes(der, der_len, "der")?, output(pem, "pem")?);
        pem.set(Bytes::new(Some(crate::ssl::der_cert_to_pem_cert(der)?.into_bytes()))?);
        Ok(())
    })
}

/// Gives the DER bytes of a PEM text that holds one certificate.
/// Returns: VALUE if it does not begin and end like one, or is not base64.
/// Python: PEM_cert_to_DER_cert(pem_cert_string)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_pem_cert_to_der_cert(
    pem: *const c_char,
    der: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let (pem, der) = (text(pem, "pem")?, output(der, "der")?);
        der.set(Bytes::new(Some(crate::ssl::pem_cert_to_der_cert(pem)?))?);
        Ok(())
    })
}
