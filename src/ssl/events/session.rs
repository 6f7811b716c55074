//! What sessions and tickets are bound to, and what they vouch for.

use super::Events;
use crate::openssl::lent::Lent;
use crate::openssl::session::Current;
use crate::ssl::error::Result;
use crate::ssl::session::{Asked, Record, seconds_now};

impl Events {
    /// Has the client asked for no less than each of its two contexts asks for, and sessions taken from it that were
    /// made in the same way only.
    pub(super) fn bind(&self, name: Option<&[u8]>, ssl: &Lent<'_>) -> Result<()> {
        let context = self.context.get();
        if !context.same(&self.first) {
            context.demand_of(ssl)?;
        }
        self.witness.begins(ssl);
        let asked = Asked::by(ssl, &context, self.witness.names(), self.beyond());
        let maker = self.first.maker_of_sessions(&context, ssl);
        let id = context.session_id_context(maker, &asked, name)?;
        Ok(ssl.set_session_id_context(&id)?)
    }

    /// What the handshake has proved that is at its end.
    pub(super) fn testify(&self, ssl: &Lent<'_>) -> Record {
        let context = self.context.get();
        self.witness.testify(ssl, &context, self.beyond())
    }

    /// Ends a server's session with what it vouches for. In TLS 1.3 the tickets are yet to come, and are limited then.
    pub(super) fn limit(&self, record: &Record, ssl: &Lent<'_>) -> Result<()> {
        let Some(session) = ssl.session().filter(|_| !ssl.is_tls_1_3()) else { return Ok(()) };
        match record.trust.proved_until {
            Some(until) => shorten(&session, left(until)),
            None if self.is_unproved(ssl) => session.spoil()?,
            None => {}
        }
        Ok(())
    }

    /// Makes a session ready to be a ticket, which tells those made of it later when all ends.
    pub(super) fn prepare_ticket(&self, ssl: &Lent<'_>) -> Result<()> {
        // In TLS 1.2 a session that was resumed is as it was made, and so is its end.
        if ssl.is_resumed() && !ssl.is_tls_1_3() {
            return Ok(());
        }
        let Some(session) = ssl.session() else { return Ok(()) };
        // Asked after the handshake, a client may have shown a certificate since.
        match self.testify(ssl).trust.proved_until {
            // libssl fails to make a ticket of a session that has no time left.
            Some(until) if left(until) == 0 => Ok(session.spoil()?),
            Some(until) => {
                shorten(&session, left(until));
                Ok(session.keep(&until.to_be_bytes())?)
            }
            None if self.is_unproved(ssl) => Ok(session.spoil()?),
            None => Ok(()),
        }
    }

    /// Tells of a handshake that has proved nothing whether a certificate was accepted in it: by what, and until when
    /// that holds, nobody can tell. One that did not pass is accepted where nothing is demanded, which the session tells
    /// anew, or by a callback, which might not do so again.
    fn is_unproved(&self, ssl: &Lent<'_>) -> bool {
        let accepted = if self.reports() { ssl.has_verified_peer() } else { ssl.has_peer() };
        ssl.demands().verifies() && accepted
    }
}

/// How many seconds there are until then, but for the one that has begun.
fn left(until: i64) -> i64 {
    until.saturating_sub(seconds_now()).saturating_sub(1).max(0)
}

fn shorten(session: &Current<'_>, seconds: i64) {
    if seconds < session.timeout() {
        session.set_timeout(seconds);
    }
}
