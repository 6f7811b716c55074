//! Private keys of RFC 5958, "PKCS#8 v2", which include their public key. OpenSSL reads them since 3.5; older versions read
//! the key without it, as of RFC 5208.

use crate::openssl::cleanse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
const ATTRIBUTES: u8 = 0xA0;
const PUBLIC_KEY: [u8; 2] = [0x81, 0xA1];

/// Bytes of a private key, which are overwritten when dropped.
pub(super) struct Secret(Vec<u8>);

impl Secret {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        cleanse(&mut self.0);
    }
}

/// The DER in a PEM block without its begin line, as `key_block` gives it; None if it is not base64.
pub(super) fn decoded(block: &[u8]) -> Option<Secret> {
    let body = block.strip_prefix(super::KEY)?;
    let text = Secret(body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect());
    let mut der = Secret(vec![0; text.0.len()]);
    let len = STANDARD.decode_slice(&text.0, &mut der.0).ok()?;
    der.0.truncate(len);
    Some(der)
}

/// The same key as version 1, without its public key; None if it is not a key of version 2.
pub(super) fn without_public_key(der: &[u8]) -> Option<Secret> {
    let (content, []) = element(der, SEQUENCE)? else { return None };
    let ([1], rest) = element(content, INTEGER)? else { return None };
    let (_, behind) = element(rest, SEQUENCE)?;
    let (_, behind) = element(behind, OCTET_STRING)?;
    let behind = element(behind, ATTRIBUTES).map_or(behind, |(_, behind)| behind);
    let public = PUBLIC_KEY.into_iter().find_map(|tag| element(behind, tag))?;
    public.1.is_empty().then_some(())?;
    let kept = &rest[..rest.len() - behind.len()];
    let version = [INTEGER, 1, 0];
    let mut head = vec![SEQUENCE];
    push_length(&mut head, version.len() + kept.len());
    // Allocated in full from the start: growing would leave copies of the key.
    let mut key = Secret(Vec::with_capacity(head.len() + version.len() + kept.len()));
    for part in [&head[..], &version, kept] {
        key.0.extend_from_slice(part);
    }
    Some(key)
}

/// The content of the first element, if it has this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [first, length, rest @ ..] = der else { return None };
    let (length, rest) = match *length {
        short @ ..0x80 => (usize::from(short), rest),
        long => {
            let count = usize::from(long & 0x7F);
            let (digits, rest) = rest.split_at_checked(count).filter(|_| (1..=4).contains(&count))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
    };
    let parts = rest.split_at_checked(length)?;
    (*first == tag).then_some(parts)
}

fn push_length(der: &mut Vec<u8>, length: usize) {
    if length < 0x80 {
        der.push(length as u8);
        return;
    }
    let bytes = length.to_be_bytes();
    let digits = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    der.push(0x80 | digits.len() as u8);
    der.extend_from_slice(digits);
}
