//! Verifying a chain.

use crate::openssl::sys;
use std::os::raw::c_int;

/// Verifies as libssl would for a connection: 1 for a chain that is good. What it demands is among the verification's own parameters.
pub unsafe fn verify(ctx: *mut sys::X509_STORE_CTX, _: *mut sys::SSL) -> c_int {
    // SAFETY: the caller's verification is alive and has not begun.
    unsafe { sys::X509_verify_cert(ctx) }
}

/// Sets the security level of a verification that no connection has asked for.
pub unsafe fn set_level(param: *mut sys::X509_VERIFY_PARAM, level: c_int) {
    // SAFETY: the caller's parameters are alive.
    unsafe { sys::X509_VERIFY_PARAM_set_auth_level(param, level) };
}

/// The security level of a verification that a connection has asked for.
pub unsafe fn level(ctx: *mut sys::X509_STORE_CTX) -> c_int {
    // SAFETY: the caller's verification is alive, and its parameters live as long.
    let param = unsafe { sys::X509_STORE_CTX_get0_param(ctx) };
    // SAFETY: as above.
    unsafe { sys::X509_VERIFY_PARAM_get_auth_level(param) }
}

/// Gives a verification a chain that was verified before, which it takes over.
pub unsafe fn set_chain(ctx: *mut sys::X509_STORE_CTX, chain: *mut sys::stack_st_X509) {
    // SAFETY: both are alive, as the caller promises.
    unsafe { sys::X509_STORE_CTX_set0_verified_chain(ctx, chain) };
}

/// Has a client's libssl stop and verify again when it is called again. False if it cannot.
pub unsafe fn ask_again(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_set_retry_verify(ssl) > 0 }
}
