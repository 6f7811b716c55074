//! The certificate stores of Windows.

use std::ffi::{CStr, CString, c_void};
use std::io;
use std::ptr::{NonNull, null, null_mut};
use windows_sys::Win32::Foundation::CRYPT_E_NOT_FOUND;
use windows_sys::Win32::Security::Cryptography::{
    CERT_CONTEXT, CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG, CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG,
    CERT_STORE_OPEN_EXISTING_FLAG, CERT_STORE_PROV_COLLECTION, CERT_STORE_PROV_SYSTEM_W,
    CERT_STORE_READONLY_FLAG, CERT_SYSTEM_STORE_CURRENT_USER, CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY_ID,
    CERT_SYSTEM_STORE_LOCAL_MACHINE, CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE_ID,
    CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY_ID, CERT_SYSTEM_STORE_LOCATION_SHIFT,
    CERT_SYSTEM_STORE_SERVICES_ID, CERT_SYSTEM_STORE_USERS_ID, CRL_CONTEXT, CTL_USAGE,
    CertAddStoreToCollection, CertCloseStore, CertEnumCRLsInStore, CertEnumCertificatesInStore,
    CertGetEnhancedKeyUsage, CertOpenStore, HCERTSTORE,
};
use windows_sys::core::PCSTR;

pub use windows_sys::Win32::Security::Cryptography::{PKCS_7_ASN_ENCODING, X509_ASN_ENCODING};

const LOCATIONS: [u32; 7] = [
    CERT_SYSTEM_STORE_LOCAL_MACHINE,
    CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE_ID << CERT_SYSTEM_STORE_LOCATION_SHIFT,
    CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY_ID << CERT_SYSTEM_STORE_LOCATION_SHIFT,
    CERT_SYSTEM_STORE_CURRENT_USER,
    CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY_ID << CERT_SYSTEM_STORE_LOCATION_SHIFT,
    CERT_SYSTEM_STORE_SERVICES_ID << CERT_SYSTEM_STORE_LOCATION_SHIFT,
    CERT_SYSTEM_STORE_USERS_ID << CERT_SYSTEM_STORE_LOCATION_SHIFT,
];

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
    let mut entries = Vec::new();
    let mut last: *const CERT_CONTEXT = null();
    loop {
        // SAFETY: the store is open; the function releases the previous context.
        last = unsafe { CertEnumCertificatesInStore(store.0.as_ptr(), last) };
        // SAFETY: NULL at the end, otherwise alive until the next step.
        let Some(context) = (unsafe { last.as_ref() }) else { return entries.into_iter().collect() };
        // SAFETY: the context's own pointer and length.
        let data = unsafe { copy(context.pbCertEncoded, context.cbCertEncoded) };
        let encoding = context.dwCertEncodingType;
        // Goes on to the end even after a failure, so that each context is released by the next step.
        entries.push(trust_of(context).map(|trust| Entry { data, encoding, trust }));
    }
}

/// Lists the revocation lists of a store from all its locations, duplicates included.
pub fn crls(name: &str) -> io::Result<Vec<Entry>> {
    let store = Store::collect(name)?;
    let mut entries = Vec::new();
    let mut last: *const CRL_CONTEXT = null();
    loop {
        // SAFETY: the store is open; the function releases the previous context.
        last = unsafe { CertEnumCRLsInStore(store.0.as_ptr(), last) };
        // SAFETY: NULL at the end, otherwise alive until the next step.
        let Some(context) = (unsafe { last.as_ref() }) else { return Ok(entries) };
        // SAFETY: the context's own pointer and length.
        let data = unsafe { copy(context.pbCrlEncoded, context.cbCrlEncoded) };
        entries.push(Entry { data, encoding: context.dwCertEncodingType, trust: Some(Vec::new()) });
    }
}

/// Copies bytes that belong to Windows.
///
/// # Safety
/// There must be that many bytes.
unsafe fn copy(data: *const u8, len: u32) -> Vec<u8> {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(data, len as usize) }.to_vec()
}

/// An open store.
struct Store(NonNull<c_void>);

impl Store {
    /// Opens the store of this name in every location that has it.
    fn collect(name: &str) -> io::Result<Store> {
        let name: Vec<u16> = name.encode_utf16().chain([0]).collect();
        let all = Store::open(CERT_STORE_PROV_COLLECTION, 0, null())?;
        let mut outcome = Err(io::Error::from_raw_os_error(CRYPT_E_NOT_FOUND));
        for location in LOCATIONS {
            let flags = location | CERT_STORE_READONLY_FLAG | CERT_STORE_OPEN_EXISTING_FLAG;
            let one = Store::open(CERT_STORE_PROV_SYSTEM_W, flags, name.as_ptr().cast());
            let added = one.and_then(|one| all.add(&one));
            if outcome.is_err() {
                outcome = added;
            }
        }
        outcome.map(|()| all)
    }

    fn open(provider: PCSTR, flags: u32, name: *const c_void) -> io::Result<Store> {
        // SAFETY: the provider is one of Windows' numbers, and the name is NULL or wide text with its NUL.
        let store: HCERTSTORE = unsafe { CertOpenStore(provider, 0, 0, flags, name) };
        NonNull::new(store).map(Store).ok_or_else(io::Error::last_os_error)
    }

    /// Adds a store, which the collection holds from then on.
    fn add(&self, one: &Store) -> io::Result<()> {
        // SAFETY: both are open.
        let done = unsafe { CertAddStoreToCollection(self.0.as_ptr(), one.0.as_ptr(), 0, 0) };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: open, and ours alone.
        unsafe { CertCloseStore(self.0.as_ptr(), 0) };
    }
}

/// Windows' own setting takes precedence over the certificate's extension; without either, all purposes are allowed.
fn trust_of(certificate: &CERT_CONTEXT) -> io::Result<Option<Vec<CString>>> {
    match usages(certificate, CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG)? {
        Some(usages) => Ok(Some(usages)),
        None => usages(certificate, CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG),
    }
}

fn usages(certificate: &CERT_CONTEXT, which: u32) -> io::Result<Option<Vec<CString>>> {
    let mut size = 0;
    // SAFETY: the certificate is alive; NULL asks for the size.
    if unsafe { CertGetEnhancedKeyUsage(certificate, which, null_mut(), &mut size) } == 0 {
        return none_if_not_found();
    }
    // Allocated in units of pointers, so that the list at its front is aligned.
    let mut buffer = vec![null_mut::<c_void>(); (size as usize).div_ceil(size_of::<usize>()).max(2)];
    let list = buffer.as_mut_ptr().cast::<CTL_USAGE>();
    // SAFETY: the certificate is alive; the buffer has the size that was asked for.
    if unsafe { CertGetEnhancedKeyUsage(certificate, which, list, &mut size) } == 0 {
        return none_if_not_found();
    }
    // SAFETY: just filled, aligned, and alive with the buffer.
    let CTL_USAGE { cUsageIdentifier: count, rgpszUsageIdentifier: oids } = *unsafe { &*list };
    if count == 0 {
        return Ok(Some(Vec::new()));
    }
    // SAFETY: the list's own pointer and length.
    let oids = unsafe { std::slice::from_raw_parts(oids, count as usize) };
    // SAFETY: each is text with its NUL inside the buffer.
    Ok(Some(oids.iter().map(|oid| unsafe { CStr::from_ptr(oid.cast()) }.to_owned()).collect()))
}

fn none_if_not_found() -> io::Result<Option<Vec<CString>>> {
    let error = io::Error::last_os_error();
    if error.raw_os_error() == Some(CRYPT_E_NOT_FOUND) { Ok(None) } else { Err(error) }
}
