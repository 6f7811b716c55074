//! Choosing the issuer among trusted certificates with the same name.

use super::lookup::NOT_FOUND;
use crate::openssl::issuer::{FOUND, other_signer};
use crate::openssl::{cvt_new, queue::preserving, store::Store, sys};
use std::mem::ManuallyDrop;
use std::os::raw::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};

impl Store {
    /// Lets verification find out by the signature which of several certificates with the same name is the issuer.
    pub(in crate::openssl) fn ask_signatures(&self) {
        // SAFETY: the store is alive.
        unsafe { sys::X509_STORE_set_get_issuer(self.as_ptr(), Some(issuer)) }
    }

    /// Lets the store load the certificates that directories have under a name.
    pub(in crate::openssl) unsafe fn ask_directories(&self, name: *const sys::X509_NAME) {
        // SAFETY: no preconditions.
        let method = unsafe { sys::X509_LOOKUP_hash_dir() };
        // SAFETY: the store is alive. It has such a lookup already, so it returns that one.
        let lookup = unsafe { sys::X509_STORE_add_lookup(self.as_ptr(), method) };
        // SAFETY: no preconditions.
        let Ok(found) = cvt_new(|| unsafe { sys::X509_OBJECT_new() }) else { return };
        // SAFETY: all are alive.
        let result = unsafe { sys::X509_LOOKUP_by_subject(lookup, sys::X509_LU_X509, name, found.as_ptr()) };
        if result == FOUND {
            // SAFETY: the object is alive.
            let x509 = unsafe { sys::X509_OBJECT_get0_X509(found.as_ptr()) };
            // SAFETY: a certificate of the store. The lookup took no reference, but freeing the object releases one.
            unsafe { sys::X509_up_ref(x509) };
        }
        // SAFETY: the object is ours.
        unsafe { sys::X509_OBJECT_free(found.as_ptr()) };
    }
}

/// OpenSSL's choice, or the certificate of the same name that made the signature. This only chooses: OpenSSL still checks
/// the signature and whether the issuer may sign.
unsafe extern "C" fn issuer(
    found: *mut *mut sys::X509,
    ctx: *mut sys::X509_STORE_CTX,
    x509: *mut sys::X509,
) -> c_int {
    // SAFETY: the arguments are those that OpenSSL has passed.
    let result = unsafe { sys::X509_STORE_CTX_get1_issuer(found, ctx, x509) };
    if !matches!(result, FOUND | NOT_FOUND) {
        return result;
    }
    // SAFETY: a certificate if it was found, and NULL otherwise.
    let chosen = unsafe { *found };
    // SAFETY: all are alive.
    let choose = || unsafe { other_signer(ctx, x509, chosen) };
    // Any failure here leaves OpenSSL's choice.
    let Ok(Some(signer)) = preserving(|| catch_unwind(AssertUnwindSafe(choose))) else { return result };
    // SAFETY: the reference that came with OpenSSL's choice is replaced by the signer's; NULL is ignored.
    unsafe { sys::X509_free(chosen) };
    // SAFETY: a place for one reference.
    unsafe { *found = ManuallyDrop::new(signer).as_ptr() };
    FOUND
}
