//! Certificate timestamps that clients ask for (RFC 6962).

use super::{Context, PROTOCOL_TLS_SERVER};
use crate::openssl::ctx::{Hooks, SslCtx};
use crate::ssl::error::{Error, Result};
use std::sync::Arc;

impl Context {
    /// Tells whether clients ask for the timestamps of servers' certificates.
    pub fn scts_requested(&self) -> bool {
        self.protocol() != PROTOCOL_TLS_SERVER && self.0.state.lock().ctx.hooks().scts
    }

    /// Sets whether clients ask for the timestamps of servers' certificates, for connections made from now on.
    pub fn set_scts_requested(&self, on: bool) -> Result<()> {
        if self.protocol() == PROTOCOL_TLS_SERVER {
            return Err(Error::value(
                "certificate timestamps are requested by clients, and this is a PROTOCOL_TLS_SERVER context",
            ));
        }
        if on {
            return self.add_hooks(Hooks { scts: true, ..Hooks::default() });
        }
        let mut state = self.0.state.lock();
        if state.ctx.hooks().scts {
            state.edit()?.ask_no_scts();
            state.ctx = Arc::new(state.ctx.duplicate(&state.lineage)?);
        }
        Ok(())
    }

    /// An `SSL_CTX` of this context for a client that was made with another one: it still asks, and knows what was asked for.
    pub(crate) fn still_asking(&self, ctx: Arc<SslCtx>, own: &SslCtx) -> Result<Arc<SslCtx>> {
        if !own.hooks().scts || ctx.hooks().scts {
            return Ok(ctx);
        }
        let lineage = self.0.state.lock().lineage.clone();
        let mut copy = ctx.duplicate(&lineage)?;
        copy.add_hooks(Hooks { scts: true, ..Hooks::default() })?;
        Ok(Arc::new(copy.in_place_of(ctx)))
    }
}
