//! openssl-sys, and the functions of OpenSSL 3.0 that it does not declare.

mod controls;
mod ech;
mod identity;

pub use controls::*;
pub use ech::{ECH, EchFunctions, OSSL_ECHSTORE, OSSL_HPKE_SUITE};
pub use identity::*;
// openssl-sys has them too, with other constness.
pub use identity::{i2d_PKCS7, i2d_X509_NAME};
pub use openssl_sys::*;
use std::os::raw::{c_char, c_int, c_long, c_uchar, c_uint, c_ulong, c_void};

/// A message callback.
pub type MessageCallback = unsafe extern "C" fn(
    written: c_int,
    version: c_int,
    content_type: c_int,
    data: *const c_void,
    len: usize,
    ssl: *mut SSL,
    argument: *mut c_void,
);
/// A client's PSK callback.
pub type PskClientCallback = unsafe extern "C" fn(
    ssl: *mut SSL,
    hint: *const c_char,
    identity: *mut c_char,
    identity_size: c_uint,
    key: *mut c_uchar,
    key_size: c_uint,
) -> c_uint;
/// A server's PSK callback.
pub type PskServerCallback = unsafe extern "C" fn(
    ssl: *mut SSL,
    identity: *const c_char,
    key: *mut c_uchar,
    key_size: c_uint,
) -> c_uint;
/// A security callback.
pub type SecurityCallback = unsafe extern "C" fn(
    ssl: *const SSL,
    ctx: *const SSL_CTX,
    operation: c_int,
    bits: c_int,
    nid: c_int,
    other: *mut c_void,
    argument: *mut c_void,
) -> c_int;

unsafe extern "C" {
    pub fn SSL_want(ssl: *const SSL) -> c_int;
    pub fn SSL_new_session_ticket(ssl: *mut SSL) -> c_int;
    pub fn SSL_set_security_callback(ssl: *mut SSL, callback: Option<SecurityCallback>);
    pub fn SSL_get_options(ssl: *const SSL) -> u64;
    pub fn SSL_set_options(ssl: *mut SSL, options: u64) -> u64;
    pub fn X509_get_signature_info(
        x: *mut X509,
        digest: *mut c_int,
        key: *mut c_int,
        bits: *mut c_int,
        flags: *mut u32,
    ) -> c_int;
    pub fn X509_check_purpose(x: *mut X509, id: c_int, ca: c_int) -> c_int;
    pub fn X509_VERIFY_PARAM_add1_host(
        param: *mut X509_VERIFY_PARAM,
        name: *const c_char,
        len: usize,
    ) -> c_int;
}

// Callbacks, and their settings.
unsafe extern "C" {
    pub fn SSL_set_psk_client_callback(ssl: *mut SSL, callback: Option<PskClientCallback>);
    pub fn SSL_set_psk_server_callback(ssl: *mut SSL, callback: Option<PskServerCallback>);
    pub fn SSL_use_psk_identity_hint(ssl: *mut SSL, hint: *const c_char) -> c_int;
    pub fn SSL_set_msg_callback(ssl: *mut SSL, callback: Option<MessageCallback>);
    pub fn SSL_verify_client_post_handshake(ssl: *mut SSL) -> c_int;
}

/// A callback that verifies a chain in place of libssl.
pub type VerifyChainCallback = unsafe extern "C" fn(ctx: *mut X509_STORE_CTX, argument: *mut c_void) -> c_int;
/// A callback before each ticket is made.
pub type TicketCallback = unsafe extern "C" fn(ssl: *mut SSL, argument: *mut c_void) -> c_int;
/// An info callback.
pub type InfoCallback = unsafe extern "C" fn(ssl: *const SSL, place: c_int, value: c_int);

unsafe extern "C" {
    pub fn ERR_peek_error() -> c_ulong;
    pub fn ERR_add_error_data(count: c_int, ...);
    pub fn OPENSSL_init_crypto(options: u64, settings: *const OPENSSL_INIT_SETTINGS) -> c_int;
    pub fn OPENSSL_cleanse(ptr: *mut c_void, len: usize);

    pub fn SSL_CTX_set_info_callback(ctx: *mut SSL_CTX, callback: Option<InfoCallback>);
    pub fn SSL_CTX_set_cert_verify_callback(
        ctx: *mut SSL_CTX,
        callback: Option<VerifyChainCallback>,
        argument: *mut c_void,
    );
    pub fn SSL_CTX_use_cert_and_key(
        ctx: *mut SSL_CTX,
        x509: *mut X509,
        key: *mut EVP_PKEY,
        chain: *mut stack_st_X509,
        replace: c_int,
    ) -> c_int;

    pub fn SSL_get1_session(ssl: *mut SSL) -> *mut SSL_SESSION;
    pub fn SSL_set_session_id_context(ssl: *mut SSL, id: *const c_uchar, len: c_uint) -> c_int;
    pub fn SSL_has_pending(ssl: *const SSL) -> c_int;
    pub fn SSL_free_buffers(ssl: *mut SSL) -> c_int;
    pub fn SSL_rstate_string(ssl: *const SSL) -> *const c_char;
    pub fn SSL_in_before(ssl: *const SSL) -> c_int;
    pub fn SSL_group_to_name(ssl: *mut SSL, id: c_int) -> *const c_char;
    pub fn SSL_set_post_handshake_auth(ssl: *mut SSL, on: c_int);

    pub fn SSL_get0_peer_certificate(ssl: *const SSL) -> *mut X509;
    pub fn SSL_CTX_set_session_ticket_cb(
        ctx: *mut SSL_CTX,
        made: Option<TicketCallback>,
        read: *mut c_void,
        argument: *mut c_void,
    ) -> c_int;

    pub fn SSL_SESSION_set_timeout(session: *mut SSL_SESSION, seconds: c_long) -> c_long;
    pub fn SSL_SESSION_get0_id_context(session: *const SSL_SESSION, len: *mut c_uint) -> *const c_uchar;
    pub fn SSL_SESSION_set1_id_context(session: *mut SSL_SESSION, id: *const c_uchar, len: c_uint) -> c_int;
    pub fn SSL_SESSION_set1_ticket_appdata(
        session: *mut SSL_SESSION,
        data: *const c_void,
        len: usize,
    ) -> c_int;
    pub fn SSL_SESSION_get0_ticket_appdata(
        session: *mut SSL_SESSION,
        data: *mut *mut c_void,
        len: *mut usize,
    ) -> c_int;
    pub fn SSL_SESSION_dup(session: *const SSL_SESSION) -> *mut SSL_SESSION;
    pub fn SSL_SESSION_get_ticket_lifetime_hint(session: *const SSL_SESSION) -> c_ulong;
    pub fn SSL_SESSION_has_ticket(session: *const SSL_SESSION) -> c_int;
    pub fn SSL_SESSION_is_resumable(session: *const SSL_SESSION) -> c_int;

    pub fn X509_STORE_lock(store: *mut X509_STORE) -> c_int;
    pub fn X509_STORE_unlock(store: *mut X509_STORE) -> c_int;
    pub fn X509_STORE_up_ref(store: *mut X509_STORE) -> c_int;
    pub fn X509_STORE_set_ex_data(store: *mut X509_STORE, slot: c_int, data: *mut c_void) -> c_int;
    pub fn X509_STORE_get_ex_data(store: *const X509_STORE, slot: c_int) -> *mut c_void;
    pub fn X509_STORE_add_crl(store: *mut X509_STORE, crl: *mut X509_CRL) -> c_int;
    pub fn X509_STORE_load_locations(
        store: *mut X509_STORE,
        file: *const c_char,
        directory: *const c_char,
    ) -> c_int;
    pub fn X509_OBJECT_get0_X509_CRL(object: *const X509_OBJECT) -> *mut X509_CRL;
    pub fn X509_VERIFY_PARAM_get_hostflags(param: *const X509_VERIFY_PARAM) -> c_uint;
    pub fn X509_check_private_key(x509: *const X509, key: *const EVP_PKEY) -> c_int;

    pub fn RAND_add(buf: *const c_void, num: c_int, randomness: f64);
    pub fn RAND_status() -> c_int;
    pub fn SSL_get1_supported_ciphers(ssl: *mut SSL) -> *mut stack_st_SSL_CIPHER;
}

// The public key of a certificate, and how long its chain may be.
unsafe extern "C" {
    pub fn SSL_get_pending_cipher(ssl: *const SSL) -> *const SSL_CIPHER;
    pub fn SSL_CTX_set_verify_depth(ctx: *mut SSL_CTX, depth: c_int);
    pub fn SSL_CTX_get_verify_depth(ctx: *const SSL_CTX) -> c_int;
    pub fn X509_get_X509_PUBKEY(x509: *const X509) -> *mut c_void;
    pub fn i2d_X509_PUBKEY(key: *const c_void, out: *mut *mut c_uchar) -> c_int;
    pub fn X509_PUBKEY_get0_param(
        algorithm: *mut *mut ASN1_OBJECT,
        key: *mut *const c_uchar,
        key_len: *mut c_int,
        parameters: *mut *mut c_void,
        own: *const c_void,
    ) -> c_int;
}

// Keys that change, and signatures of handshakes.
unsafe extern "C" {
    pub fn SSL_key_update(ssl: *mut SSL, kind: c_int) -> c_int;
    pub fn SSL_get_signature_type_nid(ssl: *const SSL, nid: *mut c_int) -> c_int;
    pub fn SSL_get_peer_signature_type_nid(ssl: *const SSL, nid: *mut c_int) -> c_int;
}

// Ciphers.
unsafe extern "C" {
    pub fn SSL_CTX_get_ciphers(ctx: *const SSL_CTX) -> *mut stack_st_SSL_CIPHER;
    pub fn SSL_get_ciphers(ssl: *const SSL) -> *mut stack_st_SSL_CIPHER;
    pub fn SSL_SESSION_get0_cipher(session: *const SSL_SESSION) -> *const SSL_CIPHER;
    pub fn SSL_get_client_ciphers(ssl: *const SSL) -> *mut stack_st_SSL_CIPHER;
    pub fn SSL_CIPHER_get_id(cipher: *const SSL_CIPHER) -> u32;
    pub fn SSL_CIPHER_get_kx_nid(cipher: *const SSL_CIPHER) -> c_int;
    pub fn SSL_CIPHER_get_auth_nid(cipher: *const SSL_CIPHER) -> c_int;
    pub fn SSL_CIPHER_is_aead(cipher: *const SSL_CIPHER) -> c_int;
    // These two exist even in an OpenSSL without compression, where openssl-sys does not declare them.
    pub fn SSL_get_current_compression(ssl: *const SSL) -> *const c_void;
    pub fn SSL_COMP_get_name(method: *const c_void) -> *const c_char;
    pub fn OBJ_ln2nid(name: *const c_char) -> c_int;
}

/// A function that finds the trusted certificate that issued another.
pub type GetIssuer =
    unsafe extern "C" fn(found: *mut *mut X509, ctx: *mut X509_STORE_CTX, x509: *mut X509) -> c_int;

// Verification.
unsafe extern "C" {
    pub fn X509_STORE_CTX_set_default(ctx: *mut X509_STORE_CTX, name: *const c_char) -> c_int;
    pub fn X509_STORE_set_get_issuer(store: *mut X509_STORE, get_issuer: Option<GetIssuer>);
    pub fn X509_STORE_CTX_get1_issuer(
        found: *mut *mut X509,
        ctx: *mut X509_STORE_CTX,
        x509: *mut X509,
    ) -> c_int;
    pub fn X509_STORE_CTX_get1_certs(ctx: *mut X509_STORE_CTX, name: *const X509_NAME) -> *mut stack_st_X509;
    pub fn X509_get0_pubkey(x509: *const X509) -> *mut EVP_PKEY;
    pub fn X509_STORE_CTX_get0_param(ctx: *const X509_STORE_CTX) -> *mut X509_VERIFY_PARAM;
    pub fn X509_STORE_CTX_get0_store(ctx: *const X509_STORE_CTX) -> *mut X509_STORE;
    pub fn X509_STORE_CTX_get0_cert(ctx: *const X509_STORE_CTX) -> *mut X509;
    pub fn X509_STORE_CTX_get0_untrusted(ctx: *const X509_STORE_CTX) -> *mut stack_st_X509;
    pub fn X509_STORE_CTX_set0_verified_chain(ctx: *mut X509_STORE_CTX, chain: *mut stack_st_X509);
    pub fn X509_VERIFY_PARAM_get_depth(param: *const X509_VERIFY_PARAM) -> c_int;
    pub fn X509_VERIFY_PARAM_get0_host(param: *mut X509_VERIFY_PARAM, index: c_int) -> *const c_char;
    pub fn X509_VERIFY_PARAM_get1_ip_asc(param: *mut X509_VERIFY_PARAM) -> *mut c_char;
    pub fn X509_VERIFY_PARAM_set1(to: *mut X509_VERIFY_PARAM, from: *const X509_VERIFY_PARAM) -> c_int;
}

/// How many bytes a BIO has left to be read.
pub const BIO_CTRL_PENDING: c_int = 10;
/// A lookup's function that finds certificates by subject.
pub type LookupBySubject = unsafe extern "C" fn(
    lookup: *mut X509_LOOKUP,
    kind: c_int,
    name: *const X509_NAME,
    found: *mut X509_OBJECT,
) -> c_int;
/// A lookup's function that frees its data.
pub type LookupFree = unsafe extern "C" fn(lookup: *mut X509_LOOKUP);
/// The type of a store's object that is a certificate.
pub const X509_LU_X509: c_int = 1;

// Lookups.
unsafe extern "C" {
    pub fn X509_LOOKUP_meth_new(name: *const c_char) -> *mut X509_LOOKUP_METHOD;
    pub fn X509_LOOKUP_meth_free(method: *mut X509_LOOKUP_METHOD);
    pub fn X509_LOOKUP_meth_set_get_by_subject(
        method: *mut X509_LOOKUP_METHOD,
        by_subject: Option<LookupBySubject>,
    ) -> c_int;
    pub fn X509_LOOKUP_meth_set_free(method: *mut X509_LOOKUP_METHOD, free: Option<LookupFree>) -> c_int;
    pub fn X509_LOOKUP_set_method_data(lookup: *mut X509_LOOKUP, data: *mut c_void) -> c_int;
    pub fn X509_LOOKUP_get_method_data(lookup: *const X509_LOOKUP) -> *mut c_void;
    pub fn X509_LOOKUP_get_store(lookup: *const X509_LOOKUP) -> *mut X509_STORE;
    pub fn X509_LOOKUP_by_subject(
        lookup: *mut X509_LOOKUP,
        kind: c_int,
        name: *const X509_NAME,
        found: *mut X509_OBJECT,
    ) -> c_int;
    pub fn X509_OBJECT_new() -> *mut X509_OBJECT;
    pub fn X509_OBJECT_set1_X509(object: *mut X509_OBJECT, x509: *mut X509) -> c_int;
}

// Certificates.
unsafe extern "C" {
    pub fn X509_check_ca(x509: *mut X509) -> c_int;
    pub fn X509_NAME_ENTRY_set(entry: *const X509_NAME_ENTRY) -> c_int;
    pub fn X509_NAME_print_ex(out: *mut BIO, name: *const X509_NAME, indent: c_int, flags: c_ulong) -> c_int;
    pub fn GENERAL_NAME_get0_value(name: *const GENERAL_NAME, kind: *mut c_int) -> *mut c_void;
    pub fn GENERAL_NAME_print(out: *mut BIO, name: *mut GENERAL_NAME) -> c_int;
    pub fn GENERAL_NAMES_free(names: *mut stack_st_GENERAL_NAME);
    pub fn AUTHORITY_INFO_ACCESS_free(access: *mut stack_st_ACCESS_DESCRIPTION);
    pub fn CRL_DIST_POINTS_free(points: *mut stack_st_DIST_POINT);
    pub fn i2d_X509_AUX(x509: *const X509, out: *mut *mut c_uchar) -> c_int;
    pub fn d2i_X509_AUX(out: *mut *mut X509, data: *mut *const c_uchar, len: c_long) -> *mut X509;
    pub fn PEM_bytes_read_bio(
        data: *mut *mut c_uchar,
        len: *mut c_long,
        label: *mut *mut c_char,
        wanted: *const c_char,
        bio: *mut BIO,
        callback: pem_password_cb,
        user_data: *mut c_void,
    ) -> c_int;
    pub fn d2i_X509_CRL_bio(bio: *mut BIO, out: *mut *mut X509_CRL) -> *mut X509_CRL;
    pub fn EVP_Digest(
        data: *const c_void,
        count: usize,
        md: *mut c_uchar,
        size: *mut c_uint,
        kind: *const EVP_MD,
        engine: *mut ENGINE,
    ) -> c_int;
}

/// A function that is called with what a provider tells of one capability.
pub type CapabilityVisit = unsafe extern "C" fn(params: *const OSSL_PARAM, argument: *mut c_void) -> c_int;
/// A function that is called with each provider.
pub type ProviderVisit = unsafe extern "C" fn(provider: *mut OSSL_PROVIDER, argument: *mut c_void) -> c_int;

/// What a callback looks like that is given a session which can be resumed.
pub type NewSessionCallback = unsafe extern "C" fn(ssl: *mut SSL, session: *mut SSL_SESSION) -> c_int;
/// What a callback looks like that finds a session by its id.
pub type StoredSessionCallback =
    unsafe extern "C" fn(ssl: *mut SSL, id: *const c_uchar, len: c_int, copy: *mut c_int) -> *mut SSL_SESSION;

/// What a callback looks like that gives or checks an OCSP response.
pub type StapleCallback = unsafe extern "C" fn(ssl: *mut SSL, argument: *mut c_void) -> c_int;
/// What a callback looks like that gives the keys of a session ticket.
pub type TicketKeyCallback = unsafe extern "C" fn(
    ssl: *mut SSL,
    name: *mut c_uchar,
    iv: *mut c_uchar,
    cipher: *mut EVP_CIPHER_CTX,
    mac: *mut EVP_MAC_CTX,
    sealing: c_int,
) -> c_int;

// Session tickets.
unsafe extern "C" {
    pub fn SSL_CTX_set_tlsext_ticket_key_evp_cb(
        ctx: *mut SSL_CTX,
        callback: Option<TicketKeyCallback>,
    ) -> c_int;
    pub fn OSSL_PARAM_construct_utf8_string(key: *const c_char, text: *mut c_char, len: usize) -> OSSL_PARAM;
}

/// The status of one certificate, inside an OCSP response.
#[allow(non_camel_case_types)] // OpenSSL's name
pub enum OCSP_SINGLERESP {}

// OCSP.
unsafe extern "C" {
    pub fn OCSP_resp_count(basic: *mut OCSP_BASICRESP) -> c_int;
    pub fn OCSP_resp_get0(basic: *mut OCSP_BASICRESP, index: c_int) -> *mut OCSP_SINGLERESP;
    pub fn OCSP_resp_get0_signer(
        basic: *mut OCSP_BASICRESP,
        signer: *mut *mut X509,
        known: *mut stack_st_X509,
    ) -> c_int;
    pub fn OCSP_SINGLERESP_get0_id(single: *const OCSP_SINGLERESP) -> *const OCSP_CERTID;
    pub fn d2i_ASN1_OBJECT(
        object: *mut *mut ASN1_OBJECT,
        data: *mut *const c_uchar,
        len: c_long,
    ) -> *mut ASN1_OBJECT;
    pub fn OCSP_resp_get0_tbs_sigalg(basic: *const OCSP_BASICRESP) -> *const X509_ALGOR;
    pub fn OCSP_BASICRESP_get_ext_by_critical(
        basic: *mut OCSP_BASICRESP,
        critical: c_int,
        after: c_int,
    ) -> c_int;
    pub fn OCSP_SINGLERESP_get_ext_by_critical(
        single: *mut OCSP_SINGLERESP,
        critical: c_int,
        after: c_int,
    ) -> c_int;
    pub fn X509_NAME_digest(
        name: *const X509_NAME,
        digest: *const EVP_MD,
        out: *mut c_uchar,
        len: *mut c_uint,
    ) -> c_int;
    pub fn OCSP_id_get0_info(
        name_hash: *mut *mut ASN1_OCTET_STRING,
        digest: *mut *mut ASN1_OBJECT,
        key_hash: *mut *mut ASN1_OCTET_STRING,
        serial: *mut *mut ASN1_INTEGER,
        id: *mut OCSP_CERTID,
    ) -> c_int;
    pub fn OCSP_id_cmp(one: *const OCSP_CERTID, other: *const OCSP_CERTID) -> c_int;
    pub fn OCSP_single_get0_status(
        single: *mut OCSP_SINGLERESP,
        reason: *mut c_int,
        revoked: *mut *mut ASN1_GENERALIZEDTIME,
        this_update: *mut *mut ASN1_GENERALIZEDTIME,
        next_update: *mut *mut ASN1_GENERALIZEDTIME,
    ) -> c_int;
    pub fn TLS_FEATURE_free(features: *mut c_void);
}

// Providers.
unsafe extern "C" {
    pub fn OSSL_PROVIDER_do_all(
        library: *mut OSSL_LIB_CTX,
        visit: Option<ProviderVisit>,
        argument: *mut c_void,
    ) -> c_int;
    pub fn OSSL_PROVIDER_get_capabilities(
        provider: *mut OSSL_PROVIDER,
        capability: *const c_char,
        visit: Option<CapabilityVisit>,
        argument: *mut c_void,
    ) -> c_int;
    pub fn OSSL_PARAM_get_uint(param: *const OSSL_PARAM, value: *mut c_uint) -> c_int;
}

/// The bit in the type of an ASN.1 integer that makes it negative.
pub const V_ASN1_NEG: c_int = 0x100;
/// Prints a name as in RFC 2253.
pub const XN_FLAG_RFC2253: c_ulong = 0x0111_0317;
