//! Loads the CA certificates of the Windows certificate stores.

use super::Context;
use crate::os::errno;
use crate::ssl::error::{Error, Result, Status};
use crate::ssl::module::oid::nid2obj;
use crate::ssl::module::store::{StoreEntry, enum_certificates};
use crate::ssl::warning::warn;
use std::ffi::CStr;

/// Python: the class `UserWarning`
const USER: &str = "UserWarning";

impl Context {
    /// Adds the certificates of the Windows stores that may be used for a purpose.
    pub(super) fn load_windows_certs(&self, purpose: i32) -> Result<()> {
        let purpose = nid2obj(purpose)?.oid.unwrap_or_default();
        ["CA", "ROOT"].into_iter().try_for_each(|name| self.load_windows_store(name, purpose))
    }

    fn load_windows_store(&self, name: &str, purpose: &CStr) -> Result<()> {
        let entries = match enum_certificates(name) {
            Err(error) if error.os_errno() == errno::ACCESS => {
                return warn(USER, "unable to enumerate Windows certificate store");
            }
            entries => entries?,
        };
        entries
            .0
            .iter()
            .filter(|entry| serves(entry, purpose))
            .try_for_each(|entry| self.load_windows_cert(entry))
    }

    /// Adds one certificate; one that OpenSSL refuses gives a warning.
    fn load_windows_cert(&self, entry: &StoreEntry) -> Result<()> {
        match self.load_verify_locations(None, None, Some(&entry.data)) {
            Err(error) if error.status() == Status::Ssl => warn(USER, &refusal(&error)),
            result => result,
        }
    }
}

fn refusal(error: &Error) -> String {
    format!("Bad certificate in Windows certificate store: {}", error.message())
}

fn serves(entry: &StoreEntry, purpose: &CStr) -> bool {
    let trusted = entry.trust.as_ref().is_none_or(|trust| trust.iter().any(|oid| oid.as_c_str() == purpose));
    trusted && entry.encoding.as_c_str() == c"x509_asn"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_certificates_for_the_purpose_serve() {
        let entry = |encoding: &CStr, trust: Option<&[&CStr]>| StoreEntry {
            data: Vec::new(),
            encoding: encoding.to_owned(),
            trust: trust.map(|trust| trust.iter().map(|oid| (*oid).to_owned()).collect()),
        };
        let purpose = nid2obj(129).expect("serverAuth").oid.expect("its number");
        assert!(serves(&entry(c"x509_asn", None), purpose));
        assert!(serves(&entry(c"x509_asn", Some(&[c"1.2.3", c"1.3.6.1.5.5.7.3.1"])), purpose));
        assert!(!serves(&entry(c"x509_asn", Some(&[c"1.3.6.1.5.5.7.3.2"])), purpose));
        assert!(!serves(&entry(c"x509_asn", Some(&[])), purpose));
        assert!(!serves(&entry(c"pkcs_7_asn", None), purpose));
    }
}
