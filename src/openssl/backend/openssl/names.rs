//! For whom a peer's certificate has to be, as a connection was told.

use crate::openssl::{sys, text_at};
use std::os::raw::c_int;

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
pub unsafe fn address(param: *mut sys::X509_VERIFY_PARAM, visit: impl FnOnce(&[u8])) {
    // SAFETY: the caller's parameters are alive.
    let address = unsafe { sys::X509_VERIFY_PARAM_get1_ip_asc(param) };
    // SAFETY: NULL or text, which is ours.
    visit(unsafe { text_at(address) }.map_or(&[], |text| text.to_bytes()));
    // SAFETY: ours to free, once; NULL is ignored.
    unsafe { sys::OPENSSL_free(address.cast()) };
}
