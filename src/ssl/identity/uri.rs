//! Identities that OpenSSL's stores have.

use super::password::PasswordPrompt;
use super::{Password, pkcs12};
use crate::openssl::cert_and_key::CertAndKey;
use crate::openssl::error::{
    Cause, ERR_R_UNSUPPORTED, Entry, LIB_OSSL_STORE, LIB_SYS, OSSL_STORE_R_UNREGISTERED_SCHEME,
};
use crate::openssl::feature::Feature;
use crate::openssl::pem::KeyFailure;
use crate::openssl::pkcs12::Contents;
use crate::openssl::uri::{self, UriFailure};
use crate::ssl::error::{Error, Result};
use crate::ssl::origin::Origin;
use std::ffi::CString;

/// Reads the certificates under one URI and the key under another, or both under one.
pub(super) fn identity(cert: &str, key: Option<&str>, password: Password<'_>) -> Result<CertAndKey> {
    let of_cert = Origin::argument("cert_uri");
    let Contents { certificates, mut keys } = load(cert, password, of_cert)?;
    let mut of_key = of_cert;
    if let Some(key) = key {
        of_key = Origin::argument("key_uri");
        keys = load(key, password, of_key)?.keys;
    }
    if certificates.is_empty() {
        return Err(of_cert.faulty("no certificate was found", Cause::Untold));
    }
    pkcs12::from_parts(certificates, keys, of_key)
}

fn load(uri: &str, password: Password<'_>, origin: Origin<'_>) -> Result<Contents> {
    let scheme = scheme_of(uri).ok_or_else(|| {
        Error::value(format_args!("{origin} is no URI: it begins with no scheme, such as file: or pkcs11:"))
    })?;
    if !scheme.eq_ignore_ascii_case("file") {
        Error::unless_has(Feature::Stores)?;
    }
    let text = SecretText::new(uri)?;
    let mut asking = PasswordPrompt::of(password);
    let found = uri::load(&text.0, &mut |buffer: &mut [u8]| asking.ask(buffer));
    found.map_err(|failure| asking.failed(origin, |origin| refusal(failure, scheme, origin)))
}

/// A URI as C text. It may hold a PIN, so it is wiped.
struct SecretText(CString);

impl SecretText {
    fn new(uri: &str) -> Result<SecretText> {
        let copy = CString::new(uri).map_err(|refused| {
            crate::ssl::wipe(&mut refused.into_vec());
            Error::value("embedded null character")
        });
        copy.map(SecretText)
    }
}

impl Drop for SecretText {
    fn drop(&mut self) {
        crate::ssl::wipe(&mut std::mem::take(&mut self.0).into_bytes());
    }
}

/// The scheme of a URI (RFC 3986, section 3.1). One letter is a drive of Windows.
fn scheme_of(uri: &str) -> Option<&str> {
    let (scheme, _) = uri.split_once(':')?;
    let mut letters = scheme.bytes();
    let begins = letters.next().is_some_and(|first| first.is_ascii_alphabetic()) && scheme.len() > 1;
    let goes_on = letters.all(|letter| letter.is_ascii_alphanumeric() || b"+-.".contains(&letter));
    (begins && goes_on).then_some(scheme)
}

/// A URI may hold a password: of it only the scheme is told.
fn refusal(failure: UriFailure, scheme: &str, origin: Origin<'_>) -> Error {
    match failure {
        UriFailure::Closed(entries) => closed(&entries, scheme, origin),
        UriFailure::Key(KeyFailure::Unsupported(entry)) => {
            origin.faulty("its encryption is unsupported (OpenSSL may have it in its legacy provider)", entry)
        }
        UriFailure::Key(KeyFailure::Password(entry)) => {
            origin.faulty("the password is wrong, or what is there is damaged", entry)
        }
        UriFailure::Key(KeyFailure::Broken(entry)) => origin.faulty("what is there cannot be read", entry),
        UriFailure::Key(KeyFailure::Missing) => origin.faulty("no private key was found", Cause::Untold),
        UriFailure::OpenSsl(entry) => origin.faulty("OpenSSL's store has failed", entry),
    }
}

fn closed(entries: &[Entry], scheme: &str, origin: Origin<'_>) -> Error {
    let is_file = scheme.eq_ignore_ascii_case("file");
    let unserved = |entry: &Entry| {
        entry.is(LIB_OSSL_STORE, OSSL_STORE_R_UNREGISTERED_SCHEME)
            || entry.is(LIB_OSSL_STORE, ERR_R_UNSUPPORTED)
    };
    if !is_file && entries.iter().any(unserved) {
        return Error::not_implemented(format_args!(
            "{origin}: nobody serves the scheme '{scheme}': load a provider of OpenSSL that does"
        ));
    }
    match entries.iter().find(|entry| is_file && entry.library_number == LIB_SYS) {
        Some(entry) => {
            let errno = entry.reason_number;
            Error::os_with(errno, format_args!("{}: {origin}", crate::os::error_text(errno)))
        }
        None => origin.faulty("it cannot be opened", entries.first().cloned().into()),
    }
}
