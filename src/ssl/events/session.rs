//! What sessions and tickets are bound to, and how long what they prove is valid.

use super::Events;
use crate::openssl::lent::Lent;
use crate::openssl::session::Current;
use crate::ssl::error::Result;
use crate::ssl::seconds_now;
use crate::ssl::session::{Asked, Record};

impl Events {
    /// Makes the connection demand of its client what any of its contexts demands, and accept only sessions that
    /// were made under the same demands.
    pub(super) fn bind(&self, name: Option<&[u8]>, ssl: &Lent<'_>) -> Result<()> {
        let context = self.context.get();
        if !context.same(&self.first) {
            context.demand_of(ssl)?;
        }
        self.witness.begins(ssl);
        let beyond = self.beyond();
        self.bound.set(Some(beyond.clone()));
        let asked = Asked::by(ssl, &context, self.witness.names(), beyond);
        let maker = self.first.maker_of_sessions(&context, ssl);
        let id = context.session_id_context(maker, &asked, name)?;
        Ok(ssl.set_session_id_context(&id)?)
    }

    /// What the handshake that ends now has proved.
    pub(super) fn testify(&self, ssl: &Lent<'_>) -> Record {
        let context = self.context.get();
        let checked = self.checked.get();
        // A server's session is bound to what was asked at first, and nothing has checked that.
        if checked.is_some() && self.bound.get().is_some_and(|bound| checked != Some(bound)) {
            self.witness.mixes();
        }
        let beyond = checked.unwrap_or_else(|| self.beyond());
        self.witness.testify(ssl, &context, beyond, self.key_used(ssl), self.stapled_until())
    }

    /// Limits the lifetime of a server's session to that of what it proves. In TLS 1.3 the tickets come later and are
    /// limited then; one that was prepared is limited.
    pub(super) fn limit(&self, record: &Record, ssl: &Lent<'_>) -> Result<()> {
        let is_due = !ssl.is_tls_1_3() && !ssl.is_prepared();
        let Some(session) = ssl.session().filter(|_| is_due) else { return Ok(()) };
        match record.trust.proved_until {
            Some(until) => shorten(&session, left(until)),
            None if self.is_unproved(ssl) => session.spoil()?,
            None => {}
        }
        Ok(())
    }

    /// Prepares a session before libssl makes a ticket of it: its lifetime is limited, and the moment is stored in it for
    /// the tickets that are made of it later.
    pub(super) fn prepare_ticket(&self, ssl: &Lent<'_>) -> Result<()> {
        // In TLS 1.2 a resumed session is unchanged, and so is its lifetime.
        if ssl.is_resumed() && !ssl.is_tls_1_3() {
            return Ok(());
        }
        let Some(session) = ssl.session() else { return Ok(()) };
        // A post-handshake request may have brought a certificate since the handshake.
        match self.testify(ssl).trust.proved_until {
            // libssl fails to make a ticket of a session whose lifetime is over.
            Some(until) if left(until) == 0 => Ok(session.spoil()?),
            Some(until) => {
                shorten(&session, left(until));
                Ok(session.end_proof(until)?)
            }
            None if self.is_unproved(ssl) => Ok(session.spoil()?),
            None => Ok(()),
        }
    }

    /// For a handshake without a proof: tells whether a certificate was accepted nevertheless. By what and until when is
    /// unknown then. A certificate that failed is accepted by a callback, which might refuse it the next time, or
    /// where it is only reported; in that case the session itself holds the result.
    fn is_unproved(&self, ssl: &Lent<'_>) -> bool {
        let accepted = if self.reports() { ssl.has_verified_peer() } else { ssl.has_peer() };
        ssl.demands().verifies() && accepted
    }
}

/// The number of whole seconds left until then.
fn left(until: i64) -> i64 {
    until.saturating_sub(seconds_now()).saturating_sub(1).max(0)
}

fn shorten(session: &Current<'_>, seconds: i64) {
    if seconds < session.timeout() {
        session.set_timeout(seconds);
    }
}
