//! What a context counts of its connections' handshakes, where libssl does not.

use super::Events;
use crate::openssl::handler::Step;
use crate::ssl::context::Counted;
use std::sync::atomic::Ordering;

impl Events {
    pub(super) fn count(&self, step: Step) {
        if !self.uncounted {
            return;
        }
        // libssl counts for the context that a connection was made with, even after it got another one.
        match step {
            Step::Started if self.started.swap(true, Ordering::Relaxed) => {
                self.first.count(Counted::ConnectRenegotiate);
            }
            Step::Started => self.first.count(Counted::Connect),
            Step::Finished { resumed } => {
                self.first.count(Counted::ConnectGood);
                if resumed {
                    self.first.count(Counted::Hit);
                }
            }
        }
    }
}
