//! Encrypted ClientHello, which OpenSSL has since 4.0. A library that is built for an older one, or for one without it, has
//! no such functions to link: so they are reached through a table that is there or not. It cannot be looked up at run time:
//! OpenSSL 3 and 4 have different names as shared libraries, and one process may have loaded both.

use super::{BIO, EVP_PKEY, OSSL_LIB_CTX, SSL};
use std::os::raw::{c_char, c_int};

/// A list of configurations, some with their private keys.
#[allow(non_camel_case_types)]
pub enum OSSL_ECHSTORE {}

/// Algorithms of HPKE by their numbers (RFC 9180, section 7).
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub struct OSSL_HPKE_SUITE {
    pub kem_id: u16,
    pub kdf_id: u16,
    pub aead_id: u16,
}

/// What OpenSSL calls its functions, without their prefix.
pub struct EchFunctions {
    pub store_new:
        unsafe extern "C" fn(libctx: *mut OSSL_LIB_CTX, properties: *const c_char) -> *mut OSSL_ECHSTORE,
    pub store_free: unsafe extern "C" fn(store: *mut OSSL_ECHSTORE),
    pub store_new_config: unsafe extern "C" fn(
        store: *mut OSSL_ECHSTORE,
        version: u16,
        max_name_length: u8,
        public_name: *const c_char,
        suite: OSSL_HPKE_SUITE,
    ) -> c_int,
    pub store_write_pem:
        unsafe extern "C" fn(store: *mut OSSL_ECHSTORE, index: c_int, out: *mut BIO) -> c_int,
    pub store_read_echconfiglist: unsafe extern "C" fn(store: *mut OSSL_ECHSTORE, from: *mut BIO) -> c_int,
    pub store_set1_key_and_read_pem: unsafe extern "C" fn(
        store: *mut OSSL_ECHSTORE,
        key: *mut EVP_PKEY,
        from: *mut BIO,
        for_retry: c_int,
    ) -> c_int,
    pub store_num_entries: unsafe extern "C" fn(store: *const OSSL_ECHSTORE, count: *mut c_int) -> c_int,
    pub store_num_keys: unsafe extern "C" fn(store: *mut OSSL_ECHSTORE, count: *mut c_int) -> c_int,
    pub set1_store: unsafe extern "C" fn(ssl: *mut SSL, store: *mut OSSL_ECHSTORE) -> c_int,
    pub get1_status:
        unsafe extern "C" fn(ssl: *mut SSL, inner: *mut *mut c_char, outer: *mut *mut c_char) -> c_int,
    pub get1_retry_config:
        unsafe extern "C" fn(ssl: *mut SSL, configs: *mut *mut u8, len: *mut usize) -> c_int,
}

#[cfg(not(ech))]
pub static ECH: Option<EchFunctions> = None;

#[cfg(ech)]
pub static ECH: Option<EchFunctions> = Some(EchFunctions {
    store_new: linked::OSSL_ECHSTORE_new,
    store_free: linked::OSSL_ECHSTORE_free,
    store_new_config: linked::OSSL_ECHSTORE_new_config,
    store_write_pem: linked::OSSL_ECHSTORE_write_pem,
    store_read_echconfiglist: linked::OSSL_ECHSTORE_read_echconfiglist,
    store_set1_key_and_read_pem: linked::OSSL_ECHSTORE_set1_key_and_read_pem,
    store_num_entries: linked::OSSL_ECHSTORE_num_entries,
    store_num_keys: linked::OSSL_ECHSTORE_num_keys,
    set1_store: linked::SSL_set1_echstore,
    get1_status: linked::SSL_ech_get1_status,
    get1_retry_config: linked::SSL_ech_get1_retry_config,
});

#[cfg(ech)]
mod linked {
    use super::*;

    unsafe extern "C" {
        pub fn OSSL_ECHSTORE_new(libctx: *mut OSSL_LIB_CTX, properties: *const c_char) -> *mut OSSL_ECHSTORE;
        pub fn OSSL_ECHSTORE_free(store: *mut OSSL_ECHSTORE);
        pub fn OSSL_ECHSTORE_new_config(
            store: *mut OSSL_ECHSTORE,
            version: u16,
            max_name_length: u8,
            public_name: *const c_char,
            suite: OSSL_HPKE_SUITE,
        ) -> c_int;
        pub fn OSSL_ECHSTORE_write_pem(store: *mut OSSL_ECHSTORE, index: c_int, out: *mut BIO) -> c_int;
        pub fn OSSL_ECHSTORE_read_echconfiglist(store: *mut OSSL_ECHSTORE, from: *mut BIO) -> c_int;
        pub fn OSSL_ECHSTORE_set1_key_and_read_pem(
            store: *mut OSSL_ECHSTORE,
            key: *mut EVP_PKEY,
            from: *mut BIO,
            for_retry: c_int,
        ) -> c_int;
        pub fn OSSL_ECHSTORE_num_entries(store: *const OSSL_ECHSTORE, count: *mut c_int) -> c_int;
        pub fn OSSL_ECHSTORE_num_keys(store: *mut OSSL_ECHSTORE, count: *mut c_int) -> c_int;
        pub fn SSL_set1_echstore(ssl: *mut SSL, store: *mut OSSL_ECHSTORE) -> c_int;
        pub fn SSL_ech_get1_status(ssl: *mut SSL, inner: *mut *mut c_char, outer: *mut *mut c_char) -> c_int;
        pub fn SSL_ech_get1_retry_config(ssl: *mut SSL, configs: *mut *mut u8, len: *mut usize) -> c_int;
    }
}
