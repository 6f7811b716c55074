//! What certificates with their keys need: PKCS#12, stores, a provider of our own, and the choice for one connection.

use openssl_sys::*;
use std::os::raw::{c_char, c_int, c_uchar, c_uint, c_void};

/// A length of a pre-shared key that every version of libssl treats as a failure: longer than the longest key that it takes. A
/// smaller one may only decline.
pub const PSK_ABORT: c_uint = 512 + 1;

/// A part of a PKCS#12 file, which may be encrypted as a whole. openssl-sys shows its fields, which are not looked at.
pub type Safe = PKCS7;
/// What a PKCS#12 file holds: a certificate, a key, or more of them.
#[allow(non_camel_case_types)]
pub enum PKCS12_SAFEBAG {}

// PKCS#12.
unsafe extern "C" {
    pub fn PKCS12_mac_present(file: *const PKCS12) -> c_int;
    pub fn PKCS12_get0_mac(
        mac: *mut *const ASN1_OCTET_STRING,
        algorithm: *mut *const X509_ALGOR,
        salt: *mut *const ASN1_OCTET_STRING,
        iterations: *mut *const ASN1_INTEGER,
        file: *const PKCS12,
    );
    pub fn PKCS12_verify_mac(file: *mut PKCS12, password: *const c_char, len: c_int) -> c_int;
    pub fn PKCS12_unpack_authsafes(file: *const PKCS12) -> *mut OPENSSL_STACK;
    pub fn PKCS12_unpack_p7data(safe: *mut Safe) -> *mut OPENSSL_STACK;
    pub fn PKCS12_unpack_p7encdata(
        safe: *mut Safe,
        password: *const c_char,
        len: c_int,
    ) -> *mut OPENSSL_STACK;
    pub fn PKCS12_SAFEBAG_free(bag: *mut PKCS12_SAFEBAG);
    pub fn PKCS12_SAFEBAG_get_nid(bag: *const PKCS12_SAFEBAG) -> c_int;
    pub fn PKCS12_SAFEBAG_get_bag_nid(bag: *const PKCS12_SAFEBAG) -> c_int;
    pub fn PKCS12_SAFEBAG_get1_cert(bag: *const PKCS12_SAFEBAG) -> *mut X509;
    pub fn PKCS12_SAFEBAG_get0_p8inf(bag: *const PKCS12_SAFEBAG) -> *const PKCS8_PRIV_KEY_INFO;
    pub fn PKCS12_SAFEBAG_get0_pkcs8(bag: *const PKCS12_SAFEBAG) -> *const X509_SIG;
    pub fn PKCS12_SAFEBAG_get0_safes(bag: *const PKCS12_SAFEBAG) -> *const OPENSSL_STACK;
    pub fn PKCS12_decrypt_skey(
        bag: *const PKCS12_SAFEBAG,
        password: *const c_char,
        len: c_int,
    ) -> *mut PKCS8_PRIV_KEY_INFO;
    pub fn i2d_PKCS7(safe: *const Safe, out: *mut *mut c_uchar) -> c_int;
    pub fn i2d_X509_SIG(key: *const X509_SIG, out: *mut *mut c_uchar) -> c_int;
    pub fn i2d_X509_ALGOR(algorithm: *const X509_ALGOR, out: *mut *mut c_uchar) -> c_int;
}

/// An encrypted private key, and the algorithm it is encrypted by.
#[allow(non_camel_case_types)]
pub enum X509_SIG {}

/// What a callback looks like that chooses this side's certificate.
pub type CertCallback = unsafe extern "C" fn(ssl: *mut SSL, argument: *mut c_void) -> c_int;

// Choosing this side's certificate, and waiting for its signature.
unsafe extern "C" {
    pub fn OPENSSL_thread_stop();
    pub fn SSL_set_cert_cb(ssl: *mut SSL, callback: Option<CertCallback>, argument: *mut c_void);
    pub fn SSL_certs_clear(ssl: *mut SSL);
    pub fn SSL_use_cert_and_key(
        ssl: *mut SSL,
        x509: *mut X509,
        key: *mut EVP_PKEY,
        chain: *mut stack_st_X509,
        replace: c_int,
    ) -> c_int;
    pub fn SSL_get_sigalgs(
        ssl: *mut SSL,
        index: c_int,
        signature: *mut c_int,
        hash: *mut c_int,
        both: *mut c_int,
        signature_byte: *mut c_uchar,
        hash_byte: *mut c_uchar,
    ) -> c_int;
    pub fn SSL_get0_peer_CA_list(ssl: *const SSL) -> *const OPENSSL_STACK;
    pub fn i2d_X509_NAME(name: *const X509_NAME, out: *mut *mut c_uchar) -> c_int;
}

/// Where certificates and keys are kept, under a URI.
#[allow(non_camel_case_types)]
pub enum OSSL_STORE_CTX {}
/// What is kept there.
#[allow(non_camel_case_types)]
pub enum OSSL_STORE_INFO {}
/// How OpenSSL asks a user.
#[allow(non_camel_case_types)]
pub enum UI_METHOD {}
/// What becomes of a thing before it is given.
pub type StorePost =
    unsafe extern "C" fn(info: *mut OSSL_STORE_INFO, data: *mut c_void) -> *mut OSSL_STORE_INFO;

// Stores.
unsafe extern "C" {
    pub fn OSSL_STORE_open_ex(
        uri: *const c_char,
        library: *mut OSSL_LIB_CTX,
        properties: *const c_char,
        prompt: *const UI_METHOD,
        prompt_data: *mut c_void,
        params: *const OSSL_PARAM,
        post: Option<StorePost>,
        post_data: *mut c_void,
    ) -> *mut OSSL_STORE_CTX;
    pub fn OSSL_STORE_load(store: *mut OSSL_STORE_CTX) -> *mut OSSL_STORE_INFO;
    pub fn OSSL_STORE_eof(store: *mut OSSL_STORE_CTX) -> c_int;
    pub fn OSSL_STORE_close(store: *mut OSSL_STORE_CTX) -> c_int;
    pub fn OSSL_STORE_INFO_get_type(info: *const OSSL_STORE_INFO) -> c_int;
    pub fn OSSL_STORE_INFO_get1_PKEY(info: *const OSSL_STORE_INFO) -> *mut EVP_PKEY;
    pub fn OSSL_STORE_INFO_get1_CERT(info: *const OSSL_STORE_INFO) -> *mut X509;
    pub fn OSSL_STORE_INFO_free(info: *mut OSSL_STORE_INFO);
    pub fn UI_UTIL_wrap_read_pem_callback(callback: pem_password_cb, writing: c_int) -> *mut UI_METHOD;
    pub fn UI_destroy_method(method: *mut UI_METHOD);
}

/// A function of a provider, by its number.
#[repr(C)]
pub struct OSSL_DISPATCH {
    function_id: c_int,
    function: *const c_void,
}

// SAFETY: a number and the address of a function, which nobody changes.
unsafe impl Sync for OSSL_DISPATCH {}

impl OSSL_DISPATCH {
    /// What ends a list.
    pub const END: OSSL_DISPATCH = OSSL_DISPATCH { function_id: 0, function: std::ptr::null() };

    pub const fn new(function_id: c_int, function: *const c_void) -> OSSL_DISPATCH {
        OSSL_DISPATCH { function_id, function }
    }
}

/// What a provider can do of one kind, and the functions for it.
#[repr(C)]
pub struct OSSL_ALGORITHM {
    pub algorithm_names: *const c_char,
    pub property_definition: *const c_char,
    pub implementation: *const OSSL_DISPATCH,
    pub algorithm_description: *const c_char,
}

/// What begins a provider.
pub type ProviderInit = unsafe extern "C" fn(
    handle: *const c_void,
    functions_of_openssl: *const OSSL_DISPATCH,
    functions: *mut *const OSSL_DISPATCH,
    context: *mut *mut c_void,
) -> c_int;
/// What takes the values of a key.
pub type KeyExport = unsafe extern "C" fn(params: *const OSSL_PARAM, argument: *mut c_void) -> c_int;

pub const OSSL_OP_KEYMGMT: c_int = 10;
pub const OSSL_OP_SIGNATURE: c_int = 12;
pub const OSSL_FUNC_PROVIDER_QUERY_OPERATION: c_int = 1027;
pub const OSSL_FUNC_KEYMGMT_NEW: c_int = 1;
pub const OSSL_FUNC_KEYMGMT_FREE: c_int = 10;
pub const OSSL_FUNC_KEYMGMT_GET_PARAMS: c_int = 11;
pub const OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS: c_int = 12;
pub const OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME: c_int = 20;
pub const OSSL_FUNC_KEYMGMT_HAS: c_int = 21;
pub const OSSL_FUNC_KEYMGMT_MATCH: c_int = 23;
pub const OSSL_FUNC_KEYMGMT_IMPORT: c_int = 40;
pub const OSSL_FUNC_KEYMGMT_IMPORT_TYPES: c_int = 41;
pub const OSSL_FUNC_KEYMGMT_EXPORT: c_int = 42;
pub const OSSL_FUNC_KEYMGMT_EXPORT_TYPES: c_int = 43;
pub const OSSL_FUNC_SIGNATURE_NEWCTX: c_int = 1;
pub const OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT: c_int = 8;
pub const OSSL_FUNC_SIGNATURE_DIGEST_SIGN: c_int = 11;
pub const OSSL_FUNC_SIGNATURE_FREECTX: c_int = 16;
pub const OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS: c_int = 20;
pub const OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS: c_int = 21;
/// What of a key is meant: all of the public half, which has the parameters.
pub const PUBLIC_KEY: c_int = 0x86;
/// Both halves.
pub const KEYPAIR: c_int = 0x87;

// A provider of our own, and keys by their values.
unsafe extern "C" {
    pub fn OSSL_PROVIDER_add_builtin(
        library: *mut OSSL_LIB_CTX,
        name: *const c_char,
        init: Option<ProviderInit>,
    ) -> c_int;
    pub fn EVP_PKEY_export(
        key: *const EVP_PKEY,
        selection: c_int,
        take: Option<KeyExport>,
        argument: *mut c_void,
    ) -> c_int;
    pub fn EVP_PKEY_CTX_new_from_pkey(
        library: *mut OSSL_LIB_CTX,
        key: *mut EVP_PKEY,
        properties: *const c_char,
    ) -> *mut EVP_PKEY_CTX;
    pub fn OSSL_PARAM_get_int(param: *const OSSL_PARAM, value: *mut c_int) -> c_int;
}
