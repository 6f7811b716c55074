//! The counters of handshakes. They belong to a context as a whole: all its generations count, including those that were
//! freed, and so do clients that use an `SSL_CTX` shared with other contexts.

use super::{backend, sys};
use crate::lock::Mutex;
use std::sync::Arc;

/// The counters: sessions in the cache, then connect, connect_good, connect_renegotiate, the same three for
/// accept, hits, misses, timeouts and cache_full.
pub type Counts = [i64; 11];

/// Client events that are counted; the number is the index in [`Counts`].
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
    /// The counts of generations that were freed, and of clients that belong to none.
    gone: Counts,
    alive: Vec<Generation>,
}

#[derive(PartialEq)]
struct Generation(*mut sys::SSL_CTX);

// SAFETY: OpenSSL's counters may be read from any thread; nothing else is done with the pointer.
unsafe impl Send for Generation {}

impl Lineage {
    /// Adds a generation, which must leave before it is freed.
    pub(super) fn join(&self, ctx: *mut sys::SSL_CTX) {
        self.0.lock().alive.push(Generation(ctx));
    }

    /// Removes a generation and keeps its counts.
    pub(super) fn leave(&self, ctx: *mut sys::SSL_CTX) {
        let mut family = self.0.lock();
        let mut last = Generation(ctx).counts();
        // Its cache is freed with it, so its sessions no longer count.
        last[0] = 0;
        add(&mut family.gone, &last);
        family.alive.retain(|generation| generation.0 != ctx);
    }

    /// Counts an event of a client that belongs to none of the generations.
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
        // SAFETY: the context is alive as long as it is in the family; so below.
        let mut counts = unsafe { sys::SSL_CTX_counters(self.0) };
        // SAFETY: as above.
        counts[0] += unsafe { backend::session::count_beside(self.0) };
        counts
    }
}

fn add(sum: &mut Counts, counts: &Counts) {
    for (sum, count) in sum.iter_mut().zip(counts) {
        *sum += count;
    }
}
