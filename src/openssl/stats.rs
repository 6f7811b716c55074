//! The counters of handshakes. A context's generations count for the context as a whole, also those that are gone,
//! and so do clients of an `SSL_CTX` that it shares with others.

use super::sys;
use crate::lock::Mutex;
use std::os::raw::c_int;
use std::ptr::null_mut;
use std::sync::Arc;

/// OpenSSL's controls, in the order of [`Counts`].
const CONTROLS: [c_int; 11] = [20, 21, 22, 23, 24, 25, 26, 27, 29, 30, 31];

/// The counters: sessions in the cache, then connect, connect_good, connect_renegotiate, the same three for
/// accept, hits, misses, timeouts and cache_full.
pub type Counts = [i64; CONTROLS.len()];

/// What a client does that counts; the number is the place in [`Counts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// It began its first handshake.
    Connect = 1,
    /// It finished a handshake.
    ConnectGood = 2,
    /// It began a further handshake.
    ConnectRenegotiate = 3,
    /// It resumed a session.
    Hit = 7,
}

/// The generations of one context.
#[derive(Clone, Default)]
pub struct Lineage(Arc<Mutex<Family>>);

#[derive(Default)]
struct Family {
    /// What was counted by generations that are gone, and for clients of none.
    gone: Counts,
    alive: Vec<Generation>,
}

#[derive(PartialEq)]
struct Generation(*mut sys::SSL_CTX);

// SAFETY: OpenSSL's counters may be read from any thread; nothing else is done with the pointer.
unsafe impl Send for Generation {}

impl Lineage {
    /// Begins to count a generation, which must leave before it is freed.
    pub(super) fn join(&self, ctx: *mut sys::SSL_CTX) {
        self.0.lock().alive.push(Generation(ctx));
    }

    /// Keeps what a generation has counted.
    pub(super) fn leave(&self, ctx: *mut sys::SSL_CTX) {
        let mut family = self.0.lock();
        let mut last = Generation(ctx).counts();
        // The sessions in its cache go with it.
        last[0] = 0;
        add(&mut family.gone, &last);
        family.alive.retain(|generation| generation.0 != ctx);
    }

    /// Counts what a client of none of the generations did.
    pub fn count(&self, what: Counted) {
        self.0.lock().gone[what as usize] += 1;
    }

    /// The counters of all generations.
    pub fn counts(&self) -> Counts {
        let family = self.0.lock();
        let mut sum = family.gone;
        for generation in &family.alive {
            add(&mut sum, &generation.counts());
        }
        sum
    }
}

impl Generation {
    fn counts(&self) -> Counts {
        CONTROLS.map(|control| {
            // SAFETY: the context is alive for as long as it is in the family.
            let count = unsafe { sys::SSL_CTX_ctrl(self.0, control, 0, null_mut()) };
            #[allow(clippy::useless_conversion)] // c_long has 32 bits on Windows
            i64::from(count)
        })
    }
}

fn add(sum: &mut Counts, counts: &Counts) {
    for (sum, count) in sum.iter_mut().zip(counts) {
        *sum += count;
    }
}
