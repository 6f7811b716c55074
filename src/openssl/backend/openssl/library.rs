//! Facts about the OpenSSL in use.

use crate::openssl::{Result, cvt, cvt_new, cvt_p, queue, sys};
use std::ffi::CStr;
use std::os::raw::{c_char, c_int};
use std::ptr::null;

/// What it is called.
pub const NAME: &str = "OpenSSL";

/// The name of its feature.
pub const BACKEND: &CStr = c"openssl";

/// Has OpenSSL make this thread's error queue while there is memory. Where memory is short, OpenSSL 3.6 reports that by an error, makes the
/// queue for it, fails again, and so calls itself without end.
pub fn begin() {
    // SAFETY: no preconditions; NULL means no settings. Otherwise the queue would have it registered with atexit.
    unsafe { sys::OPENSSL_init_crypto(sys::OPENSSL_INIT_NO_ATEXIT, null()) };
    let _asked = queue::is_empty();
}

/// The version text, which is static.
pub fn version() -> *const c_char {
    // SAFETY: the selector is a constant of OpenSSL.
    unsafe { sys::OpenSSL_version(sys::OPENSSL_VERSION) }
}

/// Tells whether a protocol version is built in. OpenSSL has no function for that, but a client limited to a version that is
/// missing has no ciphers to offer.
pub fn speaks(version: c_int) -> Result<bool> {
    match client(version).and_then(|client| client.offers()) {
        Err(cause) if cause.is_memory() => Err(cause),
        Err(_) => Ok(false),
        Ok(offers) => Ok(offers),
    }
}

/// A client of one version, made independent of the system's configuration and security level.
fn client(version: c_int) -> Result<Client> {
    // SAFETY: no preconditions; the method is static.
    let method = unsafe { sys::TLS_method() };
    // SAFETY: the method is alive.
    let context = ScratchContext(cvt_new(|| unsafe { sys::SSL_CTX_new(method) })?.as_ptr());
    // SAFETY: the context is alive.
    unsafe { sys::SSL_CTX_clear_options(context.0, sys::SSL_OP_NO_SSL_MASK) };
    // SAFETY: the context is alive; the text is static.
    cvt(|| unsafe { sys::SSL_CTX_set_cipher_list(context.0, c"ALL:@SECLEVEL=0".as_ptr()) })?;
    for version in [0, version] {
        // SAFETY: the context is alive.
        cvt(|| unsafe { sys::SSL_CTX_set_min_proto_version(context.0, version) })?;
        // SAFETY: the context is alive.
        cvt(|| unsafe { sys::SSL_CTX_set_max_proto_version(context.0, version) })?;
    }
    // SAFETY: the context is alive, and the client holds it.
    cvt_new(|| unsafe { sys::SSL_new(context.0) }).map(|client| Client(client.as_ptr()))
}

struct ScratchContext(*mut sys::SSL_CTX);

impl Drop for ScratchContext {
    fn drop(&mut self) {
        // SAFETY: the one reference we own.
        unsafe { sys::SSL_CTX_free(self.0) }
    }
}

struct Client(*mut sys::SSL);

impl Client {
    fn offers(&self) -> Result<bool> {
        // SAFETY: the client is alive.
        let ciphers = cvt_p(|| unsafe { sys::SSL_get1_supported_ciphers(self.0) })?;
        // SAFETY: the list is ours, its elements are not.
        unsafe { sys::OPENSSL_sk_free(ciphers.cast()) };
        Ok(true)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: the one reference we own.
        unsafe { sys::SSL_free(self.0) }
    }
}
