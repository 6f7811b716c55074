//! Lists of certificates, and certificates that OpenSSL lends.

use super::{Result, cvt, cvt_new, sys, try_collect, x509::X509};
use std::os::raw::c_int;

/// A list of certificates for OpenSSL to read, which holds a reference to each.
pub struct X509Stack(*mut sys::stack_st_X509);

impl X509Stack {
    /// Takes over a list and its references; NULL is an empty list.
    pub(super) unsafe fn from_raw(stack: *mut sys::stack_st_X509) -> X509Stack {
        X509Stack(stack)
    }

    pub(super) fn as_ptr(&self) -> *mut sys::stack_st_X509 {
        self.0
    }

    /// Gives the list and its references away.
    pub(super) fn into_raw(self) -> *mut sys::stack_st_X509 {
        std::mem::ManuallyDrop::new(self).0
    }
}

impl Drop for X509Stack {
    fn drop(&mut self) {
        // SAFETY: the list and its references are ours.
        unsafe { sys::OPENSSL_sk_pop_free(self.0.cast(), Some(free_x509)) }
    }
}

unsafe extern "C" fn free_x509(x509: *mut std::os::raw::c_void) {
    // SAFETY: an element of a list of ours.
    unsafe { sys::X509_free(x509.cast()) }
}

impl X509 {
    /// Takes a reference to a certificate that is lent; None for NULL.
    pub(super) unsafe fn from_shared(x509: *mut sys::X509) -> Option<X509> {
        if x509.is_null() {
            return None;
        }
        // SAFETY: the certificate is alive.
        unsafe { sys::X509_up_ref(x509) };
        // SAFETY: the reference that was just taken.
        unsafe { X509::from_raw(x509) }
    }

    /// Makes a list for OpenSSL.
    pub fn stack(certificates: &[X509]) -> Result<X509Stack> {
        // SAFETY: no preconditions.
        let stack = X509Stack(cvt_new(|| unsafe { sys::OPENSSL_sk_new_null() })?.as_ptr().cast());
        for x509 in certificates {
            let own = x509.clone();
            // SAFETY: the list takes the reference over, unless it has no room.
            cvt(|| unsafe { sys::OPENSSL_sk_push(stack.0.cast(), own.as_ptr().cast()) })?;
            std::mem::forget(own);
        }
        Ok(stack)
    }

    /// Reads a list that is lent; empty for NULL.
    pub(super) unsafe fn list(stack: *const sys::stack_st_X509) -> Result<Vec<X509>> {
        if stack.is_null() {
            return Ok(Vec::new());
        }
        // SAFETY: the list is alive; so below.
        let count: c_int = unsafe { sys::OPENSSL_sk_num(stack.cast()) };
        let certificates = (0..count).filter_map(|index| {
            // SAFETY: index is within the list.
            let x509 = unsafe { sys::OPENSSL_sk_value(stack.cast(), index) };
            // SAFETY: an element of the list.
            unsafe { X509::from_shared(x509.cast()) }.map(Ok)
        });
        try_collect(certificates)
    }
}
