//! The certificate stores of Windows.

use crate::ssl::error::{Error, Result};
use std::ffi::CString;

/// One certificate or revocation list of a store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StoreEntry {
    /// Most often DER.
    pub data: Vec<u8>,
    /// "x509_asn", "pkcs_7_asn" or a number.
    pub encoding: CString,
    /// The OIDs it is trusted for; None for all purposes.
    pub trust: Option<Vec<CString>>,
}

/// The entries of a store, as they were when asked for.
#[derive(Clone, Debug, Default)]
pub struct StoreList(pub Vec<StoreEntry>);

/// Lists the certificates of a Windows store, "CA" or "ROOT".
/// Python: `enum_certificates(store_name)`
pub fn enum_certificates(store_name: &str) -> Result<StoreList> {
    list(store_name, EntryKind::Certificates)
}

/// Lists the revocation lists of a Windows store; their trust is empty.
/// Python: `enum_crls(store_name)`
pub fn enum_crls(store_name: &str) -> Result<StoreList> {
    list(store_name, EntryKind::Crls)
}

enum EntryKind {
    Certificates,
    Crls,
}

#[cfg(not(windows))]
fn list(_store_name: &str, kind: EntryKind) -> Result<StoreList> {
    let name = match kind {
        EntryKind::Certificates => "enum_certificates",
        EntryKind::Crls => "enum_crls",
    };
    Err(Error::not_implemented(format_args!(
        "{name} reads Windows' certificate stores; elsewhere get_default_verify_paths tells where the CAs are"
    )))
}

#[cfg(windows)]
fn list(store_name: &str, kind: EntryKind) -> Result<StoreList> {
    use crate::os::store;
    let found = match kind {
        EntryKind::Certificates => store::certificates(store_name),
        EntryKind::Crls => store::crls(store_name),
    };
    let found = found.map_err(|error| Error::os(error.raw_os_error().unwrap_or(0)))?;
    let mut seen = std::collections::HashSet::new();
    let entries = found.into_iter().map(named).filter(|entry| seen.insert(entry.clone())).collect();
    Ok(StoreList(entries))
}

#[cfg(windows)]
fn named(entry: crate::os::store::Entry) -> StoreEntry {
    use crate::os::store::{PKCS_7_ASN_ENCODING, X509_ASN_ENCODING};
    let encoding = match entry.encoding {
        X509_ASN_ENCODING => c"x509_asn".to_owned(),
        PKCS_7_ASN_ENCODING => c"pkcs_7_asn".to_owned(),
        number => crate::ssl::text::text(number.to_string()),
    };
    StoreEntry { data: entry.data, encoding, trust: entry.trust }
}
