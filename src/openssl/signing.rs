//! Private keys that are elsewhere: what is asked of the programs that have them, and what becomes of the answers.

pub(super) mod proof;

use super::error::Cause;
use super::pkey::PKey;
use super::{cleanse, x509};
use std::ffi::CStr;

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

/// A digest: its names in OpenSSL and its name in Python.
#[derive(PartialEq, Eq)]
pub(super) struct Digest {
    pub names: [&'static CStr; 2],
    pub name: &'static str,
}

pub(super) static SHA256: Digest = Digest { names: [c"SHA256", c"SHA2-256"], name: "sha256" };
pub(super) static SHA384: Digest = Digest { names: [c"SHA384", c"SHA2-384"], name: "sha384" };
pub(super) static SHA512: Digest = Digest { names: [c"SHA512", c"SHA2-512"], name: "sha512" };
pub(super) static SHA1: Digest = Digest { names: [c"SHA1", c"SHA-1"], name: "sha1" };

/// How keys of one kind sign.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    RsaPkcs1,
    RsaPss,
    Ecdsa,
    Ed25519,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Algorithm::RsaPkcs1 => "rsa_pkcs1",
            Algorithm::RsaPss => "rsa_pss",
            Algorithm::Ecdsa => "ecdsa",
            Algorithm::Ed25519 => "ed25519",
        }
    }
}

/// How one signature is made.
#[derive(Clone, Copy)]
pub(super) struct Scheme {
    pub algorithm: Algorithm,
    /// None where the message itself is signed.
    pub digest: Option<&'static Digest>,
}

/// What has come of asking a signer.
pub(super) enum Made {
    Signature(Vec<u8>),
    Pending,
    Nothing,
}

impl Scheme {
    /// Has the signer sign. What is not the key's signature never gets to the peer.
    pub(super) fn ask(&self, signer: &dyn Signer, public: &PKey, message: &[u8]) -> Made {
        let hashed = self.digest.map(|digest| x509::digest(digest.names[0], message)).transpose();
        let Ok(hashed) = hashed else { return Made::Nothing };
        let data = hashed.as_deref().unwrap_or(message);
        let request =
            Request { algorithm: self.algorithm.name(), digest: self.digest.map(|one| one.name), data };
        let mut signature = vec![0; public.longest_signature()];
        match signer.sign(&request, &mut signature) {
            Answered::Signed(len) => signature.truncate(len),
            Answered::Pending => return Made::Pending,
            Answered::Refused => return Made::Nothing,
        }
        if self.verify(public, data, &signature).is_err() {
            cleanse(&mut signature);
            signer.was_wrong();
            return Made::Nothing;
        }
        Made::Signature(signature)
    }
}
