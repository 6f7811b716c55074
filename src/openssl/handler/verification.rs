//! Verifying a peer's chain, unless that was done before, and what the handler has to say to it.

use super::{Handler, Verdict, guarded};
use crate::openssl::backend::ticket;
use crate::openssl::chain_cache::ChainKey;
use crate::openssl::sys;
use crate::openssl::verification::LentVerification;
use std::os::raw::{c_int, c_void};

const GOOD: c_int = 1;
const BAD: c_int = 0;

pub(in crate::openssl) unsafe extern "C" fn verify_chain(
    ctx: *mut sys::X509_STORE_CTX,
    _: *mut c_void,
) -> c_int {
    // SAFETY: libssl calls with a live verification.
    let verification = unsafe { LentVerification::new(ctx) };
    // SAFETY: NULL or a live SSL.
    unsafe { ticket::hold(verification.connection()) };
    let verdict = verdict(&verification);
    let judge = |handler: &dyn Handler| handler.verified(verdict == GOOD, &verification);
    // SAFETY: libssl calls with a live SSL.
    match unsafe { guarded(verification.connection(), Verdict::Refused, judge) } {
        Verdict::Accepted => GOOD,
        Verdict::Open if verification.stop() => GOOD, // on a server: for the time being
        Verdict::Open | Verdict::Refused => BAD,
    }
}

fn verdict(verification: &LentVerification) -> c_int {
    if !verification.take_over() {
        return BAD;
    }
    verification.expect_public_name();
    match key(verification) {
        Some(key) => look_up(verification, key),
        None => verification.verify(),
    }
}

fn key(verification: &LentVerification) -> Option<ChainKey> {
    // SAFETY: libssl calls with a live SSL.
    unsafe {
        guarded(verification.connection(), None, |handler| match handler.keeps_chains() {
            true => verification.key(handler.expects_names()),
            false => None,
        })
    }
}

fn look_up(verification: &LentVerification, key: ChainKey) -> c_int {
    let ssl = verification.connection();
    // SAFETY: libssl calls with a live SSL.
    let settled = unsafe {
        guarded(ssl, false, |handler| {
            handler.known_chain(&key).is_some_and(|chain| verification.finish(&chain).is_ok())
        })
    };
    if settled {
        return GOOD;
    }
    let verdict = verification.verify();
    if verdict == GOOD {
        let keep = |handler: &dyn Handler| {
            if let Some(chain) = verification.outcome() {
                handler.keep_chain(key, chain);
            }
        };
        // SAFETY: libssl calls with a live SSL.
        unsafe { guarded(ssl, (), keep) };
    }
    verdict
}
