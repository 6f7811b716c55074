//! Python's `getpeercert` dict as JSON.

use super::alt_name::SubjectAltName;
use super::fields::{Field, Fields, Listed};
use super::name::NameAttribute;
use super::text::PeerText;
use crate::ssl::error::{Result, as_str};
use serde_json::{Map, Value};
use std::ffi::CString;

/// Writes the dict, in Python's order; fails if a field cannot be decoded.
pub(super) fn of(fields: &Fields) -> Result<String> {
    let mut dict = Map::new();
    let mut put = |key: &str, value: Value| drop(dict.insert(key.to_string(), value));
    put("subject", name(listed(&fields.subject)?));
    put("issuer", name(listed(&fields.issuer)?));
    put("version", fields.version.into());
    put("serialNumber", as_str(&fields.serial_number).into());
    put("notBefore", line(&fields.not_before)?);
    put("notAfter", line(&fields.not_after)?);
    if let Some(names) = &fields.subject_alt_names {
        put("subjectAltName", listed(names)?.iter().map(alt_name).collect());
    }
    let lists = [
        ("OCSP", &fields.ocsp),
        ("caIssuers", &fields.ca_issuers),
        ("crlDistributionPoints", &fields.crl_distribution_points),
    ];
    for (key, uris) in lists {
        let uris = listed(uris)?;
        if !uris.is_empty() {
            put(key, uris.iter().map(text).collect());
        }
    }
    Ok(Value::Object(dict).to_string())
}

fn known<T>(field: &Field<T>) -> Result<&T> {
    field.as_ref().map_err(Into::into)
}

/// The list, if all of it is what Python makes text of.
fn listed<T>(list: &Listed<T>) -> Result<&[T]> {
    list.defect.as_ref().map_or(Ok(&list.items), |defect| Err(defect.into()))
}

fn line(field: &Field<CString>) -> Result<Value> {
    known(field).map(|line| as_str(line).into())
}

fn text(text: &PeerText) -> Value {
    String::from_utf8_lossy(text.as_bytes()).into()
}

fn name(attributes: &[NameAttribute]) -> Value {
    let rdns = attributes.chunk_by(|one, next| one.rdn == next.rdn);
    rdns.map(|rdn| rdn.iter().map(pair).collect::<Value>()).collect()
}

fn pair(attribute: &NameAttribute) -> Value {
    let value = match attribute.binary {
        true => hex(attribute.value.as_bytes()).into(),
        false => text(&attribute.value),
    };
    Value::Array(vec![as_str(&attribute.name).into(), value])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn alt_name(alt_name: &SubjectAltName) -> Value {
    let value = match &alt_name.directory {
        Some(directory) => name(directory),
        None => text(&alt_name.value),
    };
    Value::Array(vec![as_str(&alt_name.kind).into(), value])
}
