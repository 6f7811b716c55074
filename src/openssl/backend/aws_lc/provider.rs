//! Providers, of which AWS-LC has none: its algorithms are built in.

use crate::openssl::Result;

/// What AWS-LC chooses by default is always the same.
#[derive(PartialEq, Eq)]
pub struct Choice;

impl Choice {
    /// The choice now.
    pub fn now() -> Result<Choice> {
        Ok(Choice)
    }
}
