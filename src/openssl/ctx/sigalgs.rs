//! Signature algorithms of handshakes.

use super::SslCtx;
use crate::openssl::{Result, cvt, cvt_long, sys};
use std::ffi::{CStr, CString};
use std::sync::Arc;

/// By which algorithms the two sides may sign, as far as that was set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sigalgs {
    servers: Option<CString>,
    clients: Option<CString>,
}

impl SslCtx {
    /// By which algorithms the two sides may sign; None for OpenSSL's own.
    pub fn sigalgs(&self) -> Option<&Arc<Sigalgs>> {
        self.sigalgs.as_ref()
    }

    pub(super) fn server_sigalgs(&self) -> Option<&CStr> {
        self.sigalgs.as_ref()?.servers.as_deref()
    }

    fn chosen_sigalgs(&mut self) -> &mut Sigalgs {
        Arc::make_mut(self.sigalgs.get_or_insert_default())
    }

    /// Sets by which algorithms servers may sign, by OpenSSL's names. On failure nothing changes.
    pub fn set_server_sigalgs(&mut self, sigalgs: &CStr) -> Result<()> {
        // SAFETY: the context is ours; the text ends in NUL and is only read.
        cvt_long(|| unsafe { sys::SSL_CTX_set1_sigalgs_list(self.as_ptr(), sigalgs.as_ptr()) })?;
        self.chosen_sigalgs().servers = Some(sigalgs.into());
        Ok(())
    }

    /// Sets by which algorithms clients may sign, by OpenSSL's names. On failure nothing changes.
    pub fn set_client_sigalgs(&mut self, sigalgs: &CStr) -> Result<()> {
        // SAFETY: the context is ours; the text ends in NUL and is only read.
        cvt(|| unsafe { sys::SSL_CTX_set1_client_sigalgs_list(self.as_ptr(), sigalgs.as_ptr()) })?;
        self.chosen_sigalgs().clients = Some(sigalgs.into());
        Ok(())
    }

    pub(super) fn copy_sigalgs(&mut self, from: &SslCtx) -> Result<()> {
        let Some(from) = from.sigalgs.as_deref() else { return Ok(()) };
        if let Some(sigalgs) = &from.servers {
            self.set_server_sigalgs(sigalgs)?;
        }
        if let Some(sigalgs) = &from.clients {
            self.set_client_sigalgs(sigalgs)?;
        }
        Ok(())
    }
}
