//! Certificates for a trust store that are somewhere else.

use super::x509::X509;

/// Where these certificates come from. Called on the thread that verifies, possibly on several at the same time.
pub trait Source: Send + Sync {
    /// Calls `visit` with each certificate.
    fn each(&self, visit: &mut dyn FnMut(&X509));
}
