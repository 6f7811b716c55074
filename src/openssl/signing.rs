//! What is asked of programs that have private keys which are elsewhere.

use super::error::Cause;

/// What is to be signed.
pub struct Request<'a> {
    /// `rsa_pkcs1`, `rsa_pss`, `ecdsa` or `ed25519`.
    pub algorithm: &'static str,
    /// The digest, by its name in Python's hashlib; None where the algorithm has its own.
    pub digest: Option<&'static str>,
    /// The digest's value, or the whole message without one.
    pub data: &'a [u8],
}

/// What a signer answers.
pub enum Answered {
    /// The length of what it has written.
    Signed(usize),
    /// It has no answer so far: it is asked again when the handshake goes on. Only of one that may wait.
    Pending,
    /// The handshake ends.
    Refused,
}

/// A program that has a private key.
pub trait Signer: Send + Sync {
    /// Signs, in the thread of the call that does the handshake.
    fn sign(&self, request: &Request<'_>, signature: &mut [u8]) -> Answered;
    /// Is told that a signature is not one of this certificate's key. The handshake ends.
    fn was_wrong(&self);
}

/// Why there is no key.
pub enum SignerFailure {
    /// The certificate's key is of a kind that nobody can sign with here.
    KeyType,
    /// OpenSSL failed.
    OpenSsl(Cause),
}

impl From<Cause> for SignerFailure {
    fn from(cause: Cause) -> SignerFailure {
        SignerFailure::OpenSsl(cause)
    }
}
