//! The counters of handshakes. A context's generations count for the context as a whole, also those that are gone.

use super::{ctx::SslCtx, sys};
use parking_lot::Mutex;
use std::os::raw::c_int;
use std::ptr::null_mut;
use std::sync::Arc;

/// OpenSSL's controls, in the order of [`Counts`].
const CONTROLS: [c_int; 11] = [20, 21, 22, 23, 24, 25, 26, 27, 29, 30, 31];

/// The counters: sessions in the cache, then connect, connect_good, connect_renegotiate, the same three for
/// accept, hits, misses, timeouts and cache_full.
pub type Counts = [i64; CONTROLS.len()];

/// The generations of one context.
#[derive(Clone, Default)]
pub(super) struct Lineage(Arc<Mutex<Family>>);

#[derive(Default)]
struct Family {
    /// What the generations that are gone have counted.
    gone: Counts,
    alive: Vec<Generation>,
}

#[derive(PartialEq)]
struct Generation(*mut sys::SSL_CTX);

// SAFETY: OpenSSL's counters may be read from any thread; nothing else is done with the pointer.
unsafe impl Send for Generation {}

impl Lineage {
    /// Begins to count a generation, which must leave before it is freed.
    pub fn join(&self, ctx: *mut sys::SSL_CTX) {
        self.0.lock().alive.push(Generation(ctx));
    }

    /// Keeps what a generation has counted.
    pub fn leave(&self, ctx: *mut sys::SSL_CTX) {
        let mut family = self.0.lock();
        let mut last = Generation(ctx).counts();
        // The sessions in its cache go with it.
        last[0] = 0;
        add(&mut family.gone, &last);
        family.alive.retain(|generation| generation.0 != ctx);
    }

    fn counts(&self) -> Counts {
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

impl SslCtx {
    /// The counters of all generations.
    pub fn counts(&self) -> Counts {
        self.lineage.counts()
    }
}
