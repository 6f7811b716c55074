//! What a context's connections prove who they are with, and what they ask of their clients.

use super::SslCtx;
use crate::openssl::backend::choice;
use crate::openssl::backend::identity::{self, check_level};
use crate::openssl::cert_and_key::CertAndKey;
use crate::openssl::chain::X509Stack;
use crate::openssl::x509::X509;
use crate::openssl::{Result, cvt, cvt_new, sys};
use std::ptr::null_mut;
use std::sync::Arc;

impl SslCtx {
    /// Uses an identity in place of the one of the same key type. On failure nothing has changed.
    pub fn use_identity(&mut self, identity: &Arc<CertAndKey>) -> Result<()> {
        let level = self.security_level();
        check_level(level, &identity.leaf, &identity.chain)?;
        let chain = identity.list()?;
        // SAFETY: all are alive or NULL; the context takes its own references.
        cvt(|| unsafe {
            sys::SSL_CTX_use_cert_and_key(
                self.as_ptr(),
                identity.leaf.as_ptr(),
                identity.key.as_ptr(),
                chain.as_ref().map_or(null_mut(), X509Stack::as_ptr),
                1,
            )
        })?;
        let kind = identity.leaf.key_kind();
        let others = self.identities.iter().filter(|known| known.leaf.key_kind() != kind);
        let all: Arc<[_]> = others.chain([identity]).map(Arc::clone).collect();
        // SAFETY: the context is ours.
        unsafe { identity::load(self.as_ptr(), &all) }?;
        self.identities = all;
        self.seen_at = self.seen_at.min(level);
        Ok(())
    }

    /// Looks at all again, as the level was raised since they were loaded.
    pub(super) fn check_identities(&self) -> Result<()> {
        let level = self.security_level();
        self.identities.iter().try_for_each(|identity| check_level(level, &identity.leaf, &identity.chain))
    }

    /// Has a connection know what its own side has, which is what this context has.
    pub(in crate::openssl) fn tell_identities(&self, ssl: *mut sys::SSL) {
        // SAFETY: the caller's connection is alive.
        unsafe { identity::know(ssl, &self.identities) };
    }

    /// Tells whether an identity has certificate timestamps.
    pub fn sends_scts(&self) -> bool {
        self.identities.iter().any(|identity| identity.scts.is_some())
    }

    /// Tells whether a handshake may have to wait for a signature.
    pub fn may_wait(&self) -> bool {
        self.identities.iter().any(|identity| identity.may_wait)
    }

    /// Tells whether each handshake has to choose of what there is: a client may show none, and a server may have none.
    pub fn needs_choice(&self, is_server: bool) -> bool {
        let count = self.identities.len();
        choice::IS_NEEDED && if is_server { count != 1 } else { count > 0 }
    }

    /// Sets the authorities of which a server asks its clients for certificates: the holders of these.
    pub fn set_client_cas(&mut self, certificates: &[X509]) -> Result<()> {
        if certificates.is_empty() && self.client_cas.is_empty() {
            return Ok(());
        }
        // SAFETY: no preconditions.
        let names = cvt_new(|| unsafe { sys::OPENSSL_sk_new_null() })?;
        // SAFETY: the context is ours and takes the list over.
        unsafe { sys::SSL_CTX_set_client_CA_list(self.as_ptr(), names.as_ptr().cast()) };
        self.client_cas.clear();
        for x509 in certificates {
            // SAFETY: both are alive; the context copies the name.
            cvt(|| unsafe { sys::SSL_CTX_add_client_CA(self.as_ptr(), x509.as_ptr()) })?;
            self.client_cas.push(x509.clone());
        }
        Ok(())
    }
}
