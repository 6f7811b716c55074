//! When libssl keeps its buffers. Allocating and freeing them for each record costs a tenth of the throughput of small
//! records; keeping them costs 33 KiB for each idle connection. So only the connections that were busy last keep theirs,
//! up to a limit for the whole process.

use super::Core;
use crate::lock::{Mutex, ReentrantMutex, TURN};
use crate::openssl::ssl::Ssl;
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Arc, Weak};

/// How many connections of a process keep their buffers: 2 MiB.
const BUSY: usize = 64;
/// A connection that has read or written this often is likely to continue.
const OFTEN: u32 = 8;

static BUSIEST: Mutex<VecDeque<Weak<ReentrantMutex<Core, TURN>>>> = Mutex::new(VecDeque::new());

/// Whether a connection keeps its buffers, and how often it has used them.
#[derive(Default)]
pub(super) struct Buffers {
    uses: Cell<u32>,
    kept: Cell<bool>,
}

impl Buffers {
    /// Counts a call that reads or writes; true for the one that makes the connection count as busy.
    pub fn used(&self) -> bool {
        self.uses.set(self.uses.get().saturating_add(1));
        self.uses.get() == OFTEN
    }

    /// Frees the buffers at the end of a call, unless the connection keeps them. libssl can free them after each record by
    /// itself (`SSL_MODE_RELEASE_BUFFERS`), but from 3.2 on that mode cannot be switched off again.
    pub fn leave(&self, ssl: &Ssl) {
        if !self.kept.get() {
            ssl.free_buffers();
        }
    }

    fn give_back(&self, ssl: &Ssl) {
        self.kept.set(false);
        self.uses.set(0);
        ssl.free_buffers();
    }
}

/// Lets a connection keep its buffers; if that makes too many, the oldest one gives its buffers back.
pub(super) fn keep(core: &Arc<ReentrantMutex<Core, TURN>>) {
    // Not worth waiting for the lock, which a forked child may have inherited in the locked state.
    let Some(mut busiest) = BUSIEST.try_lock() else { return };
    busiest.push_back(Arc::downgrade(core));
    let oldest = if busiest.len() > BUSY { busiest.pop_front() } else { None };
    drop(busiest);
    core.lock().buffers.kept.set(true);
    if let Some(oldest) = oldest.as_ref().and_then(Weak::upgrade) {
        if !give_back(&oldest) {
            BUSIEST.lock().push_back(Arc::downgrade(&oldest));
        }
    }
}

/// Frees the buffers of a connection, unless another thread is inside it: then it is busy after all.
fn give_back(core: &ReentrantMutex<Core, TURN>) -> bool {
    let Some(core) = core.try_lock().filter(|core| !core.is_inside()) else { return false };
    core.buffers.give_back(&core.ssl);
    true
}
