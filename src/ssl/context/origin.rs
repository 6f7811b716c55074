//! Where a certificate or key came from, and the errors for one that cannot be used. A message has Python's text first,
//! then which file or argument it is and what was wrong with it. OpenSSL's error is the cause.

use crate::openssl::error::{
    ERR_R_PEM_LIB, Entry, LIB_SSL, LIB_X509, SSL_R_NO_CERTIFICATE_ASSIGNED, X509_R_KEY_TYPE_MISMATCH,
};
use crate::openssl::pem::KeyFailure;
use crate::ssl::error::{Error, Status};
use crate::ssl::file::{naming, quoted};
use std::borrow::Cow;
use std::fmt;
use std::path::Path;

/// The argument, and its file if it names one.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    argument: &'a str,
    file: Option<&'a Path>,
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.file {
            Some(file) => write!(f, "{} {}", self.argument, quoted(file)),
            None => f.write_str(self.argument),
        }
    }
}

impl<'a> Origin<'a> {
    pub fn file(argument: &'a str, file: &'a Path) -> Origin<'a> {
        Origin { argument, file: Some(file) }
    }

    pub fn argument(argument: &'a str) -> Origin<'a> {
        Origin { argument, file: None }
    }

    /// The error for data that cannot be read, for which Python always says `[SSL] PEM lib`.
    pub fn unreadable(self, what: &str, entry: Option<Entry>) -> Error {
        let cause = match entry {
            Some(entry) => {
                let found = Error::openssl(Some(entry));
                let words = format!("{what}: {}", found.message());
                found.with_text(Some(words), |detail, words| detail.message = Cow::Owned(words))
            }
            None => Error::new(Status::Ssl, what),
        };
        self.pem_lib(what, cause)
    }

    /// The error for an encrypted key when no password was given.
    pub fn needs(self, refusal: Error) -> Error {
        let what = refusal.message().to_string();
        self.pem_lib(&what, refusal)
    }

    pub fn bad_key(self, failure: KeyFailure) -> Error {
        match failure {
            KeyFailure::Missing => self.unreadable("no private key was found", None),
            KeyFailure::Unsupported(entry) => self.unreadable(
                "the private key's encryption is unsupported (OpenSSL may have it in its legacy provider)",
                entry,
            ),
            KeyFailure::Password(entry) => {
                self.unreadable("the private key's password is wrong, or the key is damaged", entry)
            }
            KeyFailure::Broken(entry) => self.unreadable("the private key cannot be read", entry),
        }
    }

    /// The error for a file that cannot be read, where Python reports OpenSSL's reason.
    pub fn bad_file(self, entry: Option<Entry>) -> Error {
        self.told(Error::openssl(entry), &format!("{self} cannot be read"))
    }

    /// The error for a file that was read but that OpenSSL refuses.
    pub fn unusable(self, entry: Option<Entry>) -> Error {
        self.told(Error::openssl(entry), &format!("{self} cannot be used"))
    }

    /// The error for one of several certificates, where Python reports OpenSSL's reason.
    pub fn bad_entry(self, number: usize, entry: Option<Entry>) -> Error {
        let words = format!("certificate {number} of {self} cannot be read");
        self.told(Error::openssl(entry), &words)
    }

    /// The error for a key that does not belong to the certificate in `of_cert`. When the key is of another type, Python
    /// reports that no certificate is assigned.
    pub fn mismatch(self, entry: Option<Entry>, of_cert: Origin<'_>) -> Error {
        let error = match entry {
            Some(entry) if entry.is(LIB_X509, X509_R_KEY_TYPE_MISMATCH) => {
                let cause = Error::openssl(Some(entry));
                let entry = Entry::new(LIB_SSL, SSL_R_NO_CERTIFICATE_ASSIGNED, "no certificate assigned");
                Error::openssl(Some(entry)).caused_by(Some(cause))
            }
            other => Error::openssl(other),
        };
        self.told(error, &format!("the key in {self} is not that of the first certificate in {of_cert}"))
    }

    fn pem_lib(self, what: &str, cause: Error) -> Error {
        if cause.is_lasting() {
            return cause;
        }
        let error =
            Error::openssl(Some(Entry::new(LIB_SSL, ERR_R_PEM_LIB, "PEM lib"))).caused_by(Some(cause));
        self.told(error, &format!("{self}: {what}"))
    }

    /// Adds a text and the file name to an error.
    fn told(self, error: Error, words: &str) -> Error {
        if error.is_lasting() {
            return error;
        }
        let words = format!("{}: {words}", error.message());
        let error = error.with_text(Some(words), |detail, words| detail.message = Cow::Owned(words));
        match self.file {
            Some(file) => naming(error, file),
            None => error,
        }
    }
}
