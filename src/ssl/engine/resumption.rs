//! The session that a client offers when its handshake begins.

use super::{Core, Turn};
use crate::openssl::lent::Lent;
use crate::ssl::context::{Context, Destination, Edition, Shelf};
use crate::ssl::error::Result;
use crate::ssl::session::{Asked, Session};
use std::sync::Arc;

impl Turn<'_> {
    /// Offers the session that was set, or else the one that the context keeps for this server, unless what it proves does
    /// not cover what is demanded now, its cipher is not allowed any more, or the ClientHello is encrypted: then the handshake is a full
    /// one. For a session inside, OpenSSL 4.0 writes a pre_shared_key with an empty binder outside, for which a server may refuse it all (RFC 8446,
    /// 4.2.11), as crypto/tls does.
    pub(super) fn offer(&self, context: &Context, edits: Option<u64>) -> Result<()> {
        if self.engine.events.ech.is_asked() {
            return Ok(());
        }
        let Core { ssl, offered, .. } = &*self.core;
        let mut offered = offered.borrow_mut();
        if offered.is_none() {
            *offered = edits.and_then(|edits| self.take_kept(context, edits));
        }
        let Some(session) = &*offered else { return Ok(()) };
        let witness = &self.engine.events.witness;
        let fits = |ssl: Lent<'_>| {
            let asked = Asked::by(&ssl, context, witness.names(), self.engine.events.beyond());
            session.is_of(context) && session.trust().covers(&asked) && ssl.allows_cipher_of(session.raw())
        };
        let session = Some(session).filter(|_| ssl.lent().is_some_and(fits));
        ssl.set_session(session.map(Session::raw))?;
        witness.offers(session.map(|session| Arc::clone(session.trust())));
        Ok(())
    }

    /// The session that the context keeps for this server. Whatever comes of the connection is kept on the same shelf.
    fn take_kept(&self, context: &Context, edits: u64) -> Option<Session> {
        if self.core.ssl.is_server() || !context.keeps_client_sessions() {
            return None;
        }
        let shelf = Shelf { edition: Edition::new(edits), destination: self.destination()? };
        let session = context.take_client_session(&shelf);
        self.engine.events.shelf.set(Some(Arc::new(shelf)));
        session
    }

    /// None where the server has no name or no port: no other connection could be recognized as one to the same server.
    fn destination(&self) -> Option<Destination> {
        let Core { ssl, alpn, .. } = &*self.core;
        Some(Destination {
            hostname: self.engine.hostname.clone()?,
            port: self.engine.events.port()?,
            sent: ssl.server_name(),
            expected: self.engine.events.witness.names(),
            alpn: Arc::clone(alpn),
        })
    }
}
