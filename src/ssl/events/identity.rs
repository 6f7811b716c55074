//! Has a callback choose this side's identity.

use super::{Events, gone};
use crate::lock::user_code;
use crate::openssl::lent::Lent;
use crate::ssl::error::{Error, Result};
use crate::ssl::identity::{Identity, IdentityRequest};
use std::sync::atomic::Ordering;

impl Events {
    pub(super) fn ask_identity(&self, ssl: &Lent<'_>) -> Result<()> {
        // A server that has not decrypted the ClientHello is shown nothing.
        if self.ech.look(ssl) {
            return Ok(());
        }
        let now = self.context.get();
        // A callback that has not answered yet is asked again, unless the connection has got another context.
        let asked = self.take_seldom(|seldom| &seldom.chooser).filter(|(context, _)| context.same(&now));
        let callback = asked.map(|(_, callback)| callback).or_else(|| now.callbacks().identity.clone());
        // It was taken away since the handshake began.
        let Some(callback) = callback else { return Ok(()) };
        if self.aborted.is_set() {
            return Err(Error::value("a callback has ended this connection"));
        }
        let request = IdentityRequest::of(ssl)?;
        let asked = self.lend(|connection| user_code(|| callback(connection, &request)));
        let answer = asked.unwrap_or_else(|| Err(gone()));
        if answer.as_ref().is_err_and(Error::waits) {
            self.set_seldom(|seldom| &seldom.chooser, Some((now, callback)));
        }
        answer?;
        let identity = request.answered();
        let may_wait = identity.as_ref().is_some_and(|identity| identity.parts().may_wait);
        self.may_wait.store(may_wait, Ordering::Relaxed);
        let staple = identity.as_ref().and_then(Identity::staple).cloned();
        self.set_seldom(|seldom| &seldom.chosen_staple, staple);
        Ok(ssl.use_identity(identity.as_ref().map(Identity::parts))?)
    }
}
