//! What OpenSSL does by controls with numbers, as functions with the names of its macros.

use openssl_sys::{
    CRYPTO_get_ex_new_index, SSL, SSL_CTX, SSL_CTX_ctrl, SSL_ctrl, SSL_get_ex_new_index, X509_STORE,
};
use std::os::raw::{c_char, c_int, c_long, c_uchar, c_void};
use std::ptr::null_mut;

/// How long a server's own keys of session tickets are.
pub const TICKET_KEYS: usize = 80;

const MODE: c_int = 33;
const GET_MAX_CERT_LIST: c_int = 50;
const SET_MAX_CERT_LIST: c_int = 51;
const GET_TICKET_KEYS: c_int = 58;
const SET_TICKET_KEYS: c_int = 59;
const SET_GROUPS: c_int = 91;
const SET_CLIENT_SIGALGS_LIST: c_int = 102;
const SET_VERIFY_STORE: c_int = 106;
const SET_CHAIN_STORE: c_int = 107;
const GET_PEER_SIGNATURE_NID: c_int = 108;
const GET_SIGNATURE_NID: c_int = 132;
const GET_NEGOTIATED_GROUP: c_int = 134;
const SET_RETRY_VERIFY: c_int = 136;
const GET_VERIFY_STORE: c_int = 137;

/// The counters of a context: sessions in the cache, then connect, connect_good, connect_renegotiate, the same three for
/// accept, hits, misses, timeouts and cache_full.
const COUNTERS: [c_int; 11] = [20, 21, 22, 23, 24, 25, 26, 27, 29, 30, 31];

/// The context takes a reference to the certificate. Only tests add certificates one by one.
#[cfg(test)]
pub unsafe fn SSL_CTX_add1_chain_cert(ctx: *mut SSL_CTX, x509: *mut openssl_sys::X509) -> c_long {
    const CHAIN_CERT: c_int = 89;
    // SAFETY: as the caller promises.
    unsafe { SSL_CTX_ctrl(ctx, CHAIN_CERT, 1, x509.cast()) }
}

/// What a context has counted, see [`COUNTERS`].
pub unsafe fn SSL_CTX_counters(ctx: *mut SSL_CTX) -> [i64; 11] {
    COUNTERS.map(|control| {
        // SAFETY: the caller's context is alive; the control takes no argument.
        let count = unsafe { SSL_CTX_ctrl(ctx, control, 0, null_mut()) };
        #[allow(clippy::useless_conversion)] // c_long has 32 bits on Windows
        i64::from(count)
    })
}

/// A control of a context with a text.
unsafe fn set_text(ctx: *mut SSL_CTX, control: c_int, text: *const c_char) -> c_int {
    // SAFETY: the caller's context is alive, and the text ends in NUL and is only read.
    unsafe { SSL_CTX_ctrl(ctx, control, 0, text.cast_mut().cast()) as c_int }
}

pub unsafe fn SSL_CTX_set1_groups(ctx: *mut SSL_CTX, groups: *const c_int, count: usize) -> c_int {
    let list: *mut c_void = groups.cast_mut().cast();
    // SAFETY: the caller's context is alive; the list is as long, and copied.
    unsafe { SSL_CTX_ctrl(ctx, SET_GROUPS, count as c_long, list) as c_int }
}

pub unsafe fn SSL_CTX_set1_client_sigalgs_list(ctx: *mut SSL_CTX, sigalgs: *const c_char) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { set_text(ctx, SET_CLIENT_SIGALGS_LIST, sigalgs) }
}

pub unsafe fn SSL_CTX_get_tlsext_ticket_keys(ctx: *mut SSL_CTX, keys: *mut c_uchar, len: usize) -> c_int {
    // SAFETY: the caller's context is alive, and the place as long.
    unsafe { SSL_CTX_ctrl(ctx, GET_TICKET_KEYS, len as c_long, keys.cast()) as c_int }
}

pub unsafe fn SSL_CTX_set_tlsext_ticket_keys(ctx: *mut SSL_CTX, keys: *const c_uchar, len: usize) -> c_int {
    // SAFETY: the caller's context is alive; the keys are as long, and only read.
    unsafe { SSL_CTX_ctrl(ctx, SET_TICKET_KEYS, len as c_long, keys.cast_mut().cast()) as c_int }
}

pub unsafe fn SSL_CTX_get_max_cert_list(ctx: *mut SSL_CTX) -> c_long {
    // SAFETY: the caller's context is alive; the control takes no argument.
    unsafe { SSL_CTX_ctrl(ctx, GET_MAX_CERT_LIST, 0, null_mut()) }
}

pub unsafe fn SSL_CTX_set_max_cert_list(ctx: *mut SSL_CTX, bytes: c_long) {
    // SAFETY: the caller's context is alive; the control gives the limit of before.
    unsafe { SSL_CTX_ctrl(ctx, SET_MAX_CERT_LIST, bytes, null_mut()) };
}

/// A control of a connection without an argument.
unsafe fn ask(ssl: *mut SSL, control: c_int) -> c_int {
    // SAFETY: the caller's connection is alive; the control takes no argument.
    unsafe { SSL_ctrl(ssl, control, 0, null_mut()) as c_int }
}

pub unsafe fn SSL_set_mode(ssl: *mut SSL, modes: c_long) {
    // SAFETY: the caller's connection is alive; the control gives all modes.
    unsafe { SSL_ctrl(ssl, MODE, modes, null_mut()) };
}

pub unsafe fn SSL_set1_verify_cert_store(ssl: *mut SSL, store: *mut X509_STORE) -> c_int {
    // SAFETY: the caller's connection and store are alive; the connection takes its own reference.
    unsafe { SSL_ctrl(ssl, SET_VERIFY_STORE, 1, store.cast()) as c_int }
}

pub unsafe fn SSL_set1_chain_cert_store(ssl: *mut SSL, store: *mut X509_STORE) -> c_int {
    // SAFETY: the caller's connection and store are alive; the connection takes its own reference.
    unsafe { SSL_ctrl(ssl, SET_CHAIN_STORE, 1, store.cast()) as c_int }
}

/// The store that a connection verifies against, lent by it, or NULL.
pub unsafe fn SSL_get0_verify_cert_store(ssl: *mut SSL) -> *mut X509_STORE {
    let mut store: *mut X509_STORE = null_mut();
    let place: *mut *mut X509_STORE = &mut store;
    // SAFETY: the caller's connection is alive; the control stores a pointer at a place of ours.
    unsafe { SSL_ctrl(ssl, GET_VERIFY_STORE, 0, place.cast()) };
    store
}

pub unsafe fn SSL_set_retry_verify(ssl: *mut SSL) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { ask(ssl, SET_RETRY_VERIFY) }
}

pub unsafe fn SSL_get_negotiated_group(ssl: *mut SSL) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { ask(ssl, GET_NEGOTIATED_GROUP) }
}

/// The digest of this side's signature.
pub unsafe fn SSL_get_signature_nid(ssl: *mut SSL, digest: *mut c_int) -> c_int {
    // SAFETY: the caller's connection is alive, and the place as large.
    unsafe { SSL_ctrl(ssl, GET_SIGNATURE_NID, 0, digest.cast()) as c_int }
}

/// The digest of the peer's signature.
pub unsafe fn SSL_get_peer_signature_nid(ssl: *mut SSL, digest: *mut c_int) -> c_int {
    // SAFETY: the caller's connection is alive, and the place as large.
    unsafe { SSL_ctrl(ssl, GET_PEER_SIGNATURE_NID, 0, digest.cast()) as c_int }
}

/// The index of a new slot of connections for data of others, which nobody frees.
pub unsafe fn SSL_new_slot() -> c_int {
    // SAFETY: no callbacks are registered with the slot.
    unsafe { SSL_get_ex_new_index(0, null_mut(), None, None, None) }
}

/// The same of stores.
pub unsafe fn X509_STORE_new_slot() -> c_int {
    /// The class of trust stores, among the objects that can carry application data.
    const STORE: c_int = 4;
    // SAFETY: no callbacks are registered with the slot.
    unsafe { CRYPTO_get_ex_new_index(STORE, 0, null_mut(), None, None, None) }
}
