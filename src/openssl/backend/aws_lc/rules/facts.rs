//! What the rules look at in a certificate, read from its DER. What cannot be read has no facts, and is refused.

use super::name;
use super::strength::{key_strength, signature_strength};
use crate::openssl::der::{INTEGER, OBJECT, OCTET_STRING, SEQUENCE, element, elements, number};
use std::collections::HashSet;

const BOOLEAN: u8 = 0x01;
const BIT_STRING: u8 = 0x03;
const SET: u8 = 0x31;
const VERSION: u8 = 0xA0;
const EXTENSIONS: u8 = 0xA3;
/// Unique identifiers of the issuer and of the subject, which nobody uses.
const ISSUER_UNIQUE_ID: u8 = 0x81;
const SUBJECT_UNIQUE_ID: u8 = 0x82;

/// What the rules look at in a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Counted from 0: 2 is an X.509 v3 certificate.
    pub version: u64,
    pub issuer_is_empty: bool,
    pub subject_is_empty: bool,
    /// The certificate says twice by which algorithm it is signed, and says the same.
    pub algorithms_agree: bool,
    pub key: KeyFacts,
    /// How strong the signature on it is, in bits; None for an algorithm that is not known.
    pub signature_strength: Option<u32>,
    /// Its issuer has its own name.
    pub is_self_issued: bool,
    pub is_self_signed: bool,
    pub has_extensions: bool,
    pub basic_constraints: Option<BasicConstraints>,
    pub key_usage: Option<KeyUsage>,
    /// An extension of before X.509 v3 says that it is an authority.
    pub netscape_ca: bool,
    pub alternative_names: Option<AlternativeNames>,
    pub authority_key: Option<AuthorityKey>,
    /// RFC 5280, 4.2.1.2
    pub subject_key: Option<Vec<u8>>,
}

/// The public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// In bits; None for a kind that is not known.
    pub strength: Option<u32>,
    /// The curve is written out where its name belongs.
    pub has_explicit_curve: bool,
}

/// RFC 5280, 4.2.1.9
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    pub critical: bool,
    pub is_ca: bool,
    /// How many authorities may stand below it.
    pub path_length: Option<u64>,
}

/// RFC 5280, 4.2.1.3
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage {
    pub signs_certificates: bool,
    pub signs_crls: bool,
}

/// RFC 5280, 4.2.1.6
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlternativeNames {
    pub critical: bool,
    pub is_empty: bool,
}

/// RFC 5280, 4.2.1.1
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityKey {
    pub key: Option<Vec<u8>>,
    pub has_issuer: bool,
    pub serial: Option<Vec<u8>>,
}

/// Takes the fields of a sequence from the front.
struct DerFields<'a>(&'a [u8]);

impl<'a> DerFields<'a> {
    /// The content of the next field, which has this tag.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (content, behind) = element(self.0, tag)?;
        self.0 = behind;
        Some(content)
    }

    /// The content of the next field, if it has this tag.
    fn take_if(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.0.first() == Some(&tag) { self.take(tag).map(Some) } else { Some(None) }
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// The content of a value that is nothing but one element.
fn whole(der: &[u8], tag: u8) -> Option<&[u8]> {
    let (content, behind) = element(der, tag)?;
    behind.is_empty().then_some(content)
}

impl CertificateFacts {
    /// Reads a certificate; None for one that cannot be read.
    pub fn from_der(der: &[u8]) -> Option<CertificateFacts> {
        let mut certificate = DerFields(whole(der, SEQUENCE)?);
        let mut signed = DerFields(certificate.take(SEQUENCE)?);
        let algorithm = certificate.take(SEQUENCE)?;
        certificate.take(BIT_STRING)?;
        certificate.end()?;

        let version = match signed.take_if(VERSION)? {
            Some(version) => not_negative(whole(version, INTEGER)?)?,
            None => 0,
        };
        let serial = signed.take(INTEGER)?;
        let inner_algorithm = signed.take(SEQUENCE)?;
        let issuer = signed.take(SEQUENCE)?;
        signed.take(SEQUENCE)?; // its validity
        let subject = signed.take(SEQUENCE)?;
        let public_key = signed.take(SEQUENCE)?;
        signed.take_if(ISSUER_UNIQUE_ID)?;
        signed.take_if(SUBJECT_UNIQUE_ID)?;
        let extensions = signed.take_if(EXTENSIONS)?;
        signed.end()?;

        let (kind, key) = KeyFacts::read(public_key)?;
        let mut facts = CertificateFacts {
            version,
            issuer_is_empty: is_empty_name(issuer)?,
            subject_is_empty: is_empty_name(subject)?,
            algorithms_agree: algorithm == inner_algorithm,
            key,
            signature_strength: signature_strength(algorithm).map(|signature| signature.bits),
            is_self_issued: name::is_same(issuer, subject),
            is_self_signed: false,
            has_extensions: false,
            basic_constraints: None,
            key_usage: None,
            netscape_ca: false,
            alternative_names: None,
            authority_key: None,
            subject_key: None,
        };
        if let Some(extensions) = extensions {
            facts.read_extensions(whole(extensions, SEQUENCE)?)?;
        }
        let by_own_kind =
            signature_strength(inner_algorithm).is_some_and(|signature| signature.by.is_made_with(kind));
        facts.is_self_signed = facts.is_self_issued && by_own_kind && facts.names_itself(serial);
        Some(facts)
    }

    /// Tells whether its authority key identifier, if it has one, can mean its own key.
    fn names_itself(&self, serial: &[u8]) -> bool {
        let Some(authority) = &self.authority_key else { return true };
        let same_key = match (&authority.key, &self.subject_key) {
            (Some(key), Some(own)) => key == own,
            _ => true,
        };
        same_key && authority.serial.as_deref().is_none_or(|named| named == serial)
    }

    fn read_extensions(&mut self, list: &[u8]) -> Option<()> {
        let mut seen = HashSet::new();
        for extension in elements(list) {
            let (SEQUENCE, extension) = extension? else { return None };
            let mut fields = DerFields(extension);
            let kind = fields.take(OBJECT)?;
            let critical = fields.take_if(BOOLEAN)?.is_some_and(is_true);
            let value = fields.take(OCTET_STRING)?;
            fields.end()?;
            if !seen.insert(kind) {
                return None;
            }
            self.has_extensions = true;
            self.read_extension(kind, critical, value)?;
        }
        Some(())
    }

    fn read_extension(&mut self, kind: &[u8], critical: bool, value: &[u8]) -> Option<()> {
        match kind {
            BASIC_CONSTRAINTS => self.basic_constraints = Some(BasicConstraints::read(critical, value)?),
            KEY_USAGE => self.key_usage = Some(KeyUsage::read(value)?),
            SUBJECT_ALT_NAME => self.alternative_names = Some(AlternativeNames::read(critical, value)?),
            AUTHORITY_KEY_IDENTIFIER => self.authority_key = Some(AuthorityKey::read(value)?),
            SUBJECT_KEY_IDENTIFIER => self.subject_key = Some(whole(value, OCTET_STRING)?.to_vec()),
            NETSCAPE_CERT_TYPE => {
                self.netscape_ca = bits(value)?.first().is_some_and(|byte| byte & 0x07 != 0)
            }
            _ => {}
        }
        Some(())
    }

    /// Tells whether its basic constraints say that it is an authority.
    pub fn is_ca(&self) -> bool {
        self.basic_constraints.is_some_and(|constraints| constraints.is_ca)
    }
}

const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1D, 14];
const KEY_USAGE: &[u8] = &[0x55, 0x1D, 15];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1D, 17];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 19];
const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1D, 35];
const NETSCAPE_CERT_TYPE: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x86, 0xF8, 0x42, 0x01, 0x01];

fn not_negative(content: &[u8]) -> Option<u64> {
    content.first().is_some_and(|first| first & 0x80 == 0).then(|| number(content))
}

fn is_true(content: &[u8]) -> bool {
    content.iter().any(|byte| *byte != 0)
}

/// The bytes of a BIT STRING, with zeros for the bits that do not count.
fn bits(der: &[u8]) -> Option<Vec<u8>> {
    let (unused, bytes) = whole(der, BIT_STRING)?.split_first()?;
    let mut bytes = bytes.to_vec();
    match bytes.last_mut() {
        Some(last) if *unused < 8 => *last &= 0xFF << unused,
        None if *unused == 0 => {}
        _ => return None,
    }
    Some(bytes)
}

/// Tells whether a name has no attribute.
fn is_empty_name(name: &[u8]) -> Option<bool> {
    let mut is_empty = true;
    for set in elements(name) {
        let (SET, attributes) = set? else { return None };
        is_empty &= attributes.is_empty();
    }
    Some(is_empty)
}

impl KeyFacts {
    /// Reads the content of a SubjectPublicKeyInfo: the kind of the key, by its object identifier, and what is known of it.
    fn read(info: &[u8]) -> Option<(&[u8], KeyFacts)> {
        let mut info = DerFields(info);
        let mut algorithm = DerFields(info.take(SEQUENCE)?);
        let key = info.take(BIT_STRING)?;
        info.end()?;
        let kind = algorithm.take(OBJECT)?;
        let Some((0, key)) = key.split_first() else { return None };
        let strength = key_strength(kind, algorithm.0, key);
        let has_explicit_curve = kind == super::strength::EC_KEY && element(algorithm.0, SEQUENCE).is_some();
        Some((kind, KeyFacts { strength, has_explicit_curve }))
    }
}

impl BasicConstraints {
    fn read(critical: bool, value: &[u8]) -> Option<BasicConstraints> {
        let mut fields = DerFields(whole(value, SEQUENCE)?);
        let is_ca = fields.take_if(BOOLEAN)?.is_some_and(is_true);
        // Nobody may stand below one that says a negative number.
        let path_length = fields.take_if(INTEGER)?.map(|length| not_negative(length).unwrap_or(0));
        fields.end()?;
        Some(BasicConstraints { critical, is_ca, path_length })
    }
}

impl KeyUsage {
    fn read(value: &[u8]) -> Option<KeyUsage> {
        let first = bits(value)?.first().copied().unwrap_or(0);
        Some(KeyUsage { signs_certificates: first & 0x04 != 0, signs_crls: first & 0x02 != 0 })
    }
}

impl AlternativeNames {
    fn read(critical: bool, value: &[u8]) -> Option<AlternativeNames> {
        let names = whole(value, SEQUENCE)?;
        elements(names)
            .all(|name| name.is_some())
            .then_some(AlternativeNames { critical, is_empty: names.is_empty() })
    }
}

impl AuthorityKey {
    fn read(value: &[u8]) -> Option<AuthorityKey> {
        const KEY: u8 = 0x80;
        const ISSUER: u8 = 0xA1;
        const SERIAL: u8 = 0x82;
        let mut fields = DerFields(whole(value, SEQUENCE)?);
        let key = fields.take_if(KEY)?.map(<[u8]>::to_vec);
        let has_issuer = fields.take_if(ISSUER)?.is_some();
        let serial = fields.take_if(SERIAL)?.map(<[u8]>::to_vec);
        fields.end()?;
        Some(AuthorityKey { key, has_issuer, serial })
    }
}
