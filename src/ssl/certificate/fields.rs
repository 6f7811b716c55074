//! Everything a certificate says, all decoded when the first field is asked for.

use super::alt_name::{SubjectAltName, alt_names};
use super::name::{NameAttribute, attributes};
use super::text::PeerText;
use crate::openssl::error::Entry;
use crate::openssl::x509::{AccessMethod, X509};
use crate::ssl::Error;
use crate::ssl::text::{Lossy, try_text};
use std::ffi::CString;
use std::fmt::{self, Display};

/// A field, or why it cannot be decoded.
pub(super) type Field<T> = Result<T, Defect>;

/// Why a field cannot be decoded. Unlike an `Error` it can be cloned and reported many times.
#[derive(Clone, Debug)]
pub(super) enum Defect {
    /// OpenSSL failed to decode it.
    OpenSsl(Option<Entry>),
    /// It was decoded, but Python cannot make text of it.
    Value(String),
}

impl From<&Defect> for Error {
    fn from(defect: &Defect) -> Error {
        match defect {
            Defect::OpenSsl(entry) => Error::openssl(entry.clone()),
            Defect::Value(message) => Error::value(message.as_str()),
        }
    }
}

/// A value and, if it could not be decoded in full, its defect.
pub(super) type Decoded<T> = (T, Option<Defect>);

/// A list of names. One that is not text is listed as its bytes, so that it does not look absent.
pub(super) struct Listed<T> {
    pub items: Vec<T>,
    /// The first defect in the list. Python then gives nothing of the list.
    pub defect: Option<Defect>,
}

impl<T> Listed<T> {
    pub fn new() -> Listed<T> {
        Listed { items: Vec::new(), defect: None }
    }

    /// Records a defect, unless there was one before.
    pub fn note(&mut self, defect: Option<Defect>) {
        self.defect = self.defect.take().or(defect);
    }

    pub fn push(&mut self, (item, defect): Decoded<T>) -> Result<(), Error> {
        self.items.try_reserve(1)?;
        self.items.push(item);
        self.note(defect);
        Ok(())
    }
}

/// The decoded fields.
pub(super) struct Fields {
    pub subject: Listed<NameAttribute>,
    pub subject_text: Field<CString>,
    pub issuer: Listed<NameAttribute>,
    pub issuer_text: Field<CString>,
    pub version: i32,
    pub serial_number: CString,
    pub not_before: Field<CString>,
    pub not_before_time: Option<i64>,
    pub not_after: Field<CString>,
    pub not_after_time: Option<i64>,
    pub subject_alt_names: Option<Listed<SubjectAltName>>,
    pub ocsp: Listed<PeerText>,
    pub ca_issuers: Listed<PeerText>,
    pub crl_distribution_points: Listed<PeerText>,
}

impl Fields {
    /// Fails only when there is no memory: any other defect stays with its field.
    pub(super) fn decode(x509: &X509) -> Result<Fields, Error> {
        Ok(Fields {
            subject: attributes(lasting(x509.subject())?, "subject")?,
            subject_text: line(x509.subject_rfc2253())?,
            issuer: attributes(lasting(x509.issuer())?, "issuer")?,
            issuer_text: line(x509.issuer_rfc2253())?,
            version: i32::try_from(x509.version().saturating_add(1)).unwrap_or(i32::MAX),
            serial_number: serial_number(x509)?,
            not_before: line(x509.not_before_text())?,
            not_before_time: lasting(x509.not_before_seconds())?.ok(),
            not_after: line(x509.not_after_text())?,
            not_after_time: lasting(x509.not_after_seconds())?.ok(),
            subject_alt_names: x509.subject_alt_names()?.map(alt_names).transpose()?,
            ocsp: uris(x509.access_uris(AccessMethod::Ocsp)?, "OCSP")?,
            ca_issuers: uris(x509.access_uris(AccessMethod::CaIssuers)?, "caIssuers")?,
            crl_distribution_points: uris(x509.crl_distribution_uris()?, "crlDistributionPoints")?,
        })
    }
}

/// Takes bytes that should be text; `field` names the field they come from.
pub(super) fn text(bytes: &[u8], field: &str) -> Result<Decoded<PeerText>, Error> {
    let wrong = std::str::from_utf8(bytes).err();
    let defect = wrong.map(|error| Defect::Value(format!("{field} is not UTF-8 text: {error}")));
    Ok((PeerText::new(bytes)?, defect))
}

/// Text of any length, as a C string.
pub(super) fn c_text(words: impl Display) -> Result<CString, Error> {
    try_text(words).ok_or_else(Error::no_memory)
}

/// Keeps a failure that OpenSSL would report each time as a defect; lack of memory is an error of this call alone.
pub(super) fn lasting<T>(field: Result<T, Option<Entry>>) -> Result<Field<T>, Error> {
    match field {
        Err(Some(entry)) if entry.is_memory() => Err(Error::no_memory()),
        field => Ok(field.map_err(Defect::OpenSsl)),
    }
}

fn line(printed: Result<Vec<u8>, Option<Entry>>) -> Result<Field<CString>, Error> {
    match lasting(printed)? {
        Ok(line) => c_text(Lossy(&line)).map(Ok),
        Err(defect) => Ok(Err(defect)),
    }
}

fn uris(uris: Vec<Vec<u8>>, field: &str) -> Result<Listed<PeerText>, Error> {
    let mut listed = Listed::new();
    for uri in uris {
        listed.push(text(&uri, field)?)?;
    }
    Ok(listed)
}

/// A number of any length gives one word of hex digits.
fn serial_number(x509: &X509) -> Result<CString, Error> {
    let (negative, magnitude) = x509.serial_number();
    c_text(SerialNumber(negative, magnitude))
}

struct SerialNumber<'a>(bool, &'a [u8]);

impl Display for SerialNumber<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SerialNumber(negative, magnitude) = *self;
        f.write_str(if negative { "-" } else { "" })?;
        match magnitude {
            [] => f.write_str("00"),
            bytes => bytes.iter().try_for_each(|byte| write!(f, "{byte:02X}")),
        }
    }
}
