//! Has a callback choose this side's identity.

use super::{Events, gone};
use crate::lock::user_code;
use crate::openssl::lent::Lent;
use crate::ssl::error::{Error, Result};
use crate::ssl::identity::{Identity, IdentityRequest};

impl Events {
    pub(super) fn ask_identity(&self, ssl: &Lent<'_>) -> Result<()> {
        // It was taken away since the handshake began.
        let Some(callback) = self.callbacks().identity.clone() else { return Ok(()) };
        if self.aborted.get().is_some() {
            return Err(Error::value("a callback has ended this connection"));
        }
        let request = IdentityRequest::of(ssl)?;
        let asked = self.lend(|connection| user_code(|| callback(connection, &request)));
        asked.unwrap_or_else(|| Err(gone()))?;
        let identity = request.answered();
        self.chosen_staple.set(identity.as_ref().and_then(Identity::staple).cloned());
        Ok(ssl.use_identity(identity.as_ref().map(Identity::parts))?)
    }
}
