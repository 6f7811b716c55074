//! Receiving more than one call needs.

use super::Socket;
use super::io::Operation;
use std::sync::atomic::Ordering;

impl Socket {
    /// Tells whether reads that may wait receive ahead.
    pub fn read_ahead(&self) -> bool {
        self.read_ahead.load(Ordering::Relaxed)
    }

    /// Lets reads that may wait receive everything that has arrived, which saves system calls. Bytes that wait inside then
    /// do not make the descriptor readable.
    pub fn set_read_ahead(&self, on: bool) {
        self.read_ahead.store(on, Ordering::Relaxed);
    }

    /// Tells whether an operation receives everything that has arrived: the option is set and it is a read that may wait.
    /// Otherwise no complete record stays inside, so that waiting for the descriptor does not miss one.
    pub(super) fn receives_ahead(&self, operation: Operation) -> bool {
        self.read_ahead() && operation.only_reads() && operation.deadline.is_some()
    }
}
