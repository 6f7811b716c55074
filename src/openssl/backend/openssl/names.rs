//! For whom a peer's certificate has to be, as a connection was told.

use crate::openssl::error::Cause;
use crate::openssl::{Result, cvt, cvt_new, sys, text_at};
use std::ffi::CStr;
use std::os::raw::c_int;
use std::ptr::null_mut;

/// Has the peer's certificate be for whatever it is for.
pub unsafe fn expect_nobody(ssl: *mut sys::SSL) -> Result<()> {
    // SAFETY: the caller's connection is alive; the parameters live as long as it; so below.
    let param = unsafe { sys::SSL_get0_param(ssl) };
    // SAFETY: as above; NULL is for none.
    cvt(|| unsafe { sys::X509_VERIFY_PARAM_set1_host(param, null_mut(), 0) })?;
    // SAFETY: as above.
    cvt(|| unsafe { sys::X509_VERIFY_PARAM_set1_ip(param, null_mut(), 0) })
}

/// Adds a DNS name for which the peer's certificate may be.
pub unsafe fn expect_host_or(ssl: *mut sys::SSL, name: &CStr) -> Result<()> {
    // SAFETY: the caller's connection is alive; the parameters live as long as it; so below.
    let param = unsafe { sys::SSL_get0_param(ssl) };
    // SAFETY: as above.
    let added = unsafe { add_host(param, name) };
    added
        .map_err(|cause| if cause.entry().is_none() && !is_refused(name) { cause.or_memory() } else { cause })
}

unsafe fn add_host(param: *mut sys::X509_VERIFY_PARAM, name: &CStr) -> Result<()> {
    let bytes = name.to_bytes();
    // SAFETY: the caller's parameters are alive; pointer and length are those of one text, which OpenSSL copies.
    cvt(|| unsafe { sys::X509_VERIFY_PARAM_add1_host(param, bytes.as_ptr().cast(), bytes.len()) })
}

/// Tells whether a name that was not taken, without a reason, is one that OpenSSL 4 refuses. Otherwise memory was short.
fn is_refused(name: &CStr) -> bool {
    // SAFETY: no preconditions.
    let Ok(param) = cvt_new(|| unsafe { sys::X509_VERIFY_PARAM_new() }) else { return false };
    // SAFETY: the parameters are alive; so below.
    let takes = |name| unsafe { add_host(param.as_ptr(), name) }.is_ok();
    let refused = !takes(name) && takes(c"a");
    // SAFETY: ours to free, once.
    unsafe { sys::X509_VERIFY_PARAM_free(param.as_ptr()) };
    refused
}

/// Sets the address the peer's certificate must be for.
pub unsafe fn expect_ip(ssl: *mut sys::SSL, octets: &[u8]) -> Result<()> {
    // SAFETY: the caller's connection is alive; the parameters live as long as it; so below.
    let param = unsafe { sys::SSL_get0_param(ssl) };
    // SAFETY: as above; pointer and length are those of one slice, which OpenSSL copies.
    let set = cvt(|| unsafe { sys::X509_VERIFY_PARAM_set1_ip(param, octets.as_ptr(), octets.len()) });
    set.map_err(Cause::or_memory)
}

/// Calls `visit` with each DNS name.
pub unsafe fn each_host(ssl: *mut sys::SSL, mut visit: impl FnMut(&[u8])) {
    // SAFETY: the caller's connection is alive.
    let expected = unsafe { sys::SSL_get0_param(ssl) };
    for index in 0..c_int::MAX {
        // SAFETY: the parameters live as long as the connection; past the last name there is NULL.
        let name = unsafe { sys::X509_VERIFY_PARAM_get0_host(expected, index) };
        // SAFETY: NULL or text of the parameters.
        let Some(name) = (unsafe { text_at(name) }) else { break };
        visit(name.to_bytes());
    }
}

/// Calls `visit` with the address as text, empty for none and where there was no memory for it.
pub unsafe fn address(ssl: *mut sys::SSL, visit: impl FnOnce(&[u8])) {
    // SAFETY: the caller's connection is alive; the parameters live as long as it; so below.
    let param = unsafe { sys::SSL_get0_param(ssl) };
    // SAFETY: as above.
    let address = unsafe { sys::X509_VERIFY_PARAM_get1_ip_asc(param) };
    // SAFETY: NULL or text, which is ours.
    visit(unsafe { text_at(address) }.map_or(&[], |text| text.to_bytes()));
    // SAFETY: ours to free, once; NULL is ignored.
    unsafe { sys::OPENSSL_free(address.cast()) };
}
