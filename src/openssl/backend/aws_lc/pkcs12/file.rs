//! The parts of a PKCS#12 file (RFC 7292, 4).

use super::ber::{Octets, element, only};
use crate::openssl::Result;
use crate::openssl::der::{INTEGER, OBJECT, OCTET_STRING, SEQUENCE};
use crate::openssl::error::Cause;

/// `[0]` around another element.
const EXPLICIT: u8 = 0xA0;
/// `[0]` in the place of an octet string.
const IMPLICIT: u8 = 0x80;
const SET: u8 = 0x31;

/// A file.
pub(super) struct File<'a> {
    /// Several [`Content`]s, one after the other in a sequence. It is what the digest is about.
    pub safes: Octets<'a>,
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
    pub data: Octets<'a>,
}

impl<'a> File<'a> {
    pub(super) fn parse(ber: &'a [u8]) -> Result<File<'a>> {
        let (content, mac) = parts(ber).ok_or(Cause::Untold)?;
        Ok(File { safes: content.data()?, mac })
    }
}

fn parts(ber: &[u8]) -> Option<(Content<'_>, Option<Mac<'_>>)> {
    let (_, rest) = element(only(ber, SEQUENCE)?, INTEGER)?;
    let (content, rest) = element(rest, SEQUENCE)?;
    let mac = match rest {
        [] => None,
        rest => Some(Mac::parse(only(rest, SEQUENCE)?)?),
    };
    Some((Content::parse(content)?, mac))
}

impl<'a> Mac<'a> {
    fn parse(ber: &'a [u8]) -> Option<Mac<'a>> {
        let (info, rest) = element(ber, SEQUENCE)?;
        let (algorithm, digest) = element(info, SEQUENCE)?;
        let (salt, rest) = element(rest, OCTET_STRING)?;
        let iterations = match rest {
            [] => None,
            rest => Some(only(rest, INTEGER)?),
        };
        Some(Mac { algorithm, digest: only(digest, OCTET_STRING)?, salt, iterations })
    }
}

impl<'a> Encrypted<'a> {
    /// Of an algorithm, and the string behind it, which has this tag.
    fn of(info: Option<(&'a [u8], &'a [u8])>, tag: u8) -> Result<Encrypted<'a>> {
        let (algorithm, data) = info.ok_or(Cause::Untold)?;
        Ok(Encrypted { algorithm, data: Octets::only(data, tag)?.ok_or(Cause::Untold)? })
    }
}

impl<'a> Content<'a> {
    fn parse(ber: &'a [u8]) -> Option<Content<'a>> {
        let (object, rest) = element(ber, OBJECT)?;
        Some(Content { object, content: only(rest, EXPLICIT)? })
    }

    /// A bag is the same, with attributes that nobody reads.
    fn parse_bag(ber: &'a [u8]) -> Option<Content<'a>> {
        let (object, rest) = element(ber, OBJECT)?;
        let (content, rest) = element(rest, EXPLICIT)?;
        if !rest.is_empty() {
            only(rest, SET)?;
        }
        Some(Content { object, content })
    }

    /// All of a sequence.
    pub(super) fn all(ber: &'a [u8]) -> Option<Vec<Content<'a>>> {
        each(ber, Content::parse)
    }

    /// All bags of a sequence.
    pub(super) fn bags(ber: &'a [u8]) -> Option<Vec<Content<'a>>> {
        each(ber, Content::parse_bag)
    }

    /// Bytes that are not encrypted.
    pub(super) fn data(&self) -> Result<Octets<'a>> {
        Octets::only(self.content, OCTET_STRING)?.ok_or(Cause::Untold)
    }

    /// Bytes that are encrypted.
    pub(super) fn encrypted(&self) -> Result<Encrypted<'a>> {
        let info = || {
            let (_, rest) = element(only(self.content, SEQUENCE)?, INTEGER)?;
            let (_, rest) = element(only(rest, SEQUENCE)?, OBJECT)?;
            element(rest, SEQUENCE)
        };
        Encrypted::of(info(), IMPLICIT)
    }

    /// A private key that is encrypted.
    pub(super) fn shrouded(&self) -> Result<Encrypted<'a>> {
        let info = only(self.content, SEQUENCE).and_then(|info| element(info, SEQUENCE));
        Encrypted::of(info, OCTET_STRING)
    }

    /// What a certificate's bag holds: the kind of certificate, and the certificate.
    pub(super) fn certificate(&self) -> Option<Content<'a>> {
        Content::parse(only(self.content, SEQUENCE)?)
    }
}

fn each<'a>(ber: &'a [u8], parse: impl Fn(&'a [u8]) -> Option<Content<'a>>) -> Option<Vec<Content<'a>>> {
    let mut rest = only(ber, SEQUENCE)?;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (content, behind) = element(rest, SEQUENCE)?;
        found.push(parse(content)?);
        rest = behind;
    }
    Some(found)
}
