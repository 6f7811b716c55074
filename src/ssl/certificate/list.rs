//! Lists of certificates: chains and trust stores.

use super::Certificate;

/// A list of certificates, as it was when asked for. Immutable.
#[derive(Clone, Debug, Default)]
pub struct CertificateList(Vec<Certificate>);

impl CertificateList {
    /// The certificates in order.
    pub fn as_slice(&self) -> &[Certificate] {
        &self.0
    }
}

impl From<Vec<Certificate>> for CertificateList {
    fn from(certificates: Vec<Certificate>) -> CertificateList {
        CertificateList(certificates)
    }
}
