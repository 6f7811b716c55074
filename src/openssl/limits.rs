//! How much of a peer's chain a context takes.

use super::{ctx::SslCtx, sys};
use std::os::raw::{c_int, c_long};
use std::ptr::null_mut;

const GET_MAX_CERT_LIST: c_int = 50;
const SET_MAX_CERT_LIST: c_int = 51;

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
        // SAFETY: the control takes no argument.
        unsafe { sys::SSL_CTX_ctrl(self.as_ptr(), GET_MAX_CERT_LIST, 0, null_mut()) }
    }

    /// Sets it.
    pub fn set_max_cert_list(&mut self, bytes: c_long) {
        // SAFETY: the context is ours; the control gives the limit of before.
        unsafe { sys::SSL_CTX_ctrl(self.as_ptr(), SET_MAX_CERT_LIST, bytes, null_mut()) };
    }
}
