//! Trust stores: CA certificates and revocation lists, and directories to look them up in.

use super::{Result, crl::X509Crl, cvt, cvt_new, in_a_row, library, slot, sys, x509::X509};
use once_cell::sync::OnceCell;
use std::ffi::CStr;
use std::os::raw::c_int;
use std::ptr::{NonNull, null};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A context of this process has replaced a store that connections may have.
static REPLACED: AtomicBool = AtomicBool::new(false);

/// Has all connections ask from now on whether it was their context's.
pub fn note_replaced() {
    REPLACED.store(true, Ordering::Release);
}

/// Tells whether any context has replaced a store that connections may have.
pub fn any_replaced() -> bool {
    REPLACED.load(Ordering::Acquire)
}

/// A trust store, shared by reference count. OpenSSL locks it when certificates are added or looked up. It does not lock the
/// list of directories, so a directory may only be added to a store that is not in use yet.
pub struct Store(NonNull<sys::X509_STORE>);

// SAFETY: the count is atomic and the objects are locked by OpenSSL.
unsafe impl Send for Store {}
// SAFETY: the same.
unsafe impl Sync for Store {}

impl Store {
    /// Makes an empty store.
    pub fn new() -> Result<Store> {
        crate::test_panic::point("openssl");
        library::init()?;
        // SAFETY: no preconditions.
        let store = Store(cvt_new(|| unsafe { sys::X509_STORE_new() })?);
        store.ask_signatures();
        store.renew(Growth::None)?;
        Ok(store)
    }

    /// Takes a reference to a store that is lent.
    pub(super) unsafe fn from_shared(store: *mut sys::X509_STORE) -> Option<Store> {
        let shared = std::mem::ManuallyDrop::new(Store(NonNull::new(store)?));
        Some(Store::clone(&shared))
    }

    pub(super) fn as_ptr(&self) -> *mut sys::X509_STORE {
        self.0.as_ptr()
    }

    /// Adds certificates and revocation lists. Adding one again is no error. What was added before a failure stays.
    pub fn add(&self, certificates: &[X509], crls: &[X509Crl]) -> Result<()> {
        if certificates.is_empty() && crls.is_empty() {
            return Ok(());
        }
        in_a_row(|| {
            let added = certificates.iter().try_for_each(|x509| self.add_cert(x509));
            let added = added.and_then(|()| crls.iter().try_for_each(|crl| self.add_crl(crl)));
            self.renew(Growth::None).and(added)
        })
    }

    pub(super) fn add_cert(&self, x509: &X509) -> Result<()> {
        // SAFETY: both are alive; the store takes its own reference.
        cvt(|| unsafe { sys::X509_STORE_add_cert(self.as_ptr(), x509.as_ptr()) })
    }

    fn add_crl(&self, crl: &X509Crl) -> Result<()> {
        // SAFETY: both are alive; the store takes its own reference.
        cvt(|| unsafe { sys::X509_STORE_add_crl(self.as_ptr(), crl.as_ptr()) })
    }

    /// Registers a directory of hashed names, as `load_directory` does for others. See the note on [`Store`].
    pub(super) fn look_in(&self, directory: &CStr) -> Result<()> {
        // SAFETY: the store is alive, the path ends in NUL.
        let looked =
            cvt(|| unsafe { sys::X509_STORE_load_locations(self.as_ptr(), null(), directory.as_ptr()) });
        // A path of several directories may have failed after the first of them.
        let growth = if looked.is_ok() { Growth::Directories } else { Growth::Unknown };
        self.renew(growth).and(looked)
    }

    /// Makes a store with the same certificates and revocation lists, but without its directories.
    pub fn copy(&self) -> Result<Store> {
        let copy = self.copy_certificates()?;
        in_a_row(|| self.each(|object| copy.add_crl_of(object)))?;
        Ok(copy)
    }

    /// Makes a store with the same certificates, but without revocation lists and directories.
    pub fn copy_certificates(&self) -> Result<Store> {
        let copy = Store::new()?;
        in_a_row(|| self.each(|object| copy.add_certificate_of(object)))?;
        Ok(copy)
    }

    fn add_certificate_of(&self, object: *mut sys::X509_OBJECT) -> Result<()> {
        // SAFETY: the object is alive while its store is locked.
        let x509 = unsafe { sys::X509_OBJECT_get0_X509(object) };
        if x509.is_null() {
            return Ok(());
        }
        // SAFETY: the store takes its own reference.
        cvt(|| unsafe { sys::X509_STORE_add_cert(self.as_ptr(), x509) })
    }

    fn add_crl_of(&self, object: *mut sys::X509_OBJECT) -> Result<()> {
        // SAFETY: the object is alive while its store is locked.
        let crl = unsafe { sys::X509_OBJECT_get0_X509_CRL(object) };
        if crl.is_null() {
            return Ok(());
        }
        // SAFETY: the store takes its own reference.
        cvt(|| unsafe { sys::X509_STORE_add_crl(self.as_ptr(), crl) })
    }

    /// Calls `visit` with each object while the store is locked, until a call fails.
    pub(super) fn each(&self, mut visit: impl FnMut(*mut sys::X509_OBJECT) -> Result<()>) -> Result<()> {
        self.locked(|| {
            // SAFETY: the store is locked, so the list does not change.
            let objects = unsafe { sys::X509_STORE_get0_objects(self.as_ptr()) };
            // SAFETY: the list is alive.
            let count = unsafe { sys::OPENSSL_sk_num(objects.cast()) };
            // SAFETY: index is within the list.
            (0..count)
                .try_for_each(|index| visit(unsafe { sys::OPENSSL_sk_value(objects.cast(), index) }.cast()))
        })
    }

    /// Lists the certificates and counts the revocation lists.
    pub fn contents(&self) -> Result<(Vec<X509>, usize)> {
        let (mut certificates, mut crls) = (Vec::new(), 0);
        self.each(|object| {
            // SAFETY: the object is alive while its store is locked; so below.
            let x509 = unsafe { sys::X509_OBJECT_get0_X509(object) };
            // SAFETY: a certificate of the store, or NULL.
            certificates.extend(unsafe { X509::from_shared(x509) });
            // SAFETY: as above.
            let crl = unsafe { sys::X509_OBJECT_get0_X509_CRL(object) };
            crls += usize::from(!crl.is_null());
            Ok(())
        })?;
        Ok((certificates, crls))
    }
}

/// Identifies the content of a store by a number that no other store has or had; and tells whether the content may grow by
/// itself, from directories.
#[derive(Clone, Copy)]
pub struct StoreState(usize);

/// By what a store may grow without another call.
pub enum Growth {
    None,
    Directories,
    /// By directories of which nobody knows whether they are searched.
    Unknown,
}

impl StoreState {
    const MAY_GROW: usize = 1;
    const UNKNOWN: usize = 2;
    const FLAGS: usize = StoreState::MAY_GROW | StoreState::UNKNOWN;
    const STEP: usize = 4;

    fn flags(growth: &Growth) -> usize {
        match growth {
            Growth::None => 0,
            Growth::Directories => StoreState::MAY_GROW,
            Growth::Unknown => StoreState::FLAGS,
        }
    }

    /// The number.
    pub fn number(self) -> u64 {
        (self.0 / StoreState::STEP) as u64
    }

    /// Tells whether directories may add to the store.
    pub fn may_grow(self) -> bool {
        self.0 & StoreState::MAY_GROW != 0
    }
}

/// The slot of a store that holds its state: a number, not a pointer, so that nothing has to be freed.
fn slot() -> Result<c_int> {
    static SLOT: OnceCell<c_int> = OnceCell::new();
    slot::once(&SLOT, || {
        // SAFETY: no callbacks are registered with the slot.
        unsafe { sys::X509_STORE_new_slot() }
    })
}

impl Store {
    /// Records that the store has changed. How it may grow it does not lose.
    pub(super) fn renew(&self, growth: Growth) -> Result<()> {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let next = LAST.fetch_add(StoreState::STEP, Ordering::Relaxed).wrapping_add(StoreState::STEP);
        let slot = slot()?;
        self.locked(|| {
            let flags = StoreState::flags(&growth) | (self.noted(slot) & StoreState::FLAGS);
            let state = next | flags;
            // SAFETY: the store is alive and locked; the value is a number, not a pointer.
            cvt(|| unsafe { sys::X509_STORE_set_ex_data(self.as_ptr(), slot, state as *mut _) })
        })
    }

    /// The state of the store; None for a store that was not made here, or of which nobody knows what is searched.
    pub fn state(&self) -> Option<StoreState> {
        self.locked(|| self.state_locked())
    }

    fn state_locked(&self) -> Option<StoreState> {
        let state = self.noted(slot().ok()?);
        (state != 0 && state & StoreState::UNKNOWN == 0).then_some(StoreState(state))
    }

    fn noted(&self, slot: c_int) -> usize {
        // SAFETY: the store is alive and locked.
        unsafe { sys::X509_STORE_get_ex_data(self.as_ptr(), slot) as usize }
    }

    pub(super) fn locked<T>(&self, work: impl FnOnce() -> T) -> T {
        // SAFETY: the store is alive; unlocked below.
        unsafe { sys::X509_STORE_lock(self.as_ptr()) };
        let result = work();
        // SAFETY: locked above.
        unsafe { sys::X509_STORE_unlock(self.as_ptr()) };
        result
    }

    /// The revocation lists.
    pub fn crls(&self) -> Result<Vec<X509Crl>> {
        let mut crls = Vec::new();
        self.each(|object| {
            // SAFETY: the object is alive while its store is locked.
            let crl = unsafe { sys::X509_OBJECT_get0_X509_CRL(object) };
            // SAFETY: a list of the store, or NULL.
            crls.extend(unsafe { X509Crl::from_shared(crl) });
            Ok(())
        })?;
        Ok(crls)
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
