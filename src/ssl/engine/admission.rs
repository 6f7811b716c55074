//! A server whose program has not decided yet about the client that has shown its certificate.

use super::Turn;
use crate::openssl::handler::Admission;
use crate::openssl::ssl::{Failure, IoResult};
use crate::ssl::error::{Error, Phase, Result};
use crate::ssl::events::{Decided, Happened, Refused};

impl Turn<'_> {
    /// As the connection's own, without the way through libssl's half.
    #[inline]
    pub(super) fn is_settled(&self) -> bool {
        self.engine.events.client_admission() == Admission::Given
    }

    /// Asks again about a client that waits, before libssl is called. A call that ends TLS asks nobody.
    #[cold]
    pub(super) fn decide(&self, phase: Phase) -> Result<()> {
        let (ssl, events) = (&self.core.ssl, &self.engine.events);
        events.check_not_refused()?;
        if phase == Phase::Shutdown {
            return Err(self.error(Failure::shutdown_while_in_init(), Default::default(), phase));
        }
        let Some(lent) = ssl.lent() else { return Ok(()) };
        let passes = || ssl.verify_again().is_ok_and(|chain| !chain.is_empty());
        match events.decide_again(&lent, ssl.has_shaken(), passes) {
            Decided::Nothing => Ok(()),
            Decided::Open => Err(Error::want_callback()),
            Decided::Refused { because, failure } => {
                Err(self.refuse_client(|happened| self.refusal(happened, because, failure, phase)))
            }
            Decided::Panicked(panic) => Err(self.refuse_client(|_| panic.in_phase(phase))),
        }
    }

    /// Ends the connection with an alert, and tells why.
    fn refuse_client(&self, why: impl FnOnce(Happened) -> Error) -> Error {
        self.core.ssl.refuse_client();
        // What libssl has made of it is not the reason.
        let error = why(self.engine.events.take().unwrap_or_default());
        self.engine.events.end_refused(&error);
        error
    }

    fn refusal(
        &self,
        mut happened: Happened,
        because: Refused,
        failure: Option<Error>,
        phase: Phase,
    ) -> Error {
        happened.refused = Some(Box::new(because));
        let error = self.error(Failure::certificate_verify_failed(), happened, phase);
        self.because(error, failure)
    }

    /// A call that has come to nothing, or to the end of libssl's handshake, while a client waits or after it was refused.
    #[cold]
    pub(super) fn unless_open<T>(&self, result: IoResult<T>) -> IoResult<T> {
        match (self.engine.events.client_admission(), result) {
            (Admission::Given, result) => result,
            (Admission::Open, Err(failure)) if !failure.is_passing() => {
                self.engine.events.forget_client();
                Err(failure)
            }
            (Admission::Open, _) => Err(Failure::want_verdict()),
            // Whatever libssl says: a connection that has failed so does not go on.
            (Admission::Refused, Ok(_)) => Err(Failure::certificate_verify_failed()),
            (Admission::Refused, failed) => failed,
        }
    }
}
