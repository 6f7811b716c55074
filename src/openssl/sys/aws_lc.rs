//! AWS-LC, by the bindings of its crate alone: libcrypto's functions have a prefix there, which an own `extern "C"` would miss.

mod connections;
mod crypto;

pub use aws_lc_sys::*;
// These have OpenSSL's types; the crate has them too, with AWS-LC's.
pub use connections::{
    SSL_AWAITS_SIGNATURE, SSL_CTX_counters, SSL_CTX_get_max_cert_list, SSL_CTX_get_max_proto_version,
    SSL_CTX_get_min_proto_version, SSL_CTX_get_tlsext_ticket_keys, SSL_CTX_set_alpn_select_cb__fixed_rust,
    SSL_CTX_set_max_cert_list, SSL_CTX_set_max_proto_version, SSL_CTX_set_min_proto_version,
    SSL_CTX_set_session_cache_mode, SSL_CTX_set_tlsext_servername_callback__fixed_rust,
    SSL_CTX_set_tlsext_ticket_keys, SSL_CTX_set_verify, SSL_CTX_set0_tmp_dh_pkey,
    SSL_CTX_set1_client_sigalgs_list, SSL_CTX_set1_groups, SSL_CTX_set1_groups_list,
    SSL_CTX_set1_sigalgs_list, SSL_OP_NO_TICKET, SSL_SESSION_get_ticket_lifetime_hint,
    SSL_SESSION_set_timeout, SSL_SESSION_set1_id_context, SSL_free_buffers, SSL_get_certificate,
    SSL_get_error, SSL_get_max_proto_version, SSL_in_before, SSL_new_slot, SSL_read_ex, SSL_rstate_string,
    SSL_set_alpn_protos, SSL_set_min_proto_version, SSL_set_mode, SSL_set_session_id_context,
    SSL_set_tlsext_host_name, SSL_set_verify, SSL_want, SSL_write_ex, TICKET_KEYS,
};
pub use crypto::{
    BIO_get_mem_data, BIO_meth_set_ctrl__fixed_rust, BIO_meth_set_destroy__fixed_rust,
    BIO_meth_set_read__fixed_rust, BIO_meth_set_write__fixed_rust, BIO_new_mem_buf, ERR_get_error,
    ERR_peek_error, ERR_peek_last_error, EVP_CIPHER_fetch, EVP_CIPHER_free, EVP_MD_fetch, EVP_MD_free,
    EVP_PKEY_CTX_new_from_pkey, EVP_PKEY_get_size, OCSP_resp_get0, OPENSSL_INIT_LOAD_SSL_STRINGS,
    OPENSSL_INIT_NO_ATEXIT, OPENSSL_sk_num, OPENSSL_sk_pop_free, OPENSSL_sk_push, OPENSSL_sk_value,
    OPENSSL_thread_stop, RAND_bytes, X509_STORE_CTX_get1_certs, X509_STORE_new_slot,
    X509_V_FLAG_SUITEB_128_LOS, X509_V_FLAG_X509_STRICT, XN_FLAG_RFC2253, i2d_X509_NAME,
};

use std::os::raw::{c_int, c_uchar, c_uint, c_void};

/// What a callback looks like that is given a session which can be resumed.
pub type NewSessionCallback = unsafe extern "C" fn(ssl: *mut SSL, session: *mut SSL_SESSION) -> c_int;
/// What a callback looks like that finds a session by its id.
pub type StoredSessionCallback =
    unsafe extern "C" fn(ssl: *mut SSL, id: *const c_uchar, len: c_int, copy: *mut c_int) -> *mut SSL_SESSION;
/// What a callback looks like that gives or checks an OCSP response.
pub type StapleCallback = unsafe extern "C" fn(ssl: *mut SSL, argument: *mut c_void) -> c_int;
/// What a callback looks like that is called before each ticket is made.
pub type TicketCallback = unsafe extern "C" fn(ssl: *mut SSL, argument: *mut c_void) -> c_int;
/// What a callback looks like that gives the keys of a session ticket.
pub type TicketKeyCallback = unsafe extern "C" fn(
    ssl: *mut SSL,
    name: *mut c_uchar,
    iv: *mut c_uchar,
    cipher: *mut EVP_CIPHER_CTX,
    mac: *mut HMAC_CTX,
    sealing: c_int,
) -> c_int;
/// A callback that verifies a chain in place of libssl.
pub type VerifyChainCallback = unsafe extern "C" fn(ctx: *mut X509_STORE_CTX, argument: *mut c_void) -> c_int;
/// What a callback looks like that chooses this side's certificate.
pub type CertCallback = unsafe extern "C" fn(ssl: *mut SSL, argument: *mut c_void) -> c_int;

/// A length of a pre-shared key that libssl treats as a failure. A client's reads one that is too long beyond its buffer.
pub const PSK_ABORT: c_uint = 0;

/// What AWS-LC has no such thing of: no value of it exists.
#[allow(non_camel_case_types)]
pub enum OSSL_LIB_CTX {}

/// OpenSSL's bit for post-handshake authentication, which AWS-LC would not know.
pub const SSL_VERIFY_POST_HANDSHAKE: c_int = 0x08;
