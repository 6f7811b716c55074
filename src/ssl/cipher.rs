//! Lists of cipher suites.

use crate::openssl::cipher::{Cipher, CipherInfo};

/// A list of ciphers, as it was when asked for. Immutable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CipherList(Vec<CipherInfo>);

impl CipherList {
    /// The ciphers, best first.
    pub fn as_slice(&self) -> &[CipherInfo] {
        &self.0
    }

    /// The triple of one cipher; None past the end.
    pub fn triple(&self, index: usize) -> Option<Cipher> {
        self.0.get(index).map(|info| Cipher {
            id: info.id,
            name: info.name,
            protocol: info.protocol,
            secret_bits: info.strength_bits,
        })
    }
}

impl From<Vec<CipherInfo>> for CipherList {
    fn from(ciphers: Vec<CipherInfo>) -> CipherList {
        CipherList(ciphers)
    }
}
