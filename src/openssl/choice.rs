//! What one connection proves who it is with.

use super::backend::{identity, settings};
use super::cert_and_key::CertAndKey;
use super::chain::X509Stack;
use super::lent::Lent;
use super::{Result, sys};
use std::ptr::null_mut;
use std::sync::Arc;

/// Has one connection use an identity, and no other.
fn give(identity: &Arc<CertAndKey>, ssl: *mut sys::SSL) -> Result<()> {
    // SAFETY: the caller's connection is alive.
    let level = unsafe { settings::security_level(ssl) };
    identity::check_level(level, &identity.leaf, &identity.chain)?;
    let chain = identity.list()?;
    let chain = chain.as_ref().map_or(null_mut(), X509Stack::as_ptr);
    // SAFETY: the connection is alive, and so is the list, unless it is NULL.
    unsafe { identity::give(ssl, identity, chain) }
}

impl Lent<'_> {
    /// Uses this identity and no other, or none.
    pub fn use_identity(&self, identity: Option<&Arc<CertAndKey>>) -> Result<()> {
        match identity {
            Some(identity) => give(identity, self.as_ptr()),
            // SAFETY: the connection is alive.
            None => unsafe { identity::give_none(self.as_ptr()) },
        }
    }
}
