//! Choosing the issuer among trusted certificates with the same name. AWS-LC has no place for that: it takes the first one whose
//! name and key identifiers match, and fails if another one made the signature.

use crate::openssl::store::Store;

impl Store {
    /// Does nothing: see above.
    pub(in crate::openssl) fn ask_signatures(&self) {}
}
