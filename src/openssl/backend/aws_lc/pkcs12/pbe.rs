//! What is encrypted under a password: by PBES2 (RFC 8018), or as PKCS#12 itself does (RFC 7292, C).

use super::kdf::{Kdf, Purpose};
use crate::openssl::der::{INTEGER, OBJECT, OCTET_STRING, SEQUENCE, element, number};
use crate::openssl::error::{Cause, ERR_R_UNSUPPORTED, Entry, LIB_EVP};
use crate::openssl::pem::KeyFailure;
use crate::openssl::secret::Secret;
use crate::openssl::{Result, cvt, cvt_new, sys};
use std::os::raw::c_int;
use std::ptr::{NonNull, null_mut};

type Outcome<T> = std::result::Result<T, KeyFailure>;

/// Decrypts by an algorithm, given as its object and what follows. A failure that is not another is the password's.
pub(super) fn decrypt(algorithm: &[u8], password: Option<&[u8]>, data: &[u8]) -> Outcome<Secret> {
    let (object, parameters) = read(element(algorithm, OBJECT))?;
    let scheme = match nid(object) {
        sys::NID_pbes2 => pbes2(parameters, password),
        other => own(other, parameters, password),
    }?;
    scheme.decrypt(data).map_err(wrong)
}

/// libcrypto's number for an object; 0 for one that it does not know.
pub(super) fn nid(object: &[u8]) -> c_int {
    let bytes = sys::CBS { data: object.as_ptr(), len: object.len() };
    // SAFETY: pointer and length are those of one slice.
    unsafe { sys::OBJ_cbs2nid(&bytes) }
}

/// What an algorithm is told of that AWS-LC lacks, or nobody knows.
pub(super) fn unsupported() -> KeyFailure {
    KeyFailure::Unsupported(Entry::of(LIB_EVP, ERR_R_UNSUPPORTED).into())
}

/// A failure to decrypt: memory was short, or the password is wrong.
pub(super) fn wrong(cause: Cause) -> KeyFailure {
    match cause.is_memory() {
        true => KeyFailure::Broken(cause),
        false => KeyFailure::Password(cause),
    }
}

/// What could be read, or a failure: after a wrong password anything may stand there.
pub(super) fn read<T>(found: Option<T>) -> Outcome<T> {
    found.ok_or(KeyFailure::Password(Cause::Untold))
}

/// An element with nothing behind it.
fn only(der: &[u8], tag: u8) -> Option<&[u8]> {
    let (content, []) = element(der, tag)? else { return None };
    Some(content)
}

/// How often to iterate.
pub(super) fn iterations(content: &[u8]) -> Outcome<u32> {
    let is_negative = content.first().is_none_or(|digit| *digit >= 0x80);
    let count = u32::try_from(number(content)).ok();
    read(count.filter(|count| *count > 0 && !is_negative))
}

/// A cipher with what it needs.
struct Scheme {
    cipher: *const sys::EVP_CIPHER,
    key: Secret,
    vector: Secret,
}

impl Scheme {
    fn decrypt(&self, data: &[u8]) -> Result<Secret> {
        let len = c_int::try_from(data.len()).map_err(|_| Cause::Untold)?;
        let working = Working::new()?;
        let (key, vector) = (self.key.bytes().as_ptr(), self.vector.bytes().as_ptr());
        // SAFETY: the cipher is static, and key and vector have its lengths.
        cvt(|| unsafe { sys::EVP_DecryptInit_ex(working.0.as_ptr(), self.cipher, null_mut(), key, vector) })?;
        let mut plain = Secret::zeros(data.len() + sys::EVP_MAX_BLOCK_LENGTH as usize)?;
        let (mut first, mut last) = (0, 0);
        let place = plain.bytes_mut().as_mut_ptr();
        // SAFETY: the data has that length, and the place has room for a block more.
        cvt(|| unsafe { sys::EVP_DecryptUpdate(working.0.as_ptr(), place, &mut first, data.as_ptr(), len) })?;
        let start = usize::try_from(first).unwrap_or(0).min(data.len());
        let place = plain.bytes_mut()[start..].as_mut_ptr();
        // SAFETY: there is room for a block.
        cvt(|| unsafe { sys::EVP_DecryptFinal_ex(working.0.as_ptr(), place, &mut last) })?;
        plain.truncate(start + usize::try_from(last).unwrap_or(0));
        Ok(plain)
    }
}

/// The state of a cipher, which AWS-LC wipes.
struct Working(NonNull<sys::EVP_CIPHER_CTX>);

impl Working {
    fn new() -> Result<Working> {
        // SAFETY: no preconditions.
        Ok(Working(cvt_new(|| unsafe { sys::EVP_CIPHER_CTX_new() })?))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { sys::EVP_CIPHER_CTX_free(self.0.as_ptr()) }
    }
}

fn key_length(cipher: *const sys::EVP_CIPHER) -> usize {
    // SAFETY: the caller's cipher is static.
    unsafe { sys::EVP_CIPHER_key_length(cipher) as usize }
}

fn vector_length(cipher: *const sys::EVP_CIPHER) -> usize {
    // SAFETY: the caller's cipher is static.
    unsafe { sys::EVP_CIPHER_iv_length(cipher) as usize }
}

/// A digest by its number. One whose length can be chosen makes no keys.
pub(super) fn digest(nid: c_int) -> Outcome<*const sys::EVP_MD> {
    // SAFETY: any number is allowed.
    let digest = unsafe { sys::EVP_get_digestbynid(nid) };
    // SAFETY: a digest is static.
    if digest.is_null() || unsafe { sys::EVP_MD_size(digest) } == 0 {
        return Err(unsupported());
    }
    Ok(digest)
}

/// PKCS#12's own schemes. AWS-LC has no RC2 of 128 bits, and no RC4 of 40.
fn own(scheme: c_int, parameters: &[u8], password: Option<&[u8]>) -> Outcome<Scheme> {
    let cipher = match scheme {
        sys::NID_pbe_WithSHA1And3_Key_TripleDES_CBC => sys::EVP_des_ede3_cbc,
        sys::NID_pbe_WithSHA1And2_Key_TripleDES_CBC => sys::EVP_des_ede_cbc,
        sys::NID_pbe_WithSHA1And40BitRC2_CBC => sys::EVP_rc2_40_cbc,
        sys::NID_pbe_WithSHA1And128BitRC4 => sys::EVP_rc4,
        _ => return Err(unsupported()),
    };
    // SAFETY: no preconditions.
    let cipher = unsafe { cipher() };
    let parameters = read(only(parameters, SEQUENCE))?;
    let (salt, rest) = read(element(parameters, OCTET_STRING))?;
    let iterations = iterations(read(only(rest, INTEGER))?)?;
    let kdf = Kdf { digest: digest(sys::NID_sha1)?, salt, iterations };
    Ok(Scheme {
        cipher,
        key: kdf.derive(Purpose::Encryption, password, key_length(cipher))?,
        vector: kdf.derive(Purpose::Vector, password, vector_length(cipher))?,
    })
}

/// PBES2 with PBKDF2 and the ciphers that OpenSSL has without its legacy provider.
fn pbes2(parameters: &[u8], password: Option<&[u8]>) -> Outcome<Scheme> {
    let parameters = read(only(parameters, SEQUENCE))?;
    let (kdf, rest) = read(element(parameters, SEQUENCE))?;
    let (object, vector) = read(element(read(only(rest, SEQUENCE))?, OBJECT))?;
    let cipher = match nid(object) {
        sys::NID_aes_128_cbc => sys::EVP_aes_128_cbc,
        sys::NID_aes_192_cbc => sys::EVP_aes_192_cbc,
        sys::NID_aes_256_cbc => sys::EVP_aes_256_cbc,
        sys::NID_des_ede3_cbc => sys::EVP_des_ede3_cbc,
        _ => return Err(unsupported()),
    };
    // SAFETY: no preconditions.
    let cipher = unsafe { cipher() };
    let given = read(only(vector, OCTET_STRING).filter(|vector| vector.len() == vector_length(cipher)))?;
    let mut vector = Secret::with_room(given.len())?;
    vector.push(given);
    Ok(Scheme { cipher, key: pbkdf2(kdf, password, key_length(cipher))?, vector })
}

/// The key of a password, by an algorithm that has to be PBKDF2.
fn pbkdf2(algorithm: &[u8], password: Option<&[u8]>, len: usize) -> Outcome<Secret> {
    let (object, parameters) = read(element(algorithm, OBJECT))?;
    if nid(object) != sys::NID_id_pbkdf2 {
        return Err(unsupported());
    }
    let parameters = read(only(parameters, SEQUENCE))?;
    let (salt, rest) = read(element(parameters, OCTET_STRING))?;
    let (count, rest) = read(element(rest, INTEGER))?;
    let iterations = iterations(count)?;
    let rest = match element(rest, INTEGER) {
        Some((told, behind)) if number(told) == len as u64 => behind,
        Some(_) => return read(None),
        None => rest,
    };
    let digest = digest(match rest {
        [] => sys::NID_sha1,
        rest => digest_of_prf(read(element(read(only(rest, SEQUENCE))?, OBJECT))?.0),
    })?;
    let password = password.unwrap_or_default();
    let mut key = Secret::zeros(len)?;
    let place = key.bytes_mut().as_mut_ptr();
    let make = || {
        // SAFETY: pointers and lengths are those of slices, the place has that length, and the digest is static.
        unsafe {
            sys::PKCS5_PBKDF2_HMAC(
                password.as_ptr().cast(),
                password.len(),
                salt.as_ptr(),
                salt.len(),
                iterations,
                digest,
                len,
                place,
            )
        }
    };
    cvt(make)?;
    Ok(key)
}

/// The number of a function's digest; 0 for one that is unknown.
fn digest_of_prf(object: &[u8]) -> c_int {
    match nid(object) {
        sys::NID_hmacWithSHA1 => sys::NID_sha1,
        sys::NID_hmacWithSHA224 => sys::NID_sha224,
        sys::NID_hmacWithSHA256 => sys::NID_sha256,
        sys::NID_hmacWithSHA384 => sys::NID_sha384,
        sys::NID_hmacWithSHA512 => sys::NID_sha512,
        _ => sys::NID_undef,
    }
}
