//! What is asked of a peer beside what OpenSSL checks.

use super::Events;
use super::happened::Refused;
use crate::lock::user_code;
use crate::openssl::verification::{REFUSED, Verification};
use crate::ssl::context::{Context, Judge};
use crate::ssl::error::{Error, Result};
use crate::ssl::session::Beyond;
use crate::ssl::verification::Verification as Seen;
use std::sync::atomic::Ordering;

impl Events {
    /// The contexts that the peer has to satisfy: the first one, and the one that it has by now.
    fn contexts(&self) -> impl Iterator<Item = Context> {
        let now = self.context.get();
        let other = (!now.same(&self.first)).then(|| self.first.clone());
        std::iter::once(now).chain(other)
    }

    /// What is asked of the peer beside what OpenSSL checks.
    pub fn beyond(&self) -> Beyond {
        let own = Beyond { reported: self.reports(), ..Beyond::default() };
        self.contexts().map(|context| context.beyond()).fold(own, Beyond::and)
    }

    /// Has what did not pass only reported, from now on.
    pub fn report(&self) {
        self.reports.store(true, Ordering::Relaxed);
    }

    /// Tells whether what did not pass is only reported.
    pub(super) fn reports(&self) -> bool {
        self.reports.load(Ordering::Relaxed)
    }

    /// Tells whether a callback has accepted the peer though the check had refused it.
    pub fn is_overridden(&self) -> bool {
        self.overridden.load(Ordering::Relaxed)
    }

    /// Says whether a peer is accepted, of which OpenSSL has said what it thinks.
    pub(super) fn judge(&self, passed: bool, verification: &Verification) -> bool {
        self.overridden.store(false, Ordering::Relaxed);
        let contexts: Vec<Context> = self.contexts().collect();
        let judges: Vec<Judge> = contexts.iter().filter_map(Context::judge).collect();
        let asked_for = verification.is_asked_for();
        // What is not asked for has no verdict that counts.
        let good = passed || !asked_for;
        if judges.is_empty() || !good && !contexts.iter().all(Context::may_be_overridden) {
            return passed;
        }
        match self.ask(&judges, verification) {
            Ok(()) => {
                self.overridden.store(!good, Ordering::Relaxed);
                passed || !good
            }
            Err(refusal) if asked_for => self.refuse(refusal, passed, verification),
            Err(refusal) => {
                self.fail_told(refusal);
                false
            }
        }
    }

    fn ask(&self, judges: &[Judge], verification: &Verification) -> Result<()> {
        let leaf = verification.leaf().ok_or_else(Error::no_memory)?;
        let expected = self.witness.names().name.iter().cloned().collect();
        let seen = Seen::of(verification, leaf, expected)?;
        judges.iter().try_for_each(|judge| {
            let answer = self.lend(|connection| user_code(|| (judge.callback)(connection, &seen)));
            answer.unwrap_or_else(|| Err(Error::value("the connection is gone")))
        })
    }

    /// Has libssl send an alert. What the check had said of a peer that did not pass stays the reason.
    fn refuse(&self, refusal: Error, passed: bool, verification: &Verification) -> bool {
        if passed {
            verification.refuse();
            self.note().refused =
                Some(Refused { code: REFUSED, depth: 0, certificate: verification.leaf(), flag: 0 });
        }
        self.fail(refusal);
        false
    }
}
