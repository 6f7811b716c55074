//! One X.509 certificate, decoded as Python's `getpeercert` dict.

use crate::openssl::x509::X509;
use std::sync::Arc;

/// A certificate. Immutable and cheap to clone.
#[derive(Clone, Debug)]
pub struct Certificate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    x509: X509,
    verified: bool,
}

impl Certificate {
    /// Wraps a certificate; `verified` says whether it came from a connection that had verified it.
    pub(crate) fn new(x509: X509, verified: bool) -> Certificate {
        Certificate(Arc::new(Inner { x509, verified }))
    }

    /// Tells whether it came from a connection that had verified it.
    pub fn verified(&self) -> bool {
        self.0.verified
    }
}
