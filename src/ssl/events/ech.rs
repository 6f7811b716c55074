//! Whether a client's Encrypted ClientHello has been taken. OpenSSL ends the connection otherwise; so do we, should it not.

use super::Events;
use crate::openssl::ech::Ech;
use crate::openssl::lent::Lent;
use crate::ssl::error::Error;
use std::ffi::CString;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is known of it on one connection.
#[derive(Default)]
pub(crate) struct Encrypted {
    /// A client that encrypts its ClientHello: the server has to take that.
    asked: AtomicBool,
    /// The server has not.
    rejected: AtomicBool,
    /// The certificate of this handshake is the public name's, which it has rejected.
    proved: AtomicBool,
    /// For whom the certificate has to be, as it was when the handshake began.
    expected: OnceLock<Option<Box<CString>>>,
}

impl Encrypted {
    /// Has the connection fail if the server does not decrypt.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Tells whether the ClientHello is encrypted.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Tells whether the server has not decrypted.
    pub fn is_rejected(&self) -> bool {
        self.rejected.load(Ordering::Relaxed)
    }

    /// A handshake begins.
    pub fn begin(&self, ssl: &Lent<'_>) {
        if self.asked.load(Ordering::Relaxed) {
            self.expected.get_or_init(|| ssl.first_expected_host().map(Box::new));
        }
    }

    /// The certificate that a server has shown with its rejection was checked.
    pub fn prove(&self, passed: bool) {
        self.proved.store(passed, Ordering::Relaxed);
    }

    /// Tells whether the server has shown in this handshake that it is the one with the public name.
    pub fn is_proved(&self) -> bool {
        self.proved.load(Ordering::Relaxed)
    }

    /// Tells whether the server has confirmed it all along: the name that is to be verified is still that of the inner one.
    fn is_taken(&self, ssl: &Lent<'_>) -> bool {
        ssl.ech() == Ech::Accepted
            && self
                .expected
                .get()
                .is_some_and(|expected| expected.as_deref() == ssl.first_expected_host().as_ref())
    }

    /// Looks, now that the server has answered, whether it has not decrypted.
    pub fn look(&self, ssl: &Lent<'_>) -> bool {
        let rejected = self.asked.load(Ordering::Relaxed) && !self.is_taken(ssl);
        self.rejected.fetch_or(rejected, Ordering::Relaxed);
        rejected
    }
}

/// The failure of a server that has confirmed in its ServerHello though not in its HelloRetryRequest, which rejects (RFC 9849,
/// 6.1). OpenSSL continues the handshake, so the connection loses what it could show of this side.
pub(super) fn contradiction(ssl: &Lent<'_>) -> Option<Error> {
    (ssl.ech() == Ech::Accepted).then(|| {
        let words = "the server has first rejected and then confirmed the Encrypted ClientHello";
        ssl.use_identity(None).err().map_or_else(|| Error::ssl(words), Error::from)
    })
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
