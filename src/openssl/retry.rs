//! Verifications that this library begins by itself.

use super::backend::settings;
use super::{Result, attempt, cvt, cvt_new, sys};
use std::ptr::NonNull;

/// A verification that is independent of a handshake's.
pub(super) struct Retry(NonNull<sys::X509_STORE_CTX>);

impl Retry {
    pub(super) fn as_ptr(&self) -> *mut sys::X509_STORE_CTX {
        self.0.as_ptr()
    }

    pub(super) fn new() -> Result<Retry> {
        // SAFETY: no preconditions.
        cvt_new(|| unsafe { sys::X509_STORE_CTX_new() }).map(Retry)
    }

    /// Verifies a connection's peer, of whom these certificates are, on the connection's terms: purpose, flags and security level. What
    /// is lent has to live until it is over.
    pub(super) unsafe fn of(
        ssl: *mut sys::SSL,
        leaf: *mut sys::X509,
        sent: *mut sys::stack_st_X509,
    ) -> Result<Retry> {
        let retry = Retry::new()?;
        // SAFETY: the caller's connection is alive; so below.
        let store = unsafe { settings::store(ssl) };
        // SAFETY: all are alive, as the caller promises.
        cvt(|| unsafe { sys::X509_STORE_CTX_init(retry.as_ptr(), store, leaf, sent) })?;
        // SAFETY: as above.
        let terms = if unsafe { sys::SSL_is_server(ssl) } != 0 { c"ssl_client" } else { c"ssl_server" };
        // SAFETY: the verification is alive, the text is static.
        cvt(|| unsafe { sys::X509_STORE_CTX_set_default(retry.as_ptr(), terms.as_ptr()) })?;
        // SAFETY: the verification is alive, and its parameters live as long.
        let own = unsafe { sys::X509_STORE_CTX_get0_param(retry.as_ptr()) };
        // SAFETY: as above.
        let level = unsafe { settings::security_level(ssl) };
        // SAFETY: the parameters are the verification's own.
        unsafe { settings::set_level_of_verification(own, level) };
        // SAFETY: as above; OpenSSL makes a copy.
        let param = unsafe { sys::SSL_get0_param(ssl) };
        // SAFETY: both are alive.
        attempt(|| unsafe { sys::X509_VERIFY_PARAM_set1(own, param) }, |set| set == 1)?;
        Ok(retry)
    }
}

impl Drop for Retry {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { sys::X509_STORE_CTX_free(self.0.as_ptr()) }
    }
}
