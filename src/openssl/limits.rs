//! How much of a peer's chain a context takes.

use super::{ctx::SslCtx, sys};
use std::os::raw::c_long;

impl SslCtx {
    /// How many certificates may stand between a peer's own and the trust anchor; less than 0 for OpenSSL's own limit.
    pub fn verify_depth(&self) -> i32 {
        // SAFETY: the context is alive.
        unsafe { sys::SSL_CTX_get_verify_depth(self.as_ptr()) }
    }

    /// Sets it.
    pub fn set_verify_depth(&mut self, depth: i32) {
        // SAFETY: the context is ours.
        unsafe { sys::SSL_CTX_set_verify_depth(self.as_ptr(), depth) }
    }

    /// How long a peer's chain may be, in bytes.
    pub fn max_cert_list(&self) -> c_long {
        // SAFETY: the context is alive.
        unsafe { sys::SSL_CTX_get_max_cert_list(self.as_ptr()) }
    }

    /// Sets it.
    pub fn set_max_cert_list(&mut self, bytes: c_long) {
        // SAFETY: the context is ours.
        unsafe { sys::SSL_CTX_set_max_cert_list(self.as_ptr(), bytes) }
    }
}
