//! What happened during one call of libssl.

use super::Events;
use crate::lock::MutexGuard;
use crate::openssl::x509::X509;
use crate::ssl::error::Error;
use std::sync::atomic::Ordering;

/// A certificate that verification refused.
#[derive(Clone)]
pub(crate) struct Refused {
    pub code: i32,
    pub depth: u32,
    pub certificate: Option<X509>,
    /// What was wrong, if it was not the certificate itself.
    pub words: Option<String>,
    /// The verify flag without which it would have passed; 0 if no single flag decided.
    pub flag: u64,
}

/// What happened during one call of libssl.
#[derive(Default)]
pub(crate) struct Happened {
    pub alert_sent: Option<u8>,
    pub alert_received: Option<u8>,
    /// In a Box, as few handshakes have it.
    pub refused: Option<Box<Refused>>,
    /// The failure of a callback.
    pub failure: Option<Error>,
    /// A callback panicked.
    pub panic: Option<Panicked>,
}

/// The panic of a callback.
pub(crate) struct Panicked {
    pub error: Error,
    /// It happened during a handshake, with which libssl may have gone on.
    pub in_handshake: bool,
}

impl Events {
    /// Takes what happened since the last time. Both this and the events come under the connection's lock.
    pub fn take(&self) -> Option<Happened> {
        if !self.any.load(Ordering::Relaxed) {
            return None;
        }
        self.any.store(false, Ordering::Relaxed);
        Some(std::mem::take(&mut *self.happened.lock()))
    }

    pub(super) fn note(&self) -> MutexGuard<'_, Happened> {
        self.any.store(true, Ordering::Relaxed);
        self.happened.lock()
    }

    /// Keeps a failure for the call in progress; a later one replaces an earlier one.
    pub fn fail(&self, failure: Error) {
        self.note().failure = Some(failure.at_once());
    }

    /// Keeps the failure of a callback whose result libssl ignores. During a handshake it ends the connection.
    pub(super) fn fail_told(&self, failure: Error) {
        self.fail(failure.at_once().of_callback());
        if let Some(failure) = self.note().failure.as_ref().filter(|_| self.shaking.load(Ordering::Relaxed)) {
            self.abort(failure);
        }
    }
}
