//! Encrypted ClientHello (RFC 9849): the name of the server, and what else a client says at first, in a part that only
//! the server can read.

mod configs;
mod keys;
mod rejection;

pub(crate) use configs::usable;
pub(crate) use keys::{Keys, Pairs};
pub(crate) use rejection::Rejection;

use super::error::{Error, Result, Status};
use super::hostname::{self, Peer};
use super::text::{abridged, as_str};
use crate::openssl::ech::EchStore;
use crate::openssl::error::Cause;
use crate::openssl::feature::{Feature, has};
use crate::openssl::library;
use std::ffi::CString;

/// What has become of it on one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum EchStatus {
    /// There was none, or it is not known yet.
    #[default]
    None = 0,
    /// A client has sent something that looks like it; or a server got something that it could not decrypt.
    Grease = 1,
    /// The server has decrypted it.
    Accepted = 2,
    /// The server has not, so the client has ended the connection.
    Rejected = 3,
    /// This server got what another one has decrypted.
    Backend = 4,
}

impl EchStatus {
    /// The word for it in `info_json`.
    pub fn word(self) -> &'static str {
        match self {
            EchStatus::None => "none",
            EchStatus::Grease => "grease",
            EchStatus::Accepted => "accepted",
            EchStatus::Rejected => "rejected",
            EchStatus::Backend => "backend",
        }
    }
}

/// A key for Encrypted ClientHello, and what clients need to use it.
#[derive(Debug)]
pub struct EchKeys {
    /// The private key and its configuration in PEM. Secret: the caller wipes it.
    pub pem: Vec<u8>,
    /// The ECHConfigList for clients, as in a DNS HTTPS record.
    pub configs: Vec<u8>,
}

/// Refuses what an OpenSSL without Encrypted ClientHello cannot do.
pub(crate) fn require() -> Result<()> {
    match has(Feature::Ech) {
        true => Ok(()),
        false => Err(Error::not_implemented(format_args!(
            "{} has no Encrypted ClientHello: tlsock must be built with OpenSSL 4.0 or newer",
            as_str(library::version()).split(' ').take(2).collect::<Vec<_>>().join(" "),
        ))),
    }
}

/// Makes a key for Encrypted ClientHello. `public_name` is the name that stays visible: the server has to have a certificate
/// for it too. Names up to `max_name_length` bytes are padded to one length.
pub fn generate_ech_keys(public_name: &str, max_name_length: i32) -> Result<EchKeys> {
    let max_name_length = u8::try_from(max_name_length).map_err(|_| {
        Error::value(format_args!("max_name_length {max_name_length} is not between 0 and 255"))
    })?;
    let name = checked_public_name(public_name)?;
    require()?;
    let refused = |cause: Cause| Error::or_memory(&cause, || unusable_name(public_name));
    let mut pem = EchStore::generate(&name, max_name_length).map_err(refused)?.to_pem()?;
    match configs_of(&pem) {
        Ok(configs) => Ok(EchKeys { pem, configs }),
        Err(failure) => {
            super::wipe(&mut pem);
            Err(if failure.status() == Status::NoMemory { failure } else { unusable_name(public_name) })
        }
    }
}

/// What was made has to be readable too: OpenSSL is stricter when it reads.
fn configs_of(pem: &[u8]) -> Result<Vec<u8>> {
    let pairs = Pairs::of(pem, "the key")?;
    Keys::new(&pairs, &Pairs::default())?;
    pairs.configs()
}

fn checked_public_name(name: &str) -> Result<CString> {
    match hostname::peer(&hostname::checked("public_name", name)?) {
        Peer::Name(name) => Ok(name),
        Peer::Address(_) => Err(Error::value(format_args!(
            "public_name {} is an address: it has to be the name of a host, which is sent in clear",
            abridged(name)
        ))),
    }
}

fn unusable_name(name: &str) -> Error {
    Error::value(format_args!(
        "public_name {} cannot be the public name of Encrypted ClientHello: it takes a host name of 4 to 255 bytes, of \
         letters, digits and '-', whose last label is no number (RFC 9849, 4)",
        abridged(name)
    ))
}
