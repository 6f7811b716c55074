//! Certificate revocation lists.

use super::{Result, asn1, cvt_p, mem::MemReader, sequence, sys};
use std::ptr::{NonNull, null_mut};

/// A certificate revocation list, shared by reference count.
#[derive(Debug)]
pub struct X509Crl(NonNull<sys::X509_CRL>);

// SAFETY: the reference count is atomic, and what is read of a list is set when it is parsed.
unsafe impl Send for X509Crl {}
// SAFETY: the same.
unsafe impl Sync for X509Crl {}

impl X509Crl {
    /// Takes over one reference; None for NULL.
    pub(super) unsafe fn from_raw(crl: *mut sys::X509_CRL) -> Option<X509Crl> {
        NonNull::new(crl).map(X509Crl)
    }

    /// Takes a reference to a list that is lent; None for NULL.
    pub(super) unsafe fn from_shared(crl: *mut sys::X509_CRL) -> Option<X509Crl> {
        let shared = std::mem::ManuallyDrop::new(X509Crl(NonNull::new(crl)?));
        Some(X509Crl::clone(&shared))
    }

    /// The pointer, lent.
    pub(super) fn as_ptr(&self) -> *mut sys::X509_CRL {
        self.0.as_ptr()
    }

    /// Reads consecutive lists in DER; an error ends the iteration.
    pub fn all_from_der(der: &[u8]) -> Result<impl Iterator<Item = Result<X509Crl>>> {
        let bio = MemReader::new(der)?;
        Ok(sequence(move || {
            if bio.is_at_end() {
                return Ok(None);
            }
            // SAFETY: the BIO is alive.
            let crl = cvt_p(|| unsafe { sys::d2i_X509_CRL_bio(bio.as_ptr(), null_mut()) })?;
            // SAFETY: d2i gave us the only reference.
            Ok(unsafe { X509Crl::from_raw(crl) })
        }))
    }

    /// The DER bytes.
    pub fn to_der(&self) -> Result<Vec<u8>> {
        // SAFETY: the list is alive.
        asn1::to_der(|out| unsafe { sys::i2d_X509_CRL(self.as_ptr(), out) })
    }

    /// When it was made, in seconds since 1970.
    pub fn last_update_seconds(&self) -> Result<i64> {
        // SAFETY: the list is alive.
        let time = unsafe { sys::X509_CRL_get0_lastUpdate(self.as_ptr()) };
        // SAFETY: lent by the list.
        unsafe { asn1::time_seconds(time) }
    }

    /// When the next one is due, in seconds since 1970; None if the list does not say.
    pub fn next_update_seconds(&self) -> Result<Option<i64>> {
        // SAFETY: the list is alive.
        let time = unsafe { sys::X509_CRL_get0_nextUpdate(self.as_ptr()) };
        // SAFETY: not NULL, lent by the list.
        (!time.is_null()).then(|| unsafe { asn1::time_seconds(time) }).transpose()
    }
}

impl Clone for X509Crl {
    fn clone(&self) -> X509Crl {
        // SAFETY: the list is alive; its count cannot overflow before memory is full.
        unsafe { sys::X509_CRL_up_ref(self.as_ptr()) };
        X509Crl(self.0)
    }
}

impl Drop for X509Crl {
    fn drop(&mut self) {
        // SAFETY: the one reference we own.
        unsafe { sys::X509_CRL_free(self.as_ptr()) }
    }
}
