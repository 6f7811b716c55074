//! Certificates that a trust store loads only when a verification asks for them.

pub use crate::openssl::source::Source;

use crate::openssl::issuer::FOUND;
use crate::openssl::queue::preserving;
use crate::openssl::store::{Growth, Store};
use crate::openssl::{Result, cvt, cvt_new, sys, x509::X509};
use once_cell::sync::OnceCell;
use std::ffi::CStr;
use std::os::raw::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;

pub(super) const NOT_FOUND: c_int = 0;

/// The table of functions that OpenSSL calls; one copy serves all stores.
struct LookupMethod(NonNull<sys::X509_LOOKUP_METHOD>);

// SAFETY: nothing changes it once it is made.
unsafe impl Send for LookupMethod {}
// SAFETY: the same.
unsafe impl Sync for LookupMethod {}

impl Drop for LookupMethod {
    fn drop(&mut self) {
        // SAFETY: dropped only if it could not be finished, in which case nothing uses it.
        unsafe { sys::X509_LOOKUP_meth_free(self.0.as_ptr()) }
    }
}

fn method() -> Result<*mut sys::X509_LOOKUP_METHOD> {
    static METHOD: OnceCell<LookupMethod> = OnceCell::new();
    Ok(METHOD.get_or_try_init(make_method)?.0.as_ptr())
}

fn make_method() -> Result<LookupMethod> {
    // SAFETY: the name ends in NUL; OpenSSL copies it.
    let method =
        LookupMethod(cvt_new(|| unsafe { sys::X509_LOOKUP_meth_new(c"certificates in memory".as_ptr()) })?);
    // SAFETY: the method is ours and nobody uses it yet; so below.
    cvt(|| unsafe { sys::X509_LOOKUP_meth_set_get_by_subject(method.0.as_ptr(), Some(by_subject)) })?;
    // SAFETY: as above.
    cvt(|| unsafe { sys::X509_LOOKUP_meth_set_free(method.0.as_ptr(), Some(free)) })?;
    Ok(method)
}

impl Store {
    /// Lets verification look in a source for issuers whose name the store does not hold; for a name that it holds, the
    /// source is not asked. Only for a store that is not in use yet; false if it has another source.
    pub fn attach(&self, source: Arc<dyn Source>) -> Result<bool> {
        let method = method()?;
        // SAFETY: the store is alive, the method lives for ever.
        let lookup = cvt_new(|| unsafe { sys::X509_STORE_add_lookup(self.as_ptr(), method) })?.as_ptr();
        // SAFETY: the lookup is the store's; if the store has one with this method already, it is that one.
        if !unsafe { sys::X509_LOOKUP_get_method_data(lookup) }.is_null() {
            return Ok(false);
        }
        let data = Box::into_raw(Box::new(source)).cast();
        // SAFETY: the lookup is the store's, which frees it with the data.
        unsafe { sys::X509_LOOKUP_set_method_data(lookup, data) };
        self.renew(Growth::None).map(|()| true)
    }

    /// Registers a directory of hashed names. See the note on [`Store`].
    pub fn load_directory(&self, directory: &CStr) -> Result<()> {
        self.look_in(directory)
    }
}

unsafe extern "C" fn free(lookup: *mut sys::X509_LOOKUP) {
    // SAFETY: OpenSSL frees a live lookup of ours.
    let data = unsafe { sys::X509_LOOKUP_get_method_data(lookup) }.cast::<Arc<dyn Source>>();
    // SAFETY: as above.
    unsafe { sys::X509_LOOKUP_set_method_data(lookup, null_mut()) };
    if data.is_null() {
        return;
    }
    // SAFETY: `attach` gave the box away; it is taken back only here.
    let source = unsafe { Box::from_raw(data) };
    let _ = catch_unwind(AssertUnwindSafe(|| drop(source)));
}

unsafe extern "C" fn by_subject(
    lookup: *mut sys::X509_LOOKUP,
    kind: c_int,
    name: *const sys::X509_NAME,
    found: *mut sys::X509_OBJECT,
) -> c_int {
    if kind != sys::X509_LU_X509 {
        return NOT_FOUND;
    }
    // SAFETY: OpenSSL calls with a live lookup of ours.
    let data = unsafe { sys::X509_LOOKUP_get_method_data(lookup) }.cast::<Arc<dyn Source>>();
    // SAFETY: NULL or what `attach` put there, which lives as long as the lookup.
    let Some(source) = (unsafe { data.as_ref() }) else { return NOT_FOUND };
    // SAFETY: the lookup is alive.
    let store = unsafe { sys::X509_LOOKUP_get_store(lookup) };
    // SAFETY: all are alive.
    let find = || unsafe { move_named(&**source, name, store) };
    // A failure of the source does not fail the verification.
    match preserving(|| catch_unwind(AssertUnwindSafe(find))) {
        // SAFETY: OpenSSL gives a place for the answer.
        Ok(Some(first)) => unsafe { answer(found, &first) },
        _ => NOT_FOUND,
    }
}

/// Adds the certificates with this name to the store, where OpenSSL looks for all of them after the first.
unsafe fn move_named(
    source: &dyn Source,
    name: *const sys::X509_NAME,
    store: *mut sys::X509_STORE,
) -> Option<X509> {
    let mut first = None;
    source.each(&mut |x509| {
        // SAFETY: the certificate is alive.
        let subject = unsafe { sys::X509_get_subject_name(x509.as_ptr()) };
        // SAFETY: both names are alive.
        if unsafe { sys::X509_NAME_cmp(subject, name) } != 0 {
            return;
        }
        // SAFETY: both are alive; the store locks itself and takes its own reference.
        unsafe { sys::X509_STORE_add_cert(store, x509.as_ptr()) };
        first.get_or_insert_with(|| x509.clone());
    });
    first
}

unsafe fn answer(found: *mut sys::X509_OBJECT, x509: &X509) -> c_int {
    // SAFETY: both are alive; the object takes a reference.
    if unsafe { sys::X509_OBJECT_set1_X509(found, x509.as_ptr()) } != 1 {
        return NOT_FOUND;
    }
    // SAFETY: OpenSSL takes another reference, so this one must be released; the store has its own.
    unsafe { sys::X509_free(x509.as_ptr()) };
    FOUND
}
