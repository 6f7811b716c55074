//! When libssl keeps its buffers. To take and give them back for each record costs a tenth of a stream of small
//! records; to keep them costs 33 KiB for each connection that waits. So those that were busy last keep them, up to
//! a number for the whole process, and nobody else.

use super::Core;
use crate::lock::{Mutex, ReentrantMutex, TURN};
use crate::openssl::ssl::Ssl;
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Arc, Weak};

/// How many connections of a process keep their buffers: 2 MiB.
const BUSY: usize = 64;
/// Who reads and writes so often is likely to go on.
const OFTEN: u32 = 8;

static BUSIEST: Mutex<VecDeque<Weak<ReentrantMutex<Core, TURN>>>> = Mutex::new(VecDeque::new());

/// What a connection does with its buffers.
#[derive(Default)]
pub(super) struct Buffers {
    uses: Cell<u32>,
    kept: Cell<bool>,
}

impl Buffers {
    /// Counts a call that reads or writes: true once there were enough of them to keep the buffers.
    pub fn used(&self) -> bool {
        self.uses.set(self.uses.get().saturating_add(1));
        self.uses.get() == OFTEN
    }

    /// Who leaves may stay away for long. libssl can free them after each record by itself
    /// (`SSL_MODE_RELEASE_BUFFERS`), but from 3.2 on it cannot be told to stop that.
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

/// Lets a connection keep its buffers, and has another one give them back if there are too many.
pub(super) fn keep(core: &Arc<ReentrantMutex<Core, TURN>>) {
    // Not worth waiting for, least of all in a child whose parent held the lock when it forked.
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

/// Not while somebody is inside: that one is busy, after all.
fn give_back(core: &ReentrantMutex<Core, TURN>) -> bool {
    let Some(core) = core.try_lock().filter(|core| !core.busy.get()) else { return false };
    core.buffers.give_back(&core.ssl);
    true
}
