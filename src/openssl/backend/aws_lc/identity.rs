//! What the peer of a handshake wants of this side's certificate, and which one it gets.

use super::rules::facts::CertificateFacts;
use super::rules::level::Level;
use crate::openssl::error::{Entry, LIB_SSL};
use crate::openssl::{Result, cvt, sys, x509::X509};
use std::os::raw::c_int;
use std::ptr::null;

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

/// Has a connection use a certificate with its key and chain, which may be NULL, in place of that of the same kind of key. Those of
/// other kinds stay: where AWS-LC has cleared them, it takes no new ones.
pub unsafe fn give(
    ssl: *mut sys::SSL,
    leaf: *mut sys::X509,
    key: *mut sys::EVP_PKEY,
    chain: *mut sys::stack_st_X509,
) -> Result<()> {
    // SAFETY: all are alive or NULL, as the caller promises; the connection takes its own references.
    cvt(|| unsafe { sys::SSL_use_cert_and_key(ssl, leaf, key, chain, 1) })
}
