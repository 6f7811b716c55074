//! The keys of Encrypted ClientHello, where they are a setting of an `SSL_CTX`.

use super::SslCtx;
use crate::openssl::Result;
use crate::openssl::backend::ech;
use crate::openssl::ech::EchStore;
use crate::openssl::stats::Lineage;
use std::sync::Arc;

impl SslCtx {
    /// The keys by which its servers decrypt.
    pub fn ech_keys(&self) -> Option<&Arc<EchStore>> {
        self.ech_keys.as_ref()
    }

    /// Makes a context with the same settings, as `duplicate` does, whose servers decrypt by these keys, or not.
    pub fn decrypting_by(&self, lineage: &Lineage, keys: Option<&Arc<EchStore>>) -> Result<SslCtx> {
        let mut copy = self.duplicate(lineage)?;
        if let Some(keys) = keys {
            copy.use_ech_keys(keys)?;
        } else if copy.ech_keys.take().is_some() {
            // They cannot be taken away.
            copy = copy.duplicate(lineage)?;
        }
        Ok(copy)
    }

    pub(super) fn copy_ech_keys(&mut self, from: &SslCtx) -> Result<()> {
        from.ech_keys.as_ref().map_or(Ok(()), |keys| self.use_ech_keys(keys))
    }

    fn use_ech_keys(&mut self, keys: &Arc<EchStore>) -> Result<()> {
        // SAFETY: the context is ours, and the keys are alive.
        unsafe { ech::load(self.as_ptr(), keys) }?;
        self.ech_keys = Some(Arc::clone(keys));
        Ok(())
    }
}
