//! Text: for C, which means UTF-8 without NULs; and as messages quote it.

use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::fmt::{self, Write};

/// Makes C text of bytes: NULs are dropped, and what is not UTF-8 is replaced.
pub(crate) fn text(text: impl Into<Vec<u8>>) -> CString {
    let mut bytes: Vec<u8> = text.into();
    if std::str::from_utf8(&bytes).is_err() {
        bytes = String::from_utf8_lossy(&bytes).into_owned().into_bytes();
    }
    bytes.retain(|byte| *byte != 0);
    CString::new(bytes).unwrap_or_default()
}

/// Makes C text of a name that a peer chose: a NUL is shown as U+FFFD too, so that the name does not become another one.
pub(crate) fn name(name: &[u8]) -> CString {
    let parts: Vec<&[u8]> = name.split(|byte| *byte == 0).collect();
    text(parts.join("\u{FFFD}".as_bytes()))
}

/// Makes C text of anything that can be displayed; None if there is no memory for it.
pub(crate) fn try_text(words: impl fmt::Display) -> Option<CString> {
    let mut size = Size(0);
    write!(size, "{words}").ok()?;
    let mut room = Bounded(Vec::new());
    // With room for the NUL, so that `CString::new` does not allocate again.
    room.0.try_reserve_exact(size.0 + 1).ok()?;
    write!(room, "{words}").ok()?;
    CString::new(room.0).ok()
}

/// Bytes as text; those that are not UTF-8 are shown as U+FFFD.
pub(crate) struct Lossy<'a>(pub &'a [u8]);

impl fmt::Display for Lossy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.utf8_chunks().try_for_each(|chunk| {
            f.write_str(chunk.valid())?;
            f.write_str(if chunk.invalid().is_empty() { "" } else { "\u{FFFD}" })
        })
    }
}

/// Counts the bytes that would be written.
struct Size(usize);

impl Write for Size {
    fn write_str(&mut self, words: &str) -> fmt::Result {
        self.0 += words.bytes().filter(|byte| *byte != 0).count();
        Ok(())
    }
}

/// Takes bytes without allocating, and keeps room for the NUL.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write_str(&mut self, words: &str) -> fmt::Result {
        for byte in words.bytes().filter(|byte| *byte != 0) {
            if self.0.len() + 1 >= self.0.capacity() {
                return Err(fmt::Error);
            }
            self.0.push(byte);
        }
        Ok(())
    }
}

/// The text of a C string that was made here.
pub(crate) fn as_str(text: &CStr) -> &str {
    text.to_str().unwrap_or("")
}

/// Quotes text as Python's `repr` does, for messages that contain it.
pub(crate) fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut quoted = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\\' => quoted.push_str("\\\\"),
            c if c == quote => quoted.extend(['\\', c]),
            ' ' => quoted.push(c),
            c if c.is_control() || c.is_whitespace() => quoted.push_str(&escape(c)),
            c => quoted.push(c),
        }
    }
    quoted.push(quote);
    quoted
}

/// Quotes text as our own messages do, shortened if it is long.
pub(crate) fn abridged(text: &str) -> String {
    format!("'{}'", cut(text))
}

/// The beginning of a text that is too long for a message.
pub(crate) fn cut(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 100;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]).into(),
        None => text.into(),
    }
}

fn escape(c: char) -> String {
    match u32::from(c) {
        code @ ..0x100 => format!("\\x{code:02x}"),
        code => format!("\\u{code:04x}"),
    }
}

/// White space as Python defines it: Unicode's, and four ASCII separators.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::{name, text};

    #[test]
    fn text_of_bytes_is_utf_8_without_nul() {
        assert_eq!(text("h2").as_c_str(), c"h2");
        assert_eq!(text(*b"a\0b").as_c_str(), c"ab");
        assert_eq!(text(*b"\xFFa\0").as_c_str(), c"\u{FFFD}a");
    }

    #[test]
    fn a_name_with_a_nul_is_not_the_one_without() {
        assert_eq!(name(b"h2").as_c_str(), c"h2");
        assert_eq!(name(b"h\x002\0").as_c_str(), c"h\u{FFFD}2\u{FFFD}");
        assert_eq!(name(b"\xFF").as_c_str(), c"\u{FFFD}");
    }
}
