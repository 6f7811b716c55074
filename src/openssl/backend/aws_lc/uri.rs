//! Certificates and keys under URIs. AWS-LC has no stores: files are read here.

pub use crate::openssl::contents::UriFailure;

use crate::openssl::contents::{Contents, Pkcs12Failure};
use crate::openssl::error::{Entry, LIB_SYS};
use crate::openssl::pem::{self, KeyFailure, Password};
use crate::openssl::{cleanse, pkcs12, try_collect, x509::X509};
use std::ffi::{CStr, OsStr};

/// The longest password of a PKCS#12 file: as long as the buffer that OpenSSL gives its callback.
const LONGEST: usize = 1024;
/// Larger files are refused.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Reads the certificates and the private keys of the file that a URI names. `password` is asked where one is needed.
pub fn load(uri: &CStr, password: &mut Password<'_>) -> Result<Contents, UriFailure> {
    let mut data = read(uri)?;
    let contents = contents(&data, password);
    cleanse(&mut data);
    contents
}

fn read(uri: &CStr) -> Result<Vec<u8>, UriFailure> {
    let closed = |number: i32| UriFailure::Closed(vec![Entry::of(LIB_SYS, number)]);
    const INVALID: i32 = 22;
    const FILE_TOO_LARGE: i32 = 27;
    let path = path_of(uri).ok_or_else(|| closed(INVALID))?;
    let failed = |error: std::io::Error| closed(error.raw_os_error().unwrap_or(INVALID));
    if std::fs::metadata(&path).map_err(failed)?.len() > LARGEST {
        return Err(closed(FILE_TOO_LARGE));
    }
    std::fs::read(&path).map_err(failed)
}

/// The path of `file:/path`, `file:path`, `file:///path` and `file://localhost/path` (RFC 8089).
fn path_of(uri: &CStr) -> Option<std::path::PathBuf> {
    let text = uri.to_str().ok()?;
    let (scheme, rest) = text.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let path = match rest.strip_prefix("//") {
        Some(authority) => authority.strip_prefix("localhost").unwrap_or(authority),
        None => rest,
    };
    let has_host = rest.starts_with("//") && !path.starts_with('/');
    (!path.is_empty() && !has_host).then(|| OsStr::new(path).into())
}

fn contents(data: &[u8], password: &mut Password<'_>) -> Result<Contents, UriFailure> {
    if pem::is_pem(data) {
        let certificates = try_collect(pem::each_certificate(data)?)?;
        let key = match pem::private_key(data, password) {
            Err(KeyFailure::Missing) => None,
            key => Some(key.map_err(UriFailure::Key)?),
        };
        return Ok(Contents { certificates, keys: key.into_iter().collect() });
    }
    if let Ok(x509) = X509::from_der(data) {
        return Ok(Contents { certificates: vec![x509], keys: Vec::new() });
    }
    match pem::private_key(data, &mut |_| None) {
        Ok(key) => Ok(Contents { certificates: Vec::new(), keys: vec![key] }),
        Err(_) => archive(data, password),
    }
}

/// A PKCS#12 file, first without a password, or an encrypted key.
fn archive(data: &[u8], password: &mut Password<'_>) -> Result<Contents, UriFailure> {
    let failed = |failure| match failure {
        Pkcs12Failure::Key(failure) => UriFailure::Key(failure),
        Pkcs12Failure::Costly | Pkcs12Failure::Crowded => UriFailure::Closed(Vec::new()),
    };
    match pkcs12::read(data, &[]) {
        Err(Pkcs12Failure::Key(KeyFailure::Password(_))) => {}
        Ok(contents) => return Ok(contents),
        Err(_) => {
            let key = pem::private_key(data, password).map_err(UriFailure::Key)?;
            return Ok(Contents { certificates: Vec::new(), keys: vec![key] });
        }
    }
    let mut secret = vec![0; LONGEST];
    let asked = password(&mut secret).filter(|len| *len <= LONGEST);
    let read = asked.map(|len| pkcs12::read(data, &secret[..len]));
    cleanse(&mut secret);
    read.unwrap_or_else(|| pkcs12::read(data, &[])).map_err(failed)
}
