//! What a side proves who it is with.

use super::backend::{identity, settings};
use super::chain::X509Stack;
use super::lent::Lent;
use super::pkey::PKey;
use super::signer::Signer;
use super::x509::X509;
use super::{Result, sys};
use std::ptr::null_mut;
use std::sync::Arc;

/// A certificate, its chain and its key.
pub struct CertAndKey {
    /// The certificate of this side.
    pub leaf: X509,
    /// The certificates between it and a root.
    pub chain: Vec<X509>,
    /// Its private key.
    pub key: PKey,
    /// Who signs by it, if it is not here.
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

    /// Has one connection use it, and no other.
    fn give(self: &Arc<Self>, ssl: *mut sys::SSL) -> Result<()> {
        // SAFETY: the caller's connection is alive.
        let level = unsafe { settings::security_level(ssl) };
        identity::check_level(level, &self.leaf, &self.chain)?;
        let chain = self.list()?;
        let chain = chain.as_ref().map_or(null_mut(), X509Stack::as_ptr);
        // SAFETY: the connection is alive, and so is the list, unless it is NULL.
        unsafe { identity::give(ssl, self, chain) }
    }
}

impl Lent<'_> {
    /// Uses this identity and no other, or none.
    pub fn use_identity(&self, identity: Option<&Arc<CertAndKey>>) -> Result<()> {
        match identity {
            Some(identity) => identity.give(self.as_ptr()),
            // SAFETY: the connection is alive.
            None => unsafe { identity::give_none(self.as_ptr()) },
        }
    }
}
