//! Object identifiers.

use super::super::error::{Error, Result};
use crate::lock::Mutex;
use crate::openssl::obj::{self, Asn1Object as Object};
use crate::ssl::text::text;
use std::collections::BTreeMap;
use std::ffi::{CStr, CString};

/// What OpenSSL knows of an object identifier. Each text is made once and lives as long as the process.
/// Python: the record behind `Purpose`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asn1Object {
    /// OpenSSL's number.
    pub nid: i32,
    /// Such as "serverAuth".
    pub shortname: &'static CStr,
    /// Such as "TLS Web Server Authentication".
    pub longname: &'static CStr,
    /// The dotted numbers; a few registered names have none.
    pub oid: Option<&'static CStr>,
}

/// Looks an object identifier up: "1.3.6.1.5.5.7.3.1", and with `name` also "serverAuth" or a long name.
/// Python: `txt2obj(txt, name)`
pub fn txt2obj(txt: &str, name: bool) -> Result<Asn1Object> {
    // No name is longer, and OpenSSL's running time for a long number grows with the square of its length.
    const LONGEST: usize = 4096;
    if txt.len() > LONGEST {
        return Err(unknown(txt));
    }
    let c_text = CString::new(txt).map_err(|_| Error::value("txt must be text without null characters"))?;
    record(&Object::from_text(&c_text, !name).map_err(|entry| Error::or_memory(entry, || unknown(txt)))?)
}

fn unknown(txt: &str) -> Error {
    let shown = &txt.as_bytes()[..txt.len().min(100)];
    Error::value(format_args!("unknown object '{}'", String::from_utf8_lossy(shown)))
}

/// Looks an object identifier up by OpenSSL's number.
/// Python: `nid2obj(nid)`
pub fn nid2obj(nid: i32) -> Result<Asn1Object> {
    if nid < obj::UNDEFINED {
        return Err(Error::value("NID must be positive."));
    }
    let object = Object::from_nid(nid);
    let unknown = || Error::value(format_args!("unknown NID {nid}"));
    let object = object.map_err(|entry| Error::or_memory(entry, unknown))?;
    record(&object)
}

fn record(object: &Object) -> Result<Asn1Object> {
    static RECORDS: Mutex<BTreeMap<i32, Asn1Object>> = Mutex::new(BTreeMap::new());
    let nid = object.nid();
    if nid == obj::UNDEFINED {
        return Err(Error::value("Unknown object"));
    }
    Ok(*RECORDS.lock().entry(nid).or_insert_with(|| Asn1Object {
        nid,
        shortname: lasting(obj::short_name(nid).unwrap_or_default()),
        longname: lasting(obj::long_name(nid).unwrap_or_default()),
        oid: object.oid().map(lasting),
    }))
}

fn lasting(name: String) -> &'static CStr {
    Box::leak(text(name).into_boxed_c_str())
}
