//! Comparing names as OpenSSL and AWS-LC do (X509_NAME_cmp(3)): texts by their characters, whatever their kind of string, without a
//! difference between capitals and small letters of ASCII, or between one space and several.

use crate::openssl::der::{OBJECT, elements};

const SET: u8 = 0x31;
const SEQUENCE: u8 = 0x30;

/// An attribute: its kind, the tag of its value where that is no text, and the value.
type Attribute = (Vec<u8>, Option<u8>, Vec<u8>);

/// Tells whether two names, of which these are the contents, are the same. One that cannot be read is the same only as its own bytes.
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    one == other || attributes(one).is_some_and(|own| attributes(other).is_some_and(|others| own == others))
}

/// The attributes of each part of a name; those of one part have no order.
fn attributes(name: &[u8]) -> Option<Vec<Vec<Attribute>>> {
    let part = |set: Option<(u8, &[u8])>| match set? {
        (SET, attributes) => {
            let mut attributes = elements(attributes).map(attribute).collect::<Option<Vec<_>>>()?;
            attributes.sort_unstable();
            Some(attributes)
        }
        _ => None,
    };
    elements(name).map(part).collect()
}

fn attribute(pair: Option<(u8, &[u8])>) -> Option<Attribute> {
    let (SEQUENCE, pair) = pair? else { return None };
    let mut parts = elements(pair);
    let (Some(Some((OBJECT, kind))), Some(Some((tag, value))), None) =
        (parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    Some(match text(tag, value) {
        Some(text) => (kind.to_vec(), None, folded(&text).into_bytes()),
        None => (kind.to_vec(), Some(tag), value.to_vec()),
    })
}

/// The characters of a string of one of the kinds that names have; None for anything else.
fn text(tag: u8, value: &[u8]) -> Option<String> {
    const UTF8: u8 = 12;
    const PRINTABLE: u8 = 19;
    const TELETEX: u8 = 20;
    const IA5: u8 = 22;
    const VISIBLE: u8 = 26;
    const UNIVERSAL: u8 = 28;
    const BMP: u8 = 30;
    let wide = |size: usize| -> Option<String> {
        let chunks = value.chunks(size);
        let number = |chunk: &[u8]| chunk.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        chunks.map(|chunk| (chunk.len() == size).then(|| char::from_u32(number(chunk))).flatten()).collect()
    };
    match tag {
        UTF8 => std::str::from_utf8(value).ok().map(ToOwned::to_owned),
        PRINTABLE | TELETEX | IA5 | VISIBLE => Some(value.iter().copied().map(char::from).collect()),
        UNIVERSAL => wide(4),
        BMP => wide(2),
        _ => None,
    }
}

/// A text in small letters, without spaces around it and with one in place of several.
fn folded(text: &str) -> String {
    let is_space = |letter: char| matches!(letter, ' ' | '\t'..='\r');
    let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
    words.join(" ").to_ascii_lowercase()
}
