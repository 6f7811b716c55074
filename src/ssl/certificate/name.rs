//! The names of subject and issuer.

use super::fields::{Defect, Field, text};
use super::text::PeerText;
use crate::openssl::x509::{NameEntry, NameValue};
use crate::ssl::error;
use std::ffi::CString;

/// One (name, value) pair of a subject or issuer.
#[derive(Clone, Debug)]
pub struct NameAttribute {
    /// OpenSSL's long name of the attribute, or its dotted number.
    pub name: CString,
    /// What it says.
    pub value: PeerText,
    /// Pairs with the same number form one relative distinguished name. Counts from 0.
    pub rdn: usize,
    /// The value is the bytes of a BIT STRING, not text.
    pub binary: bool,
}

/// Decodes a name; `field` is where it stands.
pub(super) fn attributes(entries: Vec<NameEntry>, field: &str) -> Field<Vec<NameAttribute>> {
    let mut attributes: Vec<NameAttribute> = Vec::with_capacity(entries.len());
    let mut last_set = None;
    for entry in entries {
        let last = attributes.last().map(|attribute| attribute.rdn);
        let same = last_set == Some(entry.set);
        let rdn = last.map_or(0, |rdn| if same { rdn } else { rdn + 1 });
        last_set = Some(entry.set);
        attributes.push(attribute(entry, rdn, field)?);
    }
    Ok(attributes)
}

fn attribute(entry: NameEntry, rdn: usize, field: &str) -> Result<NameAttribute, Defect> {
    let name = error::text(entry.object);
    let (value, binary) = match entry.value {
        NameValue::Text(bytes) => (text(bytes, field)?, false),
        NameValue::Bits(bytes) => (PeerText::new(bytes), true),
    };
    Ok(NameAttribute { name, value, rdn, binary })
}
