//! Encrypted ClientHello, by OpenSSL 4.0.

use super::settings;
use crate::openssl::ech_kind::{Ech, Fit, VERSION};
use crate::openssl::error::Cause;
use crate::openssl::lent::Lent;
use crate::openssl::mem::{MemReader, printed};
use crate::openssl::pkey::PKey;
use crate::openssl::queue::preserving;
use crate::openssl::{Result, bytes_at, cvt, cvt_new, library, quietly, sys, text_at, try_copy};
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int};
use std::ptr::{NonNull, null, null_mut};
use sys::EchFunctions;

/// Whether the keys of a server are a setting of its `SSL_CTX`: each connection has its own.
pub const KEYS_BELONG_TO_CONTEXTS: bool = false;

/// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-128-GCM, which every implementation has (RFC 9849, section 9).
const SUITE: sys::OSSL_HPKE_SUITE = sys::OSSL_HPKE_SUITE { kem_id: 0x20, kdf_id: 1, aead_id: 1 };

const OP_GREASE: u64 = 1 << 37;
const OP_TRIAL_DECRYPT: u64 = 1 << 38;

fn functions() -> Result<&'static EchFunctions> {
    sys::ECH.as_ref().ok_or(Cause::Untold)
}

/// Configurations, some with their private keys.
pub struct EchStore {
    store: NonNull<sys::OSSL_ECHSTORE>,
    functions: &'static EchFunctions,
}

// SAFETY: a store is not tied to a thread, and is not changed once it is shared: connections take copies.
unsafe impl Send for EchStore {}
// SAFETY: the same.
unsafe impl Sync for EchStore {}

impl EchStore {
    /// An empty one. Fails without a reason where OpenSSL has none.
    pub fn new() -> Result<EchStore> {
        library::init()?;
        let functions = functions()?;
        // SAFETY: NULL selects the default library context and properties.
        let store = cvt_new(|| unsafe { (functions.store_new)(null_mut(), null()) })?;
        Ok(EchStore { store, functions })
    }

    /// A key that is made for this name, with its configuration.
    pub fn generate(public_name: &CStr, max_name_length: u8) -> Result<EchStore> {
        let made = EchStore::new()?;
        // SAFETY: the store is ours, and the text ends in NUL.
        cvt(|| unsafe {
            let new_config = made.functions.store_new_config;
            new_config(made.store.as_ptr(), VERSION, max_name_length, public_name.as_ptr(), SUITE)
        })?;
        Ok(made)
    }

    /// Adds the configurations of a list.
    pub fn add_configs(&mut self, list: &[u8]) -> Result<()> {
        let bio = MemReader::new(list)?;
        // SAFETY: the store is ours, and the BIO is alive.
        cvt(|| unsafe { (self.functions.store_read_echconfiglist)(self.store.as_ptr(), bio.as_ptr()) })
    }

    /// Adds the configurations of a block in PEM, whose content is this list, and their key.
    pub fn add_key(&mut self, key: &PKey, pem: &[u8], list: &[u8], for_retry: bool) -> Result<Fit> {
        match EchStore::new()?.add_configs(list) {
            Err(cause) if cause.is_memory() => return Err(cause),
            Err(_) => return Ok(Fit::Unusable),
            Ok(()) => {}
        }
        let before = self.keys();
        let bio = MemReader::new(pem)?;
        let read = self.functions.store_set1_key_and_read_pem;
        // SAFETY: the store is ours; BIO and key are alive, and the store takes its own reference to the key.
        let added =
            cvt(|| unsafe { read(self.store.as_ptr(), key.as_ptr(), bio.as_ptr(), c_int::from(for_retry)) });
        match added {
            Err(cause) if cause.is_memory() => Err(cause),
            Ok(()) if self.keys() > before => Ok(Fit::Fits),
            _ => Ok(Fit::Foreign),
        }
    }

    /// The number of configurations that can be used.
    pub fn entries(&self) -> usize {
        let mut count = 0;
        // SAFETY: the store is alive; the place is ours.
        quietly(|| unsafe { (self.functions.store_num_entries)(self.store.as_ptr(), &mut count) });
        usize::try_from(count).unwrap_or(0)
    }

    fn keys(&self) -> usize {
        let mut count = 0;
        // SAFETY: the store is alive; the place is ours.
        quietly(|| unsafe { (self.functions.store_num_keys)(self.store.as_ptr(), &mut count) });
        usize::try_from(count).unwrap_or(0)
    }

    /// The first configuration with its private key in PEM. The caller wipes it.
    pub fn to_pem(&self) -> Result<Vec<u8>> {
        printed(|bio| {
            // SAFETY: store and BIO are alive.
            cvt(|| unsafe { (self.functions.store_write_pem)(self.store.as_ptr(), 0, bio) })
        })
    }
}

impl Drop for EchStore {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { (self.functions.store_free)(self.store.as_ptr()) }
    }
}

/// Has an `SSL_CTX` decrypt by these keys: each connection does that here.
pub unsafe fn load(_: *mut sys::SSL_CTX, _: &EchStore) -> Result<()> {
    Ok(())
}

/// What has become of it on a connection, and the name that was sent in clear if it was tried.
pub unsafe fn status(ssl: *mut sys::SSL) -> (Ech, Option<CString>) {
    const FAILED: [c_int; 3] = [0, -105, -106];
    const SUCCESS: [c_int; 2] = [1, -102];
    const GREASE: [c_int; 2] = [2, 3];
    const BACKEND: c_int = 4;
    let Ok(functions) = functions() else { return (Ech::None, None) };
    let (mut inner, mut outer): (*mut c_char, *mut c_char) = (null_mut(), null_mut());
    // A status that is a failure leaves an entry on the queue.
    // SAFETY: the connection is alive; both places are ours, and take texts that are ours.
    let status = preserving(|| unsafe { (functions.get1_status)(ssl, &mut inner, &mut outer) });
    // SAFETY: NULL or a text that ends in NUL.
    let name = unsafe { text_at(outer) }.map(CStr::to_owned);
    for text in [inner, outer] {
        // SAFETY: ours to free, once; NULL is ignored.
        unsafe { sys::OPENSSL_free(text.cast()) };
    }
    let ech = match status {
        BACKEND => Ech::Backend,
        status if SUCCESS.contains(&status) => Ech::Accepted,
        status if GREASE.contains(&status) => Ech::Grease,
        status if FAILED.contains(&status) => Ech::Unconfirmed,
        _ => Ech::None,
    };
    (ech, name)
}

/// Has a verification look for no address.
pub unsafe fn expect_no_address(param: *mut sys::X509_VERIFY_PARAM) {
    // SAFETY: the caller's parameters are alive; NULL is for none.
    quietly(|| unsafe { sys::X509_VERIFY_PARAM_set1_ip(param, null_mut(), 0) });
}

impl Lent<'_> {
    /// Has a client encrypt its ClientHello, or a server decrypt those of clients.
    pub fn use_ech(&self, store: &EchStore) -> Result<()> {
        // SAFETY: both are alive; the connection makes a copy.
        cvt(|| unsafe { (store.functions.set1_store)(self.as_ptr(), store.store.as_ptr()) })
    }

    /// Has a client without configurations send something that looks as if it had some.
    pub fn grease_ech(&self) {
        // SAFETY: the connection is alive.
        unsafe { settings::add_options(self.as_ptr(), OP_GREASE) };
    }

    /// Has a server try all of its keys, whatever number the client names.
    pub fn try_all_ech_keys(&self) {
        // SAFETY: the connection is alive.
        unsafe { settings::add_options(self.as_ptr(), OP_TRIAL_DECRYPT) };
    }

    /// The configurations that a server has sent with its refusal, if it has proved who it is; None if it has sent none.
    pub fn ech_retry_configs(&self) -> Result<Option<Vec<u8>>> {
        let functions = functions()?;
        let (mut data, mut len): (*mut u8, usize) = (null_mut(), 0);
        // SAFETY: the connection is alive; both places are ours.
        cvt(|| unsafe { (functions.get1_retry_config)(self.as_ptr(), &mut data, &mut len) })?;
        // SAFETY: OpenSSL gives that many bytes.
        let copy = try_copy(unsafe { bytes_at(data, len) });
        // SAFETY: ours to free, once; NULL is ignored.
        unsafe { sys::OPENSSL_free(data.cast()) };
        copy.map(|copy| (!copy.is_empty()).then_some(copy))
    }
}
