//! What a side proves who it is with.

use super::Result;
use super::chain::X509Stack;
use super::pkey::PKey;
use super::signing::Signer;
use super::x509::X509;
use std::sync::Arc;

/// A certificate, its chain and its key.
pub struct CertAndKey {
    /// The certificate of this side.
    pub leaf: X509,
    /// The certificates between it and a root.
    pub chain: Vec<X509>,
    /// Its private key.
    pub key: PKey,
    /// The program that signs by it, if it is not here.
    pub signer: Option<Arc<dyn Signer>>,
    /// That one may need time.
    pub may_wait: bool,
    /// The timestamps that a server sends with the certificate: a SignedCertificateTimestampList (RFC 6962, section 3.3).
    pub scts: Option<Arc<[u8]>>,
}

impl CertAndKey {
    /// The list of the chain. Without any, OpenSSL may build the chain from the trust store; an empty list would forbid it.
    pub(super) fn list(&self) -> Result<Option<X509Stack>> {
        if self.chain.is_empty() { Ok(None) } else { X509::stack(&self.chain).map(Some) }
    }
}
