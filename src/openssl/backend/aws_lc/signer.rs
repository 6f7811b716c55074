//! Private keys that are elsewhere, with which AWS-LC does not sign here yet.

pub use crate::openssl::signing::{Answered, Request, Signer, SignerFailure};

use crate::openssl::{pkey::PKey, x509::X509};
use std::sync::Arc;

/// Makes the private key of a certificate, which a signer has: it cannot.
pub fn key(_: &X509, _: Arc<dyn Signer>) -> Result<PKey, SignerFailure> {
    Err(SignerFailure::KeyType)
}

/// Tells whether a signature was made in this thread.
pub fn has_signed() -> bool {
    false
}
