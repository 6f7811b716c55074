//! Python's module-level functions.

pub mod environment;
pub mod info;
pub mod oid;
pub mod paths;
pub mod pem;
pub mod rand;
pub mod server_certificate;
pub mod store;
pub mod time;
pub mod warning;

pub(crate) use warning::warn;

use std::borrow::Cow;

/// Quotes text as Python's `repr` does, for messages that hold it.
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

/// Text as messages of ours quote it.
pub(crate) fn abridged(text: &str) -> String {
    format!("'{}'", cut(text))
}

/// The beginning of what would be too long for a message.
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

/// What Python takes for white space: Unicode's, and four separators of ASCII.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}
