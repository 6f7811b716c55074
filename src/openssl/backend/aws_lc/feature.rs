//! What AWS-LC has.

use crate::openssl::feature::Feature;

/// Tells whether it has a feature, and this library uses it.
pub fn has(feature: Feature) -> bool {
    match feature {
        Feature::CertificateTimestamps
        | Feature::ClientSigalgs
        | Feature::Ech
        | Feature::FiniteFieldDh
        | Feature::PostHandshakeAuth
        | Feature::PskTls13
        | Feature::SessionNotes
        | Feature::Signers
        | Feature::Stores => false,
    }
}
