//! How strong keys and signatures are, in bits, as OpenSSL counts them. What AWS-LC cannot use is not known here, and has no
//! strength.

use crate::openssl::der::{INTEGER, OBJECT, OCTET_STRING, SEQUENCE, element};
use std::ffi::CStr;

type Oid = &'static [u8];

const RSA_KEY: Oid = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
/// Of keys and of signatures.
const RSA_PSS: Oid = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A];
pub(super) const EC_KEY: Oid = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
/// Of keys and of signatures.
const ED25519: Oid = &[0x2B, 0x65, 0x70];
/// Of keys and of signatures.
const ML_DSA: [(Oid, u32); 3] = [
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x11], 128),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12], 192),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x13], 256),
];

const CURVES: [(Oid, u32); 5] = [
    (&[0x2B, 0x81, 0x04, 0x00, 0x21], 112),                   // secp224r1
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], 128), // prime256v1
    (&[0x2B, 0x81, 0x04, 0x00, 0x0A], 128),                   // secp256k1
    (&[0x2B, 0x81, 0x04, 0x00, 0x22], 192),                   // secp384r1
    (&[0x2B, 0x81, 0x04, 0x00, 0x23], 256),                   // secp521r1
];

/// From how many bits of its modulus an RSA key is that strong. OpenSSL computes it by NIST's estimate for the number field
/// sieve (FIPS 140-2 IG 7.5); between these the levels make no difference.
const RSA: [(u32, u32); 5] = [(13914, 256), (6947, 192), (2671, 128), (1963, 112), (920, 80)];

/// The strength of a public key, by the object identifier of its kind, the parameters that follow that, and its bytes.
pub(super) fn key_strength(kind: &[u8], parameters: &[u8], key: &[u8]) -> Option<u32> {
    match kind {
        RSA_KEY | RSA_PSS => Some(rsa_strength(modulus_bits(key)?)),
        EC_KEY => match element(parameters, OBJECT) {
            Some((curve, _)) => strength_in(&CURVES, curve),
            None => order_bits(parameters).map(curve_strength),
        },
        ED25519 => Some(128),
        _ => strength_in(&ML_DSA, kind),
    }
}

fn strength_in(table: &[(Oid, u32)], kind: &[u8]) -> Option<u32> {
    table.iter().find(|(known, _)| *known == kind).map(|(_, bits)| *bits)
}

pub fn rsa_strength(modulus_bits: u32) -> u32 {
    RSA.iter().find(|(bits, _)| *bits <= modulus_bits).map_or(0, |(_, strength)| *strength)
}

/// The strength of a curve that is not named but written out, by the size of its order.
fn curve_strength(order_bits: u32) -> u32 {
    match order_bits {
        512.. => 256,
        384.. => 192,
        256.. => 128,
        224.. => 112,
        160.. => 80,
        less => less / 2,
    }
}

/// How many bits the order of a curve has that is written out (RFC 3279, 2.3.5: ECParameters).
fn order_bits(parameters: &[u8]) -> Option<u32> {
    let (fields, _) = element(parameters, SEQUENCE)?;
    let (_version, rest) = element(fields, INTEGER)?;
    let (_field, rest) = element(rest, SEQUENCE)?;
    let (_curve, rest) = element(rest, SEQUENCE)?;
    let (_base, rest) = element(rest, OCTET_STRING)?;
    bits_of(element(rest, INTEGER)?.0)
}

/// How many bits the modulus of an RSAPublicKey has.
fn modulus_bits(key: &[u8]) -> Option<u32> {
    let (numbers, behind) = element(key, SEQUENCE)?;
    let (modulus, rest) = element(numbers, INTEGER)?;
    let (exponent, rest) = element(rest, INTEGER)?;
    bits_of(exponent)?;
    (behind.is_empty() && rest.is_empty()).then(|| bits_of(modulus)).flatten()
}

/// How many bits a number has, which has to be more than 0.
fn bits_of(number: &[u8]) -> Option<u32> {
    if number.first().is_none_or(|first| first & 0x80 != 0) {
        return None;
    }
    let start = number.iter().position(|byte| *byte != 0)?;
    let digits = &number[start..];
    u32::try_from(digits.len()).ok()?.checked_mul(8)?.checked_sub(digits[0].leading_zeros())
}

/// A way of signing, as far as the rules look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureKind {
    /// None for an algorithm that brings its own.
    pub digest: Option<Digest>,
    pub bits: u32,
    pub by: SigningKey,
}

/// A digest that is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    /// How strong it is. Of MD5 and SHA-1, collisions are known: what is left is less than any level but 0 asks for.
    fn bits(self) -> u32 {
        match self {
            Digest::Md5 => 39,
            Digest::Sha1 => 63,
            Digest::Sha224 => 112,
            Digest::Sha256 => 128,
            Digest::Sha384 => 192,
            Digest::Sha512 => 256,
        }
    }

    /// OpenSSL's name.
    pub fn name(self) -> &'static CStr {
        match self {
            Digest::Md5 => c"MD5",
            Digest::Sha1 => c"SHA1",
            Digest::Sha224 => c"SHA224",
            Digest::Sha256 => c"SHA256",
            Digest::Sha384 => c"SHA384",
            Digest::Sha512 => c"SHA512",
        }
    }
}

/// The kind of key that a signature was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningKey {
    Rsa,
    RsaPss,
    Ec,
    /// The signature has the object identifier of the key.
    Named(Oid),
}

impl SigningKey {
    /// Tells whether a key of this kind may have made the signature.
    pub(super) fn is_made_with(self, key: &[u8]) -> bool {
        match self {
            SigningKey::Rsa => key == RSA_KEY,
            SigningKey::RsaPss => key == RSA_KEY || key == RSA_PSS,
            SigningKey::Ec => key == EC_KEY,
            SigningKey::Named(kind) => key == kind,
        }
    }
}

/// Signatures of a digest, by a kind of key.
const SIGNATURES: [(Oid, Digest, SigningKey); 11] = [
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x04], Digest::Md5, SigningKey::Rsa),
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x05], Digest::Sha1, SigningKey::Rsa),
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0E], Digest::Sha224, SigningKey::Rsa),
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B], Digest::Sha256, SigningKey::Rsa),
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0C], Digest::Sha384, SigningKey::Rsa),
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0D], Digest::Sha512, SigningKey::Rsa),
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01], Digest::Sha1, SigningKey::Ec),
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x01], Digest::Sha224, SigningKey::Ec),
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02], Digest::Sha256, SigningKey::Ec),
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03], Digest::Sha384, SigningKey::Ec),
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04], Digest::Sha512, SigningKey::Ec),
];

/// The digests of RSA-PSS.
const DIGESTS: [(Oid, Digest); 5] = [
    (&[0x2B, 0x0E, 0x03, 0x02, 0x1A], Digest::Sha1),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04], Digest::Sha224),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01], Digest::Sha256),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02], Digest::Sha384),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03], Digest::Sha512),
];

/// The strength of a signature, by the content of its AlgorithmIdentifier.
pub fn signature_strength(algorithm: &[u8]) -> Option<SignatureKind> {
    let (kind, parameters) = element(algorithm, OBJECT)?;
    if kind == RSA_PSS {
        return Some(of_digest(pss_digest(parameters)?, SigningKey::RsaPss));
    }
    if kind == ED25519 {
        return Some(SignatureKind { digest: None, bits: 128, by: SigningKey::Named(ED25519) });
    }
    if let Some((kind, bits)) = ML_DSA.iter().find(|(known, _)| *known == kind) {
        return Some(SignatureKind { digest: None, bits: *bits, by: SigningKey::Named(kind) });
    }
    SIGNATURES.iter().find(|(known, ..)| *known == kind).map(|(_, digest, by)| of_digest(*digest, *by))
}

fn of_digest(digest: Digest, by: SigningKey) -> SignatureKind {
    SignatureKind { digest: Some(digest), bits: digest.bits(), by }
}

/// RFC 4055, 3.1: the digest is SHA-1 unless another one is named.
fn pss_digest(parameters: &[u8]) -> Option<Digest> {
    const DIGEST: u8 = 0xA0;
    let (fields, _) = element(parameters, SEQUENCE)?;
    let Some((digest, _)) = element(fields, DIGEST) else { return Some(Digest::Sha1) };
    let (algorithm, _) = element(digest, SEQUENCE)?;
    let (kind, _) = element(algorithm, OBJECT)?;
    DIGESTS.iter().find(|(known, _)| *known == kind).map(|(_, digest)| *digest)
}
