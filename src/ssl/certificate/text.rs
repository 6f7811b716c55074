//! Text that a peer chose.

use crate::ssl::error::Result;
use std::fmt;

/// Bytes that a peer chose: UTF-8 text, unless said otherwise. They may hold NULs, so C code must use the length:
/// text cut at a NUL is different text. For C, one more NUL follows them that is not counted.
#[derive(Clone, PartialEq, Eq)]
pub struct PeerText(Box<[u8]>);

impl PeerText {
    pub(crate) fn new(bytes: &[u8]) -> Result<PeerText> {
        let mut place = Vec::new();
        place.try_reserve_exact(bytes.len() + 1)?;
        place.extend_from_slice(bytes);
        place.push(0);
        Ok(PeerText(place.into_boxed_slice()))
    }

    /// A copy; fails when there is no memory for it.
    pub(crate) fn copy(&self) -> Result<PeerText> {
        PeerText::new(self.as_bytes())
    }

    /// All the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0[..self.0.len() - 1]
    }

    /// The text; None if the bytes are not UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }

    pub(crate) fn with_nul(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for PeerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(self.as_bytes()), f)
    }
}
