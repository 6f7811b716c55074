//! Encrypted ClientHello (RFC 9849), which OpenSSL has since 4.0.

use super::backend::{names, settings};
use super::error::Cause;
use super::lent::Lent;
use super::mem::{MemReader, printed};
use super::pkey::PKey;
use super::queue::preserving;
use super::verification::LentVerification;
use super::{Result, bytes_at, cvt, cvt_new, library, quietly, sys, text_at, try_copy};
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int};
use std::ptr::{NonNull, null, null_mut};
use sys::EchFunctions;

/// The version of ECHConfig that RFC 9849 describes.
pub const VERSION: u16 = 0xFE0D;

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

    /// Adds the configurations of a block in PEM and their key. False if it is the key of none of them.
    pub fn add_key(&mut self, key: &PKey, configs: &[u8], for_retry: bool) -> Result<bool> {
        let before = self.keys();
        let bio = MemReader::new(configs)?;
        let read = self.functions.store_set1_key_and_read_pem;
        // SAFETY: the store is ours; BIO and key are alive, and the store takes its own reference to the key.
        let added =
            cvt(|| unsafe { read(self.store.as_ptr(), key.as_ptr(), bio.as_ptr(), c_int::from(for_retry)) });
        match added {
            Err(cause) if cause.is_memory() => Err(cause),
            added => Ok(added.is_ok() && self.keys() > before),
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

/// What has become of Encrypted ClientHello on one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ech {
    /// There was none.
    None,
    /// One that looks like it, or that this server could not decrypt.
    Grease,
    /// The server has decrypted it.
    Accepted,
    /// A client has sent one, and the server has not said that it has decrypted it.
    Unconfirmed,
    /// This server got what another one has decrypted.
    Backend,
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

    /// What has become of it.
    pub fn ech(&self) -> Ech {
        self.status_of_ech().0
    }

    /// The name that was sent in clear, of a connection on which it was tried.
    pub fn ech_outer_name(&self) -> Option<CString> {
        self.status_of_ech().1
    }

    /// The first name for which the peer's certificate has to be. OpenSSL replaces all of them by the public name once a server
    /// has not confirmed.
    pub fn first_expected_host(&self) -> Option<CString> {
        let mut first = None;
        // SAFETY: the connection is alive.
        unsafe {
            names::each_host(self.as_ptr(), |name| first = first.take().or_else(|| CString::new(name).ok()))
        };
        first
    }

    fn status_of_ech(&self) -> (Ech, Option<CString>) {
        const FAILED: [c_int; 3] = [0, -105, -106];
        const SUCCESS: [c_int; 2] = [1, -102];
        const GREASE: [c_int; 2] = [2, 3];
        const BACKEND: c_int = 4;
        let Ok(functions) = functions() else { return (Ech::None, None) };
        let (mut inner, mut outer): (*mut c_char, *mut c_char) = (null_mut(), null_mut());
        // A status that is a failure leaves an entry on the queue.
        // SAFETY: the connection is alive; both places are ours, and take texts that are ours.
        let status = preserving(|| unsafe { (functions.get1_status)(self.as_ptr(), &mut inner, &mut outer) });
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

    /// Has a client that encrypts its ClientHello offer TLS 1.3 alone. False if it may not speak it.
    pub fn need_tls_1_3(&self) -> bool {
        const OP_NO_TLS_1_3: u64 = 1 << 29;
        // SAFETY: the connection is alive; so below.
        let options = unsafe { settings::options(self.as_ptr()) };
        // SAFETY: as above.
        let max = unsafe { sys::SSL_get_max_proto_version(self.as_ptr()) };
        let may = options & OP_NO_TLS_1_3 == 0 && (max == 0 || max >= sys::TLS1_3_VERSION);
        // SAFETY: as above.
        may && quietly(|| unsafe { sys::SSL_set_min_proto_version(self.as_ptr(), sys::TLS1_3_VERSION) }) == 1
    }
}

impl LentVerification {
    /// After a rejection OpenSSL verifies the certificate for the public name: an address that was expected too does not count.
    pub(super) fn expect_public_name(&self) {
        if self.lent().is_some_and(|ssl| ssl.ech() == Ech::Unconfirmed) {
            // SAFETY: the parameters are the verification's own; NULL is for none.
            quietly(|| unsafe { sys::X509_VERIFY_PARAM_set1_ip(self.param(), null_mut(), 0) });
        }
    }
}
