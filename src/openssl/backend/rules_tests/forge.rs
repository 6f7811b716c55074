//! Certificates put together field by field, with signatures that nobody has made: OpenSSL looks at those last.

use super::encode::{PKCS1, bit_string, integer, null, octets, oid, sequence, value};
use super::keys::{self, PublicKey};

/// A name of one common name, or of nothing.
pub fn name(common_name: &str) -> Vec<u8> {
    if common_name.is_empty() {
        return sequence(&[]);
    }
    let attribute = sequence(&[oid(&[0x55, 4, 3]), value(12, common_name.as_bytes())]);
    sequence(&[value(0x31, &attribute)])
}

/// The ways of signing, by their AlgorithmIdentifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    Rsa(u8),
    Pss(Option<u8>),
    Ecdsa(&'static [u8]),
    Ed25519,
}

pub const RSA_MD5: Signed = Signed::Rsa(4);
pub const RSA_SHA1: Signed = Signed::Rsa(5);
pub const RSA_SHA224: Signed = Signed::Rsa(14);
pub const RSA_SHA256: Signed = Signed::Rsa(11);
pub const RSA_SHA384: Signed = Signed::Rsa(12);
pub const RSA_SHA512: Signed = Signed::Rsa(13);
pub const PSS_SHA1: Signed = Signed::Pss(None);
pub const PSS_SHA256: Signed = Signed::Pss(Some(1));
pub const PSS_SHA384: Signed = Signed::Pss(Some(2));
pub const PSS_SHA512: Signed = Signed::Pss(Some(3));
pub const ECDSA_SHA1: Signed = Signed::Ecdsa(&[1]);
pub const ECDSA_SHA224: Signed = Signed::Ecdsa(&[3, 1]);
pub const ECDSA_SHA256: Signed = Signed::Ecdsa(&[3, 2]);
pub const ECDSA_SHA384: Signed = Signed::Ecdsa(&[3, 3]);
pub const ECDSA_SHA512: Signed = Signed::Ecdsa(&[3, 4]);

impl Signed {
    pub fn der(self) -> Vec<u8> {
        match self {
            Signed::Rsa(number) => sequence(&[oid(&[&PKCS1[..], &[number]].concat()), null()]),
            Signed::Pss(digest) => sequence(&[oid(&[&PKCS1[..], &[10]].concat()), pss(digest)]),
            Signed::Ecdsa(kind) => sequence(&[oid(&[&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04], kind].concat())]),
            Signed::Ed25519 => sequence(&[oid(&[0x2B, 0x65, 0x70])]),
        }
    }
}

/// Parameters of RSA-PSS: those of SHA-1 are left out.
fn pss(digest: Option<u8>) -> Vec<u8> {
    let Some(digest) = digest else { return sequence(&[]) };
    let sha2 = sequence(&[oid(&[0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 2, digest]), null()]);
    let mgf1 = sequence(&[oid(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 8]), sha2.clone()]);
    let salt = integer(&[[32, 48, 64][usize::from(digest) - 1]]);
    sequence(&[value(0xA0, &sha2), value(0xA1, &mgf1), value(0xA2, &salt)])
}

/// An extension, by its number under 2.5.29 or in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgedExtension {
    pub kind: Vec<u8>,
    pub critical: bool,
    pub value: Vec<u8>,
}

impl ForgedExtension {
    pub fn new(number: u8, critical: bool, value: Vec<u8>) -> ForgedExtension {
        ForgedExtension { kind: vec![0x55, 0x1D, number], critical, value }
    }

    fn der(&self) -> Vec<u8> {
        let critical = if self.critical { value(1, &[0xFF]) } else { Vec::new() };
        sequence(&[oid(&self.kind), critical, octets(&self.value)])
    }
}

pub const SUBJECT_KEY: u8 = 14;
pub const KEY_USAGE: u8 = 15;
pub const ALTERNATIVE_NAMES: u8 = 17;
pub const BASIC_CONSTRAINTS: u8 = 19;
pub const NAME_CONSTRAINTS: u8 = 30;
pub const AUTHORITY_KEY: u8 = 35;
pub const EXTENDED_USAGE: u8 = 37;

pub fn basic_constraints(critical: bool, ca: Option<bool>, path_len: Option<u8>) -> ForgedExtension {
    let ca = ca.map(|ca| value(1, &[if ca { 0xFF } else { 0 }])).unwrap_or_default();
    let path_len = path_len.map(|len| integer(&[len])).unwrap_or_default();
    ForgedExtension::new(BASIC_CONSTRAINTS, critical, sequence(&[ca, path_len]))
}

pub const DIGITAL_SIGNATURE: u8 = 0x80;
pub const CERT_SIGN: u8 = 0x04;
pub const CRL_SIGN: u8 = 0x02;

pub fn key_usage(bits: u8) -> ForgedExtension {
    ForgedExtension::new(KEY_USAGE, true, bit_string(&[bits]))
}

pub fn dns_names(critical: bool, names: &[&str]) -> ForgedExtension {
    let names: Vec<_> = names.iter().map(|name| value(0x82, name.as_bytes())).collect();
    ForgedExtension::new(ALTERNATIVE_NAMES, critical, sequence(&names))
}

pub fn subject_key(critical: bool, id: &[u8]) -> ForgedExtension {
    ForgedExtension::new(SUBJECT_KEY, critical, octets(id))
}

/// An authority key identifier of a key, an issuer and a serial number, each if it is there.
pub fn authority_key(
    critical: bool,
    key: Option<&[u8]>,
    issuer: Option<&str>,
    serial: Option<u8>,
) -> ForgedExtension {
    let key = key.map(|key| value(0x80, key)).unwrap_or_default();
    let issuer = issuer.map(|issuer| value(0xA1, &value(0xA4, &name(issuer)))).unwrap_or_default();
    let serial = serial.map(|serial| value(0x82, &[serial])).unwrap_or_default();
    ForgedExtension::new(AUTHORITY_KEY, critical, sequence(&[key, issuer, serial]))
}

/// The fields of a certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Forged {
    /// Counted from 0; 0 is left out, as DER asks for.
    pub version: u8,
    pub serial: u8,
    pub issuer: String,
    pub subject: String,
    pub key: PublicKey,
    pub signed: Signed,
    /// What the signed part says of the algorithm, if that is something else.
    pub inner_signed: Option<Signed>,
    pub extensions: Vec<ForgedExtension>,
}

/// Without the key, whose size tells it well enough.
impl std::fmt::Debug for Forged {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Forged { version, serial, issuer, subject, key, signed, inner_signed, extensions } = self;
        write!(
            out,
            "\n  {subject:?} by {issuer:?}, version {version}, serial {serial}, key of {} bytes, ",
            key.len()
        )?;
        write!(out, "signed {signed:?} {inner_signed:?}")?;
        extensions.iter().try_for_each(|it| write!(out, "\n    {it:02x?}"))
    }
}

impl Forged {
    pub fn der(&self) -> Vec<u8> {
        let version = if self.version == 0 { Vec::new() } else { value(0xA0, &integer(&[self.version])) };
        let validity = sequence(&[value(23, b"200101000000Z"), value(23, b"491231235959Z")]);
        let extensions = match self.extensions.is_empty() {
            true => Vec::new(),
            false => {
                value(0xA3, &sequence(&self.extensions.iter().map(ForgedExtension::der).collect::<Vec<_>>()))
            }
        };
        let signed = sequence(&[
            version,
            integer(&[self.serial]),
            self.inner_signed.unwrap_or(self.signed).der(),
            name(&self.issuer),
            validity,
            name(&self.subject),
            self.key.clone(),
            extensions,
        ]);
        sequence(&[signed, self.signed.der(), bit_string(&[0x5A; 64])])
    }

    /// Puts an extension in the place of the one of its kind.
    pub fn set(&mut self, extension: ForgedExtension) {
        self.extensions.retain(|known| known.kind != extension.kind);
        self.extensions.push(extension);
    }

    pub fn remove(&mut self, number: u8) {
        self.extensions.retain(|known| known.kind != [0x55, 0x1D, number]);
    }
}

/// A certificate of `good_chain`, by its name and its issuer's.
fn authority(subject: &str, issuer: &str, serial: u8) -> Forged {
    let mut made = Forged {
        version: 2,
        serial,
        issuer: issuer.to_string(),
        subject: subject.to_string(),
        key: keys::rsa(16384),
        signed: RSA_SHA512,
        inner_signed: None,
        extensions: vec![
            basic_constraints(true, Some(true), None),
            key_usage(CERT_SIGN | CRL_SIGN),
            subject_key(false, subject.as_bytes()),
        ],
    };
    if subject != issuer {
        made.set(authority_key(false, Some(issuer.as_bytes()), None, None));
    }
    made
}

/// A chain of that many certificates that no rule of any level objects to: the leaf first, the root last.
pub fn good_chain(length: usize) -> Vec<Forged> {
    let names: Vec<String> = (0..length)
        .map(|depth| match depth {
            0 => "leaf".to_string(),
            last if last + 1 == length => "root".to_string(),
            between => format!("inter{between}"),
        })
        .collect();
    let issuer = |depth: usize| names.get(depth + 1).unwrap_or(&names[depth]);
    let mut chain: Vec<Forged> =
        (0..length).map(|depth| authority(&names[depth], issuer(depth), depth as u8 + 1)).collect();
    let leaf = &mut chain[0];
    leaf.set(basic_constraints(true, None, None));
    leaf.set(key_usage(DIGITAL_SIGNATURE));
    leaf.set(dns_names(false, &["localhost"]));
    chain
}
