//! A client that shows its certificate while its callback has no answer. A client's own connection has libssl verify its
//! server again; of a server what was found is kept here, and the callback is asked between the calls: not every libssl can
//! stop there.

use super::happened::Refused;
use super::verify::{Case, verdict};
use super::{Events, abort::Abort};
use crate::openssl::handler::{Admission, Verdict};
use crate::openssl::lent::Lent;
use crate::openssl::verification::LentVerification;
use crate::ssl::error::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

const GIVEN: u8 = 0;
const OPEN: u8 = 1;
const REFUSED: u8 = 2;

/// How far a server is with its client.
#[derive(Default)]
pub(super) struct Decision {
    admission: AtomicU8,
    /// It was given to a client whose verification libssl has stopped at, and makes again.
    stands: AtomicBool,
    /// Why it was refused, which every later call reports.
    ended: Abort,
}

/// A client that waits.
pub(super) struct Waiting {
    case: Case,
    /// What verification has refused, where a callback may accept it.
    refused: Option<Refused>,
    /// How many tickets libssl is to make of the handshake, if the client is accepted.
    tickets: usize,
    /// libssl has stopped at its verification.
    stopped: bool,
}

/// What has become of a client that waited.
pub(crate) enum Decided {
    /// It goes on, or none waited.
    Nothing,
    /// It goes on waiting.
    Open,
    /// It is refused. What is wrong with its certificate, and why the program refuses it, if that was the program.
    Refused { because: Refused, failure: Option<Error> },
    /// The callback has panicked.
    Panicked(Error),
}

impl Decision {
    pub fn admission(&self) -> Admission {
        match self.admission.load(Ordering::Acquire) {
            GIVEN => Admission::Given,
            OPEN => Admission::Open,
            _ => Admission::Refused,
        }
    }
}

impl Events {
    /// Tells whether no client waits for the program's decision, or was refused by it.
    #[inline]
    pub fn is_admitted(&self) -> bool {
        self.client_admission() == Admission::Given
    }

    /// What this server says of its client.
    pub fn client_admission(&self) -> Admission {
        self.decision.admission()
    }

    /// Lets a client wait. libssl stops, or goes on as far as it can without anything more of it.
    pub(super) fn adjourn(&self, case: Case, ssl: &Lent<'_>, stopped: bool) {
        let refused = self.note().refused.take().map(|refused| *refused);
        let tickets = ssl.withhold_tickets();
        let waiting = Waiting { case, refused, tickets, stopped };
        self.set_seldom(|seldom| &seldom.waiting, Some(Arc::new(waiting)));
        self.decision.admission.store(OPEN, Ordering::Release);
    }

    /// What has become of a client that has waited, where libssl verifies it again because it has stopped.
    pub(super) fn settled(&self, passed: bool, verification: &LentVerification) -> Option<Verdict> {
        match self.client_admission() {
            Admission::Refused => {
                if passed {
                    verification.refuse();
                }
                Some(Verdict::Refused)
            }
            Admission::Given if self.decision.stands.swap(false, Ordering::AcqRel) => {
                Some(verdict(passed || self.is_overridden()))
            }
            Admission::Given | Admission::Open => None,
        }
    }

    /// Asks again about a client that waits. `shaken`: libssl has finished its handshake meanwhile. `passes`: the certificate
    /// still passes OpenSSL's check: it may have expired, or be revoked by now.
    pub fn decide_again(&self, ssl: &Lent<'_>, shaken: bool, passes: impl FnOnce() -> bool) -> Decided {
        let Some(waiting) = self.seldom(|seldom| &seldom.waiting) else { return Decided::Nothing };
        let answer = match catch_unwind(AssertUnwindSafe(|| self.reconsider(&waiting.case))) {
            Ok(answer) => answer,
            Err(panic) => {
                self.forget_client();
                return Decided::Panicked(crate::ssl::panicked(&*panic));
            }
        };
        let answer = answer.and_then(|()| match waiting.case.is_proved() && !passes() {
            true => Err(Some(Error::ssl(
                "the certificate does not pass the check any more, by the time of the verdict",
            ))),
            false => Ok(()),
        });
        match answer {
            Ok(()) => {
                self.admit(&waiting, ssl, shaken);
                Decided::Nothing
            }
            Err(Some(failure)) if failure.waits() => Decided::Open,
            Err(failure) => {
                self.forget_client();
                let because = waiting.refused.clone().unwrap_or_else(|| waiting.case.refused());
                Decided::Refused { because, failure: failure.map(Error::at_once) }
            }
        }
    }

    /// A client that waits has failed otherwise: nobody is asked about it any more.
    pub fn forget_client(&self) {
        self.decision.admission.store(REFUSED, Ordering::Release);
        self.take_seldom(|seldom| &seldom.waiting);
        self.take_seldom(|seldom| &seldom.judges);
    }

    /// Keeps why a client was refused.
    pub fn end_refused(&self, failure: &Error) {
        self.decision.ended.set(failure);
    }

    /// Refuses any call on a connection whose client was refused.
    pub fn check_not_refused(&self) -> Result<()> {
        self.decision.ended.check_not_set()
    }

    fn admit(&self, waiting: &Waiting, ssl: &Lent<'_>, shaken: bool) {
        ssl.give_tickets(waiting.tickets);
        self.take_seldom(|seldom| &seldom.waiting);
        self.decision.stands.store(waiting.stopped && !shaken, Ordering::Release);
        self.decision.admission.store(GIVEN, Ordering::Release);
        // The end of the handshake came before it could be told what it has proved.
        if shaken {
            self.testify(ssl);
        }
    }
}
