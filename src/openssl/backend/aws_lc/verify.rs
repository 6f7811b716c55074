//! Verifying a chain.

use super::settings;
use crate::openssl::sys;
use std::os::raw::c_int;

const FAILED: c_int = 0;

/// Verifies as libssl would for a connection: 1 for a chain that is good. What OpenSSL checks and AWS-LC does not belongs in here,
/// after it: the security level of the connection, and the rules of `X509_V_FLAG_X509_STRICT`.
pub unsafe fn verify(ctx: *mut sys::X509_STORE_CTX, ssl: *mut sys::SSL) -> c_int {
    // SAFETY: the caller's connection is alive.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return FAILED };
    // SAFETY: the caller's verification is alive and has not begun; so below.
    let param = unsafe { sys::X509_STORE_CTX_get0_param(ctx) };
    // AWS-LC hands the flags for names on only with names.
    // SAFETY: the connection's parameters live as long.
    let demanded = unsafe { sys::SSL_get0_param(ssl) };
    // SAFETY: as above.
    let flags = unsafe { sys::X509_VERIFY_PARAM_get_hostflags(demanded) };
    // SAFETY: as above.
    unsafe { sys::X509_VERIFY_PARAM_set_hostflags(param, flags) };
    // SAFETY: as above.
    if unsafe { settings.expected().tell(param) }.is_err() {
        return FAILED;
    }
    // SAFETY: as above.
    unsafe { sys::X509_verify_cert(ctx) }
}

/// The level is passed to `verify`: a verification has no place for it.
pub unsafe fn set_level(_: *mut sys::X509_VERIFY_PARAM, _: c_int) {}

/// The security level of a verification that a connection has asked for.
pub unsafe fn level(ctx: *mut sys::X509_STORE_CTX) -> c_int {
    // SAFETY: no preconditions.
    let slot = unsafe { sys::SSL_get_ex_data_X509_STORE_CTX_idx() };
    // SAFETY: the caller's verification is alive; libssl keeps the connection in that slot.
    let ssl = unsafe { sys::X509_STORE_CTX_get_ex_data(ctx, slot) }.cast::<sys::SSL>();
    // SAFETY: the connection lives as long as its verification; NULL without one.
    if ssl.is_null() { 0 } else { unsafe { settings::security_level(ssl) } }
}

/// Nobody has a chain that was verified before.
pub unsafe fn set_chain(_: *mut sys::X509_STORE_CTX, chain: *mut sys::stack_st_X509) {
    unsafe extern "C" fn free(x509: *mut std::os::raw::c_void) {
        // SAFETY: an element of the list.
        unsafe { sys::X509_free(x509.cast()) }
    }
    // SAFETY: the list is ours.
    unsafe { sys::OPENSSL_sk_pop_free(chain.cast(), Some(free)) }
}

/// Has a client's libssl stop and verify again when it is called again: it cannot yet, so the peer is refused.
pub unsafe fn ask_again(_: *mut sys::SSL) -> bool {
    false
}
