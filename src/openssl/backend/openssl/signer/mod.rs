//! Private keys that are elsewhere: in a key store of a cloud, in hardware, in another process. OpenSSL signs with whatever
//! key a provider makes, so that there is one in here, for keys that ask a function of ours.
//!
//! It is loaded into a library context of its own, which nobody else gets to see: what the program fetches from OpenSSL comes
//! from where it came before. libssl asks the provider that a key is of, wherever that one is loaded.

mod keymgmt;
mod params;
mod provider;
mod signature;

pub use crate::openssl::signing::{Answered, Request, Signer, SignerFailure};

use crate::openssl::error::Cause;
use crate::openssl::pkey::{PKey, PKeyCtx};
use crate::openssl::{Result, cvt, cvt_new, library, quietly, sys, x509::X509};
use params::KeyAddress;
use std::ffi::CStr;
use std::os::raw::c_int;
use std::ptr::{null, null_mut};
use std::sync::Arc;

/// The kinds of keys that signers may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyType {
    Rsa,
    RsaPss,
    Ec,
    Ed25519,
}

impl KeyType {
    const RSA: u8 = KeyType::Rsa as u8;
    const RSA_PSS: u8 = KeyType::RsaPss as u8;
    const EC: u8 = KeyType::Ec as u8;
    const ED25519: u8 = KeyType::Ed25519 as u8;

    fn numbered(number: u8) -> KeyType {
        match number {
            KeyType::RSA => KeyType::Rsa,
            KeyType::RSA_PSS => KeyType::RsaPss,
            KeyType::EC => KeyType::Ec,
            _ => KeyType::Ed25519,
        }
    }

    /// By OpenSSL's number of the public key.
    fn of(x509: &X509) -> Option<KeyType> {
        match x509.key_kind() {
            6 => Some(KeyType::Rsa),
            912 => Some(KeyType::RsaPss),
            408 => Some(KeyType::Ec),
            1087 => Some(KeyType::Ed25519),
            _ => None,
        }
    }

    /// OpenSSL's name of the kind.
    fn name(self) -> &'static CStr {
        match self {
            KeyType::Rsa => c"RSA",
            KeyType::RsaPss => c"RSA-PSS",
            KeyType::Ec => c"EC",
            KeyType::Ed25519 => c"ED25519",
        }
    }

    /// OpenSSL's name of how such keys sign.
    fn signs_by(self) -> &'static CStr {
        match self {
            KeyType::Rsa | KeyType::RsaPss => c"RSA",
            KeyType::Ec => c"ECDSA",
            KeyType::Ed25519 => c"ED25519",
        }
    }
}

/// A key of this provider: the public half as another provider has it, and who has the private one.
struct SignerKey {
    kind: KeyType,
    public: Option<PKey>,
    signer: Option<Arc<dyn Signer>>,
}

/// Makes the private key of a certificate, which a signer has.
pub fn key(x509: &X509, signer: &Arc<dyn Signer>) -> std::result::Result<PKey, SignerFailure> {
    library::init()?;
    let kind = KeyType::of(x509).ok_or(SignerFailure::KeyType)?;
    let key = SignerKey { kind, public: Some(x509.public_key()?), signer: Some(Arc::clone(signer)) };
    Ok(wrapped(&key)?)
}

/// libssl cannot be left where it asks for a signature: a handshake that may have to wait for one has a thread of its own.
pub const NEEDS_THREAD: bool = true;

/// Tells whether libssl itself has stopped where it waits for a signature.
pub unsafe fn is_awaited(_: *mut sys::SSL) -> bool {
    false
}

/// Tells whether that was in another process.
pub unsafe fn is_lost(_: *mut sys::SSL) -> bool {
    false
}

/// Tells whether a signature was made in this thread.
pub fn has_signed() -> bool {
    signature::has_signed()
}

/// Has OpenSSL make its object of a key. Our provider takes it over from where it stands.
fn wrapped(key: &SignerKey) -> Result<PKey> {
    let library = provider::library()?;
    // SAFETY: the library context stays; the name ends in NUL.
    let ctx =
        cvt_new(|| unsafe { sys::EVP_PKEY_CTX_new_from_name(library, key.kind.name().as_ptr(), null()) })?;
    let ctx = PKeyCtx(ctx);
    // SAFETY: the context is alive; so below.
    cvt(|| unsafe { sys::EVP_PKEY_fromdata_init(ctx.as_ptr()) })?;
    let address = KeyAddress::of(key);
    let mut params = address.params();
    let mut made = null_mut();
    // SAFETY: the parameters end, and what they point to is alive.
    cvt(|| unsafe { sys::EVP_PKEY_fromdata(ctx.as_ptr(), &mut made, sys::KEYPAIR, params.as_mut_ptr()) })?;
    // SAFETY: the only reference is ours.
    unsafe { PKey::from_raw(made) }.ok_or(Cause::Untold)
}

/// A key's public half, made of what another provider says of it.
fn public_key(kind: KeyType, params: *const sys::OSSL_PARAM) -> Result<PKey> {
    // SAFETY: the default library; the name ends in NUL.
    let ctx =
        cvt_new(|| unsafe { sys::EVP_PKEY_CTX_new_from_name(null_mut(), kind.name().as_ptr(), null()) })?;
    let ctx = PKeyCtx(ctx);
    // SAFETY: the context is alive; so below.
    cvt(|| unsafe { sys::EVP_PKEY_fromdata_init(ctx.as_ptr()) })?;
    let mut made = null_mut();
    // SAFETY: the parameters are alive, and only read.
    cvt(|| unsafe { sys::EVP_PKEY_fromdata(ctx.as_ptr(), &mut made, sys::PUBLIC_KEY, params.cast_mut()) })?;
    // SAFETY: the only reference is ours.
    unsafe { PKey::from_raw(made) }.ok_or(Cause::Untold)
}

impl PKey {
    /// Tells whether the public halves are the same.
    fn has_same_public_key(&self, other: &PKey) -> bool {
        // SAFETY: both are alive.
        quietly(|| unsafe { sys::EVP_PKEY_eq(self.as_ptr(), other.as_ptr()) }) == 1
    }
}

const OK: c_int = 1;
const FAILED: c_int = 0;
