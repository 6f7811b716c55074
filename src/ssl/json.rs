//! JSON, written without anything in between: a peer chooses how long it is.

use super::text::Lossy;
use std::fmt::{self, Display, Formatter, Write};

/// Bytes in lower-case hex, without quotes.
pub(crate) struct Hex<'a>(pub &'a [u8]);

impl Display for Hex<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An array, whose items `each` writes.
pub(crate) fn array<T>(
    f: &mut Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    each: impl Fn(&mut Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    f.write_char('[')?;
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            f.write_char(',')?;
        }
        each(f, item)?;
    }
    f.write_char(']')
}

/// A string, in quotes.
pub(crate) struct Text<'a>(pub &'a [u8]);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        write!(Escaped(f), "{}", Lossy(self.0))?;
        f.write_char('"')
    }
}

/// Writes what may stand between quotes.
struct Escaped<'a, 'b>(&'a mut Formatter<'b>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, words: &str) -> fmt::Result {
        words.chars().try_for_each(|one| match one {
            '"' => self.0.write_str("\\\""),
            '\\' => self.0.write_str("\\\\"),
            '\u{8}' => self.0.write_str("\\b"),
            '\u{C}' => self.0.write_str("\\f"),
            '\n' => self.0.write_str("\\n"),
            '\r' => self.0.write_str("\\r"),
            '\t' => self.0.write_str("\\t"),
            '\0'..='\u{1F}' => write!(self.0, "\\u{:04x}", u32::from(one)),
            _ => self.0.write_char(one),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_written_as_json_wants_them() {
        let all: String =
            (0..0x300_u32).chain([0x2028, 0xFFFD, 0x1F600]).filter_map(char::from_u32).collect();
        assert_eq!(Text(all.as_bytes()).to_string(), serde_json::Value::from(all).to_string());
        assert_eq!(Text(b"a\xFFb\0").to_string(), "\"a\u{FFFD}b\\u0000\"");
    }
}
