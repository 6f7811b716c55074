//! Signature algorithms.

use crate::ssl::error::Result;
use crate::ssl::known::{KnownNames, NameKind};
use std::borrow::Cow;

/// The names of the signature algorithms that the OpenSSL in use knows, as `set_server_sigalgs` and `set_client_sigalgs`
/// take them. Python 3.15: `get_sigalgs()`
pub fn get_sigalgs() -> Result<Vec<Cow<'static, str>>> {
    KnownNames::new()?.all(NameKind::Sigalg)
}
