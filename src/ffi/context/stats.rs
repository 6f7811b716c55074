//! Counters of sessions and handshakes.

use crate::ffi::boundary::{ask, optional};
use crate::ssl::{Context, SessionStats};

/// Returns the counters of handshakes and resumptions; all 0 for NULL.
/// Python: SSLContext.session_stats()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_session_stats(context: *const Context) -> SessionStats {
    ask(SessionStats::default(), || {
        unsafe { optional(context) }.as_deref().map_or(SessionStats::default(), Context::session_stats)
    })
}
