//! When libssl keeps its buffers. To take and give them back for each record costs a tenth of a stream of small
//! records; to keep them costs 33 KiB for each connection that waits. So streams keep them, and nobody else.

use crate::openssl::ssl::Ssl;
use std::cell::Cell;

/// What was done last, and what follows from it.
#[derive(Default)]
pub(super) struct Buffers {
    wrote: Cell<bool>,
    kept: Cell<bool>,
    session: Cell<u64>,
}

impl Buffers {
    /// Who writes twice in a row is likely to go on.
    pub fn will_write(&self, ssl: &Ssl) {
        if self.wrote.replace(true) {
            self.keep(ssl);
        }
    }

    /// Who has more to read goes on; who has not may wait for long.
    pub fn has_read(&self, ssl: &Ssl, more: bool) {
        self.wrote.set(false);
        match more {
            true => self.keep(ssl),
            false => self.release(ssl),
        }
    }

    fn keep(&self, ssl: &Ssl) {
        if !self.kept.replace(true) {
            ssl.keep_buffers(true);
        }
    }

    fn release(&self, ssl: &Ssl) {
        // With each ticket that it reads libssl takes a write buffer, and holds it until something is written.
        let session = ssl.session_mark();
        let ticket = self.session.replace(session) != session;
        if self.kept.replace(false) {
            ssl.keep_buffers(false);
        } else if !ticket {
            return;
        }
        ssl.free_buffers();
    }
}
