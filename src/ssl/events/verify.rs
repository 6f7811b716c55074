//! What is asked of a peer beside what OpenSSL checks.

use super::happened::Refused;
use super::{Events, gone};
use crate::lock::user_code;
use crate::openssl::handler::Verdict;
use crate::openssl::lent::Lent;
use crate::openssl::verification::{LentVerification, REFUSED};
use crate::ssl::context::{Context, Judge, Pins};
use crate::ssl::error::{Error, Result};
use crate::ssl::session::Beyond;
use crate::ssl::verification::Verification;
use std::sync::Arc;
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
        let all = self.contexts().map(|context| context.beyond()).fold(own, Beyond::and);
        // A connection keeps the demand on OCSP responses that it was made with.
        Beyond { ocsp: self.ocsp, ..all }
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
    pub(super) fn judge(&self, passed: bool, verification: &LentVerification) -> Verdict {
        self.overridden.store(false, Ordering::Relaxed);
        // The certificate is the public name's, and the connection ends with it: nothing more is asked.
        if verification.lent().is_some_and(|ssl| self.ech.look(&ssl)) {
            return verdict(passed);
        }
        let asked = self.beyond();
        self.checked.set(Some(asked.clone()));
        let judged = self.judged();
        let judges: Vec<Judge> = judged.iter().filter_map(|(_, judge)| judge.clone()).collect();
        let asked_for = verification.is_asked_for();
        // What is not asked for has no verdict that counts.
        let good = passed || !asked_for;
        let nothing_more = judges.is_empty() && asked.pins.is_empty() && !asked.psk_required;
        let overridable = !judges.is_empty()
            && judged.iter().all(|(context, judge)| context.may_be_overridden(judge.as_ref()));
        if nothing_more || !good && !overridable {
            return verdict(passed);
        }
        let checked = check_psk(asked.psk_required, verification.lent().as_ref())
            .and_then(|()| check_pins(&asked.pins, passed, verification))
            .and_then(|()| self.ask(&judges, verification));
        match checked {
            Ok(()) => {
                self.overridden.store(!good, Ordering::Relaxed);
                verdict(passed || !good)
            }
            // OpenSSL verifies a client once: where it goes on, that client is accepted.
            Err(refusal) if refusal.waits() && !verification.is_of_server() => {
                self.refuse(refusal, passed, verification)
            }
            Err(refusal) if refusal.waits() => {
                let asked =
                    judged.into_iter().filter_map(|(context, judge)| judge.map(|judge| (context, judge)));
                self.judges.set(asked.collect());
                Verdict::Open
            }
            Err(refusal) if asked_for => self.refuse(refusal, passed, verification),
            Err(refusal) => {
                self.fail_told(refusal);
                Verdict::Refused
            }
        }
    }

    /// The contexts that the peer has to satisfy, and who judges it for each. A callback that has not answered yet is asked
    /// again, though it has been replaced or taken away meanwhile: a verdict that is open admits nobody.
    fn judged(&self) -> Vec<(Context, Option<Judge>)> {
        let asked = self.judges.replace(Vec::new());
        let judge = |context: &Context| {
            let kept = asked.iter().find(|(other, _)| other.same(context));
            kept.map(|(_, judge)| judge.clone()).or_else(|| context.judge())
        };
        self.contexts()
            .map(|context| {
                let judge = judge(&context);
                (context, judge)
            })
            .collect()
    }

    fn ask(&self, judges: &[Judge], verification: &LentVerification) -> Result<()> {
        if judges.is_empty() {
            return Ok(());
        }
        let leaf = verification.leaf().ok_or_else(Error::no_memory)?;
        let expected = self.witness.names().names().to_vec();
        let seen = Verification::of(verification, leaf, expected)?;
        judges.iter().try_for_each(|judge| {
            let answer = self.lend(|connection| user_code(|| (judge.callback)(connection, &seen)));
            answer.unwrap_or_else(|| Err(gone()))
        })
    }

    /// Ends a connection whose handshake showed no certificate that could be refused, though a shared key or a pinned one
    /// has to be used.
    pub(super) fn insist(&self, ssl: &Lent<'_>) {
        let asked = self.beyond();
        let checked =
            check_psk(asked.psk_required, Some(ssl)).and_then(|()| check_anonymous(&asked.pins, ssl));
        if let Err(refusal) = checked {
            self.abort(&refusal);
            self.fail(refusal);
        }
    }

    /// Has libssl send an alert. What the check had said of a peer that did not pass stays the reason.
    fn refuse(&self, refusal: Error, passed: bool, verification: &LentVerification) -> Verdict {
        if passed {
            verification.refuse();
            self.note().refused = Some(Refused {
                code: REFUSED,
                depth: 0,
                certificate: verification.leaf(),
                words: None,
                flag: 0,
            });
        }
        self.fail(refusal);
        Verdict::Refused
    }
}

fn verdict(accepted: bool) -> Verdict {
    if accepted { Verdict::Accepted } else { Verdict::Refused }
}

/// Refuses a peer without a pinned key. What was not proved has no say: then its own certificate alone counts, whose key
/// it has to have.
fn check_pins(pins: &[Arc<Pins>], passed: bool, verification: &LentVerification) -> Result<()> {
    if pins.is_empty() {
        return Ok(());
    }
    let proved = passed && verification.code() == 0;
    let certificates = match proved {
        true => verification.chain()?,
        false => verification.leaf().into_iter().collect(),
    };
    pins.iter().try_for_each(|pins| pins.check(&certificates))
}

/// Refuses a handshake without a key that was shared before: a server that shows its certificate has declined it.
fn check_psk(needed: bool, ssl: Option<&Lent<'_>>) -> Result<()> {
    match needed && !ssl.is_some_and(Lent::used_psk) {
        true => Err(Error::ssl("a pre-shared key is required, and this handshake uses none")),
        false => Ok(()),
    }
}

/// Refuses a server that is pinned and proves itself by nothing: the ciphers allow that. A client shows a certificate
/// where one is required.
fn check_anonymous(pins: &[Arc<Pins>], ssl: &Lent<'_>) -> Result<()> {
    match ssl.is_server() || ssl.has_peer() || ssl.is_resumed() || ssl.used_psk() {
        true => Ok(()),
        false => pins.iter().try_for_each(|pins| pins.check(&[])),
    }
}
