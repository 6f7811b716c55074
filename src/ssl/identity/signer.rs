//! Private keys that are elsewhere: the program that has one signs when a handshake asks.

use crate::lock::user_code;
use crate::openssl::signer::{Answered, Request, Signer};
use crate::ssl::error::{Error, Result};
use std::cell::Cell;
use std::sync::Arc;

/// What a signer is asked to sign.
#[derive(Clone, Copy, Debug)]
pub struct SignRequest<'a> {
    /// `rsa_pkcs1`, `rsa_pss` (with a salt as long as the digest), `ecdsa` (the signature is DER) or `ed25519`.
    pub algorithm: &'static str,
    /// The name of the digest, as in Python's `hashlib`; None for `ed25519`.
    pub digest: Option<&'static str>,
    /// The digest's value; for `ed25519` the whole message.
    pub data: &'a [u8],
}

/// Signs: writes the signature into the buffer and says how long it is. Called in the thread of the call that does the handshake. A
/// signer that may wait can fail with [`Error::want_callback`]: it has no answer yet.
pub type SignerCallback = Arc<dyn Fn(&SignRequest<'_>, &mut [u8]) -> Result<usize> + Send + Sync>;

/// Whether a signer may have no answer yet when it is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignerWait {
    /// It signs at once.
    #[default]
    Never,
    /// The operation then fails with [`Error::want_callback`], and asks again when it is repeated. A full handshake has a thread of
    /// its own from the choice of this identity until the signature.
    MayWait,
}

impl SignerWait {
    const MAY_WAIT: u32 = 1;

    /// Checks a number from outside.
    pub fn from_bits(bits: u32) -> Result<SignerWait> {
        match bits {
            0 => Ok(SignerWait::Never),
            SignerWait::MAY_WAIT => Ok(SignerWait::MayWait),
            _ => {
                Err(Error::value(format_args!("flags has unknown bits {:#x}", bits & !SignerWait::MAY_WAIT)))
            }
        }
    }
}

thread_local! {
    /// Why the signer that was asked last in this thread gave no signature. libssl fails then, and only says so.
    static FAILURE: Cell<Option<Error>> = const { Cell::new(None) };
    /// Whether there is one. Unlike the error it has nothing to drop: the C library ends the process where it lacks memory for
    /// what drops a thread's values, and each failed handshake asks.
    static HAS_FAILED: Cell<bool> = const { Cell::new(false) };
}

/// Takes what a signer failed with during the call of libssl that has just failed in this thread.
pub(crate) fn take_failure() -> Option<Error> {
    if !HAS_FAILED.replace(false) {
        return None;
    }
    FAILURE.try_with(Cell::take).unwrap_or_default()
}

fn fail(failure: Error) {
    HAS_FAILED.set(true);
    let _ = FAILURE.try_with(|slot| slot.set(Some(failure.at_once())));
}

/// A callback as OpenSSL's part asks it.
pub(super) struct CallbackSigner(pub SignerCallback, pub SignerWait);

impl Signer for CallbackSigner {
    fn sign(&self, request: &Request<'_>, signature: &mut [u8]) -> Answered {
        let Request { algorithm, digest, data } = *request;
        let size = signature.len();
        let call = || (self.0)(&SignRequest { algorithm, digest, data }, signature);
        let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| user_code(call)));
        let failure = match answer.unwrap_or_else(|panic| Err(crate::ssl::panicked(&*panic))) {
            Ok(len) if len <= size => return Answered::Signed(len),
            Ok(_) => Error::value(format_args!("a signature of this key cannot be longer than {size} bytes")),
            Err(failure) if failure.waits() && self.1 == SignerWait::MayWait => return Answered::Pending,
            Err(failure) if failure.waits() => Error::value(
                "the signer has no answer yet, and this identity was made without TLSOCK_SIGNER_MAY_WAIT",
            ),
            Err(failure) => failure,
        };
        fail(failure);
        Answered::Refused
    }

    fn was_wrong(&self) {
        fail(Error::value("the signer's signature is not one of the certificate's key"));
    }
}
