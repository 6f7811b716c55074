//! The certificate stores of Windows, as raw entries.

use std::ffi::{CStr, CString, c_char, c_void};
use std::io;
use std::ptr::{NonNull, null, null_mut};

pub const X509_ASN_ENCODING: u32 = 0x1;
pub const PKCS_7_ASN_ENCODING: u32 = 0x1_0000;

const PROVIDER_SYSTEM: usize = 10;
const PROVIDER_COLLECTION: usize = 11;
const OPEN_EXISTING: u32 = 0x4000;
const READ_ONLY: u32 = 0x8000;
const USAGE_OF_EXTENSION: u32 = 0x2;
const USAGE_OF_PROPERTY: u32 = 0x4;
const CRYPT_E_NOT_FOUND: i32 = 0x8009_2004_u32 as i32;

/// Local machine, its enterprise and group policy, current user and its group policy, services, users.
const LOCATIONS: [u32; 7] = [2 << 16, 9 << 16, 8 << 16, 1 << 16, 7 << 16, 5 << 16, 6 << 16];

/// One certificate or revocation list.
pub struct Entry {
    pub data: Vec<u8>,
    pub encoding: u32,
    /// The OIDs it is trusted for; None for all purposes.
    pub trust: Option<Vec<CString>>,
}

/// Lists the certificates of a store from all its locations, duplicates included.
pub fn certificates(name: &str) -> io::Result<Vec<Entry>> {
    let store = Store::collect(name)?;
    // SAFETY: the store is open; the context before is given back, as the function asks.
    store.entries(|store, last| unsafe { CertEnumCertificatesInStore(store, last) }, trust_of)
}

/// Lists the revocation lists of a store from all its locations, duplicates included.
pub fn crls(name: &str) -> io::Result<Vec<Entry>> {
    let store = Store::collect(name)?;
    // SAFETY: the store is open; the context before is given back, as the function asks.
    store.entries(|store, last| unsafe { CertEnumCRLsInStore(store, last) }, |_| Ok(Some(Vec::new())))
}

/// An open store.
struct Store(NonNull<c_void>);

impl Store {
    /// Opens the store of this name in every location that has it.
    fn collect(name: &str) -> io::Result<Store> {
        let name: Vec<u16> = name.encode_utf16().chain([0]).collect();
        let all = Store::open(PROVIDER_COLLECTION, 0, null())?;
        let mut outcome = Err(io::Error::from_raw_os_error(CRYPT_E_NOT_FOUND));
        for location in LOCATIONS {
            let flags = location | READ_ONLY | OPEN_EXISTING;
            let added =
                Store::open(PROVIDER_SYSTEM, flags, name.as_ptr().cast()).and_then(|one| all.add(&one));
            if outcome.is_err() {
                outcome = added;
            }
        }
        outcome.map(|()| all)
    }

    fn open(provider: usize, flags: u32, name: *const c_void) -> io::Result<Store> {
        // SAFETY: the provider is one of Windows' numbers, and the name is NULL or wide text with its NUL.
        let store = unsafe { CertOpenStore(provider as *const c_char, 0, 0, flags, name) };
        NonNull::new(store).map(Store).ok_or_else(io::Error::last_os_error)
    }

    /// Adds a store, which the collection holds from then on.
    fn add(&self, one: &Store) -> io::Result<()> {
        // SAFETY: both are open.
        let done = unsafe { CertAddStoreToCollection(self.0.as_ptr(), one.0.as_ptr(), 0, 0) };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Walks to the end, so that each context is given back by the next step.
    fn entries(
        &self,
        next: impl Fn(*mut c_void, *const Context) -> *const Context,
        trust: impl Fn(*const Context) -> io::Result<Option<Vec<CString>>>,
    ) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        let mut context = next(self.0.as_ptr(), null());
        while !context.is_null() {
            // SAFETY: not NULL, and alive until the next step.
            let Context { encoding, data, len, .. } = *unsafe { &*context };
            // SAFETY: the context's own pointer and length.
            let data = unsafe { std::slice::from_raw_parts(data, len as usize) }.to_vec();
            entries.push(trust(context).map(|trust| Entry { data, encoding, trust }));
            context = next(self.0.as_ptr(), context);
        }
        entries.into_iter().collect()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: open, and ours alone.
        unsafe { CertCloseStore(self.0.as_ptr(), 0) };
    }
}

/// Windows' own setting wins over the certificate's extension; neither means all purposes.
fn trust_of(certificate: *const Context) -> io::Result<Option<Vec<CString>>> {
    match usages(certificate, USAGE_OF_PROPERTY)? {
        Some(usages) => Ok(Some(usages)),
        None => usages(certificate, USAGE_OF_EXTENSION),
    }
}

fn usages(certificate: *const Context, which: u32) -> io::Result<Option<Vec<CString>>> {
    let mut size = 0;
    // SAFETY: the certificate is alive; NULL asks for the size.
    if unsafe { CertGetEnhancedKeyUsage(certificate, which, null_mut(), &mut size) } == 0 {
        return none_if_not_found();
    }
    // Words of pointers, so that the list at the front is aligned.
    let mut buffer = vec![null_mut::<c_void>(); (size as usize).div_ceil(size_of::<usize>()).max(2)];
    let list = buffer.as_mut_ptr().cast::<Usages>();
    // SAFETY: the certificate is alive; the buffer has the size that was asked for.
    if unsafe { CertGetEnhancedKeyUsage(certificate, which, list, &mut size) } == 0 {
        return none_if_not_found();
    }
    // SAFETY: just filled, aligned, and alive with the buffer.
    let Usages { count, oids } = *unsafe { &*list };
    if count == 0 {
        return Ok(Some(Vec::new()));
    }
    // SAFETY: the list's own pointer and length.
    let oids = unsafe { std::slice::from_raw_parts(oids, count as usize) };
    // SAFETY: each is text with its NUL inside the buffer.
    Ok(Some(oids.iter().map(|oid| unsafe { CStr::from_ptr(*oid) }.to_owned()).collect()))
}

fn none_if_not_found() -> io::Result<Option<Vec<CString>>> {
    let error = io::Error::last_os_error();
    if error.raw_os_error() == Some(CRYPT_E_NOT_FOUND) { Ok(None) } else { Err(error) }
}

/// The part that CERT_CONTEXT and CRL_CONTEXT have in common.
#[repr(C)]
#[derive(Clone, Copy)]
struct Context {
    encoding: u32,
    data: *const u8,
    len: u32,
    info: *const c_void,
    store: *const c_void,
}

/// CTL_USAGE
#[repr(C)]
#[derive(Clone, Copy)]
struct Usages {
    count: u32,
    oids: *const *const c_char,
}

#[link(name = "crypt32")]
unsafe extern "system" {
    fn CertOpenStore(
        provider: *const c_char,
        encoding: u32,
        hprov: usize,
        flags: u32,
        parameter: *const c_void,
    ) -> *mut c_void;
    fn CertCloseStore(store: *mut c_void, flags: u32) -> i32;
    fn CertAddStoreToCollection(all: *mut c_void, one: *mut c_void, flags: u32, priority: u32) -> i32;
    fn CertEnumCertificatesInStore(store: *mut c_void, last: *const Context) -> *const Context;
    fn CertEnumCRLsInStore(store: *mut c_void, last: *const Context) -> *const Context;
    fn CertGetEnhancedKeyUsage(
        certificate: *const Context,
        flags: u32,
        usages: *mut Usages,
        size: *mut u32,
    ) -> i32;
}
