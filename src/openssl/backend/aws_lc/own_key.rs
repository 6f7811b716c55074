//! Keys that are here: what AWS-LC does with a key by itself, it does not where it asks us to sign.

use crate::openssl::pkey::PKey;
use crate::openssl::queue::preserving;
use crate::openssl::signing::proof::{self, MdCtx};
use crate::openssl::signing::{Algorithm, Digest, Scheme};
use crate::openssl::{Result, cvt, sys};
use std::ptr::null_mut;

/// libssl's number for how RSA signs before TLS 1.2.
const RSA_MD5_SHA1: u16 = 0xFF01;
static MD5_SHA1: Digest = Digest { names: [c"MD5-SHA1"; 2], name: "md5-sha1" };

/// Signs a message by an algorithm, given by its number too; without a scheme, by the only one that the key has.
pub(super) fn sign(key: &PKey, algorithm: u16, scheme: Option<Scheme>, message: &[u8]) -> Option<Vec<u8>> {
    let older = Scheme { algorithm: Algorithm::RsaPkcs1, digest: Some(&MD5_SHA1) };
    let scheme = if algorithm == RSA_MD5_SHA1 { Some(older) } else { scheme };
    preserving(|| signature(key, scheme, message)).ok()
}

fn signature(key: &PKey, scheme: Option<Scheme>, message: &[u8]) -> Result<Vec<u8>> {
    let ctx = MdCtx::new()?;
    let md = scheme.and_then(|scheme| scheme.digest).map(|digest| digest.fetch()).transpose()?;
    let digest = md.as_ref().map_or(null_mut(), proof::Md::as_ptr);
    let mut of_key = null_mut();
    // SAFETY: context and key are alive, and the digest or NULL; the place is ours; so below.
    cvt(|| unsafe { sys::EVP_DigestSignInit(ctx.as_ptr(), &mut of_key, digest, null_mut(), key.as_ptr()) })?;
    if scheme.is_some_and(|scheme| scheme.algorithm == Algorithm::RsaPss) {
        // SAFETY: a part of the context.
        unsafe { proof::use_pss(of_key) }?;
    }
    let mut signature = vec![0; key.longest_signature()];
    let mut len = signature.len();
    // SAFETY: as above; the place has that size, and pointer and length are those of one slice.
    cvt(|| unsafe {
        let (place, data) = (signature.as_mut_ptr(), message.as_ptr());
        sys::EVP_DigestSign(ctx.as_ptr(), place, &mut len, data, message.len())
    })?;
    signature.truncate(len);
    Ok(signature)
}

/// Decrypts by the raw operation of RSA what a client has encrypted for the key exchange of TLS 1.2. libssl takes the padding off, in
/// constant time. They are written where libssl wants them.
pub(super) unsafe fn decrypt(
    key: &PKey,
    data: &[u8],
    out: *mut u8,
    out_len: *mut usize,
    most: usize,
) -> bool {
    preserving(|| {
        // SAFETY: the key is alive.
        let rsa = unsafe { sys::EVP_PKEY_get0_RSA(key.as_ptr()) };
        // SAFETY: the key's own; the places are those of the caller, and pointer and length are those of one slice.
        !rsa.is_null()
            && unsafe {
                sys::RSA_decrypt(rsa, out_len, out, most, data.as_ptr(), data.len(), sys::RSA_NO_PADDING)
            } == 1
    })
}
