//! What files and stores hold, and why they cannot be read.

use super::cost::Budget;
use super::error::{Cause, Entry, LIB_PKCS12, PKCS12_R_MAC_VERIFY_FAILURE};
use super::pem::KeyFailure;
use super::pkey::PKey;
use super::x509::X509;

/// What a file holds, in its order.
#[derive(Default)]
pub struct Contents {
    /// The certificates.
    pub certificates: Vec<X509>,
    /// The private keys.
    pub keys: Vec<PKey>,
}

/// Why a file could not be read.
pub enum Pkcs12Failure {
    /// The keys would take more iterations than `MOST_ITERATIONS`.
    Costly,
    /// There are more certificates and keys than [`MOST_PARTS`].
    Crowded,
    /// As a key that cannot be read.
    Key(KeyFailure),
}

impl From<Cause> for Pkcs12Failure {
    fn from(cause: Cause) -> Pkcs12Failure {
        Pkcs12Failure::Key(KeyFailure::Broken(cause))
    }
}

/// Each key is compared with each certificate, and these with one another.
pub const MOST_PARTS: usize = 1000;

/// What has been read of a PKCS#12 file, and what is known of its password.
pub struct Reading<'a> {
    /// None is the password that is not even empty.
    password: Option<&'a [u8]>,
    /// The file's digest has shown that the password is right.
    verified: bool,
    budget: Budget,
    found: Contents,
}

impl<'a> Reading<'a> {
    /// Begins with a password; without one, or with an empty one, both ways are tried in which programs write none.
    pub fn new(password: &'a [u8]) -> Reading<'a> {
        Reading {
            password: Some(password),
            verified: false,
            budget: Budget::new(),
            found: Contents::default(),
        }
    }

    /// The password to try.
    pub fn password(&self) -> Option<&'a [u8]> {
        self.password
    }

    /// Takes iterations from the budget.
    pub fn spend(&mut self, cost: Option<u64>) -> Result<(), Pkcs12Failure> {
        let cost = cost.ok_or(Cause::Untold)?;
        if self.budget.spend(cost) { Ok(()) } else { Err(Pkcs12Failure::Costly) }
    }

    /// Remembers that the file has no digest.
    pub fn has_no_mac(&mut self) {
        self.password = self.password.filter(|password| !password.is_empty());
    }

    /// Finds out by the file's digest, which takes `cost` iterations, whether the password is right.
    pub fn check_mac(
        &mut self,
        cost: Option<u64>,
        is_right: impl Fn(Option<&[u8]>) -> Result<bool, KeyFailure>,
    ) -> Result<(), Pkcs12Failure> {
        let ways = if self.password.is_some_and(<[u8]>::is_empty) {
            &[None, self.password][..]
        } else {
            &[self.password]
        };
        let mut failure = KeyFailure::Password(Entry::of(LIB_PKCS12, PKCS12_R_MAC_VERIFY_FAILURE).into());
        for way in ways {
            self.password = *way;
            self.spend(cost)?;
            match is_right(*way) {
                Ok(true) => {
                    self.verified = true;
                    return Ok(());
                }
                Ok(false) => {}
                Err(other) => failure = other,
            }
        }
        Err(Pkcs12Failure::Key(failure))
    }

    /// The failure to decrypt: without a digest of the file this is the first to show that the password is wrong.
    pub fn undecrypted(&self, failure: KeyFailure) -> Pkcs12Failure {
        Pkcs12Failure::Key(match failure {
            KeyFailure::Password(cause) if self.verified => KeyFailure::Broken(cause),
            other => other,
        })
    }

    /// Adds a certificate.
    pub fn add_certificate(&mut self, certificate: X509) -> Result<(), Pkcs12Failure> {
        self.found.certificates.push(certificate);
        self.check_crowd()
    }

    /// Adds a key, if there is one.
    pub fn add_key(&mut self, key: Option<PKey>) -> Result<(), Pkcs12Failure> {
        self.found.keys.extend(key);
        self.check_crowd()
    }

    fn check_crowd(&self) -> Result<(), Pkcs12Failure> {
        let parts = self.found.certificates.len() + self.found.keys.len();
        if parts > MOST_PARTS { Err(Pkcs12Failure::Crowded) } else { Ok(()) }
    }

    /// Reads it all, which is tried once more with an empty password if no digest has told which of the two ways it is.
    pub fn finish(
        mut self,
        read: impl Fn(&mut Reading<'a>) -> Result<(), Pkcs12Failure>,
    ) -> Result<Contents, Pkcs12Failure> {
        match read(&mut self) {
            Err(Pkcs12Failure::Key(KeyFailure::Password(_))) if self.password.is_none() && !self.verified => {
                self.password = Some(&[]);
                self.found = Contents::default();
                read(&mut self)
            }
            read => read,
        }?;
        Ok(self.found)
    }
}

/// Why nothing could be read under a URI.
pub enum UriFailure {
    /// No store can be opened. All that OpenSSL has to say, the oldest first.
    Closed(Vec<Entry>),
    /// What is there cannot be read.
    Key(KeyFailure),
    /// OpenSSL failed.
    OpenSsl(Cause),
}

impl From<Cause> for UriFailure {
    fn from(cause: Cause) -> UriFailure {
        UriFailure::OpenSsl(cause)
    }
}
