//! Signing, as AWS-LC asks for it: by functions that it calls for all keys of a context or a connection. So there can be private keys
//! that are elsewhere, and it is known by which algorithm a connection has signed, which AWS-LC itself does not tell. In the place of
//! a key that is elsewhere it has the public half, by which it chooses, and with which nothing can be signed should these functions be
//! missing.

pub use crate::openssl::signing::{Answered, Request, Signer, SignerFailure};

use super::own::{Awaited, Own};
use super::{own_key, settings};
use crate::openssl::cert_and_key::CertAndKey;
use crate::openssl::error::{Cause, Entry, LIB_SSL};
use crate::openssl::pkey::PKey;
use crate::openssl::queue::preserving;
use crate::openssl::signing::{Algorithm, Digest, Made, SHA1, SHA256, SHA384, SHA512, Scheme};
use crate::openssl::{Result, bytes_at, cvt, cvt_new, library, sys, x509::X509};
use crate::os::Process;
use std::os::raw::{c_int, c_uint};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;
use std::sync::Arc;

const RSA: c_int = sys::EVP_PKEY_RSA;
const EC: c_int = sys::EVP_PKEY_EC;
const ED25519: c_int = sys::EVP_PKEY_ED25519;
const ML_DSA: c_int = sys::EVP_PKEY_PQDSA;

const DONE: c_uint = sys::ssl_private_key_result_t_ssl_private_key_success;
const LATER: c_uint = sys::ssl_private_key_result_t_ssl_private_key_retry;
const FAILED: c_uint = sys::ssl_private_key_result_t_ssl_private_key_failure;

/// How AWS-LC signs.
pub(super) static METHOD: sys::SSL_PRIVATE_KEY_METHOD =
    sys::SSL_PRIVATE_KEY_METHOD { sign: Some(sign), decrypt: Some(decrypt), complete: Some(complete) };

/// Makes what stands for the private key of a certificate, which a signer has: the public half.
pub fn key(x509: &X509, _: &Arc<dyn Signer>) -> std::result::Result<PKey, SignerFailure> {
    library::init()?;
    match x509.key_kind() {
        RSA | EC | ED25519 => Ok(x509.public_key()?),
        _ => Err(SignerFailure::KeyType),
    }
}

/// libssl comes back where it asks for a signature, and asks again when it is called again.
pub const NEEDS_THREAD: bool = false;

/// Tells whether libssl itself has stopped where it waits for a signature.
pub unsafe fn is_awaited(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_want(ssl) == sys::SSL_AWAITS_SIGNATURE }
}

/// Tells whether that was in another process: the answer is that one's, as a peer must not get two.
pub unsafe fn is_lost(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { own(ssl) }.is_some_and(Own::is_awaited_elsewhere)
}

/// Tells whether a signature was made in this thread, which is nobody's question here.
pub fn has_signed() -> bool {
    false
}

/// By the number in TLS.
fn scheme(number: u16) -> Option<Scheme> {
    const SCHEMES: [(u16, Algorithm, Option<&Digest>); 12] = [
        (0x0201, Algorithm::RsaPkcs1, Some(&SHA1)),
        (0x0401, Algorithm::RsaPkcs1, Some(&SHA256)),
        (0x0501, Algorithm::RsaPkcs1, Some(&SHA384)),
        (0x0601, Algorithm::RsaPkcs1, Some(&SHA512)),
        (0x0804, Algorithm::RsaPss, Some(&SHA256)),
        (0x0805, Algorithm::RsaPss, Some(&SHA384)),
        (0x0806, Algorithm::RsaPss, Some(&SHA512)),
        (0x0203, Algorithm::Ecdsa, Some(&SHA1)),
        (0x0403, Algorithm::Ecdsa, Some(&SHA256)),
        (0x0503, Algorithm::Ecdsa, Some(&SHA384)),
        (0x0603, Algorithm::Ecdsa, Some(&SHA512)),
        (0x0807, Algorithm::Ed25519, None),
    ];
    let (_, algorithm, digest) = SCHEMES.into_iter().find(|(known, ..)| *known == number)?;
    Some(Scheme { algorithm, digest })
}

/// What has become of a question of libssl.
enum Outcome {
    Signed(Vec<u8>),
    Later,
    Failed,
}

unsafe extern "C" fn sign(
    ssl: *mut sys::SSL,
    out: *mut u8,
    out_len: *mut usize,
    most: usize,
    algorithm: u16,
    message: *const u8,
    message_len: usize,
) -> c_uint {
    // SAFETY: libssl gives that many bytes.
    let message = unsafe { bytes_at(message, message_len) };
    // SAFETY: libssl calls with a live SSL; so below.
    let shown = unsafe { own(ssl) }.and_then(|own| Some((own, unsafe { own.shown(ssl) }?)));
    let outcome = match (shown, scheme(algorithm)) {
        (Some((own, identity)), scheme) if identity.signer.is_none() => {
            own.has_signed_by(algorithm);
            own_key::sign(&identity.key, algorithm, scheme, message).map_or(Outcome::Failed, Outcome::Signed)
        }
        (Some((own, identity)), Some(scheme)) => ask(
            own,
            Awaited { algorithm, scheme, message: message.to_vec(), identity, process: Process::here() },
        ),
        _ => Outcome::Failed,
    };
    // SAFETY: libssl's own places.
    unsafe { answer(ssl, outcome, out, out_len, most) }
}

unsafe extern "C" fn complete(ssl: *mut sys::SSL, out: *mut u8, out_len: *mut usize, most: usize) -> c_uint {
    // SAFETY: libssl calls with a live SSL.
    let outcome = unsafe { own(ssl) }.map_or(Outcome::Failed, |own| match own.take_awaited() {
        Some(awaited) => ask(own, *awaited),
        None => Outcome::Failed,
    });
    // SAFETY: libssl's own places.
    unsafe { answer(ssl, outcome, out, out_len, most) }
}

/// What a client has encrypted by the public key, for the key exchange of RSA in TLS 1.2: signers only sign.
unsafe extern "C" fn decrypt(
    ssl: *mut sys::SSL,
    out: *mut u8,
    out_len: *mut usize,
    most: usize,
    data: *const u8,
    len: usize,
) -> c_uint {
    // SAFETY: libssl calls with a live SSL; so below.
    let identity = unsafe { own(ssl) }.and_then(|own| unsafe { own.shown(ssl) });
    // SAFETY: libssl gives that many bytes.
    let data = unsafe { bytes_at(data, len) };
    match identity.filter(|identity| identity.signer.is_none()) {
        // SAFETY: libssl's own places.
        Some(identity) if unsafe { own_key::decrypt(&identity.key, data, out, out_len, most) } => DONE,
        // SAFETY: as above.
        _ => unsafe { fail(ssl) },
    }
}

unsafe fn own<'a>(ssl: *mut sys::SSL) -> Option<&'a Own> {
    // SAFETY: the caller's connection is alive.
    unsafe { settings::of(ssl) }.map(|settings| settings.own())
}

/// Has the signer sign. One that has no answer is asked again by `complete`.
fn ask(own: &Own, wanted: Awaited) -> Outcome {
    let Awaited { algorithm, scheme, message, identity, process } = &wanted;
    let Some(signer) = &identity.signer else { return Outcome::Failed };
    let ask = || scheme.ask(&**signer, &identity.key, message);
    let made = preserving(|| catch_unwind(AssertUnwindSafe(ask)));
    // The signer may have forked.
    if !process.is_here() {
        own.wait_for(wanted);
        return Outcome::Later;
    }
    match made {
        Ok(Made::Signature(signature)) => {
            own.has_signed_by(*algorithm);
            Outcome::Signed(signature)
        }
        Ok(Made::Pending) => {
            own.wait_for(wanted);
            Outcome::Later
        }
        Ok(Made::Nothing) | Err(_) => Outcome::Failed,
    }
}

unsafe fn answer(
    ssl: *mut sys::SSL,
    outcome: Outcome,
    out: *mut u8,
    out_len: *mut usize,
    most: usize,
) -> c_uint {
    match outcome {
        Outcome::Signed(signature) if signature.len() <= most => {
            // SAFETY: libssl's buffer has room for that many bytes.
            unsafe { out.copy_from_nonoverlapping(signature.as_ptr(), signature.len()) };
            // SAFETY: libssl's own place.
            unsafe { out_len.write(signature.len()) };
            DONE
        }
        Outcome::Later => LATER,
        // SAFETY: the caller's connection is alive.
        Outcome::Signed(_) | Outcome::Failed => unsafe { fail(ssl) },
    }
}

/// Tells the peer that there is no signature, which AWS-LC does not.
unsafe fn fail(ssl: *mut sys::SSL) -> c_uint {
    // SAFETY: the caller's connection is alive.
    preserving(|| unsafe { sys::SSL_send_fatal_alert(ssl, sys::SSL_AD_INTERNAL_ERROR as u8) });
    FAILED
}

/// Tells whether connections of a context with these identities sign by [`METHOD`].
pub(super) fn is_used(identities: &[Arc<CertAndKey>]) -> bool {
    !identities.is_empty() && idle_kind(identities).is_some()
}

/// Has a context's connections sign by [`METHOD`], after it has got another identity.
pub(super) unsafe fn arm(ctx: *mut sys::SSL_CTX, identities: &[Arc<CertAndKey>]) -> Result<()> {
    const SSL_R_NOT_REPLACING_CERTIFICATE: c_int = 289;
    let (Some(last), Some(kind)) = (identities.last(), idle_kind(identities)) else {
        return match identities.iter().any(|one| one.signer.is_some()) {
            true => Err(Entry::of(LIB_SSL, SSL_R_NOT_REPLACING_CERTIFICATE).into()),
            false => Ok(()),
        };
    };
    // The functions come in the place of one key, of the kind that was touched last: so that all stay, it is one that nobody uses.
    let idle = idle_key(kind)?;
    // SAFETY: the caller's context is alive, and so are key and certificate, of which it takes its own references; so below.
    cvt(|| unsafe { sys::SSL_CTX_use_PrivateKey(ctx, idle.as_ptr()) })?;
    // SAFETY: as above; the functions stay.
    unsafe { sys::SSL_CTX_set_private_key_method(ctx, &METHOD) };
    // SAFETY: as above.
    cvt(|| unsafe { sys::SSL_CTX_use_certificate(ctx, last.leaf.as_ptr()) })
}

/// A kind of keys that none of these has, of two.
fn idle_kind(identities: &[Arc<CertAndKey>]) -> Option<c_int> {
    [ED25519, ML_DSA].into_iter().find(|kind| identities.iter().all(|one| one.leaf.key_kind() != *kind))
}

/// A key of that kind, which is nobody's.
fn idle_key(kind: c_int) -> Result<PKey> {
    const BYTES: [u8; 1312] = [9; 1312];
    const ED25519_BYTES: usize = 32;
    let made = cvt_new(|| match kind {
        // SAFETY: there are that many bytes, of which copies are made; so below.
        ED25519 => unsafe {
            sys::EVP_PKEY_new_raw_public_key(ED25519, null_mut(), BYTES.as_ptr(), ED25519_BYTES)
        },
        // SAFETY: as above.
        _ => unsafe { sys::EVP_PKEY_pqdsa_new_raw_public_key(sys::NID_MLDSA44, BYTES.as_ptr(), BYTES.len()) },
    })?;
    // SAFETY: the only reference is ours.
    unsafe { PKey::from_raw(made.as_ptr()) }.ok_or(Cause::Untold)
}
