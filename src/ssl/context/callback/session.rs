//! The callback for sessions that can now be resumed.

use crate::openssl::ctx::Hooks;
use crate::ssl::connection::Connection;
use crate::ssl::context::Context;
use crate::ssl::error::Result;
use crate::ssl::session::Session;
use std::sync::Arc;

/// Takes a session that can now be resumed.
pub type SessionCallback = Arc<dyn Fn(&dyn Connection, Session) -> Result<()> + Send + Sync>;

impl Context {
    /// Sets the callback that takes each session once it can be resumed. The first one counts for connections made later.
    pub fn set_session_callback(&self, callback: Option<SessionCallback>) -> Result<()> {
        if callback.is_some() {
            self.add_hooks(Hooks { new_sessions: true, ..Hooks::default() })?;
        }
        self.edit_callbacks(|callbacks| callbacks.session = callback);
        Ok(())
    }
}
