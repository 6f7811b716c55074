//! PKCS#12: certificates and private keys in one file, under a password (RFC 7292). AWS-LC reads files with a digest and one key
//! alone, and makes no key of a password but for that. So the file is taken apart here, by AWS-LC's ciphers and digests.

mod ber;
mod file;
mod kdf;
mod pbe;

pub use crate::openssl::contents::{Contents, MOST_PARTS, Pkcs12Failure};
pub use crate::openssl::cost::MOST as MOST_ITERATIONS;

use crate::openssl::contents::Reading;
use crate::openssl::cost;
use crate::openssl::der::{OBJECT, element, number};
use crate::openssl::error::Cause;
use crate::openssl::pem::KeyFailure;
use crate::openssl::secret::Secret;
use crate::openssl::{Result, asn1, cvt_p, library, pkey::PKey, sys, x509::X509};
use file::{Content, Encrypted, File, Mac};
use kdf::{Kdf, Purpose};
use std::ptr::null_mut;

type Outcome<T> = std::result::Result<T, Pkcs12Failure>;

/// What is told of an encryption that AWS-LC lacks.
pub const UNSUPPORTED: &str = "its encryption is unsupported";
/// Bags of bags are not worth more.
const DEEPEST: usize = 8;

/// Reads a file.
pub fn read(der: &[u8], password: &[u8]) -> Outcome<Contents> {
    library::init()?;
    let file = File::parse(der)?;
    let mut reading = Reading::new(password);
    check_mac(&mut reading, &file)?;
    reading.finish(|reading| read_safes(reading, file.safes.bytes()))
}

/// Finds out whether the password is right, where the file tells.
fn check_mac(reading: &mut Reading<'_>, file: &File<'_>) -> Outcome<()> {
    let Some(mac) = &file.mac else {
        reading.has_no_mac();
        return Ok(());
    };
    let own = mac.iterations.map_or(1, number);
    let cost = cost::of(mac.algorithm).map(|cost| cost.saturating_add(own));
    reading.check_mac(cost, |password| is_right(mac, file.safes.bytes(), password))
}

/// Decrypts, and reads what comes out.
fn decrypt<T>(
    reading: &mut Reading<'_>,
    encrypted: &Encrypted<'_>,
    read: impl FnOnce(&Secret) -> std::result::Result<T, KeyFailure>,
) -> Outcome<(Secret, T)> {
    reading.spend(cost::of(encrypted.algorithm))?;
    let plain = pbe::decrypt(encrypted.algorithm, reading.password(), encrypted.data.bytes());
    let read = plain.and_then(|plain| read(&plain).map(|read| (plain, read)));
    read.map_err(|failure| reading.undecrypted(failure))
}

fn read_safes(reading: &mut Reading<'_>, safes: &[u8]) -> Outcome<()> {
    Content::all(safes).ok_or(Cause::Untold)?.iter().try_for_each(|safe| read_safe(reading, safe))
}

fn read_safe(reading: &mut Reading<'_>, safe: &Content<'_>) -> Outcome<()> {
    match pbe::nid(safe.object) {
        sys::NID_pkcs7_data => read_bags(reading, safe.data()?.bytes(), DEEPEST),
        sys::NID_pkcs7_encrypted => {
            let encrypted = safe.encrypted()?;
            let are_bags = |plain: &Secret| pbe::read(Content::bags(plain.bytes())).map(drop);
            let (plain, ()) = decrypt(reading, &encrypted, are_bags)?;
            read_bags(reading, plain.bytes(), DEEPEST)
        }
        _ => Err(Cause::Untold.into()),
    }
}

fn read_bags(reading: &mut Reading<'_>, bags: &[u8], depth: usize) -> Outcome<()> {
    let bags = Content::bags(bags).ok_or(Cause::Untold)?;
    bags.iter().try_for_each(|bag| read_bag(reading, bag, depth))
}

fn read_bag(reading: &mut Reading<'_>, bag: &Content<'_>, depth: usize) -> Outcome<()> {
    match pbe::nid(bag.object) {
        sys::NID_keyBag => reading.add_key(key_of(private_key(bag.content)?)?),
        sys::NID_pkcs8ShroudedKeyBag => read_shrouded_key(reading, bag),
        sys::NID_certBag => read_certificate(reading, bag),
        sys::NID_safeContentsBag if depth > 0 => read_bags(reading, bag.content, depth - 1),
        // Revocation lists and secrets of other kinds.
        _ => Ok(()),
    }
}

fn read_certificate(reading: &mut Reading<'_>, bag: &Content<'_>) -> Outcome<()> {
    let certificate = bag.certificate().ok_or(Cause::Untold)?;
    if pbe::nid(certificate.object) != sys::NID_x509Certificate {
        return Ok(());
    }
    reading.add_certificate(X509::from_der(certificate.data()?.bytes())?)
}

fn read_shrouded_key(reading: &mut Reading<'_>, bag: &Content<'_>) -> Outcome<()> {
    let shrouded = bag.shrouded()?;
    let read = |plain: &Secret| private_key(plain.bytes()).map_err(pbe::wrong);
    let (_, info) = decrypt(reading, &shrouded, read)?;
    reading.add_key(key_of(info)?)
}

/// Tells whether a digest is that of the file under a password.
fn is_right(mac: &Mac<'_>, safes: &[u8], password: Option<&[u8]>) -> std::result::Result<bool, KeyFailure> {
    let (object, _) = element(mac.algorithm, OBJECT).ok_or(Cause::Untold)?;
    let digest = pbe::digest(pbe::nid(object))?;
    let kdf = Kdf { digest, salt: mac.salt, iterations: mac.iterations.map_or(Ok(1), pbe::iterations)? };
    // SAFETY: the digest is static.
    let size = unsafe { sys::EVP_MD_size(digest) };
    let key = kdf.derive(Purpose::Digest, password, size)?;
    let mut made = Secret::zeros(size)?;
    let (place, key) = (made.bytes_mut().as_mut_ptr(), key.bytes());
    // SAFETY: pointers and lengths are those of slices, and the place has the digest's size; NULL is for a length that is known.
    cvt_p(|| unsafe {
        sys::HMAC(digest, key.as_ptr().cast(), key.len(), safes.as_ptr(), safes.len(), place, null_mut())
    })?;
    let (own, other) = (made.bytes().as_ptr().cast(), mac.digest.as_ptr().cast());
    // SAFETY: both have that length.
    Ok(mac.digest.len() == size && unsafe { sys::CRYPTO_memcmp(own, other, size) } == 0)
}

/// A private key as it stands in a file.
struct PrivateKey(*mut sys::PKCS8_PRIV_KEY_INFO);

impl Drop for PrivateKey {
    fn drop(&mut self) {
        // SAFETY: ours, and freed once. AWS-LC wipes what it frees.
        unsafe { sys::PKCS8_PRIV_KEY_INFO_free(self.0) }
    }
}

fn private_key(der: &[u8]) -> Result<PrivateKey> {
    asn1::from_der(der, |data, len| {
        // SAFETY: data and len are those of one slice.
        Ok(PrivateKey(cvt_p(|| unsafe { sys::d2i_PKCS8_PRIV_KEY_INFO(null_mut(), data, len) })?))
    })
}

fn key_of(info: PrivateKey) -> Result<Option<PKey>> {
    // SAFETY: alive.
    let key = cvt_p(|| unsafe { sys::EVP_PKCS82PKEY(info.0) })?;
    // SAFETY: the only reference is ours.
    Ok(unsafe { PKey::from_raw(key) })
}
