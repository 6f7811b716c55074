//! What the peer of a handshake wants of this side's certificate, and which one it gets.

use crate::openssl::cert_and_key::CertAndKey;
use crate::openssl::{Result, cvt, sys, x509::X509};
use std::os::raw::{c_int, c_uchar};
use std::ptr::null_mut;
use std::sync::Arc;

/// The signature algorithms that a peer takes, by their numbers in TLS, in its order.
pub unsafe fn peer_signature_algorithms(ssl: *mut sys::SSL) -> Vec<u16> {
    // SAFETY: the caller's connection is alive; so below.
    let (count, _) = unsafe { signature_algorithm(ssl, -1) };
    // SAFETY: as above.
    (0..count).map(|index| unsafe { signature_algorithm(ssl, index) }.1).collect()
}

/// How many there are, and the number of one.
unsafe fn signature_algorithm(ssl: *mut sys::SSL, index: c_int) -> (c_int, u16) {
    let (mut signature, mut hash): (c_uchar, c_uchar) = (0, 0);
    // SAFETY: the caller's connection is alive; the last two are places of ours, and NULL is for what is not asked for.
    let count = unsafe {
        sys::SSL_get_sigalgs(ssl, index, null_mut(), null_mut(), null_mut(), &mut signature, &mut hash)
    };
    (count, u16::from_be_bytes([hash, signature]))
}

/// The names of the authorities of which a peer wants certificates, lent by the connection, or NULL.
pub unsafe fn peer_authorities(ssl: *mut sys::SSL) -> *const sys::OPENSSL_STACK {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_get0_peer_CA_list(ssl) }
}

/// Tells whether a level allows a certificate of this side with its chain. OpenSSL finds out by itself when it gets them.
pub fn check_level(_level: c_int, _leaf: &X509, _chain: &[X509]) -> Result<()> {
    Ok(())
}

/// Is told which identities a context has, after it was given another one: OpenSSL keeps them itself.
pub unsafe fn load(_: *mut sys::SSL_CTX, _: &[Arc<CertAndKey>]) -> Result<()> {
    Ok(())
}

/// Is told which ones a connection has, from its context: the same.
pub unsafe fn know(_: *mut sys::SSL, _: &Arc<[Arc<CertAndKey>]>) {}

/// Has a connection use an identity, with the list of its chain, which may be NULL, and no other.
pub unsafe fn give(
    ssl: *mut sys::SSL,
    identity: &Arc<CertAndKey>,
    chain: *mut sys::stack_st_X509,
) -> Result<()> {
    let (leaf, key) = (identity.leaf.as_ptr(), identity.key.as_ptr());
    // SAFETY: all are alive or NULL, as the caller promises; the connection takes its own references; so below.
    unsafe { sys::SSL_certs_clear(ssl) };
    // SAFETY: as above.
    cvt(|| unsafe { sys::SSL_use_cert_and_key(ssl, leaf, key, chain, 1) })
}

/// Has a connection use none.
pub unsafe fn give_none(ssl: *mut sys::SSL) -> Result<()> {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_certs_clear(ssl) };
    Ok(())
}
