//! Private keys of RFC 5958, "PKCS#8 v2", which include their public key. OpenSSL reads them since 3.5; older versions read
//! the key without it, as of RFC 5208.

use crate::openssl::der::{INTEGER, OCTET_STRING, SEQUENCE, element};
use crate::openssl::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const ATTRIBUTES: u8 = 0xA0;
const PUBLIC_KEY: [u8; 2] = [0x81, 0xA1];

/// The DER in a PEM block without its begin line, as `key_block` gives it; None if it is not base64.
pub(super) fn decoded(block: &[u8]) -> Option<Secret> {
    let body = block.strip_prefix(super::KEY)?;
    let mut text = Secret::with_room(body.len()).ok()?;
    body.split(u8::is_ascii_whitespace).for_each(|line| text.push(line));
    let mut der = Secret::zeros(text.bytes().len()).ok()?;
    let len = STANDARD.decode_slice(text.bytes(), der.bytes_mut()).ok()?;
    der.truncate(len);
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
    let mut key = Secret::with_room(head.len() + version.len() + kept.len()).ok()?;
    for part in [&head[..], &version, kept] {
        key.push(part);
    }
    Some(key)
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
