//! By which algorithms the two sides of a handshake may sign.

use super::Context;
use super::ciphers::{listed, refused};
use crate::openssl::ctx::Sigalgs;
use crate::openssl::feature::Feature;
use crate::ssl::error::{Error, Result};
use crate::ssl::known::NameKind;
use std::sync::Arc;

impl Context {
    /// The algorithms that were set, if any were.
    pub(super) fn sigalgs(&self) -> Option<Arc<Sigalgs>> {
        self.0.state.lock().ctx.sigalgs().cloned()
    }

    /// Sets by which algorithms servers may sign: a client offers these, a server signs by one of them.
    /// Python 3.15: `SSLContext.set_server_sigalgs(sigalgs)`
    pub fn set_server_sigalgs(&self, sigalgs: &str) -> Result<()> {
        let text = listed("sigalgs", sigalgs)?;
        let set = self.0.state.lock().edit()?.set_server_sigalgs(&text);
        set.map_err(|cause| refused(cause, NameKind::Sigalg, "sigalgs", sigalgs))
    }

    /// Sets by which algorithms clients may sign: a server asks for these, a client signs by one of them.
    /// Python 3.15: `SSLContext.set_client_sigalgs(sigalgs)`
    pub fn set_client_sigalgs(&self, sigalgs: &str) -> Result<()> {
        Error::unless_has(Feature::ClientSigalgs)?;
        let text = listed("sigalgs", sigalgs)?;
        let set = self.0.state.lock().edit()?.set_client_sigalgs(&text);
        set.map_err(|cause| refused(cause, NameKind::Sigalg, "sigalgs", sigalgs))
    }
}
