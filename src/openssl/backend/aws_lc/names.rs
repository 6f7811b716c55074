//! For whom a peer's certificate has to be, which AWS-LC does not tell.

use crate::openssl::sys;

/// Calls `visit` with each DNS name that is known: none is.
pub unsafe fn each_host(_: *mut sys::SSL, _: impl FnMut(&[u8])) {}

/// Calls `visit` with the address as text, empty for one that is not known.
pub unsafe fn address(_: *mut sys::X509_VERIFY_PARAM, visit: impl FnOnce(&[u8])) {
    visit(&[]);
}
