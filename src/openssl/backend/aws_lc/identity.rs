//! What the peer of a handshake wants of this side's certificate, and which one it gets.

use super::rules::facts::CertificateFacts;
use super::rules::level::Level;
use super::{settings, signer};
use crate::openssl::cert_and_key::CertAndKey;
use crate::openssl::error::{Entry, LIB_SSL};
use crate::openssl::{Result, cvt, sys, x509::X509};
use std::os::raw::c_int;
use std::ptr::null;
use std::sync::Arc;

/// The signature algorithms that a peer takes, by their numbers in TLS, in its order.
pub unsafe fn peer_signature_algorithms(ssl: *mut sys::SSL) -> Vec<u16> {
    let mut numbers = null();
    // SAFETY: the caller's connection is in its callback for the certificate; the place is ours.
    let count = unsafe { sys::SSL_get0_peer_verify_algorithms(ssl, &mut numbers) };
    if numbers.is_null() || count == 0 {
        return Vec::new();
    }
    // SAFETY: libssl gives that many numbers.
    unsafe { std::slice::from_raw_parts(numbers, count) }.to_vec()
}

/// The names of the authorities of which a server wants certificates, lent by the connection, or NULL. What clients want is not
/// known.
pub unsafe fn peer_authorities(ssl: *mut sys::SSL) -> *const sys::OPENSSL_STACK {
    // SAFETY: the caller's connection is alive; so below.
    if unsafe { sys::SSL_is_server(ssl) } != 0 {
        return null();
    }
    // SAFETY: as above.
    unsafe { sys::SSL_get_client_CA_list(ssl) }.cast_const().cast()
}

/// Tells whether a level allows a certificate of this side with its chain, as OpenSSL does when it gets them.
pub fn check_level(level: c_int, leaf: &X509, chain: &[X509]) -> Result<()> {
    let leaf = facts(leaf)?;
    let chain: Vec<_> = chain.iter().map(facts).collect::<Result<_>>()?;
    let checked = Level::new(level).check_own(&leaf, &chain);
    checked.map_err(|refusal| Entry::of(LIB_SSL, refusal.reason()).into())
}

fn facts(x509: &X509) -> Result<CertificateFacts> {
    const X509_LIB: c_int = 0x2 << 18 | 11;
    CertificateFacts::from_der(&x509.to_der()?).ok_or_else(|| Entry::of(LIB_SSL, X509_LIB).into())
}

/// Is told which identities a context has, after it was given another one.
pub unsafe fn load(ctx: *mut sys::SSL_CTX, identities: &[Arc<CertAndKey>]) -> Result<()> {
    // SAFETY: the caller's context is alive.
    unsafe { signer::arm(ctx, identities) }
}

/// Is told which ones a connection has, from its context.
pub unsafe fn know(ssl: *mut sys::SSL, identities: &Arc<[Arc<CertAndKey>]>) {
    // SAFETY: the caller's connection is alive.
    if let Some(settings) = unsafe { settings::of(ssl) } {
        settings.own().know(identities);
    }
}

/// Has a connection use an identity, with the list of its chain, which may be NULL, and no other.
pub unsafe fn give(
    ssl: *mut sys::SSL,
    identity: &Arc<CertAndKey>,
    chain: *mut sys::stack_st_X509,
) -> Result<()> {
    let (leaf, key) = (identity.leaf.as_ptr(), identity.key.as_ptr());
    // SAFETY: all are alive or NULL, as the caller promises; the connection takes its own references; so below.
    unsafe { take_back(ssl) }?;
    // SAFETY: as above.
    cvt(|| unsafe { sys::SSL_use_cert_and_key(ssl, leaf, key, chain, 1) })?;
    // SAFETY: as above; the functions stay.
    unsafe { sys::SSL_set_private_key_method(ssl, &signer::METHOD) };
    // SAFETY: as above.
    unsafe { choose(ssl, Some(identity)) };
    Ok(())
}

/// Has a connection use none.
pub unsafe fn give_none(ssl: *mut sys::SSL) -> Result<()> {
    // SAFETY: the caller's connection is alive; so below.
    unsafe { take_back(ssl) }?;
    // SAFETY: as above.
    unsafe { choose(ssl, None) };
    // SAFETY: as above.
    unsafe { show_nothing(ssl) }
}

/// Has a server that has no key fail as one of OpenSSL's does. AWS-LC would tell neither the client nor us why it is that it has no
/// certificate at all; a certificate without a key is never shown.
pub(super) unsafe fn show_nothing(ssl: *mut sys::SSL) -> Result<()> {
    /// By this alone nothing is signed in TLS 1.3.
    const NOTHING_TO_SIGN_BY: u16 = 0x0201;
    /// Empty, but for the kind of its public key: Ed25519.
    const NOBODY: [u8; 27] = [
        0x30, 0x39, 0x30, 0x37, 2, 1, 1, 0x30, 0, 0x30, 0, 0x30, 0, 0x30, 0, 0x30, 0x2A, 0x30, 5, 6, 3, 0x2B,
        0x65, 0x70, 3, 0x21, 0,
    ];
    let mut nobody = [9; NOBODY.len() + 32];
    nobody[..NOBODY.len()].copy_from_slice(&NOBODY);
    // SAFETY: the caller's connection is alive; pointer and length are those of one certificate, which is copied.
    cvt(|| unsafe { sys::SSL_use_certificate_ASN1(ssl, nobody.as_ptr(), nobody.len()) })?;
    // SAFETY: as above; the list is one number long.
    cvt(|| unsafe { sys::SSL_set_signing_algorithm_prefs(ssl, &NOTHING_TO_SIGN_BY, 1) })
}

unsafe fn choose(ssl: *mut sys::SSL, identity: Option<&Arc<CertAndKey>>) {
    // SAFETY: the caller's connection is alive.
    if let Some(settings) = unsafe { settings::of(ssl) } {
        settings.own().choose(identity);
    }
}

/// Takes the keys that a connection has from its context. `SSL_certs_clear` would do that, and after it AWS-LC takes no others.
unsafe fn take_back(ssl: *mut sys::SSL) -> Result<()> {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return Err(Entry::memory().into()) };
    for known in settings.own().identities().iter() {
        // SAFETY: as above; NULL is for none.
        unsafe { take_key(ssl, known, null()) }?;
    }
    Ok(())
}

/// Takes the key of one identity from a connection, which signs by a method, or NULL.
pub(super) unsafe fn take_key(
    ssl: *mut sys::SSL,
    identity: &CertAndKey,
    method: *const sys::SSL_PRIVATE_KEY_METHOD,
) -> Result<()> {
    // What is touched last is what the next call is about.
    // SAFETY: the caller's connection is alive, and so is the certificate; so below.
    cvt(|| unsafe { sys::SSL_use_certificate(ssl, identity.leaf.as_ptr()) })?;
    // SAFETY: as above; the functions stay.
    unsafe { sys::SSL_set_private_key_method(ssl, method) };
    Ok(())
}
