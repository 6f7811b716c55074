//! The certificate stores of Windows.

use crate::ffi::boundary::{ask, borrowed, call, free, place, store, text};
use crate::ffi::bytes::{Slice, c_text};
use crate::ssl::{Error, Status, StoreEntry, StoreList};
use std::ffi::c_char;

/// Python: an entry of enum_certificates() or enum_crls(). encoding is "x509_asn", "pkcs_7_asn" or a number in
/// text. trusted_for_all: Python's True; otherwise tlsock_store_list_trust_at lists the OIDs. The pointers are lent
/// by the list.
#[repr(C)]
pub struct RawStoreEntry {
    pub data: Slice,
    pub encoding: *const c_char,
    pub trust_count: usize,
    pub trusted_for_all: bool,
}

impl RawStoreEntry {
    fn new(entry: &StoreEntry) -> RawStoreEntry {
        RawStoreEntry {
            data: Slice::new(Some(&entry.data)),
            encoding: entry.encoding.as_ptr(),
            trust_count: entry.trust.as_ref().map_or(0, Vec::len),
            trusted_for_all: entry.trust.is_none(),
        }
    }
}

unsafe fn entry<'a>(entries: *const StoreList, index: usize) -> Option<&'a StoreEntry> {
    unsafe { borrowed(entries) }.and_then(|entries| entries.0.get(index))
}

/// Lists the certificates of a Windows store, "CA" or "ROOT".
/// Returns: OS for an unknown store, NOT_IMPLEMENTED except on Windows.
/// Python: enum_certificates(store_name)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_enum_certificates(
    store_name: *const c_char,
    entries: *mut *mut StoreList,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let (store_name, entries) = (text(store_name, "store_name")?, place(entries, "entries")?);
        entries.give(crate::ssl::enum_certificates(store_name)?);
        Ok(())
    })
}

/// Lists the revocation lists of a Windows store; their trust is empty.
/// Returns: OS for an unknown store, NOT_IMPLEMENTED except on Windows.
/// Python: enum_crls(store_name)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_enum_crls(
    store_name: *const c_char,
    entries: *mut *mut StoreList,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let (store_name, entries) = (text(store_name, "store_name")?, place(entries, "entries")?);
        entries.give(crate::ssl::enum_crls(store_name)?);
        Ok(())
    })
}

/// Returns the number of entries in a store list.
/// Python: len(enum_certificates(store_name))
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_store_list_count(entries: *const StoreList) -> usize {
    ask(0, || unsafe { borrowed(entries) }.map_or(0, |entries| entries.0.len()))
}

/// Fills in one entry; its pointers are lent by the list. Past the end it returns false and changes nothing.
/// Python: an entry of enum_certificates(store_name)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_store_list_at(
    entries: *const StoreList,
    index: usize,
    entry: *mut RawStoreEntry,
) -> bool {
    ask(false, || {
        let Some(found) = self::entry(entries, index) else { return false };
        store(entry, RawStoreEntry::new(found));
        !entry.is_null()
    })
}

/// Returns one OID that an entry is trusted for; NULL past the end of either.
/// Python: the set of OIDs in such an entry
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_store_list_trust_at(
    entries: *const StoreList,
    index: usize,
    trust_index: usize,
) -> *const c_char {
    ask(std::ptr::null(), || {
        let trust = unsafe { entry(entries, index) }.and_then(|entry| entry.trust.as_ref());
        c_text(trust.and_then(|trust| trust.get(trust_index)).map(|oid| oid.as_c_str()))
    })
}

/// Frees a store list. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_store_list_free(entries: *mut StoreList) {
    unsafe { free(entries) }
}
