//! The bytes of a session, which end with a digest of all that is before it. A mark stands at the beginning and ends with a newline.

use crate::libcrypto::sha256;
use crate::reader::Reader;

/// How long the digest is, and that of the trust that follows the mark of a client's session.
pub const DIGEST: usize = 32;

/// Bytes with the digest that they need at their end.
pub fn sealed(mut body: Vec<u8>) -> Vec<u8> {
    let digest: [u8; DIGEST] = sha256(&body);
    body.extend(digest);
    body
}

/// Some bytes of these changed: each at a place of two bytes, to a value of one.
pub fn changed(honest: &[u8], input: &mut Reader<'_>) -> Vec<u8> {
    let mut bytes = honest.to_vec();
    while !input.is_empty() {
        let (place, value) = (input.short() % bytes.len(), input.byte());
        bytes[place] = value;
    }
    bytes
}
