//! Keys made of passwords, as PKCS#12 has them (RFC 7292, B). AWS-LC can do that too, but not for others.

use crate::openssl::secret::Secret;
use crate::openssl::{Result, cvt, sys};
use std::ptr::null_mut;

/// What a key is for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Encryption = 1,
    Vector = 2,
    Digest = 3,
}

/// Makes keys of a password.
pub(super) struct Kdf<'a> {
    pub digest: *const sys::EVP_MD,
    pub salt: &'a [u8],
    pub iterations: u32,
}

impl Kdf<'_> {
    /// Makes a key of this length. No password is another one than an empty one.
    pub(super) fn derive(&self, purpose: Purpose, password: Option<&[u8]>, len: usize) -> Result<Secret> {
        // SAFETY: the digest is static; so below.
        let block = unsafe { sys::EVP_MD_block_size(self.digest) };
        // SAFETY: as above.
        let size = unsafe { sys::EVP_MD_size(self.digest) };
        let password = encoded(password)?;
        let filled = |part: &[u8]| part.len().div_ceil(block) * block;
        let (salt_len, password_len) = (filled(self.salt), filled(password.bytes()));
        let mut text = Secret::zeros(block + salt_len + password_len)?;
        let (head, rest) = text.bytes_mut().split_at_mut(block);
        head.fill(purpose as u8);
        let (salt_place, password_place) = rest.split_at_mut(salt_len);
        fill(salt_place, self.salt);
        fill(password_place, password.bytes());
        let mut key = Secret::zeros(len)?;
        let mut added = Secret::zeros(block)?;
        for part in key.bytes_mut().chunks_mut(size) {
            let made = self.hashed(text.bytes(), size)?;
            part.copy_from_slice(&made.bytes()[..part.len()]);
            fill(added.bytes_mut(), made.bytes());
            for place in text.bytes_mut()[block..].chunks_mut(block) {
                add_and_one(place, added.bytes());
            }
        }
        Ok(key)
    }

    /// The digest of the digest, and so on, of a text.
    fn hashed(&self, text: &[u8], size: usize) -> Result<Secret> {
        let (mut made, mut next) = (Secret::zeros(size)?, Secret::zeros(size)?);
        self.hash(text, &mut made)?;
        for _ in 1..self.iterations {
            self.hash(made.bytes(), &mut next)?;
            std::mem::swap(&mut made, &mut next);
        }
        Ok(made)
    }

    fn hash(&self, text: &[u8], into: &mut Secret) -> Result<()> {
        let into = into.bytes_mut().as_mut_ptr();
        // SAFETY: pointer and length are those of one slice, the place has the digest's size, and the digest is static.
        cvt(|| unsafe {
            sys::EVP_Digest(text.as_ptr().cast(), text.len(), into, null_mut(), self.digest, null_mut())
        })
    }
}

/// The password in UTF-16, with a zero behind it, as OpenSSL has it: what is no UTF-8 is taken for Latin-1.
fn encoded(password: Option<&[u8]>) -> Result<Secret> {
    let Some(password) = password else { return Ok(Secret::default()) };
    // No letter has more units than bytes.
    let mut encoded = Secret::with_room(2 * (password.len() + 1))?;
    match std::str::from_utf8(password) {
        Ok(text) => text.encode_utf16().for_each(|unit| encoded.push(&unit.to_be_bytes())),
        Err(_) => password.iter().for_each(|letter| encoded.push(&[0, *letter])),
    }
    encoded.push(&[0, 0]);
    Ok(encoded)
}

/// Repeats bytes until a place is full.
fn fill(place: &mut [u8], with: &[u8]) {
    for (byte, with) in place.iter_mut().zip(with.iter().cycle()) {
        *byte = *with;
    }
}

/// Adds a number and 1 to another of the same length, whose last digits stay.
fn add_and_one(number: &mut [u8], added: &[u8]) {
    let mut carried = 1;
    for (digit, added) in number.iter_mut().zip(added).rev() {
        carried += u16::from(*digit) + u16::from(*added);
        *digit = carried as u8;
        carried >>= 8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As OpenSSL's `PKCS12KDF` makes them, of the password "päss".
    #[test]
    fn keys_are_those_of_openssl() {
        let long = [0xAB; 70];
        let known: [(i32, Purpose, u32, &[u8], &str); 3] = [
            (
                sys::NID_sha1,
                Purpose::Encryption,
                1,
                &[0x0A, 0x58, 0xCF, 0x64, 0x53, 0x0D, 0x82, 0x3F],
                "04bdd282fe9ae5037146f6566d407a1434a381b671e13537",
            ),
            (
                sys::NID_sha512,
                Purpose::Vector,
                2048,
                &[1, 2],
                "e9852441ffe111e80db747ccec124ef666f31803b69862e06f81974f149a14fba190753a2aa610961fe339a5f2be8b21dec76fe168cd\
                 4face1fece23f8362e0c94d33b335fd886da4bb5e99971f443827f7d49fecb80cc677e3521cc8bfdb7c6933977e113dab27271dc6fd5\
                 f1834b80ec99a36f108b924ebbbf3b575d76cb6f3681e4d8dfd1a3cef3a8a284f3890a497f6f5dbb0422",
            ),
            (
                sys::NID_sha256,
                Purpose::Digest,
                3,
                &long,
                "9f0c9544d32d18d30143bf99a3fd9ff108ca72b5cb9908064faa74a565c1c9f41f1a35992440eca69278eb0bf2db2dc7f6cd511f7d28\
                 92aa592708f7f2be5e18ebeea9f5b0aed59c5ff72256a500b02669e814bb65ab5a6848ad23fa22ec9a6284e146ae",
            ),
        ];
        for (digest, purpose, iterations, salt, expected) in known {
            // SAFETY: any number is allowed.
            let kdf = Kdf { digest: unsafe { sys::EVP_get_digestbynid(digest) }, salt, iterations };
            for password in ["p\u{e4}ss".as_bytes(), b"p\xE4ss"] {
                let key = kdf.derive(purpose, Some(password), expected.len() / 2).expect("memory");
                let told: String = key.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(told, expected);
            }
        }
    }

    #[test]
    fn what_is_carried_goes_on() {
        let mut number = [0, 0xFF, 0xFF];
        add_and_one(&mut number, &[0, 0, 0]);
        assert_eq!(number, [1, 0, 0]);
        add_and_one(&mut number, &[0xFF, 0xFF, 0xFE]);
        assert_eq!(number, [0, 0xFF, 0xFF], "what does not fit is lost");
    }
}
