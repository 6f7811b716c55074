//! What is left of a connection that a callback has ended.

use super::Events;
use crate::ssl::error::{Error, Result, Status};
use std::sync::OnceLock;

/// The failure that ended a handshake. Every later call on the connection reports it.
#[derive(Default)]
pub(super) struct Abort(OnceLock<Box<(Status, String)>>);

impl Abort {
    /// The first one counts.
    pub fn set(&self, failure: &Error) {
        let _ = self.0.set(Box::new((failure.status(), failure.message().to_string())));
    }

    pub fn is_set(&self) -> bool {
        self.0.get().is_some()
    }

    /// Refuses a call on a connection that has ended.
    pub fn check_not_set(&self) -> Result<()> {
        let Some((status, message)) = self.0.get().map(|ended| &**ended) else { return Ok(()) };
        Err(Error::new(*status, format!("a callback that failed has ended this connection: {message}")))
    }
}

impl Events {
    /// Ends the connection because a callback failed.
    pub fn abort(&self, failure: &Error) {
        self.aborted.set(failure);
    }

    /// Refuses any call on a connection whose handshake was ended by a callback.
    pub fn check_not_aborted(&self) -> Result<()> {
        self.aborted.check_not_set()
    }
}
