//! The cache of verified chains.

use crate::ffi::boundary::{ask, call, handle, optional};
use crate::ssl::{Context, Error, Status};

/// Tells whether the context keeps verified chains.
/// Extension: see tlsock_context_set_chain_cache.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_chain_cache(context: *const Context) -> bool {
    ask(false, || unsafe { optional(context) }.as_deref().is_some_and(Context::chain_cache))
}

/// Sets whether connections keep the peer's chain once it was verified, and do not verify the signatures of the same
/// certificates again. Off by default; switching it off forgets what was kept. A verdict
/// counts only while all that it came from is the same: every certificate shown and their order, the CAs and CRLs
/// that are trusted, the name or address, the side, verify flags and security level. Dates are looked at each time.
/// After a change of trust, or in doubt, a chain is verified as ever. Only successes are kept. Where CRLs are
/// checked and may come from a hashed directory, every chain is verified. What it saves of the processor time that
/// both ends spend on a full handshake with a server that was seen before: about a sixth for P-256, a twentieth for
/// RSA. What it costs: memory for up to 64 chains, and somebody who can measure may learn whether a chain was seen
/// before.
/// Returns: nothing beyond the conventions.
/// Extension: Python verifies every chain anew.
/// OpenSSL: SSL_CTX_set_cert_verify_callback
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_chain_cache(
    context: *mut Context,
    enabled: bool,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        unsafe { handle(context, "context") }?.set_chain_cache(enabled);
        Ok(())
    })
}

/// Returns how often a kept chain was used instead of verifying again since the context was made; 0 for NULL.
/// Extension: see tlsock_context_set_chain_cache.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_chain_cache_hits(context: *const Context) -> u64 {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, Context::chain_cache_hits))
}
