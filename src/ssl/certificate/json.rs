//! Python's `getpeercert` dict as JSON. It is written straight into the result, without intermediate strings, because
//! a peer chooses how long it is.

use super::alt_name::SubjectAltName;
use super::fields::{Field, Fields, Listed};
use super::name::NameAttribute;
use super::text::PeerText;
use crate::ssl::error::{Error, Result};
use crate::ssl::text::{Lossy, try_text};
use std::ffi::{CStr, CString};
use std::fmt::{self, Display, Formatter, Write};

/// Writes the dict, in Python's order; fails if a field cannot be decoded.
pub(super) fn of(fields: &Fields) -> Result<CString> {
    let dict = Dict {
        subject: listed(&fields.subject)?,
        issuer: listed(&fields.issuer)?,
        version: fields.version,
        serial_number: &fields.serial_number,
        not_before: known(&fields.not_before)?,
        not_after: known(&fields.not_after)?,
        subject_alt_names: fields.subject_alt_names.as_ref().map(listed).transpose()?,
        uris: [
            ("OCSP", listed(&fields.ocsp)?),
            ("caIssuers", listed(&fields.ca_issuers)?),
            ("crlDistributionPoints", listed(&fields.crl_distribution_points)?),
        ],
    };
    try_text(dict).ok_or_else(Error::no_memory)
}

fn known<T>(field: &Field<T>) -> Result<&T> {
    field.as_ref().map_err(Into::into)
}

/// The items of the list, unless one of them has a defect.
fn listed<T>(list: &Listed<T>) -> Result<&[T]> {
    list.defect.as_ref().map_or(Ok(&list.items), |defect| Err(defect.into()))
}

struct Dict<'a> {
    subject: &'a [NameAttribute],
    issuer: &'a [NameAttribute],
    version: i32,
    serial_number: &'a CStr,
    not_before: &'a CStr,
    not_after: &'a CStr,
    subject_alt_names: Option<&'a [SubjectAltName]>,
    uris: [(&'static str, &'a [PeerText]); 3],
}

impl Display for Dict<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, r#"{{"subject":{},"issuer":{}"#, Name(self.subject), Name(self.issuer))?;
        write!(f, r#","version":{},"serialNumber":{}"#, self.version, line(self.serial_number))?;
        write!(f, r#","notBefore":{},"notAfter":{}"#, line(self.not_before), line(self.not_after))?;
        if let Some(names) = self.subject_alt_names {
            f.write_str(r#","subjectAltName":"#)?;
            array(f, names, |f, name| write!(f, "{}", AltName(name)))?;
        }
        for (key, uris) in self.uris.iter().filter(|(_, uris)| !uris.is_empty()) {
            write!(f, r#","{key}":"#)?;
            array(f, *uris, |f, uri| write!(f, "{}", text(uri)))?;
        }
        f.write_char('}')
    }
}

/// Relative distinguished names; each is a list of pairs.
struct Name<'a>(&'a [NameAttribute]);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let rdns = self.0.chunk_by(|one, next| one.rdn == next.rdn);
        array(f, rdns, |f, rdn| array(f, rdn, pair))
    }
}

fn pair(f: &mut Formatter<'_>, attribute: &NameAttribute) -> fmt::Result {
    let name = line(&attribute.name);
    match attribute.binary {
        true => write!(f, r#"[{name},"{}"]"#, Hex(attribute.value.as_bytes())),
        false => write!(f, "[{name},{}]", text(&attribute.value)),
    }
}

struct Hex<'a>(&'a [u8]);

impl Display for Hex<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

struct AltName<'a>(&'a SubjectAltName);

impl Display for AltName<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let kind = line(&self.0.kind);
        match &self.0.directory {
            Some(directory) => write!(f, "[{kind},{}]", Name(directory)),
            None => write!(f, "[{kind},{}]", text(&self.0.value)),
        }
    }
}

fn array<T>(
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

fn text(text: &PeerText) -> Text<'_> {
    Text(text.as_bytes())
}

fn line(text: &CStr) -> Text<'_> {
    Text(text.to_bytes())
}

/// A string, in quotes.
struct Text<'a>(&'a [u8]);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        write!(Escaped(f), "{}", Lossy(self.0))?;
        f.write_char('"')
    }
}

/// Escapes what may not stand between quotes.
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
