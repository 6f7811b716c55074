//! What files and stores hold, and why they cannot be read.

use super::error::{Cause, Entry};
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
