//! Verifying a chain.

use crate::openssl::common_name::pass_over_common_name;
use crate::openssl::error::text_of;
use crate::openssl::sys;
use std::os::raw::{c_int, c_long};
use std::ptr::null_mut;

/// Whether a server stops too at a client about whom the program has not decided.
pub const STOPS_SERVERS: bool = false;

/// Has a context's connections verify their peers by this.
pub unsafe fn install(ctx: *mut sys::SSL_CTX, verify: sys::VerifyChainCallback) {
    // SAFETY: the caller's context is alive, and the callback stays; it takes no argument.
    unsafe { sys::SSL_CTX_set_cert_verify_callback(ctx, Some(verify), null_mut()) };
}

/// Has a verification that libssl has begun demand all that its connection demands. libssl has done the same, but does not look at the
/// result: without the memory to copy the names it goes on with none, and any certificate is for nobody. Another time changes nothing
/// else. False if there is no memory now.
pub unsafe fn take_over(ctx: *mut sys::X509_STORE_CTX, ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's verification is alive; the parameters are its own.
    let own = unsafe { sys::X509_STORE_CTX_get0_param(ctx) };
    // SAFETY: the caller's connection is alive; the parameters live as long.
    let demanded = unsafe { sys::SSL_get0_param(ssl) };
    // SAFETY: both are alive; OpenSSL makes copies.
    unsafe { sys::X509_VERIFY_PARAM_set1(own, demanded) == 1 }
}

/// Verifies as libssl would for a connection: 1 for a chain that is good. What it demands is among the verification's own parameters.
pub unsafe fn verify(ctx: *mut sys::X509_STORE_CTX, _: *mut sys::SSL) -> c_int {
    // SAFETY: the caller's verification is alive and has not begun; so below.
    let param = unsafe { sys::X509_STORE_CTX_get0_param(ctx) };
    // Where no host is expected the common name may still have to be one that the authorities permit.
    // SAFETY: the parameters are the verification's own.
    if !unsafe { sys::X509_VERIFY_PARAM_get0_host(param, 0) }.is_null() {
        // SAFETY: as above.
        unsafe { pass_over_common_name(ctx) };
    }
    // SAFETY: as above.
    unsafe { sys::X509_verify_cert(ctx) }
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

/// The chain of a verification as far as it was built, lent by it, or NULL.
pub unsafe fn built(ctx: *mut sys::X509_STORE_CTX) -> *const sys::stack_st_X509 {
    // SAFETY: the caller's verification is alive.
    unsafe { sys::X509_STORE_CTX_get0_chain(ctx) }
}

/// The chain that was built for a connection's peer, lent by the connection, or NULL.
pub unsafe fn chain(ssl: *const sys::SSL) -> *const sys::stack_st_X509 {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_get0_verified_chain(ssl) }
}

/// Has libssl stop and verify again when it is called again. False if it cannot.
pub unsafe fn ask_again(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_set_retry_verify(ssl) > 0 }
}

/// What a verification has come to, by OpenSSL's codes.
pub unsafe fn code(ctx: *mut sys::X509_STORE_CTX) -> c_int {
    // SAFETY: the caller's verification is alive.
    unsafe { sys::X509_STORE_CTX_get_error(ctx) }
}

/// How deep in the chain the certificate is that the code is about.
pub unsafe fn depth(ctx: *mut sys::X509_STORE_CTX) -> u32 {
    // SAFETY: the caller's verification is alive.
    unsafe { sys::X509_STORE_CTX_get_error_depth(ctx) }.max(0) as u32
}

/// That certificate, lent by the verification, or NULL.
pub unsafe fn certificate(ctx: *mut sys::X509_STORE_CTX) -> *mut sys::X509 {
    // SAFETY: the caller's verification is alive.
    unsafe { sys::X509_STORE_CTX_get_current_cert(ctx) }
}

/// What the verification of a connection's peer has come to, by OpenSSL's codes.
pub unsafe fn result(ssl: *const sys::SSL) -> c_int {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_get_verify_result(ssl) as c_int }
}

/// The text for one of OpenSSL's codes.
pub fn text(code: c_int) -> Option<String> {
    // SAFETY: any number is allowed; the text is static.
    text_of(unsafe { sys::X509_verify_cert_error_string(c_long::from(code)) })
}
