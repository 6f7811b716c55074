//! Session tickets of servers.

use crate::openssl::{Result, cvt, sys};
use std::ptr::null_mut;

/// What libssl makes the MAC of a ticket with.
pub type Mac = sys::HMAC_CTX;

/// AWS-LC has no callback before each ticket is made: what is done there is done when the handshake ends.
pub unsafe fn install(_: *mut sys::SSL_CTX, _: sys::TicketCallback) {}

/// Has a context's servers ask for the keys of tickets.
pub unsafe fn ask_for_keys(ctx: *mut sys::SSL_CTX, keys: sys::TicketKeyCallback) {
    // SAFETY: the caller's context is alive, and the callback stays.
    unsafe { sys::SSL_CTX_set_tlsext_ticket_key_cb(ctx, Some(keys)) };
}

/// Sets up HMAC with SHA-256.
pub unsafe fn prepare_mac(mac: *mut Mac, key: &[u8]) -> Result<()> {
    // SAFETY: no preconditions; digests are static.
    let digest = unsafe { sys::EVP_sha256() };
    // SAFETY: the caller's context is alive; pointer and length are those of one slice.
    cvt(|| unsafe { sys::HMAC_Init_ex(mac, key.as_ptr().cast(), key.len(), digest, null_mut()) })
}
