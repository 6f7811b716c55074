//! DER, as far as it is looked at without OpenSSL.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
const CONSTRUCTED: u8 = 0x20;
const NUMBER: u8 = 0x1F;

/// The first element: its tag, its content, and what follows it. None also for what only BER has, such as lengths that are
/// not said, and for tags of several bytes.
pub(super) fn first(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, length, rest @ ..] = der else { return None };
    if tag & NUMBER == NUMBER {
        return None;
    }
    let (length, rest) = match *length {
        short @ ..0x80 => (usize::from(short), rest),
        long => {
            let count = usize::from(long & 0x7F);
            let (digits, rest) = rest.split_at_checked(count).filter(|_| (1..=4).contains(&count))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
    };
    let (content, behind) = rest.split_at_checked(length)?;
    Some((*tag, content, behind))
}

/// The content of the first element, if it has this tag, and what follows it.
pub(super) fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, behind) = first(der)?;
    (found == tag).then_some((content, behind))
}

/// The elements one after the other. None is one that cannot be read, and the end.
pub(super) fn elements(der: &[u8]) -> impl Iterator<Item = Option<(u8, &[u8])>> {
    let mut rest = der;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let element = first(rest);
        rest = element.map_or(&[], |(_, _, behind)| behind);
        Some(element.map(|(tag, content, _)| (tag, content)))
    })
}

/// Tells whether an element is made of others.
pub(super) fn is_constructed(tag: u8) -> bool {
    tag & CONSTRUCTED != 0
}

/// A number that is not negative, as high as it can be told.
pub(super) fn number(content: &[u8]) -> u64 {
    let digits = content.iter().copied().skip_while(|digit| *digit == 0);
    digits.fold(0, |number: u64, digit| match number >> 56 {
        0 => number << 8 | u64::from(digit),
        _ => u64::MAX,
    })
}
