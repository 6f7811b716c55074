//! What AWS-LC has.

use crate::openssl::feature::Feature;

/// Tells whether it has a feature, and this library uses it.
pub fn has(feature: Feature) -> bool {
    match feature {
        Feature::Ech => true,
        Feature::ClientSigalgs
        | Feature::FiniteFieldDh
        | Feature::PostHandshakeAuth
        | Feature::PskTls13
        | Feature::Renegotiation
        | Feature::Stores => false,
    }
}
