//! The cache of verified chains.

use crate::ffi::boundary::{ask, call, handle, optional};
use crate::ssl::{Context, Error, Status};

/// Tells whether the context keeps verified chains.
/// Extension: see tlsock_context_set_chain_cache.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_chain_cache(context: *const Context) -> bool {
    ask(false, || unsafe { optional(context) }.as_deref().is_some_and(Context::chain_cache))
}

/// Sets whether connections made from now on keep the peer's chain after it was verified, so that the signatures of the
/// same certificates need not be verified again. Off by default; switching it off drops the kept chains. A result is used
/// again only if everything it depends on is the same: every certificate that the peer sent and their order, the
/// trusted CAs and CRLs, the name or address, the side, verify flags and security level. Dates are checked each time.
/// After a change of trust, or in doubt, the chain is verified in full. Only successes are kept. If CRLs are
/// checked and may come from a hashed directory, every chain is verified in full. Benefit: of the processor time that
/// both sides spend on a full handshake with a server that was seen before, about a sixth for P-256 and a twentieth
/// for RSA. Cost: memory for up to 64 chains, and an attacker who measures times may learn whether a chain was seen
/// before.
/// Returns: SSL.
/// Extension: Python verifies every chain anew.
/// OpenSSL: SSL_CTX_set_cert_verify_callback
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_chain_cache(
    context: *mut Context,
    enabled: bool,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_chain_cache(enabled))
}

/// Returns how often a kept chain was used instead of verifying again since the context was made; 0 for NULL.
/// Extension: see tlsock_context_set_chain_cache.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_chain_cache_hits(context: *const Context) -> u64 {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, Context::chain_cache_hits))
}
