//! The sessions that a context keeps for its clients.

use super::Events;
use crate::openssl::lent::Lent;
use crate::ssl::context::Shelf;
use crate::ssl::session::{Record, Session};
use std::sync::Arc;

impl Events {
    /// The port of the server, if the connection is one over TCP.
    pub fn port(&self) -> Option<u16> {
        self.owner.get()?.upgrade()?.port()
    }

    /// Keeps a ticket of TLS 1.3: the last one that came, for one connection.
    pub(super) fn keep_ticket(&self, session: &Session, ssl: &Lent<'_>) {
        if let Some(shelf) = self.kept_at().filter(|_| ssl.is_tls_1_3()) {
            self.context.get().keep_client_session(&shelf, session.clone());
        }
    }

    /// Keeps the session of a handshake of TLS 1.2 that has succeeded: a new one, or again the one that it has resumed.
    pub(super) fn keep_finished(&self, record: Record, ssl: &Lent<'_>) {
        let Some(shelf) = self.kept_at().filter(|_| !ssl.is_tls_1_3()) else { return };
        let Some(session) = ssl.resumable_session() else { return };
        self.context.get().keep_client_session(&shelf, Session::new(session, record));
    }

    /// Forgets what is kept of this server: a fatal alert has ended a connection to it.
    pub(super) fn forget_kept(&self) {
        if let Some(shelf) = self.shelf.get() {
            self.context.get().forget_client_session(&shelf);
        }
    }

    /// Where this connection's sessions are kept, unless a failure is about to end it.
    fn kept_at(&self) -> Option<Arc<Shelf>> {
        self.shelf.get().filter(|_| !self.aborted.is_set())
    }
}
