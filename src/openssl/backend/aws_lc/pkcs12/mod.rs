//! PKCS#12: certificates and private keys in one file, under a password (RFC 7292). AWS-LC reads files with a digest and one key
//! alone, and makes no key of a password but for that. So the file is taken apart here, by AWS-LC's ciphers and digests.

mod ber;
mod file;
mod kdf;
mod pbe;

pub use crate::openssl::contents::{Contents, MOST_PARTS, Pkcs12Failure};
pub use crate::openssl::cost::MOST as MOST_ITERATIONS;

use crate::openssl::cost::{self, Budget};
use crate::openssl::der::{OBJECT, element, number};
use crate::openssl::error::{Cause, Entry, LIB_PKCS12, PKCS12_R_MAC_VERIFY_FAILURE};
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

/// Reads a file. Without a password, or with an empty one, both ways are tried in which programs write none.
pub fn read(der: &[u8], password: &[u8]) -> Outcome<Contents> {
    library::init()?;
    let file = File::parse(der)?;
    let safes = file.safes.bytes();
    let mut reader = Reader {
        password: Some(password),
        verified: false,
        budget: Budget::new(),
        found: Contents::default(),
    };
    reader.check_mac(&file)?;
    match reader.read_safes(safes) {
        // No digest has told which of the two ways it is.
        Err(Pkcs12Failure::Key(KeyFailure::Password(_))) if reader.password.is_none() && !reader.verified => {
            reader.password = Some(&[]);
            reader.found = Contents::default();
            reader.read_safes(safes)
        }
        read => read,
    }?;
    Ok(reader.found)
}

struct Reader<'a> {
    /// None is the password that is not even empty.
    password: Option<&'a [u8]>,
    /// The file's digest has shown that the password is right.
    verified: bool,
    budget: Budget,
    found: Contents,
}

impl Reader<'_> {
    fn spend(&mut self, cost: Option<u64>) -> Outcome<()> {
        let cost = cost.ok_or(Cause::Untold)?;
        if self.budget.spend(cost) { Ok(()) } else { Err(Pkcs12Failure::Costly) }
    }

    /// Finds out whether the password is right, where the file tells.
    fn check_mac(&mut self, file: &File<'_>) -> Outcome<()> {
        let Some(mac) = &file.mac else {
            self.password = self.password.filter(|password| !password.is_empty());
            return Ok(());
        };
        let own = mac.iterations.map_or(1, number);
        let cost = cost::of(mac.algorithm).map(|cost| cost.saturating_add(own));
        let ways = if self.password.is_some_and(<[u8]>::is_empty) {
            &[None, self.password][..]
        } else {
            &[self.password]
        };
        for way in ways {
            self.password = *way;
            self.spend(cost)?;
            if is_right(mac, file.safes.bytes(), *way).map_err(Pkcs12Failure::Key)? {
                self.verified = true;
                return Ok(());
            }
        }
        let wrong = Entry::of(LIB_PKCS12, PKCS12_R_MAC_VERIFY_FAILURE);
        Err(Pkcs12Failure::Key(KeyFailure::Password(wrong.into())))
    }

    /// Decrypts, and reads what comes out; without a digest of the file this is the first to find that the password is wrong.
    fn decrypt<T>(
        &mut self,
        encrypted: &Encrypted<'_>,
        read: impl FnOnce(&Secret) -> std::result::Result<T, KeyFailure>,
    ) -> Outcome<(Secret, T)> {
        self.spend(cost::of(encrypted.algorithm))?;
        let plain = pbe::decrypt(encrypted.algorithm, self.password, encrypted.data.bytes());
        let read = plain.and_then(|plain| read(&plain).map(|read| (plain, read)));
        read.map_err(|failure| {
            Pkcs12Failure::Key(match failure {
                KeyFailure::Password(cause) if self.verified => KeyFailure::Broken(cause),
                other => other,
            })
        })
    }

    fn read_safes(&mut self, safes: &[u8]) -> Outcome<()> {
        Content::all(safes).ok_or(Cause::Untold)?.iter().try_for_each(|safe| self.read_safe(safe))
    }

    fn read_safe(&mut self, safe: &Content<'_>) -> Outcome<()> {
        match pbe::nid(safe.object) {
            sys::NID_pkcs7_data => self.read_bags(safe.data()?.bytes(), DEEPEST),
            sys::NID_pkcs7_encrypted => {
                let encrypted = safe.encrypted()?;
                let are_bags = |plain: &Secret| pbe::read(Content::bags(plain.bytes())).map(drop);
                let (plain, ()) = self.decrypt(&encrypted, are_bags)?;
                self.read_bags(plain.bytes(), DEEPEST)
            }
            _ => Err(Cause::Untold.into()),
        }
    }

    fn read_bags(&mut self, bags: &[u8], depth: usize) -> Outcome<()> {
        let bags = Content::bags(bags).ok_or(Cause::Untold)?;
        bags.iter().try_for_each(|bag| self.read_bag(bag, depth))
    }

    fn read_bag(&mut self, bag: &Content<'_>, depth: usize) -> Outcome<()> {
        match pbe::nid(bag.object) {
            sys::NID_keyBag => self.found.keys.extend(key_of(private_key(bag.content)?)?),
            sys::NID_pkcs8ShroudedKeyBag => self.read_shrouded_key(bag)?,
            sys::NID_certBag => self.read_certificate(bag)?,
            sys::NID_safeContentsBag if depth > 0 => self.read_bags(bag.content, depth - 1)?,
            // Revocation lists and secrets of other kinds.
            _ => {}
        }
        let parts = self.found.certificates.len() + self.found.keys.len();
        if parts > MOST_PARTS { Err(Pkcs12Failure::Crowded) } else { Ok(()) }
    }

    fn read_certificate(&mut self, bag: &Content<'_>) -> Outcome<()> {
        let certificate = bag.certificate().ok_or(Cause::Untold)?;
        if pbe::nid(certificate.object) == sys::NID_x509Certificate {
            self.found.certificates.push(X509::from_der(certificate.data()?.bytes())?);
        }
        Ok(())
    }

    fn read_shrouded_key(&mut self, bag: &Content<'_>) -> Outcome<()> {
        let shrouded = bag.shrouded()?;
        let read = |plain: &Secret| private_key(plain.bytes()).map_err(pbe::wrong);
        let (_, info) = self.decrypt(&shrouded, read)?;
        self.found.keys.extend(key_of(info)?);
        Ok(())
    }
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
