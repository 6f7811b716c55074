//! Certificates that a trust store loads only when a verification asks for them. AWS-LC has no lookups of others, so a verification
//! looks by itself for what it will need before it begins: see [`super::issuer`].

pub use crate::openssl::source::Source;

use crate::openssl::error::{Cause, Entry};
use crate::openssl::store::{Growth, Store};
use crate::openssl::{Result, cvt, slot, sys};
use once_cell::sync::OnceCell;
use std::ffi::{CStr, CString};
use std::os::raw::{c_int, c_long, c_void};
use std::ptr::null_mut;
use std::sync::Arc;

/// Where else the certificates of a store are.
#[derive(Clone, Default)]
struct Elsewhere {
    source: Option<Arc<dyn Source>>,
    directories: Vec<CString>,
}

impl Store {
    /// Lets verification look in a source for issuers whose name the store does not hold; for a name that it holds, the
    /// source is not asked. Only for a store that is not in use yet; false if it has another source.
    pub fn attach(&self, source: Arc<dyn Source>) -> Result<bool> {
        let mut elsewhere = self.elsewhere(Elsewhere::clone);
        if elsewhere.source.is_some() {
            return Ok(false);
        }
        elsewhere.source = Some(source);
        self.look(elsewhere)?;
        self.renew(Growth::None).map(|()| true)
    }

    /// Registers a directory of hashed names. See the note on [`Store`].
    pub fn load_directory(&self, directory: &CStr) -> Result<()> {
        self.look_in(directory)?;
        let mut elsewhere = self.elsewhere(Elsewhere::clone);
        elsewhere.directories.push(directory.to_owned());
        // What fails here searches the directory without our looking there too.
        self.look(elsewhere).or_else(|cause| self.renew(Growth::Unknown).and(Err(cause)))
    }

    /// Reads where else its certificates are.
    fn elsewhere<T: Default>(&self, read: impl FnOnce(&Elsewhere) -> T) -> T {
        let Ok(slot) = slot_of_stores() else { return T::default() };
        self.locked(|| {
            // SAFETY: the store is alive and locked.
            let elsewhere = unsafe { sys::X509_STORE_get_ex_data(self.as_ptr(), slot) };
            // SAFETY: NULL or what `look` has put there, which nobody replaces while the store is locked.
            unsafe { elsewhere.cast_const().cast::<Elsewhere>().as_ref() }.map(read).unwrap_or_default()
        })
    }

    /// The directories that it looks in.
    pub(super) fn directories(&self) -> Vec<CString> {
        self.elsewhere(|elsewhere| elsewhere.directories.clone())
    }

    fn look(&self, elsewhere: Elsewhere) -> Result<()> {
        let slot = slot_of_stores()?;
        let new = Box::into_raw(Box::new(elsewhere)).cast();
        let old = self.locked(|| {
            // SAFETY: the store is alive and locked; so below.
            let old = unsafe { sys::X509_STORE_get_ex_data(self.as_ptr(), slot) };
            // SAFETY: as above; it takes the value over.
            cvt(|| unsafe { sys::X509_STORE_set_ex_data(self.as_ptr(), slot, new) }).map(|()| old)
        });
        // SAFETY: the one that is in no slot, which only `look` has made.
        unsafe { drop_elsewhere(*old.as_ref().unwrap_or(&new)) };
        old.map(|_| ()).map_err(|_| Cause::from(Entry::memory()))
    }
}

unsafe fn drop_elsewhere(elsewhere: *mut c_void) {
    if !elsewhere.is_null() {
        // SAFETY: the caller's value is of `look`, and nobody else's.
        drop(unsafe { Box::from_raw(elsewhere.cast::<Elsewhere>()) });
    }
}

/// The slot of a store that holds where else its certificates are.
fn slot_of_stores() -> Result<c_int> {
    static SLOT: OnceCell<c_int> = OnceCell::new();
    slot::once(&SLOT, || {
        // SAFETY: the callback stays.
        unsafe { sys::X509_STORE_get_ex_new_index(0, null_mut(), null_mut(), None, Some(free)) }
    })
}

/// Frees what the slot holds, with the store that has it.
unsafe extern "C" fn free(
    _: *mut c_void,
    elsewhere: *mut c_void,
    _: *mut sys::CRYPTO_EX_DATA,
    _: c_int,
    _: c_long,
    _: *mut c_void,
) {
    // SAFETY: what `look` has put there, or NULL.
    unsafe { drop_elsewhere(elsewhere) }
}

/// Adds the certificates of a store's source that have this name, unless it holds one.
pub(super) unsafe fn load_named(store: &Store, name: *const sys::X509_NAME) {
    let Some(source) = store.elsewhere(|elsewhere| elsewhere.source.clone()) else { return };
    // SAFETY: the name is alive, as the caller promises; so below.
    if unsafe { holds(store, name) } {
        return;
    }
    source.each(&mut |x509| {
        // SAFETY: as above.
        if unsafe { has_name(x509.as_ptr(), name) } {
            // Without memory it is as if it were not there.
            let _ = store.add_cert(x509);
        }
    });
}

unsafe fn holds(store: &Store, name: *const sys::X509_NAME) -> bool {
    let mut found = false;
    let visited = store.each(|object| {
        // SAFETY: the object is alive while its store is locked.
        let x509 = unsafe { sys::X509_OBJECT_get0_X509(object) };
        // SAFETY: as above; the name is alive, as the caller promises.
        found = found || !x509.is_null() && unsafe { has_name(x509, name) };
        Ok(())
    });
    visited.is_ok() && found
}

unsafe fn has_name(x509: *const sys::X509, name: *const sys::X509_NAME) -> bool {
    // SAFETY: both are alive, as the caller promises; so below.
    let subject = unsafe { sys::X509_get_subject_name(x509) };
    // SAFETY: as above.
    unsafe { sys::X509_NAME_cmp(subject, name) == 0 }
}
