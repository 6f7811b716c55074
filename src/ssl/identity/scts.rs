//! Signed certificate timestamps that a server sends with its certificate.

use crate::ssl::error::{Error, Result};
use std::sync::Arc;

/// TLS has two bytes for the length of all extensions, and needs some of that for others.
const MOST: usize = 64_000;

/// A list as a server sends it; None for an empty one.
pub(super) fn to_send(list: &[u8]) -> Result<Option<Arc<[u8]>>> {
    if list.is_empty() {
        return Ok(None);
    }
    if !check(list) {
        return Err(Error::value("scts is not a SignedCertificateTimestampList (RFC 6962, section 3.3)"));
    }
    if list.len() > MOST {
        return Err(Error::value(format_args!("scts has {} bytes: TLS can send {MOST}", list.len())));
    }
    Ok(Some(list.into()))
}

/// Tells whether this is a SignedCertificateTimestampList: its length, then one or more timestamps, each after its own length.
pub(crate) fn check(list: &[u8]) -> bool {
    let Some((mut scts, [])) = entry(list) else { return false };
    while let Some((_, rest)) = entry(scts) {
        scts = rest;
        if rest.is_empty() {
            return true;
        }
    }
    false
}

/// Splits off the bytes after a length of two bytes; None for none.
fn entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*len))).filter(|(entry, _)| !entry.is_empty())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn lengths_must_fit() {
        assert!(check(b"\0\x03\0\x01a"));
        assert!(check(b"\0\x07\0\x01a\0\x02bc"));
        let bad: [&[u8]; 10] = [
            b"",
            b"\0",
            b"\0\0",
            b"\0\x02\0\0",
            b"\0\x03\0\x02a",
            b"\0\x03\0\x01ab",
            b"\0\x04\0\x01ab",
            b"\0\x04\0\x01a",
            b"\0\x05\0\x01a\0\0",
            b"\0\x07\0\x01a\0\x03bc",
        ];
        assert_eq!(bad.into_iter().find(|list| check(list)), None);
    }
}
