//! What OpenSSL's stores have under a URI: files, and whatever the providers of the process serve.

pub use crate::openssl::contents::UriFailure;

use crate::openssl::contents::Contents;
use crate::openssl::error::{Entry, take_all};
use crate::openssl::pem::{self, KeyFailure, Password};
use crate::openssl::pkey::PKey;
use crate::openssl::x509::X509;
use crate::openssl::{Result, attempt_or, cvt_new, library, quietly, sys};
use std::ffi::CStr;
use std::os::raw::c_int;
use std::ptr::{null, null_mut};

/// Reads the certificates and the private keys that there are under a URI. `password` is asked where one is needed.
pub fn load(uri: &CStr, password: &mut Password<'_>) -> std::result::Result<Contents, UriFailure> {
    library::init()?;
    let prompt = Prompt::new()?;
    let (found, answered) = pem::ask_for(password, |asking| {
        let open = || {
            // SAFETY: the text ends in NUL; the prompt and what it asks live longer than the store.
            unsafe {
                sys::OSSL_STORE_open_ex(
                    uri.as_ptr(),
                    null_mut(),
                    null(),
                    prompt.0,
                    asking,
                    null(),
                    None,
                    null_mut(),
                )
            }
        };
        let store = attempt_or(take_all, open, |store| !store.is_null()).map_err(UriFailure::Closed)?;
        StoreCtx(store).read()
    });
    let (contents, stumbled) = found?;
    // It may have been a part of the chain: OpenSSL calls damage, and often lack of memory, unsupported as it does what it does not know.
    if !stumbled.is_empty() {
        return Err(UriFailure::Key(KeyFailure::of(&stumbled, answered)));
    }
    Ok(contents)
}

/// OpenSSL's way to ask for a password, which never asks on the terminal.
struct Prompt(*mut sys::UI_METHOD);

impl Prompt {
    fn new() -> Result<Prompt> {
        // SAFETY: the callback stays.
        let method = cvt_new(|| unsafe { sys::UI_UTIL_wrap_read_pem_callback(Some(pem::ask_password), 0) })?;
        Ok(Prompt(method.as_ptr()))
    }
}

impl Drop for Prompt {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { sys::UI_destroy_method(self.0) }
    }
}

struct StoreCtx(*mut sys::OSSL_STORE_CTX);

impl Drop for StoreCtx {
    fn drop(&mut self) {
        // SAFETY: the only owner closes it once. That it fails says nothing of what was read.
        quietly(|| unsafe { sys::OSSL_STORE_close(self.0) });
    }
}

/// What a store gave.
struct Item(*mut sys::OSSL_STORE_INFO);

impl Drop for Item {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { sys::OSSL_STORE_INFO_free(self.0) }
    }
}

impl StoreCtx {
    fn read(&self) -> std::result::Result<(Contents, Vec<Entry>), UriFailure> {
        let (mut contents, mut stumbled) = (Contents::default(), Vec::new());
        while !self.is_at_end() {
            // SAFETY: the store is alive.
            let item =
                attempt_or(take_all, || unsafe { sys::OSSL_STORE_load(self.0) }, |item| !item.is_null());
            match item {
                Ok(item) => Item(item).put_into(&mut contents)?,
                Err(entries) if entries.is_empty() => {}
                Err(entries) => {
                    stumbled = entries;
                    // After an error there may be no end to it.
                    break;
                }
            }
        }
        Ok((contents, stumbled))
    }

    fn is_at_end(&self) -> bool {
        // SAFETY: the store is alive.
        unsafe { sys::OSSL_STORE_eof(self.0) != 0 }
    }
}

impl Item {
    fn put_into(self, contents: &mut Contents) -> Result<()> {
        const PRIVATE_KEY: c_int = 4;
        const CERTIFICATE: c_int = 5;
        // SAFETY: the item is alive; so below.
        match unsafe { sys::OSSL_STORE_INFO_get_type(self.0) } {
            PRIVATE_KEY => {
                // SAFETY: as above.
                let key = cvt_new(|| unsafe { sys::OSSL_STORE_INFO_get1_PKEY(self.0) })?;
                // SAFETY: get1 gave us the reference.
                contents.keys.extend(unsafe { PKey::from_raw(key.as_ptr()) });
            }
            CERTIFICATE => {
                // SAFETY: as above.
                let x509 = cvt_new(|| unsafe { sys::OSSL_STORE_INFO_get1_CERT(self.0) })?;
                // SAFETY: get1 gave us the reference.
                contents.certificates.extend(unsafe { X509::from_raw(x509.as_ptr()) });
            }
            _ => {}
        }
        Ok(())
    }
}
