//! Verifies a peer's chain, unless it is in the cache.

use super::{Handler, guarded};
use crate::openssl::chain_cache::{Key, Verification};
use crate::openssl::sys;
use std::os::raw::{c_int, c_void};

const GOOD: c_int = 1;

pub(in crate::openssl) unsafe extern "C" fn verify_chain(
    ctx: *mut sys::X509_STORE_CTX,
    _: *mut c_void,
) -> c_int {
    // SAFETY: libssl calls with a live verification.
    let verification = unsafe { Verification::new(ctx) };
    match key(&verification) {
        Some(key) => look_up(&verification, key),
        None => verification.verify(),
    }
}

fn key(verification: &Verification) -> Option<Key> {
    // SAFETY: libssl calls with a live SSL.
    unsafe {
        guarded(verification.connection(), None, |handler| {
            if handler.keeps_chains() { verification.key() } else { None }
        })
    }
}

fn look_up(verification: &Verification, key: Key) -> c_int {
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
