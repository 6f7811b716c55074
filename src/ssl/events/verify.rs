//! What is asked of a peer beside what OpenSSL checks.

use super::ech::contradiction;
use super::happened::Refused;
use super::{Events, gone};
use crate::lock::user_code;
use crate::openssl::ctx::Sigalgs;
use crate::openssl::handler::{Alert, Verdict};
use crate::openssl::lent::Lent;
use crate::openssl::verification::{LentVerification, REFUSED};
use crate::openssl::x509::X509;
use crate::ssl::context::{Context, Judge};
use crate::ssl::error::{Error, Result, Status};
use crate::ssl::session::Beyond;
use crate::ssl::verification::Verification;
use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Events {
    /// The contexts that the peer has to satisfy: the first one, the one that it has by now, and those between them.
    fn contexts(&self) -> impl Iterator<Item = Context> {
        let now = self.context.get();
        let others = self.seldom(|seldom| &seldom.between).into_iter().chain([self.first.clone()]);
        std::iter::once(now.clone()).chain(others.filter(move |other| !other.same(&now)))
    }

    /// Has the context that a server's connection has now count in this handshake, whichever replaces it.
    pub(super) fn heed(&self, ssl: &Lent<'_>) -> std::result::Result<(), Alert> {
        let now = self.context.get();
        let mut between = self.seldom(|seldom| &seldom.between);
        if now.same(&self.first) || between.iter().any(|known| known.same(&now)) {
            return Ok(());
        }
        between.push(now.clone());
        self.set_seldom(|seldom| &seldom.between, between);
        now.demand_of(ssl).map_err(|failure| {
            self.fail(failure);
            Alert::INTERNAL_ERROR
        })
    }

    /// What is asked of the peer beside what OpenSSL checks.
    pub fn beyond(&self) -> Beyond {
        let all = match self.has_one_context() {
            true => self.first.beyond(),
            false => self.contexts().map(|context| context.beyond()).fold(Beyond::default(), Beyond::and),
        };
        // A connection keeps the demand on OCSP responses that it was made with, and the signature algorithms of its `SSL_CTX`.
        let sigalgs = self.seldom(|seldom| &seldom.sigalgs);
        Beyond { reported: self.reports(), ocsp: self.ocsp, sigalgs, ..all }
    }

    /// Records which signature algorithms the connection allows from now on.
    pub fn is_signed_by(&self, sigalgs: Option<&Arc<Sigalgs>>) {
        if sigalgs.is_some() || self.seldom(|seldom| &seldom.sigalgs).is_some() {
            self.set_seldom(|seldom| &seldom.sigalgs, sigalgs.cloned());
        }
    }

    /// Tells whether the connection has only had the context that it was made with, as nearly all have.
    fn has_one_context(&self) -> bool {
        self.context.look(|now| now.same(&self.first))
            && self.seldom.get().is_none_or(|seldom| seldom.has_no_context_between())
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
        self.has_verdict.store(true, Ordering::Relaxed);
        if let Some(verdict) = self.settled(passed, verification) {
            return verdict;
        }
        self.overridden.store(false, Ordering::Relaxed);
        // The certificate is the public name's, and the connection ends with it: nothing more is asked.
        if let Some(ssl) = verification.lent().filter(|ssl| self.ech.look(ssl)) {
            return match contradiction(&ssl) {
                Some(refusal) => self.turn_away(refusal, passed, verification),
                None => {
                    self.ech.prove(passed && verification.code() == 0);
                    verdict(passed)
                }
            };
        }
        // What could not be checked is nothing that a callback may accept.
        if !passed && verification.lacked_memory() && verification.is_asked_for() {
            return self.turn_away(Error::no_memory(), passed, verification);
        }
        if let Err(refusal) = self.check_same_peer(verification) {
            return self.turn_away(refusal, passed, verification);
        }
        let court = self.court();
        let asked_for = verification.is_asked_for();
        // What is not asked for has no verdict that counts.
        let good = passed || !asked_for;
        if court.asks_nothing() || !good && !court.may_override() {
            return verdict(passed);
        }
        let expected = self.witness.names().names().to_vec();
        let case = match Case::of(passed, good, verification, court.has_judges().then_some(expected)) {
            Ok(case) => case,
            Err(failure) => return self.turn_away(failure, passed, verification),
        };
        match self.weigh(&court, &case) {
            Ok(()) => {
                self.overridden.store(!good, Ordering::Relaxed);
                verdict(passed || !good)
            }
            Err(refusal) if refusal.waits() => {
                self.set_seldom(|seldom| &seldom.judges, court.judges());
                if let Some(ssl) = verification.lent().filter(Lent::is_server) {
                    self.adjourn(case, &ssl, verification.can_stop());
                }
                Verdict::Open
            }
            Err(refusal) => self.turn_away(refusal, passed, verification),
        }
    }

    /// Refuses a peer: with an alert where a verdict was asked for.
    fn turn_away(&self, refusal: Error, passed: bool, verification: &LentVerification) -> Verdict {
        match verification.is_asked_for() {
            true => self.refuse(refusal, passed, verification),
            false => self.fail_told(refusal),
        }
        Verdict::Refused
    }

    /// Judges a client again that waits for the verdict. `Err(None)`: the check had refused it, and nobody may override that
    /// any more.
    pub(super) fn reconsider(&self, case: &Case) -> std::result::Result<(), Option<Error>> {
        let court = self.court();
        if !case.good && !court.may_override() {
            return Err(None);
        }
        match self.weigh(&court, case) {
            Ok(()) => {
                self.overridden.store(!case.good, Ordering::Relaxed);
                Ok(())
            }
            Err(refusal) => {
                if refusal.waits() {
                    self.set_seldom(|seldom| &seldom.judges, court.judges());
                }
                Err(Some(refusal))
            }
        }
    }

    /// What has to be satisfied now. It counts as what the handshake has asked of its peer.
    fn court(&self) -> Court {
        let asked = self.beyond();
        self.checked.set(Some(asked.clone()));
        self.has_judged.store(true, Ordering::Relaxed);
        Court { asked, judged: self.judged() }
    }

    /// The contexts that the peer has to satisfy, and who judges it for each. A callback that has not answered yet is asked
    /// again, though it has been replaced or taken away meanwhile: a verdict that is open admits nobody.
    fn judged(&self) -> Vec<(Context, Option<Judge>)> {
        let mut asked = self.take_seldom(|seldom| &seldom.judges);
        let mut judged = Vec::new();
        for context in self.contexts() {
            let kept = asked.iter().position(|(other, _)| other.same(&context));
            let judge = kept.map(|index| asked.swap_remove(index).1).or_else(|| context.judge());
            judged.push((context, judge));
        }
        // The connection may have got another context meanwhile.
        judged.extend(asked.into_iter().map(|(context, judge)| (context, Some(judge))));
        judged
    }

    fn weigh(&self, court: &Court, case: &Case) -> Result<()> {
        if court.asked.psk_required && !case.used_psk {
            return Err(psk_required());
        }
        court.asked.pins.iter().try_for_each(|pins| pins.check(case.pinned()))?;
        let Some(seen) = &case.seen else { return Ok(()) };
        court.judged.iter().filter_map(|(_, judge)| judge.as_ref()).try_for_each(|judge| {
            let answer = self.lend(|connection| user_code(|| (judge.callback)(connection, seen)));
            answer.unwrap_or_else(|| Err(gone()))
        })
    }

    /// Ends a connection whose handshake showed no certificate that could be refused, though a shared key or a pinned one
    /// has to be used, or the one of an earlier handshake, or one that nobody has judged, or resumed a session that proves less
    /// than is asked by now.
    pub(super) fn insist(&self, ssl: &Lent<'_>) {
        let asked = self.beyond();
        let checked = check_psk(asked.psk_required, ssl)
            .and_then(|()| check_anonymous(&asked, ssl))
            .and_then(|()| self.check_same_peer_at_end(ssl))
            .and_then(|()| self.check_resumed(&asked, ssl))
            .and_then(|()| self.check_judged(&asked, ssl));
        if let Err(refusal) = checked {
            self.abort(&refusal);
            self.fail(refusal);
        }
    }

    /// Refuses a session that was offered before more was asked of the peer: nothing has checked that. In TLS 1.3 a server
    /// cannot tell a shared key from a session.
    fn check_resumed(&self, asked: &Beyond, ssl: &Lent<'_>) -> Result<()> {
        if asked.asks_nothing() || !ssl.is_resumed() || is_by_shared_key(ssl) {
            return Ok(());
        }
        let proved = if ssl.is_server() { self.bound.get() } else { self.witness.offered() };
        match proved {
            Some(proved) => check_proved(asked, &proved, ssl.has_peer()),
            None => Ok(()),
        }
    }

    /// Refuses a certificate that was never judged: where no verdict is asked for, libssl goes on although it had no memory to
    /// begin to verify. A renegotiation that was refused ends without a verdict too; what one shows has to be what was judged.
    fn check_judged(&self, asked: &Beyond, ssl: &Lent<'_>) -> Result<()> {
        let shown = ssl.has_peer() && !ssl.is_resumed() && !self.ech.is_rejected();
        if shown && !asked.asks_nothing() && !self.has_judged.load(Ordering::Relaxed) {
            return Err(unproved(
                "the certificate of the peer could not be judged: there may have been no memory for that",
            ));
        }
        // libssl would tell a result that it has never come to.
        match shown && !self.has_verdict.load(Ordering::Relaxed) {
            true => Err(Error::no_memory()),
            false => Ok(()),
        }
    }

    /// Has libssl send an alert. What the check had said of a peer that did not pass stays the reason.
    fn refuse(&self, refusal: Error, passed: bool, verification: &LentVerification) {
        if passed {
            verification.refuse();
            self.note().refused = Some(Box::new(refused(verification.leaf())));
        }
        self.fail(refusal);
    }
}

/// What a peer's certificate has to satisfy beside OpenSSL's check.
struct Court {
    asked: Beyond,
    /// The contexts, and who judges for each.
    judged: Vec<(Context, Option<Judge>)>,
}

impl Court {
    fn has_judges(&self) -> bool {
        self.judged.iter().any(|(_, judge)| judge.is_some())
    }

    fn asks_nothing(&self) -> bool {
        !self.has_judges() && self.asked.asks_nothing()
    }

    /// Tells whether what OpenSSL has refused may be accepted.
    fn may_override(&self) -> bool {
        self.has_judges()
            && self.judged.iter().all(|(context, judge)| context.may_be_overridden(judge.as_ref()))
    }

    fn judges(self) -> Vec<(Context, Judge)> {
        self.judged.into_iter().filter_map(|(context, judge)| judge.map(|judge| (context, judge))).collect()
    }
}

/// What is known of a peer that has shown its certificate.
pub(super) struct Case {
    /// OpenSSL has accepted it, or it was not asked to.
    good: bool,
    used_psk: bool,
    leaf: X509,
    /// The chain, if it is proved.
    chain: Option<Vec<X509>>,
    /// What judges see, if there are any.
    seen: Option<Verification>,
}

impl Case {
    /// `expected`: the names that judges see, if there are any.
    fn of(
        passed: bool,
        good: bool,
        verification: &LentVerification,
        expected: Option<Vec<CString>>,
    ) -> Result<Case> {
        let leaf = verification.leaf().ok_or_else(Error::no_memory)?;
        // A chain that happens to be good proves nothing where nobody asks whether it is.
        let proved = passed && verification.code() == 0 && verification.is_asked_for();
        Ok(Case {
            good,
            used_psk: verification.lent().is_some_and(|ssl| ssl.used_psk()),
            chain: proved.then(|| verification.chain()).transpose()?,
            seen: expected.map(|names| Verification::of(verification, leaf.clone(), names)).transpose()?,
            leaf,
        })
    }

    /// The certificates of which one has to have a pinned key. What was not proved has no say: then it is the peer's own.
    fn pinned(&self) -> &[X509] {
        self.chain.as_deref().unwrap_or(std::slice::from_ref(&self.leaf))
    }

    /// Tells whether it has passed OpenSSL's check.
    pub fn is_proved(&self) -> bool {
        self.chain.is_some()
    }

    /// What is wrong with it once a callback has refused it.
    pub fn refused(&self) -> Refused {
        refused(Some(self.leaf.clone()))
    }
}

/// What is wrong with a certificate that a callback has refused.
fn refused(certificate: Option<X509>) -> Refused {
    Refused { code: REFUSED, depth: 0, certificate, words: None, flag: 0 }
}

pub(super) fn verdict(accepted: bool) -> Verdict {
    if accepted { Verdict::Accepted } else { Verdict::Refused }
}

/// Refuses a handshake without a key that was shared before: a server that shows its certificate has declined it.
fn check_psk(needed: bool, ssl: &Lent<'_>) -> Result<()> {
    if needed && !ssl.used_psk() { Err(psk_required()) } else { Ok(()) }
}

fn psk_required() -> Error {
    Error::ssl("a pre-shared key is required, and this handshake uses none")
}

/// Refuses a server that is to be verified, pinned or judged and proves itself by nothing: the ciphers allow that, and a session
/// of such a handshake proves nothing either. A client shows a certificate where one is required.
fn check_anonymous(asked: &Beyond, ssl: &Lent<'_>) -> Result<()> {
    if ssl.is_server() || ssl.has_peer() || ssl.used_psk() {
        return Ok(());
    }
    asked.pins.iter().try_for_each(|pins| pins.check(&[]))?;
    if asked.judged {
        return Err(unproved("a verify callback judges servers, and this one showed no certificate"));
    }
    match ssl.demands().verifies() {
        true => {
            Err(unproved("servers are verified, and this one showed no certificate: its cipher needs none"))
        }
        false => Ok(()),
    }
}

/// Tells whether a server of TLS 1.3 has proved itself by a key that was shared before, though the client has offered a session
/// too: what that has proved does not matter then. A session of a server that has shown its certificate has the certificate.
fn is_by_shared_key(ssl: &Lent<'_>) -> bool {
    ssl.is_tls_1_3() && !ssl.is_server() && !ssl.has_peer()
}

/// The refusal of a peer that has not proved who it is.
pub(super) fn unproved(words: &str) -> Error {
    Error::new(Status::CertVerification, words).with(|detail| detail.verify_code = REFUSED)
}

/// Refuses a session whose handshake had to satisfy less than this.
fn check_proved(asked: &Beyond, proved: &Beyond, has_peer: bool) -> Result<()> {
    if asked.psk_required && !proved.psk_required {
        return Err(Error::ssl(
            "a pre-shared key is required by now, and this handshake has resumed a session from before",
        ));
    }
    if asked.judged && !proved.judged && has_peer {
        return Err(unproved(
            "a verify callback judges by now, and this handshake has resumed a session from before",
        ));
    }
    match asked.pins.iter().all(|pins| proved.pins.contains(pins)) {
        true => Ok(()),
        false => {
            Err(unproved("keys are pinned by now, and this handshake has resumed a session from before"))
        }
    }
}
