//! Session tickets of servers.

use crate::openssl::{Result, cvt, sys};
use std::ptr::null_mut;

/// The most tickets that a server sends at once: as many as one likes.
pub const MOST: Option<usize> = None;

/// What libssl makes the MAC of a ticket with.
pub type Mac = sys::EVP_MAC_CTX;

/// Has a context's servers call these: before each ticket is made, and for the keys.
pub unsafe fn install(ctx: *mut sys::SSL_CTX, made: sys::TicketCallback) {
    // SAFETY: the caller's context is alive, and the callback stays; it takes no argument.
    unsafe { sys::SSL_CTX_set_session_ticket_cb(ctx, Some(made), null_mut(), null_mut()) };
}

/// Has a context's servers keep their sessions themselves, or make tickets of them: OpenSSL goes by its option.
pub unsafe fn keep_sessions(_: *mut sys::SSL_CTX, _: bool) {}

/// Is told that a server has come to the next state of its handshake: OpenSSL calls what is installed.
#[inline]
pub unsafe fn has_stepped(_: *mut sys::SSL, _: sys::TicketCallback) {}

/// Is told that a server is about to verify a certificate.
#[inline]
pub unsafe fn hold(_: *mut sys::SSL) {}

/// Tells whether what is installed was called though there may be no ticket: it was not.
pub unsafe fn is_prepared(_: *mut sys::SSL) -> bool {
    false
}

/// Has a context's servers ask for the keys of tickets.
pub unsafe fn ask_for_keys(ctx: *mut sys::SSL_CTX, keys: sys::TicketKeyCallback) {
    // SAFETY: the caller's context is alive, and the callback stays.
    unsafe { sys::SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, Some(keys)) };
}

/// Sets up HMAC with SHA-256.
pub unsafe fn prepare_mac(mac: *mut Mac, key: &[u8]) -> Result<()> {
    let digest = c"SHA256".as_ptr().cast_mut();
    // SAFETY: static text that ends in NUL, which is only read; 0 asks for its length.
    let digest = unsafe { sys::OSSL_PARAM_construct_utf8_string(c"digest".as_ptr(), digest, 0) };
    // SAFETY: no preconditions.
    let params = [digest, unsafe { sys::OSSL_PARAM_construct_end() }];
    // SAFETY: the caller's context is alive; pointer and length are those of one slice; the parameters end with an end.
    cvt(|| unsafe { sys::EVP_MAC_init(mac, key.as_ptr(), key.len(), params.as_ptr()) })
}
