//! Windows has no fork: a connection is always its process's own.

use crate::os::{OwnedSocket, Result};
use std::ops::Deref;
use std::sync::Arc;

/// Closes a descriptor once nobody holds it.
pub fn close_copy(fd: Arc<impl Deref<Target = OwnedSocket>>) {
    drop(fd);
}

/// The process that something was made in.
pub struct Origin;

impl Origin {
    /// This process.
    pub fn here() -> Origin {
        Origin
    }

    /// Tells whether this is still the process.
    pub fn is_here(&self) -> bool {
        true
    }

    /// Notes that this process uses it.
    pub fn mark_used(&self) {}

    /// Tells whether this process has used it.
    pub fn is_used(&self) -> bool {
        true
    }
}

/// Who may use a connection.
pub struct Ownership;

impl Ownership {
    /// A connection of this process.
    pub fn new() -> Result<Ownership> {
        Ok(Ownership)
    }

    /// Goes on with the connection.
    pub fn go_on(&self) -> bool {
        true
    }

    /// Tells whether this process made the connection.
    pub fn is_ours(&self) -> bool {
        true
    }
}
