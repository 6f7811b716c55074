//! Whether a client's Encrypted ClientHello has been taken. OpenSSL ends the connection otherwise; so do we, should it not.

use super::Events;
use crate::openssl::ech::Ech;
use crate::openssl::lent::Lent;
use crate::ssl::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is known of it on one connection.
#[derive(Default)]
pub(crate) struct Encrypted {
    /// A client that encrypts its ClientHello: the server has to take that.
    asked: AtomicBool,
    /// The server has not.
    rejected: AtomicBool,
}

impl Encrypted {
    /// Has the connection fail if the server does not decrypt.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Tells whether the server has not decrypted.
    pub fn is_rejected(&self) -> bool {
        self.rejected.load(Ordering::Relaxed)
    }

    /// Looks, now that the server has answered, whether it has not decrypted.
    pub fn look(&self, ssl: &Lent<'_>) -> bool {
        let rejected = self.asked.load(Ordering::Relaxed) && ssl.ech() != Ech::Accepted;
        self.rejected.fetch_or(rejected, Ordering::Relaxed);
        rejected
    }
}

impl Events {
    /// Ends a connection whose handshake has succeeded though the server has not decrypted the ClientHello.
    pub(super) fn insist_on_ech(&self, ssl: &Lent<'_>) {
        if self.ech.look(ssl) {
            let refusal = Error::ssl("the server has not taken the Encrypted ClientHello");
            self.abort(&refusal);
            self.fail(refusal);
        }
    }
}
