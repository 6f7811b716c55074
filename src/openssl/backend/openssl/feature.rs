//! What the OpenSSL in use has.

use crate::openssl::feature::Feature;
use crate::openssl::{library, sys};
use once_cell::sync::OnceCell;

/// Tells whether it has a feature; false if there is no memory to find out.
pub fn has(feature: Feature) -> bool {
    match feature {
        Feature::Ech => sys::ECH.is_some(),
        // Both are OpenSSL's own where it speaks TLS 1.3.
        Feature::PostHandshakeAuth | Feature::PskTls13 => speaks_tls_1_3(),
        Feature::CertificateTimestamps
        | Feature::ClientSigalgs
        | Feature::FiniteFieldDh
        | Feature::SessionNotes
        | Feature::Signers
        | Feature::Stores => true,
    }
}

fn speaks_tls_1_3() -> bool {
    static SPEAKS: OnceCell<bool> = OnceCell::new();
    SPEAKS.get_or_try_init(|| library::speaks(sys::TLS1_3_VERSION)).is_ok_and(|speaks| *speaks)
}
