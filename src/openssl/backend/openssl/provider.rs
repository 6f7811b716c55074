//! Providers: where OpenSSL gets its algorithms from.

use crate::openssl::{Result, cvt, library, quietly, sys};
use std::os::raw::{c_int, c_void};
use std::ptr::{null, null_mut};

/// What OpenSSL chooses by default: the addresses of its providers, and of the cipher and digest that the default properties
/// select, such as "fips=yes". While an `SSL_CTX` made with them is alive, no other algorithm can have their addresses.
#[derive(PartialEq, Eq)]
pub struct Choice(Vec<usize>);

impl Choice {
    /// The choice now. The program may change it at any time.
    pub fn now() -> Result<Choice> {
        library::init()?;
        let mut found = Vec::new();
        // SAFETY: the list is alive during the call, and `add` casts it back to its type.
        cvt(|| unsafe { sys::OSSL_PROVIDER_do_all(null_mut(), Some(add), (&raw mut found).cast()) })?;
        // A missing algorithm is a part of the choice too.
        quietly(|| found.extend([cipher(), digest()]));
        Ok(Choice(found))
    }
}

unsafe extern "C" fn add(provider: *mut sys::OSSL_PROVIDER, found: *mut c_void) -> c_int {
    // SAFETY: the list of `now`, which nothing else uses meanwhile.
    let found = unsafe { &mut *found.cast::<Vec<usize>>() };
    found.push(provider as usize);
    1
}

fn cipher() -> usize {
    // SAFETY: the name ends in NUL.
    let cipher = unsafe { sys::EVP_CIPHER_fetch(null_mut(), c"AES-128-GCM".as_ptr(), null()) };
    // SAFETY: the one reference we own, or NULL.
    unsafe { sys::EVP_CIPHER_free(cipher) };
    cipher as usize
}

fn digest() -> usize {
    // SAFETY: the name ends in NUL.
    let digest = unsafe { sys::EVP_MD_fetch(null_mut(), c"SHA2-256".as_ptr(), null()) };
    // SAFETY: the one reference we own, or NULL.
    unsafe { sys::EVP_MD_free(digest) };
    digest as usize
}
