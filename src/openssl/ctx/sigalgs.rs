//! Signature algorithms of handshakes.

use super::SslCtx;
use crate::openssl::{Result, cvt, cvt_long, sys};
use std::ffi::CStr;
use std::sync::Arc;

/// By which algorithms the two sides may sign, as far as that was set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sigalgs {
    servers: Option<Arc<CStr>>,
    clients: Option<Arc<CStr>>,
}

impl Sigalgs {
    /// These, if any were set.
    pub fn chosen(&self) -> Option<&Sigalgs> {
        Some(self).filter(|sigalgs| sigalgs.servers.is_some() || sigalgs.clients.is_some())
    }

    pub(super) fn of_servers(&self) -> Option<&CStr> {
        self.servers.as_deref()
    }
}

impl SslCtx {
    /// By which algorithms the two sides may sign.
    pub fn sigalgs(&self) -> &Sigalgs {
        &self.sigalgs
    }

    /// Sets by which algorithms servers may sign, by OpenSSL's names. On failure nothing changes.
    pub fn set_server_sigalgs(&mut self, sigalgs: &CStr) -> Result<()> {
        // SAFETY: the context is ours; the text ends in NUL and is only read.
        cvt_long(|| unsafe { sys::SSL_CTX_set1_sigalgs_list(self.as_ptr(), sigalgs.as_ptr()) })?;
        self.sigalgs.servers = Some(sigalgs.into());
        Ok(())
    }

    /// Sets by which algorithms clients may sign, by OpenSSL's names. On failure nothing changes.
    pub fn set_client_sigalgs(&mut self, sigalgs: &CStr) -> Result<()> {
        // SAFETY: the context is ours; the text ends in NUL and is only read.
        cvt(|| unsafe { sys::SSL_CTX_set1_client_sigalgs_list(self.as_ptr(), sigalgs.as_ptr()) })?;
        self.sigalgs.clients = Some(sigalgs.into());
        Ok(())
    }

    pub(super) fn copy_sigalgs(&mut self, from: &SslCtx) -> Result<()> {
        if let Some(sigalgs) = &from.sigalgs.servers {
            self.set_server_sigalgs(sigalgs)?;
        }
        if let Some(sigalgs) = &from.sigalgs.clients {
            self.set_client_sigalgs(sigalgs)?;
        }
        Ok(())
    }
}
