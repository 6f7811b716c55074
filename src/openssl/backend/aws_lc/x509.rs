//! What a certificate says of itself. AWS-LC's function of the name of OpenSSL's counts SHA-1 for more than OpenSSL does, and does not know
//! the strength of RSA-PSS and Ed25519.

use super::rules::facts::CertificateFacts;
use super::rules::strength::signature_strength;
use crate::openssl::Result;
use crate::openssl::der::{SEQUENCE, element};
use crate::openssl::x509::{SignatureInfo, X509};

/// How a certificate is signed; None where that is not known.
pub fn signature_info(x509: &X509) -> Result<Option<SignatureInfo>> {
    let der = x509.to_der()?;
    let kind = algorithm(&der).and_then(signature_strength);
    Ok(kind.map(|kind| SignatureInfo {
        digest: kind.digest.map(|digest| digest.name()),
        bits: kind.bits as i32,
    }))
}

/// How many bits of strength the key of a certificate has; 0 where it cannot be read.
pub fn key_strength(x509: &X509) -> i32 {
    let facts = x509.to_der().ok().and_then(|der| CertificateFacts::from_der(&der));
    facts.and_then(|facts| facts.key.strength).map_or(0, |bits| bits as i32)
}

/// The content of the AlgorithmIdentifier beside the signature of a certificate.
fn algorithm(der: &[u8]) -> Option<&[u8]> {
    let (fields, _) = element(der, SEQUENCE)?;
    let (_signed, behind) = element(fields, SEQUENCE)?;
    element(behind, SEQUENCE).map(|(algorithm, _)| algorithm)
}
