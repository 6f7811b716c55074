//! The sessions of servers that are kept outside of this process.

use super::Events;
use crate::lock::user_code;
use crate::openssl::lent::Lent;
use crate::openssl::session::SslSession;
use crate::ssl::connection::Connection;
use crate::ssl::context::SessionCache;
use crate::ssl::error::Result;
use crate::ssl::seconds_now;
use crate::ssl::session::{Record, Stored};
use std::sync::Arc;

/// Sessions that take more than this are not kept.
const LARGEST: usize = 1 << 16;
/// How long the ids are that this library gives to sessions.
const ID: usize = 32;

impl Events {
    /// Keeps a server's session, unless its ticket holds it.
    pub(super) fn put(&self, session: &SslSession, record: &Record, ssl: &Lent<'_>) -> Result<()> {
        if !ssl.is_server() || ssl.has_ticket_for(session) {
            return Ok(());
        }
        let Some(cache) = self.cache() else { return Ok(()) };
        // In TLS 1.2 this comes before the end of the handshake.
        self.limit(record, ssl)?;
        let seconds = session.end().saturating_sub(seconds_now());
        if session.is_spoiled() || seconds <= 0 {
            return Ok(());
        }
        let data = Stored::write(session)?;
        if data.bytes().len() > LARGEST {
            return Ok(());
        }
        self.ask_cache(|connection| cache.put(connection, session.id(), data.bytes(), seconds))
    }

    /// Finds a session that was kept. What cannot be resumed any more is forgotten.
    pub(super) fn find(&self, id: &[u8]) -> Result<Option<SslSession>> {
        let Some(cache) = self.cache().filter(|_| is_ours(id)) else { return Ok(None) };
        let mut buffer = Stored::buffer(LARGEST)?;
        let mut len = 0;
        self.ask_cache(|connection| {
            len = cache.get(connection, id, buffer.bytes_mut())?;
            Ok(())
        })?;
        if len == 0 {
            return Ok(None);
        }
        match buffer.read(len, id)? {
            Some(session) if session.end() > seconds_now() => Ok(Some(session)),
            _ => self.ask_cache(|connection| cache.remove(connection, id)).map(|()| None),
        }
    }

    /// Forgets the session of a connection that a fatal alert has ended.
    pub(super) fn forget(&self, ssl: &Lent<'_>) -> Result<()> {
        let Some(cache) = self.cache().filter(|_| ssl.is_server()) else { return Ok(()) };
        let Some(id) = ssl.kept_id().filter(|id| is_ours(id)) else { return Ok(()) };
        self.ask_cache(|connection| cache.remove(connection, &id))
    }

    /// libssl asks the SSL_CTX that the connection was made with.
    fn cache(&self) -> Option<Arc<dyn SessionCache>> {
        self.first.callbacks().session_cache.clone()
    }

    fn ask_cache(&self, mut ask: impl FnMut(&dyn Connection) -> Result<()>) -> Result<()> {
        self.lend(|connection| user_code(|| ask(connection))).unwrap_or(Ok(()))
    }
}

/// Tells whether an id may be one of ours: a client can show any of up to 32 bytes, also beside a ticket.
fn is_ours(id: &[u8]) -> bool {
    id.len() == ID
}
