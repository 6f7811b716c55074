//! Sessions that servers keep outside of this process, where other servers find them too.

use crate::ssl::connection::Connection;
use crate::ssl::context::Context;
use crate::ssl::error::Result;
use std::sync::Arc;

/// Keeps the sessions of servers by their ids, up to 32 bytes that are random. What a function fails with ends the
/// handshake: one that cannot reach its store answers as if it had found nothing.
pub trait SessionCache: Send + Sync {
    /// Keeps a session for this many seconds. The bytes are secret.
    fn put(&self, connection: &dyn Connection, id: &[u8], data: &[u8], seconds: i64) -> Result<()>;
    /// Writes what was kept under an id into the buffer and gives its length; 0 where there is nothing.
    fn get(&self, connection: &dyn Connection, id: &[u8], data: &mut [u8]) -> Result<usize>;
    /// Forgets a session.
    fn remove(&self, connection: &dyn Connection, id: &[u8]) -> Result<()>;
}

impl Context {
    /// Sets where a server keeps the sessions that are no tickets. The first cache counts for connections made later, one
    /// that replaces another at once. None: in the context, as at first.
    pub fn set_session_cache(&self, cache: Option<Arc<dyn SessionCache>>) -> Result<()> {
        self.check_serves("a session cache")?;
        self.set_session_hooks(cache.is_some())?;
        self.edit_callbacks(|callbacks| callbacks.session_cache = cache);
        Ok(())
    }

    fn set_session_hooks(&self, on: bool) -> Result<()> {
        let mut state = self.0.state.lock();
        if state.ctx.hooks().session_cache != on {
            state.edit()?.set_session_cache(on);
        }
        Ok(())
    }
}
