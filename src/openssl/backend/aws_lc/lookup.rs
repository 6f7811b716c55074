//! Certificates that a trust store loads. AWS-LC has no lookups of others, so all of them are loaded at once.

pub use crate::openssl::source::Source;

use crate::openssl::Result;
use crate::openssl::store::Store;
use std::sync::Arc;

impl Store {
    /// Adds the certificates of a source. Only for a store that is not in use yet.
    pub fn attach(&self, source: Arc<dyn Source>) -> Result<bool> {
        let mut added = Ok(());
        source.each(&mut |x509| {
            if added.is_ok() {
                added = self.add_cert(x509);
            }
        });
        added.map(|()| true)
    }
}
