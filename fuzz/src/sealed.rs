//! The bytes of a session, which end with a digest of all that is before it. A mark stands at the beginning and ends with a newline.

use crate::c::SHA256;
use crate::reader::Reader;

/// How long the digest is, and that of the trust that follows the mark of a client's session.
pub const DIGEST: usize = 32;

/// Bytes with the digest that they need at their end.
pub fn sealed(mut body: Vec<u8>) -> Vec<u8> {
    let mut digest = [0; DIGEST];
    // SAFETY: bytes of the length given and room for the digest.
    unsafe { SHA256(body.as_ptr(), body.len(), digest.as_mut_ptr()) };
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
