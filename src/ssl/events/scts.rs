//! Signed certificate timestamps (RFC 6962): those that a server sends with its certificate, and those that it has sent.

use super::Events;
use crate::lock::Slot;
use crate::openssl::ctx::SslCtx;
use crate::openssl::handler::Alert;
use crate::openssl::lent::Lent;
use crate::openssl::x509::X509;
use crate::ssl::error::{Error, Result};
use crate::ssl::identity::{Identity, check_scts};
use std::sync::Arc;

/// The timestamps of a connection.
pub(crate) struct Scts {
    /// A client asks for them, and tells what comes.
    asks: bool,
    /// The list that the server has sent in its last full handshake.
    received: Slot<Option<Arc<Vec<u8>>>>,
    /// The certificate that a callback has chosen, and its timestamps.
    chosen: Slot<Option<(X509, Arc<[u8]>)>>,
    /// The generation of the context whose identities this server shows, if some have timestamps.
    senders: Slot<Option<Arc<SslCtx>>>,
}

impl Scts {
    pub fn new(asks: bool) -> Scts {
        Scts { asks, received: Slot::default(), chosen: Slot::default(), senders: Slot::default() }
    }

    pub(super) fn begin(&self) {
        self.received.set(None);
    }

    /// Has a server send the timestamps of these identities, and of no others: what a callback has chosen went with the context
    /// before.
    pub fn send_those_of(&self, ctx: &Arc<SslCtx>) {
        self.senders.set(ctx.sends_scts().then(|| Arc::clone(ctx)));
        self.chosen.set(None);
    }

    /// Has a server send the timestamps of the identity that a callback has chosen.
    pub(super) fn choose(&self, identity: Option<&Identity>) {
        let chosen = identity.map(Identity::parts);
        self.chosen.set(chosen.and_then(|parts| Some((parts.leaf.clone(), parts.scts.clone()?))));
    }

    /// The list that the server has sent.
    pub fn received(&self) -> Result<Option<Vec<u8>>> {
        self.received.get().map(|list| copy(&list)).transpose()
    }
}

impl Events {
    /// Tells whether a client asks. OpenSSL 4.0 fails where an encrypted ClientHello lacks what its context could add.
    pub(super) fn wants_scts(&self) -> bool {
        self.scts.asks || self.ech.is_asked()
    }

    /// The timestamps that this server's certificate comes with.
    pub(super) fn own_scts(&self, ssl: &Lent<'_>) -> Option<Arc<[u8]>> {
        let leaf = ssl.certificate_to_show()?;
        if let Some((_, scts)) = self.scts.chosen.get().filter(|(chosen, _)| *chosen == leaf) {
            return Some(scts);
        }
        let senders = self.scts.senders.get()?;
        senders.identities().iter().find(|identity| identity.leaf == leaf)?.scts.clone()
    }

    /// Takes what a server has sent, which proves nothing: it is for the program to check.
    pub(super) fn keep_scts(&self, list: &[u8]) -> std::result::Result<(), Alert> {
        // In TLS 1.3 libssl leaves that to a context that has the extension, as each one for both sides has.
        if !self.wants_scts() {
            self.fail(Error::ssl("the server has sent certificate timestamps that were not asked for"));
            return Err(Alert::UNSUPPORTED_EXTENSION);
        }
        if !self.scts.asks {
            return Ok(());
        }
        if !check_scts(list) {
            self.fail(Error::ssl("the server's list of certificate timestamps is malformed"));
            return Err(Alert::DECODE_ERROR);
        }
        let list = copy(list).map_err(|failure| {
            self.fail(failure);
            Alert::INTERNAL_ERROR
        })?;
        self.scts.received.set(Some(Arc::new(list)));
        Ok(())
    }
}

fn copy(list: &[u8]) -> Result<Vec<u8>> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(list.len())?;
    copy.extend_from_slice(list);
    Ok(copy)
}
