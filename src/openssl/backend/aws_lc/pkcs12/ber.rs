//! BER, as far as programs write PKCS#12 files in it and OpenSSL reads them: contents that end with two zeros, and strings in pieces.

use crate::openssl::der::{OCTET_STRING, first, is_constructed};
use crate::openssl::secret::Secret;
use crate::openssl::{Result, der};

const CONSTRUCTED: u8 = 0x20;
/// The length of a content that ends with two zeros.
const UNTOLD: u8 = 0x80;
/// Deeper than any file.
const DEEPEST: usize = 16;

/// The content of the first element, if it has this tag, and what follows it.
pub(super) fn element(ber: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    match ber {
        [found, UNTOLD, content @ ..] if *found == tag && is_constructed(tag) => ended(content, DEEPEST),
        ber => der::element(ber, tag),
    }
}

/// The content of an element with nothing behind it.
pub(super) fn only(ber: &[u8], tag: u8) -> Option<&[u8]> {
    let (content, []) = element(ber, tag)? else { return None };
    Some(content)
}

/// What comes before two zeros, and what follows them.
fn ended(content: &[u8], depth: usize) -> Option<(&[u8], &[u8])> {
    let depth = depth.checked_sub(1)?;
    let mut rest = content;
    loop {
        rest = match rest {
            [0, 0, behind @ ..] => return Some((&content[..content.len() - rest.len()], behind)),
            [tag, UNTOLD, inner @ ..] if is_constructed(*tag) => ended(inner, depth)?.1,
            rest => first(rest)?.2,
        };
    }
}

/// The content of a string.
pub(super) enum Octets<'a> {
    /// It is in one piece.
    Whole(&'a [u8]),
    /// It was in several. It may hold a private key.
    Joined(Secret),
}

impl<'a> Octets<'a> {
    /// The only element, which has this tag if it is in one piece; None where there is another element.
    pub(super) fn only(ber: &'a [u8], tag: u8) -> Result<Option<Octets<'a>>> {
        if let Some(whole) = only(ber, tag) {
            return Ok(Some(Octets::Whole(whole)));
        }
        let Some(pieces) = only(ber, tag | CONSTRUCTED) else { return Ok(None) };
        // All pieces together are shorter.
        let mut joined = Secret::with_room(pieces.len())?;
        Ok(join(pieces, &mut joined, DEEPEST).map(|()| Octets::Joined(joined)))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Octets::Whole(bytes) => bytes,
            Octets::Joined(joined) => joined.bytes(),
        }
    }
}

fn join(pieces: &[u8], joined: &mut Secret, depth: usize) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let mut rest = pieces;
    while !rest.is_empty() {
        let behind = match element(rest, OCTET_STRING) {
            Some((piece, behind)) => {
                joined.push(piece);
                behind
            }
            None => {
                let (inner, behind) = element(rest, OCTET_STRING | CONSTRUCTED)?;
                join(inner, joined, depth)?;
                behind
            }
        };
        rest = behind;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_end_with_two_zeros() {
        let inner = b"\x30\x80\x04\x02\0\0\0\0";
        let ber = [b"\x30\x80", &inner[..], b"\x02\x01\x09\0\0more"].concat();
        let content = [&inner[..], b"\x02\x01\x09"].concat();
        assert_eq!(element(&ber, 0x30), Some((&content[..], &b"more"[..])));
        assert_eq!(only(&ber, 0x30), None);
        assert_eq!(only(&ber[..ber.len() - 4], 0x30), Some(&content[..]));
        let unended: [&[u8]; 5] =
            [b"\x30\x80", b"\x30\x80\x04\x01\0", b"\x30\x80\0", b"\x04\x80\0\0", b"\x30\x80\x04\x80\0\0\0\0"];
        for ber in unended {
            assert_eq!(element(ber, ber[0]), None, "{ber:?}");
        }
        let nested = |depth| [b"\x30\x80".repeat(depth), b"\0\0".repeat(depth)].concat();
        assert!(element(&nested(DEEPEST), 0x30).is_some() && element(&nested(DEEPEST + 1), 0x30).is_none());
        assert!(element(&nested(1_000_000), 0x30).is_none());
    }

    #[test]
    fn strings_come_in_pieces() {
        let joined =
            |ber: &[u8], tag| Octets::only(ber, tag).expect("memory").map(|octets| octets.bytes().to_vec());
        assert_eq!(joined(b"\x04\x02hi", 4).as_deref(), Some(&b"hi"[..]));
        assert_eq!(joined(b"\x24\x80\x04\x01h\x24\x03\x04\x01i\0\0", 4).as_deref(), Some(&b"hi"[..]));
        assert_eq!(joined(b"\xA0\x06\x04\x01h\x04\x01i", 0x80).as_deref(), Some(&b"hi"[..]));
        let no_strings: [&[u8]; 4] = [b"\x24\x03\x02\x01h", b"\x24\x02\x04\x01", b"\x04\x01hi", b"\x02\x01h"];
        for ber in no_strings {
            assert_eq!(joined(ber, 4), None, "{ber:?}");
        }
        let nested = [b"\x24\x80".repeat(DEEPEST + 1), b"\0\0".repeat(DEEPEST + 1)].concat();
        assert_eq!(joined(&nested, 4), None);
    }
}
