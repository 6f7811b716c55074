//! For whom a peer's certificate has to be, as a connection was told.

use crate::openssl::{Result, cvt, sys, text_at};
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
    let bytes = name.to_bytes();
    // SAFETY: as above; pointer and length are those of one text, which OpenSSL copies.
    cvt(|| unsafe { sys::X509_VERIFY_PARAM_add1_host(param, bytes.as_ptr().cast(), bytes.len()) })
}

/// Sets the address the peer's certificate must be for.
pub unsafe fn expect_ip(ssl: *mut sys::SSL, octets: &[u8]) -> Result<()> {
    // SAFETY: the caller's connection is alive; the parameters live as long as it; so below.
    let param = unsafe { sys::SSL_get0_param(ssl) };
    // SAFETY: as above; pointer and length are those of one slice, which OpenSSL copies.
    cvt(|| unsafe { sys::X509_VERIFY_PARAM_set1_ip(param, octets.as_ptr(), octets.len()) })
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

/// Calls `visit` with the address as text, empty for none.
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
