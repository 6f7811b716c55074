//! Trust stores: CA certificates and revocation lists, and directories to look them up in.

use super::{Result, crl::X509Crl, cvt, cvt_p, sys, x509::X509};
use std::ffi::CStr;
use std::ptr::{NonNull, null};

/// A trust store, shared by reference count. OpenSSL locks it when certificates are added or looked up; the
/// list of directories it does not lock, so that only a store nobody uses yet may get one.
pub struct Store(NonNull<sys::X509_STORE>);

// SAFETY: the count is atomic and the objects are locked by OpenSSL.
unsafe impl Send for Store {}
// SAFETY: the same.
unsafe impl Sync for Store {}

impl Store {
    /// Makes an empty store.
    pub fn new() -> Result<Store> {
        // SAFETY: no preconditions.
        let store = cvt_p(unsafe { sys::X509_STORE_new() })?;
        NonNull::new(store).map(Store).ok_or(None)
    }

    /// Takes a reference to a store that is lent.
    pub(super) unsafe fn from_shared(store: *mut sys::X509_STORE) -> Option<Store> {
        let shared = std::mem::ManuallyDrop::new(Store(NonNull::new(store)?));
        Some(Store::clone(&shared))
    }

    pub(super) fn as_ptr(&self) -> *mut sys::X509_STORE {
        self.0.as_ptr()
    }

    /// Adds a certificate. One that is there already is no error.
    pub fn add_cert(&self, x509: &X509) -> Result<()> {
        // SAFETY: both are alive; the store takes its own reference.
        cvt(unsafe { sys::X509_STORE_add_cert(self.as_ptr(), x509.as_ptr()) })
    }

    /// Adds a revocation list. One that is there already is no error.
    pub fn add_crl(&self, crl: &X509Crl) -> Result<()> {
        // SAFETY: both are alive; the store takes its own reference.
        cvt(unsafe { sys::X509_STORE_add_crl(self.as_ptr(), crl.as_ptr()) })
    }

    /// Registers a directory of hashed names. See the note on [`Store`].
    pub fn load_directory(&self, directory: &CStr) -> Result<()> {
        // SAFETY: the store is alive, the path ends in NUL.
        cvt(unsafe { sys::X509_STORE_load_locations(self.as_ptr(), null(), directory.as_ptr()) })
    }

    /// Makes a store with the same certificates and revocation lists, but without its directories.
    pub fn copy(&self) -> Result<Store> {
        let copy = Store::new()?;
        self.each(|object| copy.add_object(object));
        super::error::clear();
        Ok(copy)
    }

    fn add_object(&self, object: *mut sys::X509_OBJECT) {
        // SAFETY: the object is alive while its store is locked; so below.
        let x509 = unsafe { sys::X509_OBJECT_get0_X509(object) };
        if !x509.is_null() {
            // SAFETY: the store takes its own reference.
            unsafe { sys::X509_STORE_add_cert(self.as_ptr(), x509) };
        }
        // SAFETY: as above.
        let crl = unsafe { sys::X509_OBJECT_get0_X509_CRL(object) };
        if !crl.is_null() {
            // SAFETY: the store takes its own reference.
            unsafe { sys::X509_STORE_add_crl(self.as_ptr(), crl) };
        }
    }

    /// Shows every object while the store is locked.
    fn each(&self, mut visit: impl FnMut(*mut sys::X509_OBJECT)) {
        // SAFETY: the store is alive; unlocked below.
        unsafe { sys::X509_STORE_lock(self.as_ptr()) };
        // SAFETY: the store is locked, so the list does not change.
        let objects = unsafe { sys::X509_STORE_get0_objects(self.as_ptr()) };
        // SAFETY: the list is alive.
        let count = unsafe { sys::OPENSSL_sk_num(objects.cast()) };
        for index in 0..count {
            // SAFETY: index is within the list.
            visit(unsafe { sys::OPENSSL_sk_value(objects.cast(), index) }.cast());
        }
        // SAFETY: locked above.
        unsafe { sys::X509_STORE_unlock(self.as_ptr()) };
    }

    /// Lists the certificates and counts the revocation lists.
    pub fn contents(&self) -> (Vec<X509>, usize) {
        let (mut certificates, mut crls) = (Vec::new(), 0);
        self.each(|object| {
            // SAFETY: the object is alive while its store is locked; so below.
            let x509 = unsafe { sys::X509_OBJECT_get0_X509(object) };
            // SAFETY: a certificate of the store's, or NULL.
            certificates.extend(unsafe { X509::from_shared(x509) });
            // SAFETY: as above.
            let crl = unsafe { sys::X509_OBJECT_get0_X509_CRL(object) };
            crls += usize::from(!crl.is_null());
        });
        (certificates, crls)
    }
}

impl Clone for Store {
    fn clone(&self) -> Store {
        // SAFETY: the store is alive.
        unsafe { sys::X509_STORE_up_ref(self.as_ptr()) };
        Store(self.0)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: the one reference we own.
        unsafe { sys::X509_STORE_free(self.as_ptr()) }
    }
}
