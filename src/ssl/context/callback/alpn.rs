//! The callback that chooses an application protocol (ALPN).

use crate::ssl::connection::Connection;
use crate::ssl::context::{Context, PROTOCOL_TLS_CLIENT};
use crate::ssl::error::{Error, Result};
use std::ffi::CStr;
use std::sync::Arc;

/// Chooses one of the protocols that a client offers, by its place in the list; None for none. The name is the one that
/// the client has sent. A failure refuses the client.
pub type AlpnCallback =
    Arc<dyn Fn(&dyn Connection, Option<&CStr>, &[&[u8]]) -> Result<Option<usize>> + Send + Sync>;

impl Context {
    /// Sets who chooses a server's protocol, in place of the list of `set_alpn_protocols`.
    pub fn set_alpn_callback(&self, callback: Option<AlpnCallback>) -> Result<()> {
        self.check_serves("an ALPN callback")?;
        self.edit_callbacks(|callbacks| callbacks.alpn = callback);
        Ok(())
    }

    /// Refuses a setting that only servers have, on a context for clients.
    pub(in crate::ssl::context) fn check_serves(&self, what: &str) -> Result<()> {
        match self.protocol() == PROTOCOL_TLS_CLIENT {
            true => Err(Error::value(format_args!(
                "{what} is for a server, and this is a PROTOCOL_TLS_CLIENT context"
            ))),
            false => Ok(()),
        }
    }
}
