//! The names of subject and issuer.

use super::fields::{Decoded, Defect, Field, Listed, c_text, text};
use super::text::PeerText;
use crate::openssl::x509::{NameEntry, NameValue};
use crate::ssl::error::Result;
use std::ffi::CString;

/// One (name, value) pair of a subject or issuer.
#[derive(Clone, Debug)]
pub struct NameAttribute {
    /// OpenSSL's long name of the attribute, or its dotted number.
    pub name: CString,
    /// Its value.
    pub value: PeerText,
    /// Pairs with the same number form one relative distinguished name. Counts from 0.
    pub rdn: usize,
    /// The value is bytes: a BIT STRING, or a string that is not valid text.
    pub binary: bool,
}

/// Decodes a name; `field` names the field it comes from.
pub(super) fn attributes(entries: Field<Vec<NameEntry>>, field: &str) -> Result<Listed<NameAttribute>> {
    let mut listed: Listed<NameAttribute> = Listed::new();
    let entries = entries.unwrap_or_else(|defect| {
        listed.note(Some(defect));
        Vec::new()
    });
    let mut last_set = None;
    for entry in entries {
        let last = listed.items.last().map(|attribute| attribute.rdn);
        let same = last_set == Some(entry.set);
        let rdn = last.map_or(0, |rdn| if same { rdn } else { rdn + 1 });
        last_set = Some(entry.set);
        listed.push(attribute(entry, rdn, field)?)?;
    }
    Ok(listed)
}

fn attribute(entry: NameEntry, rdn: usize, field: &str) -> Result<Decoded<NameAttribute>> {
    let name = c_text(entry.object)?;
    let (value, defect) = match entry.value {
        NameValue::Text(bytes) => text(&bytes, field)?,
        NameValue::Bits(bytes) => {
            let value = PeerText::new(&bytes)?;
            return Ok((NameAttribute { name, value, rdn, binary: true }, None));
        }
        NameValue::Unreadable(bytes, entry) => (PeerText::new(&bytes)?, Some(Defect::OpenSsl(entry))),
    };
    Ok((NameAttribute { name, value, rdn, binary: defect.is_some() }, defect))
}
