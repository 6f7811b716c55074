//! The parts of a PKCS#12 file (RFC 7292, 4).

use super::pbe::only;
use crate::openssl::der::{INTEGER, OBJECT, OCTET_STRING, SEQUENCE, element};

/// `[0]` around another element.
const EXPLICIT: u8 = 0xA0;
/// `[0]` in the place of an octet string.
const IMPLICIT: u8 = 0x80;
const SET: u8 = 0x31;

/// A file.
pub(super) struct File<'a> {
    /// Several [`Content`]s, one after the other in a sequence. It is what the digest is about.
    pub safes: &'a [u8],
    pub mac: Option<Mac<'a>>,
}

/// A digest that shows whether the password is right.
pub(super) struct Mac<'a> {
    /// The object, and what follows.
    pub algorithm: &'a [u8],
    pub digest: &'a [u8],
    pub salt: &'a [u8],
    pub iterations: Option<&'a [u8]>,
}

/// A part of a file: an object, and what it is about.
pub(super) struct Content<'a> {
    pub object: &'a [u8],
    pub content: &'a [u8],
}

/// What is encrypted.
pub(super) struct Encrypted<'a> {
    /// The object, and what follows.
    pub algorithm: &'a [u8],
    pub data: &'a [u8],
}

impl<'a> File<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Option<File<'a>> {
        let (_, rest) = element(only(der, SEQUENCE)?, INTEGER)?;
        let (content, rest) = element(rest, SEQUENCE)?;
        let mac = match rest {
            [] => None,
            rest => Some(Mac::parse(only(rest, SEQUENCE)?)?),
        };
        Some(File { safes: Content::parse(content)?.data()?, mac })
    }
}

impl<'a> Mac<'a> {
    fn parse(der: &'a [u8]) -> Option<Mac<'a>> {
        let (info, rest) = element(der, SEQUENCE)?;
        let (algorithm, digest) = element(info, SEQUENCE)?;
        let (salt, rest) = element(rest, OCTET_STRING)?;
        let iterations = match rest {
            [] => None,
            rest => Some(only(rest, INTEGER)?),
        };
        Some(Mac { algorithm, digest: only(digest, OCTET_STRING)?, salt, iterations })
    }
}

impl<'a> Content<'a> {
    fn parse(der: &'a [u8]) -> Option<Content<'a>> {
        let (object, rest) = element(der, OBJECT)?;
        Some(Content { object, content: only(rest, EXPLICIT)? })
    }

    /// A bag is the same, with attributes that nobody reads.
    fn parse_bag(der: &'a [u8]) -> Option<Content<'a>> {
        let (object, rest) = element(der, OBJECT)?;
        let (content, rest) = element(rest, EXPLICIT)?;
        if !rest.is_empty() {
            only(rest, SET)?;
        }
        Some(Content { object, content })
    }

    /// All of a sequence.
    pub(super) fn all(der: &'a [u8]) -> Option<Vec<Content<'a>>> {
        each(der, Content::parse)
    }

    /// All bags of a sequence.
    pub(super) fn bags(der: &'a [u8]) -> Option<Vec<Content<'a>>> {
        each(der, Content::parse_bag)
    }

    /// Bytes that are not encrypted.
    pub(super) fn data(&self) -> Option<&'a [u8]> {
        only(self.content, OCTET_STRING)
    }

    /// Bytes that are encrypted.
    pub(super) fn encrypted(&self) -> Option<Encrypted<'a>> {
        let (_, rest) = element(only(self.content, SEQUENCE)?, INTEGER)?;
        let (_, rest) = element(only(rest, SEQUENCE)?, OBJECT)?;
        let (algorithm, data) = element(rest, SEQUENCE)?;
        Some(Encrypted { algorithm, data: only(data, IMPLICIT)? })
    }

    /// A private key that is encrypted.
    pub(super) fn shrouded(&self) -> Option<Encrypted<'a>> {
        let (algorithm, data) = element(only(self.content, SEQUENCE)?, SEQUENCE)?;
        Some(Encrypted { algorithm, data: only(data, OCTET_STRING)? })
    }

    /// What a certificate's bag holds: the kind of certificate, and the certificate.
    pub(super) fn certificate(&self) -> Option<Content<'a>> {
        Content::parse(only(self.content, SEQUENCE)?)
    }
}

fn each<'a>(der: &'a [u8], parse: impl Fn(&'a [u8]) -> Option<Content<'a>>) -> Option<Vec<Content<'a>>> {
    let mut rest = only(der, SEQUENCE)?;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (content, behind) = element(rest, SEQUENCE)?;
        found.push(parse(content)?);
        rest = behind;
    }
    Some(found)
}
