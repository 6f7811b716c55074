//! Everything a certificate says, all decoded when the first field is asked for.

use super::alt_name::{SubjectAltName, alt_names};
use super::field::{Field, Listed, c_text, lasting, text};
use super::name::{NameAttribute, attributes};
use super::text::PeerText;
use crate::openssl::error::Cause;
use crate::openssl::x509::{AccessMethod, X509};
use crate::ssl::Error;
use crate::ssl::text::Lossy;
use std::ffi::CString;
use std::fmt::{self, Display};

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

fn line(printed: Result<Vec<u8>, Cause>) -> Result<Field<CString>, Error> {
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
