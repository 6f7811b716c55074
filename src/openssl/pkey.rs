//! Private keys.

use super::error::Cause;
use super::{Result, cvt, cvt_new, cvt_p, sys};
use std::ptr::{NonNull, null, null_mut};

/// A private key, shared by reference count. OpenSSL wipes it when the last reference is released.
#[derive(Debug)]
pub struct PKey(NonNull<sys::EVP_PKEY>);

// SAFETY: the reference count is atomic, and a key is not changed after it was read.
unsafe impl Send for PKey {}
// SAFETY: the same.
unsafe impl Sync for PKey {}

impl PKey {
    /// Takes over one reference; None for NULL.
    pub(super) unsafe fn from_raw(key: *mut sys::EVP_PKEY) -> Option<PKey> {
        NonNull::new(key).map(PKey)
    }

    /// Takes over Diffie-Hellman parameters.
    pub(super) fn from_dh(dh: *mut sys::DH) -> Result<PKey> {
        // SAFETY: no preconditions.
        let key = cvt_p(|| unsafe { sys::EVP_PKEY_new() });
        // SAFETY: the only reference is ours.
        let key = key.and_then(|key| unsafe { PKey::from_raw(key) }.ok_or(Cause::Untold));
        let done = key.and_then(|key| {
            // SAFETY: both are alive; the key takes its own reference.
            cvt(|| unsafe { sys::EVP_PKEY_set1_DH(key.as_ptr(), dh) })?;
            Ok(key)
        });
        // SAFETY: the one reference we own.
        unsafe { sys::DH_free(dh) };
        done
    }

    pub(super) fn as_ptr(&self) -> *mut sys::EVP_PKEY {
        self.0.as_ptr()
    }

    /// How long a signature may be.
    pub(super) fn longest_signature(&self) -> usize {
        // SAFETY: the key is alive.
        usize::try_from(unsafe { sys::EVP_PKEY_get_size(self.as_ptr()) }).unwrap_or(0)
    }
}

impl Clone for PKey {
    fn clone(&self) -> PKey {
        // SAFETY: the key is alive.
        unsafe { sys::EVP_PKEY_up_ref(self.as_ptr()) };
        PKey(self.0)
    }
}

impl Drop for PKey {
    fn drop(&mut self) {
        // SAFETY: the one reference we own.
        unsafe { sys::EVP_PKEY_free(self.as_ptr()) }
    }
}

/// A context of an operation with a key.
pub(super) struct PKeyCtx(pub(super) NonNull<sys::EVP_PKEY_CTX>);

impl PKeyCtx {
    /// Makes one for a key.
    pub fn new(key: &PKey) -> Result<PKeyCtx> {
        // SAFETY: the key is alive; the default library.
        let ctx = cvt_new(|| unsafe { sys::EVP_PKEY_CTX_new_from_pkey(null_mut(), key.as_ptr(), null()) })?;
        Ok(PKeyCtx(ctx))
    }

    /// The pointer, lent.
    pub fn as_ptr(&self) -> *mut sys::EVP_PKEY_CTX {
        self.0.as_ptr()
    }
}

impl Drop for PKeyCtx {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { sys::EVP_PKEY_CTX_free(self.as_ptr()) }
    }
}
