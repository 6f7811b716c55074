//! Choosing an identity for each connection.

use crate::ssl::connection::Connection;
use crate::ssl::context::Context;
use crate::ssl::error::Result;
use crate::ssl::identity::IdentityRequest;
use std::sync::Arc;

/// Answers what the peer of a handshake wants. A failure ends the handshake.
pub type IdentityCallback = Arc<dyn Fn(&dyn Connection, &IdentityRequest) -> Result<()> + Send + Sync>;

impl Context {
    /// Sets who chooses the identity of each connection, in place of those of the context. The first one counts for
    /// handshakes that begin later.
    pub fn set_identity_callback(&self, callback: Option<IdentityCallback>) {
        self.edit_callbacks(|callbacks| callbacks.identity = callback);
    }
}
