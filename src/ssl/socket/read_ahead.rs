//! Receiving more than one call can take.

use super::Socket;
use super::operation::Operation;
use std::sync::atomic::Ordering;

impl Socket {
    /// Tells whether reads that may wait receive ahead.
    pub fn read_ahead(&self) -> bool {
        self.read_ahead.load(Ordering::Relaxed)
    }

    /// Lets reads that may wait receive whatever has arrived, which saves system calls: what waits inside is then
    /// hidden from whoever asks the descriptor.
    pub fn set_read_ahead(&self, on: bool) {
        self.read_ahead.store(on, Ordering::Relaxed);
    }

    /// Tells whether an operation receives whatever has arrived: the socket was told to, and nothing but records
    /// can come. Otherwise no complete record stays inside, so that waiting for the descriptor tells of it.
    pub(super) fn receives_ahead(&self, operation: Operation) -> bool {
        self.read_ahead() && operation.only_reads() && operation.deadline.is_some()
    }
}
