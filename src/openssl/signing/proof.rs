//! Whether a signature is one of a key, which nobody has to take on trust from the program that has made it.

use super::{Algorithm, Digest, Scheme};
use crate::openssl::pkey::{PKey, PKeyCtx};
use crate::openssl::{Result, cvt, cvt_new, sys};
use std::os::raw::c_int;
use std::ptr::{null, null_mut};

/// OpenSSL's numbers for how RSA pads.
pub(in crate::openssl) const PKCS1: c_int = 1;
pub(in crate::openssl) const PSS: c_int = 6;
/// As long as the digest: the only one in TLS.
pub(in crate::openssl) const SALT_AS_DIGEST: c_int = -1;

impl Digest {
    /// The digest, as OpenSSL has it.
    pub(in crate::openssl) fn fetch(&self) -> Result<Md> {
        // SAFETY: the name ends in NUL; the default library.
        let md = cvt_new(|| unsafe { sys::EVP_MD_fetch(null_mut(), self.names[0].as_ptr(), null()) })?;
        Ok(Md(md.as_ptr()))
    }
}

impl Scheme {
    /// Checks a signature of a digest, or of a message where this has no digest.
    pub(super) fn verify(&self, public: &PKey, data: &[u8], signature: &[u8]) -> Result<()> {
        let Some(digest) = self.digest else { return verify_message(public, data, signature) };
        let ctx = PKeyCtx::new(public)?;
        // SAFETY: the context is alive; so below.
        cvt(|| unsafe { sys::EVP_PKEY_verify_init(ctx.as_ptr()) })?;
        let md = digest.fetch()?;
        if self.algorithm == Algorithm::RsaPkcs1 {
            // SAFETY: as above.
            cvt(|| unsafe { sys::EVP_PKEY_CTX_set_rsa_padding(ctx.as_ptr(), PKCS1) })?;
        }
        if self.algorithm == Algorithm::RsaPss {
            // SAFETY: as above.
            unsafe { use_pss(ctx.as_ptr()) }?;
        }
        // SAFETY: as above; the digest is alive.
        cvt(|| unsafe { sys::EVP_PKEY_CTX_set_signature_md(ctx.as_ptr(), md.as_ptr()) })?;
        // SAFETY: as above; pointers and lengths are those of two slices.
        cvt(|| unsafe {
            sys::EVP_PKEY_verify(ctx.as_ptr(), signature.as_ptr(), signature.len(), data.as_ptr(), data.len())
        })
    }
}

/// Has an operation with an RSA key pad by PSS, as in TLS.
pub(in crate::openssl) unsafe fn use_pss(ctx: *mut sys::EVP_PKEY_CTX) -> Result<()> {
    // SAFETY: the caller's context is alive; so below.
    cvt(|| unsafe { sys::EVP_PKEY_CTX_set_rsa_padding(ctx, PSS) })?;
    // SAFETY: as above.
    cvt(|| unsafe { sys::EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, SALT_AS_DIGEST) })
}

fn verify_message(public: &PKey, message: &[u8], signature: &[u8]) -> Result<()> {
    let ctx = MdCtx::new()?;
    // SAFETY: both are alive; NULL is for the key's own digest and the default library.
    cvt(|| unsafe {
        sys::EVP_DigestVerifyInit(ctx.as_ptr(), null_mut(), null(), null_mut(), public.as_ptr())
    })?;
    // SAFETY: as above; pointers and lengths are those of two slices.
    cvt(|| unsafe {
        sys::EVP_DigestVerify(
            ctx.as_ptr(),
            signature.as_ptr(),
            signature.len(),
            message.as_ptr(),
            message.len(),
        )
    })
}

/// A digest that was fetched.
pub(in crate::openssl) struct Md(*mut sys::EVP_MD);

impl Md {
    /// The pointer, lent.
    pub fn as_ptr(&self) -> *mut sys::EVP_MD {
        self.0
    }
}

impl Drop for Md {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { sys::EVP_MD_free(self.0) }
    }
}

/// A context of an operation with a digest.
pub(in crate::openssl) struct MdCtx(*mut sys::EVP_MD_CTX);

impl MdCtx {
    /// Makes an empty one.
    pub fn new() -> Result<MdCtx> {
        // SAFETY: no preconditions.
        Ok(MdCtx(cvt_new(|| unsafe { sys::EVP_MD_CTX_new() })?.as_ptr()))
    }

    /// The pointer, lent.
    pub fn as_ptr(&self) -> *mut sys::EVP_MD_CTX {
        self.0
    }
}

impl Drop for MdCtx {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { sys::EVP_MD_CTX_free(self.0) }
    }
}
