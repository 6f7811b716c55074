//! The callback that sees a ClientHello before anything is chosen.

use super::Refusal;
use crate::ssl::client_hello::ClientHello;
use crate::ssl::connection::Connection;
use crate::ssl::context::{Context, PROTOCOL_TLS_CLIENT};
use crate::ssl::error::{Error, Result};
use std::sync::Arc;

/// Answers a ClientHello: lets the handshake go on, perhaps after it has set another context on the connection, refuses,
/// or gives no answer yet, by a cause of the status `WantCallback`.
pub type ClientHelloCallback =
    Arc<dyn Fn(&dyn Connection, &ClientHello) -> std::result::Result<(), Refusal> + Send + Sync>;

impl Context {
    /// Sets who sees the ClientHellos. The first one counts for handshakes that begin later.
    pub fn set_client_hello_callback(&self, callback: Option<ClientHelloCallback>) -> Result<()> {
        if self.protocol() == PROTOCOL_TLS_CLIENT {
            return Err(Error::value("a client gets no ClientHello: use a context for servers"));
        }
        self.edit_callbacks(|callbacks| callbacks.client_hello = callback);
        Ok(())
    }
}
