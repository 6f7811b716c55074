//! Signature algorithms of handshakes.

use super::SslCtx;
use crate::openssl::{Result, cvt, cvt_long, sys};
use std::ffi::CStr;

impl SslCtx {
    /// Sets by which algorithms servers may sign, by OpenSSL's names. On failure nothing changes.
    pub fn set_server_sigalgs(&mut self, sigalgs: &CStr) -> Result<()> {
        // SAFETY: the context is ours; the text ends in NUL and is only read.
        cvt_long(|| unsafe { sys::SSL_CTX_set1_sigalgs_list(self.as_ptr(), sigalgs.as_ptr()) })?;
        self.server_sigalgs = Some(sigalgs.to_owned());
        Ok(())
    }

    /// Sets by which algorithms clients may sign, by OpenSSL's names. On failure nothing changes.
    pub fn set_client_sigalgs(&mut self, sigalgs: &CStr) -> Result<()> {
        // SAFETY: the context is ours; the text ends in NUL and is only read.
        cvt(|| unsafe { sys::SSL_CTX_set1_client_sigalgs_list(self.as_ptr(), sigalgs.as_ptr()) })?;
        self.client_sigalgs = Some(sigalgs.to_owned());
        Ok(())
    }

    pub(super) fn copy_sigalgs(&mut self, from: &SslCtx) -> Result<()> {
        if let Some(sigalgs) = &from.server_sigalgs {
            self.set_server_sigalgs(sigalgs)?;
        }
        if let Some(sigalgs) = &from.client_sigalgs {
            self.set_client_sigalgs(sigalgs)?;
        }
        Ok(())
    }
}
