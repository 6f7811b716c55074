//! X.509 certificates, decoded as Python's `getpeercert` dict.

mod alt_name;
mod fields;
mod json;
mod list;
mod name;
mod text;

pub use alt_name::SubjectAltName;
pub use list::CertificateList;
pub use name::NameAttribute;
pub use text::PeerText;

use super::error::check_length;
use super::error::{Error, Result};
use crate::openssl::x509::X509;
use crate::openssl::{pem, x509};
use crate::ssl::text::abridged;
use crate::ssl::text::{Lossy, try_text};
use fields::{Fields, Listed};
use once_cell::sync::OnceCell;
use std::ffi::{CStr, CString};
use std::fmt;
use std::sync::Arc;

/// A certificate. Immutable, and cheap to make and to clone: nothing is decoded before it is asked for.
///
/// A name that is not text is given as its bytes; only [`Certificate::json`] fails for it, as Python does. An
/// extension that cannot be parsed at all counts as absent, as in Python; other fields that cannot be decoded are
/// None. When there is no memory all fields are empty, and the next call tries again.
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    x509: X509,
    verified: bool,
    der: OnceCell<Vec<u8>>,
    pem: OnceCell<CString>,
    json: OnceCell<CString>,
    fields: OnceCell<Box<Fields>>,
}

impl Certificate {
    /// Wraps a certificate; `verified` says whether the connection it came from had verified it.
    pub(crate) fn new(x509: X509, verified: bool) -> Certificate {
        Certificate(Arc::new(Inner {
            x509,
            verified,
            der: OnceCell::new(),
            pem: OnceCell::new(),
            json: OnceCell::new(),
            fields: OnceCell::new(),
        }))
    }

    /// Reads a certificate from DER, or the first of a PEM text. It is not verified.
    pub fn from_data(data: &[u8]) -> Result<Certificate> {
        check_length(data, "data")?;
        let x509 = if pem::is_pem(data) { first_of_pem(data) } else { only_of_der(data) }?;
        Ok(Certificate::new(x509, false))
    }

    /// Tells whether the connection it came from had verified it.
    pub fn verified(&self) -> bool {
        self.0.verified
    }

    /// Tells whether two certificates have the same bytes; false if there is no memory to compare them.
    pub fn equal(&self, other: &Certificate) -> bool {
        match (self.encoded(), other.encoded()) {
            (Ok(one), Ok(other)) => one == other,
            _ => Arc::ptr_eq(&self.0, &other.0),
        }
    }

    /// The DER bytes. Python: `getpeercert(binary_form=True)`
    pub fn der(&self) -> &[u8] {
        self.encoded().unwrap_or_default()
    }

    /// The DER bytes, or why they cannot be had.
    pub(crate) fn encoded(&self) -> Result<&[u8]> {
        Ok(self.0.der.get_or_try_init(|| self.0.x509.to_der())?)
    }

    /// The PEM text.
    pub fn pem(&self) -> &CStr {
        let pem = self.0.pem.get_or_try_init(|| {
            let pem = self.0.x509.to_pem()?;
            try_text(Lossy(&pem)).ok_or_else(Error::no_memory)
        });
        pem.map_or(c"", |pem| pem)
    }

    /// Python's dict as JSON text: tuples are arrays, bytes are hex.
    pub fn json(&self) -> Result<&CStr> {
        let json = self.0.json.get_or_try_init(|| json::of(self.fields()?));
        json.map(CString::as_c_str)
    }

    /// The attributes of the subject. Python: `"subject"`
    pub fn subject(&self) -> &[NameAttribute] {
        self.listed(|fields| Some(&fields.subject))
    }

    /// The subject in one line of RFC 2253, for people to read, not to compare.
    pub fn subject_text(&self) -> Option<&CStr> {
        self.known(|fields| fields.subject_text.as_deref().ok())
    }

    /// The attributes of the issuer. Python: `"issuer"`
    pub fn issuer(&self) -> &[NameAttribute] {
        self.listed(|fields| Some(&fields.issuer))
    }

    /// The issuer in one line of RFC 2253, for people to read, not to compare.
    pub fn issuer_text(&self) -> Option<&CStr> {
        self.known(|fields| fields.issuer_text.as_deref().ok())
    }

    /// The X.509 version counted from 1: 3 for nearly all. Python: `"version"`
    pub fn version(&self) -> i32 {
        self.known(|fields| Some(fields.version)).unwrap_or_default()
    }

    /// The serial number in upper-case hex, two digits a byte. Python: `"serialNumber"`
    pub fn serial_number(&self) -> &CStr {
        self.known(|fields| Some(fields.serial_number.as_c_str())).unwrap_or_default()
    }

    /// The start of validity, such as `Jan  5 09:34:43 2018 GMT`. Python: `"notBefore"`
    pub fn not_before(&self) -> Option<&CStr> {
        self.known(|fields| fields.not_before.as_deref().ok())
    }

    /// The end of validity. Python: `"notAfter"`
    pub fn not_after(&self) -> Option<&CStr> {
        self.known(|fields| fields.not_after.as_deref().ok())
    }

    /// The start of validity in seconds since 1970; None if unreadable.
    pub fn not_before_time(&self) -> Option<i64> {
        self.known(|fields| fields.not_before_time)
    }

    /// The end of validity in seconds since 1970; None if unreadable.
    pub fn not_after_time(&self) -> Option<i64> {
        self.known(|fields| fields.not_after_time)
    }

    /// The alternative names of the subject. Python: `"subjectAltName"`
    pub fn subject_alt_names(&self) -> &[SubjectAltName] {
        self.listed(|fields| fields.subject_alt_names.as_ref())
    }

    /// The addresses where to ask whether it is revoked. Python: `"OCSP"`
    pub fn ocsp(&self) -> &[PeerText] {
        self.listed(|fields| Some(&fields.ocsp))
    }

    /// The addresses where the issuer's certificate can be fetched. Python: `"caIssuers"`
    pub fn ca_issuers(&self) -> &[PeerText] {
        self.listed(|fields| Some(&fields.ca_issuers))
    }

    /// The addresses of revocation lists. Python: `"crlDistributionPoints"`
    pub fn crl_distribution_points(&self) -> &[PeerText] {
        self.listed(|fields| Some(&fields.crl_distribution_points))
    }

    /// The digest of the DER bytes; None is SHA-256. Python: `hashlib.new(digest, der)`
    pub fn fingerprint(&self, digest: Option<&str>) -> Result<Vec<u8>> {
        let name = digest.unwrap_or("sha256");
        let unknown = || Error::value(format_args!("digest {} is not known", abridged(name)));
        let c_name = CString::new(name).map_err(|_| unknown())?;
        x509::digest(&c_name, self.encoded()?).map_err(|entry| match digest {
            Some(_) => Error::or_memory(entry, unknown),
            None => Error::openssl(entry),
        })
    }

    fn fields(&self) -> Result<&Fields> {
        self.0.fields.get_or_try_init(|| Fields::decode(&self.0.x509).map(Box::new)).map(|fields| &**fields)
    }

    fn listed<'a, T>(&'a self, list: impl FnOnce(&'a Fields) -> Option<&'a Listed<T>>) -> &'a [T] {
        self.known(list).map_or(&[], |list| &list.items)
    }

    fn known<'a, T>(&'a self, field: impl FnOnce(&'a Fields) -> Option<T>) -> Option<T> {
        self.fields().ok().and_then(field)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.subject_text().unwrap_or_default();
        f.debug_struct("Certificate").field("subject", &subject).field("verified", &self.verified()).finish()
    }
}

fn first_of_pem(data: &[u8]) -> Result<X509> {
    let first = pem::each_certificate(data)?.next();
    first.ok_or_else(|| Error::ssl("no start line: there is no certificate in the PEM text"))?.map_err(
        |entry| match entry {
            Some(_) => Error::openssl(entry),
            None => Error::ssl("data does not contain a certificate"),
        },
    )
}

fn only_of_der(data: &[u8]) -> Result<X509> {
    X509::from_der(data).map_err(|entry| match entry {
        Some(_) => Error::openssl(entry),
        None => Error::ssl("there is more than one DER certificate"),
    })
}
