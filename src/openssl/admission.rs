//! A server whose program has not decided yet about the client that has shown its certificate. OpenSSL's servers verify a
//! client once and go on, so its connection is held from outside: it gets no more bytes, and makes no tickets. AWS-LC's stop.

use super::backend::{admission, health, io, verify};
use super::failure::{Failure, IoCall};
use super::handler::{Admission, Alert};
use super::lent::Lent;
use super::ssl::{IoResult, Ssl};
use super::{cvt, sys};

const ALERT: u8 = 21;
const FATAL: u8 = 2;

impl Lent<'_> {
    /// Tells whether libssl gets no more bytes of the client than it has.
    pub(super) fn is_undecided(&self) -> bool {
        // SAFETY: libssl lends a live SSL.
        unsafe { super::handler::admission(self.as_ptr()) == Admission::Open }
    }

    /// Has libssl make no tickets of TLS 1.3, and tells how many it would have made.
    pub fn withhold_tickets(&self) -> usize {
        // SAFETY: the connection is alive; so below.
        let count = unsafe { admission::tickets(self.as_ptr()) };
        self.give_tickets(0);
        count
    }

    /// Has libssl make this number of tickets where it ends a handshake of TLS 1.3.
    pub fn give_tickets(&self, count: usize) {
        // SAFETY: the connection is alive.
        unsafe { admission::set_tickets(self.as_ptr(), count) }
    }
}

impl Ssl {
    /// Tells whether libssl's own handshake is finished, and nothing has failed since.
    pub fn has_shaken(&self) -> bool {
        // SAFETY: the SSL is alive.
        unsafe { health::is_init_finished(self.as_ptr()) }
    }

    /// Tells whether no client waits here for the program's decision, or was refused by it.
    pub fn is_admitted(&self) -> bool {
        !self.is_server() || self.handler.admission() == Admission::Given
    }

    /// Tells whether a client waits for the program's decision.
    pub fn is_undecided(&self) -> bool {
        self.is_server() && self.handler.admission() == Admission::Open
    }

    /// Does what is left of a server's handshake before a write: `SSL_write` would do it too, and then encrypt for a client
    /// about whom nobody has decided. On either side, where there was no memory for a message of the handshake: `SSL_write` would
    /// take its place within that message for one within the data.
    pub(super) fn shake_before_write(&self) -> IoResult<()> {
        // Whether the client is asked for a certificate may turn out within the call: an SNI callback chooses the context.
        let is_due = self.is_server() || self.holds_back();
        if !is_due || self.has_shaken() || self.shutdown_state().0 {
            return Ok(());
        }
        // SAFETY: the SSL is alive and no other thread is inside.
        self.io(IoCall::Write, || unsafe { io::do_handshake(self.as_ptr()) })?;
        if self.is_undecided() { Err(Failure::want_verdict()) } else { Ok(()) }
    }

    /// Tells a client by an alert that it is refused, as far as what has arrived allows.
    pub fn refuse_client(&self) {
        match verify::STOPS_SERVERS || self.version() == c"TLSv1.3" {
            true => self.refuse_by_libssl(),
            false => self.refuse_in_plain(),
        }
    }

    /// Where libssl has stopped at the client's certificate, it refuses it there. Otherwise it alone can encrypt an alert of TLS 1.3,
    /// and sends one where it fails by itself: at the client's signature if it has not seen that yet, or else at a ticket,
    /// which the handler does not allow to a client that is refused.
    fn refuse_by_libssl(&self) {
        // SAFETY: the SSL is alive; so below, with no other thread inside.
        unsafe { admission::refuse_signatures(self.as_ptr()) };
        // SAFETY: as above.
        let shake = || self.io(IoCall::Handshake, || unsafe { io::do_handshake(self.as_ptr()) });
        if shake().is_ok() {
            // SAFETY: as above.
            let ticket = cvt(|| unsafe { admission::make_ticket(self.as_ptr()) });
            let _ = ticket.is_ok() && shake().is_ok();
        }
    }

    /// Up to TLS 1.2 a server encrypts nothing before it has the client's last message, which it did not get: an alert is
    /// seven bytes. In a further handshake everything is encrypted, and the connection ends without one.
    fn refuse_in_plain(&self) {
        // SAFETY: the SSL is alive.
        let version = unsafe { sys::SSL_version(self.as_ptr()) };
        let further = !self.finished(true).is_empty();
        let Ok([major, minor]) = u16::try_from(version).map(u16::to_be_bytes) else { return };
        let Alert(failure) = Alert::HANDSHAKE_FAILURE;
        let alert = [ALERT, major, minor, 0, 2, FATAL, failure];
        if !further && self.end.write(&alert) == alert.len() {
            self.handler.alert(true, failure);
        }
    }
}
