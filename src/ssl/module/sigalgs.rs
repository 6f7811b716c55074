//! Signature algorithms.

use crate::ssl::error::Result;
use crate::ssl::known::{KnownNames, NameKind};

/// The names of the signature algorithms that the OpenSSL in use knows, as `set_server_sigalgs` and `set_client_sigalgs`
/// take them. Python 3.15: `get_sigalgs()`
pub fn get_sigalgs() -> Result<Vec<String>> {
    KnownNames::new()?.all(NameKind::Sigalg)
}
