//! Signature algorithms of handshakes.

use super::SslCtx;
use crate::openssl::{Result, cvt_long, sys};
use std::ffi::CStr;
use std::os::raw::c_int;

const SET_SIGALGS_LIST: c_int = 98;
const SET_CLIENT_SIGALGS_LIST: c_int = 102;

impl SslCtx {
    /// Sets by which algorithms servers may sign, by OpenSSL's names. On failure nothing changes.
    pub fn set_server_sigalgs(&mut self, sigalgs: &CStr) -> Result<()> {
        self.set_sigalgs(SET_SIGALGS_LIST, sigalgs)?;
        self.server_sigalgs = Some(sigalgs.to_owned());
        Ok(())
    }

    /// Sets by which algorithms clients may sign, by OpenSSL's names. On failure nothing changes.
    pub fn set_client_sigalgs(&mut self, sigalgs: &CStr) -> Result<()> {
        self.set_sigalgs(SET_CLIENT_SIGALGS_LIST, sigalgs)?;
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

    fn set_sigalgs(&mut self, control: c_int, sigalgs: &CStr) -> Result<()> {
        let list = sigalgs.as_ptr().cast_mut().cast();
        // SAFETY: the context is ours; the text ends in NUL and is only read.
        cvt_long(|| unsafe { sys::SSL_CTX_ctrl(self.as_ptr(), control, 0, list) })
    }
}
