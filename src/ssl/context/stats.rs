//! Counters of sessions and handshakes.

use super::Context;
use crate::openssl::stats::Counted;

/// Python: `SSLContext.session_stats()`
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct SessionStats {
    pub number: i64,
    pub connect: i64,
    pub connect_good: i64,
    pub connect_renegotiate: i64,
    pub accept: i64,
    pub accept_good: i64,
    pub accept_renegotiate: i64,
    pub hits: i64,
    pub misses: i64,
    pub timeouts: i64,
    pub cache_full: i64,
}

impl Context {
    /// Python: `SSLContext.session_stats()`. Counts since the context was made, across all its generations; `number` alone
    /// is that of the present cache.
    pub fn session_stats(&self) -> SessionStats {
        let counts = self.0.state.lock().lineage.counts();
        let [number, connect, connect_good, connect_renegotiate, ..] = counts;
        let [_, _, _, _, accept, accept_good, accept_renegotiate, hits, misses, timeouts, cache_full] =
            counts;
        SessionStats {
            number,
            connect,
            connect_good,
            connect_renegotiate,
            accept,
            accept_good,
            accept_renegotiate,
            hits,
            misses,
            timeouts,
            cache_full,
        }
    }

    /// Counts a client's handshake event that libssl itself does not count.
    pub(crate) fn count(&self, what: Counted) {
        self.0.state.lock().lineage.count(what);
    }
}
