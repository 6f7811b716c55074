//! The certificate by which a program knows its peer. In TLS 1.2 a further handshake can show another one, and nothing would
//! take back what the program has concluded from the first: that it is authorized, pinned, the one that was shown to a user.
//! So the peer of a connection stays who it was.

use super::Events;
use super::verify::unproved;
use crate::openssl::lent::Lent;
use crate::openssl::verification::LentVerification;
use crate::openssl::x509::X509;
use crate::ssl::error::Result;
use std::sync::OnceLock;

/// The first certificate that the peer has shown; only up to TLS 1.2, since TLS 1.3 has no further handshakes.
#[derive(Default)]
pub(super) struct KnownPeer(OnceLock<X509>);

impl KnownPeer {
    /// Refuses a certificate that is not the first one.
    fn check(&self, shown: Option<&X509>) -> Result<()> {
        match (self.0.get(), shown) {
            (Some(first), Some(shown)) if !shown.is_same(first) => Err(unproved(
                "the peer has shown another certificate in an earlier handshake of this connection",
            )),
            (Some(_), None) => Err(unproved(
                "the peer has shown a certificate in an earlier handshake of this connection, and shows none now",
            )),
            _ => Ok(()),
        }
    }
}

impl Events {
    /// Refuses a peer that shows another certificate than before.
    pub(super) fn check_same_peer(&self, verification: &LentVerification) -> Result<()> {
        match self.peer.0.get() {
            Some(_) => self.peer.check(verification.leaf().as_ref()),
            None => Ok(()),
        }
    }

    /// The same at the end of a handshake, in which no certificate may have been verified: a session was resumed, or the
    /// cipher needs none. The certificate of the first one is kept.
    pub(super) fn check_same_peer_at_end(&self, ssl: &Lent<'_>) -> Result<()> {
        if ssl.is_tls_1_3() {
            return Ok(());
        }
        let shown = ssl.peer_certificate();
        self.peer.check(shown.as_ref())?;
        if let Some(shown) = shown {
            let _ = self.peer.0.set(shown);
        }
        Ok(())
    }
}
