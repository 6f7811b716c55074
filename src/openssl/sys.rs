//! openssl-sys, and the externs and constants of OpenSSL 3.0 that it lacks.

pub use openssl_sys::*;
use std::os::raw::c_void;

unsafe extern "C" {
    pub fn OPENSSL_cleanse(ptr: *mut c_void, len: usize);
}
