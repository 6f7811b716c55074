//! Writes DER.

/// How the object identifiers of all that has to do with RSA begin.
pub const PKCS1: [u8; 8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01];

/// An element of this tag.
pub fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    match content.len() {
        short @ ..0x80 => der.push(short as u8),
        long => {
            let digits: Vec<u8> = long.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            der.push(0x80 | digits.len() as u8);
            der.extend(digits);
        }
    }
    der.extend(content);
    der
}

pub fn sequence(items: &[Vec<u8>]) -> Vec<u8> {
    value(0x30, &items.concat())
}

pub fn oid(content: &[u8]) -> Vec<u8> {
    value(6, content)
}

pub fn null() -> Vec<u8> {
    value(5, &[])
}

/// A number that is not negative.
pub fn integer(digits: &[u8]) -> Vec<u8> {
    match digits.first() {
        Some(0..0x80) => value(2, digits),
        _ => value(2, &[&[0], digits].concat()),
    }
}

pub fn bit_string(content: &[u8]) -> Vec<u8> {
    value(3, &[&[0], content].concat())
}

pub fn octets(content: &[u8]) -> Vec<u8> {
    value(4, content)
}
