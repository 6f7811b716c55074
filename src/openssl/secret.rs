//! Bytes that are overwritten when they are dropped.

use super::error::Entry;
use super::{Result, cleanse};

/// Bytes of a private key or a password. They stay where they are: growing would leave copies.
#[derive(Default)]
pub(super) struct Secret(Vec<u8>);

impl Secret {
    /// None yet, with room for this many.
    pub fn with_room(len: usize) -> Result<Secret> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len).map_err(|_| Entry::memory())?;
        Ok(Secret(bytes))
    }

    /// This many zeros.
    pub fn zeros(len: usize) -> Result<Secret> {
        let mut secret = Secret::with_room(len)?;
        secret.0.resize(len, 0);
        Ok(secret)
    }

    /// Adds bytes, for which there has to be room.
    pub fn push(&mut self, bytes: &[u8]) {
        debug_assert!(self.0.len() + bytes.len() <= self.0.capacity(), "a copy would be left");
        self.0.extend_from_slice(bytes);
    }

    /// Leaves the first bytes.
    pub fn truncate(&mut self, len: usize) {
        let len = len.min(self.0.len());
        cleanse(&mut self.0[len..]);
        self.0.truncate(len);
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, to be written.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        cleanse(&mut self.0);
    }
}
