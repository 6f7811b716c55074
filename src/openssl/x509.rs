//! Certificates.

use super::{Result, cvt_p, sys};
use std::os::raw::c_long;
use std::ptr::NonNull;

/// A certificate, shared by reference count.
#[derive(Debug)]
pub struct X509(NonNull<sys::X509>);

// SAFETY: the reference count is atomic, and what is read of a certificate is set when it is parsed.
unsafe impl Send for X509 {}
// SAFETY: the same.
unsafe impl Sync for X509 {}

impl X509 {
    /// Takes over one reference; None for NULL.
    pub(super) unsafe fn from_raw(x509: *mut sys::X509) -> Option<X509> {
        NonNull::new(x509).map(X509)
    }

    /// The pointer, lent.
    pub(super) fn as_ptr(&self) -> *mut sys::X509 {
        self.0.as_ptr()
    }

    /// Reads a certificate from DER, which must hold nothing else.
    pub fn from_der(der: &[u8]) -> Result<X509> {
        let mut data = der.as_ptr();
        let len = c_long::try_from(der.len()).map_err(|_| None)?;
        // SAFETY: data and len are those of one slice.
        let x509 = cvt_p(unsafe { sys::d2i_X509(std::ptr::null_mut(), &mut data, len) })?;
        // SAFETY: d2i gave us the only reference.
        unsafe { X509::from_raw(x509) }.ok_or(None)
    }
}

impl Clone for X509 {
    fn clone(&self) -> X509 {
        // SAFETY: the certificate is alive; its count cannot overflow before memory is full.
        unsafe { sys::X509_up_ref(self.as_ptr()) };
        X509(self.0)
    }
}

impl Drop for X509 {
    fn drop(&mut self) {
        // SAFETY: the one reference we own.
        unsafe { sys::X509_free(self.as_ptr()) }
    }
}
