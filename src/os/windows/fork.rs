//! Windows has no fork: a connection always belongs to its process.

use crate::os::{OwnedSocket, Result};
use std::ops::Deref;
use std::sync::Arc;

/// Closes a descriptor when its last handle is dropped.
pub fn close_copy(fd: Arc<impl Deref<Target = OwnedSocket>>) {
    drop(fd);
}

/// A number that tells this process from those that it was forked from.
pub fn generation() -> u64 {
    0
}

/// The process that has done something last.
pub struct Process;

impl Process {
    /// This process.
    pub fn here() -> Process {
        Process
    }

    /// Tells whether it was this one.
    pub fn is_here(&self) -> bool {
        true
    }

    /// Records that it is this one now.
    pub fn move_here(&self) {}
}

/// The process in which something was made.
pub struct Origin;

impl Origin {
    /// This process.
    pub fn here() -> Origin {
        Origin
    }

    /// Tells whether it was made in this process.
    pub fn is_here(&self) -> bool {
        true
    }

    /// Records that this process uses it.
    pub fn mark_used(&self) {}

    /// Tells whether this process has used it.
    pub fn is_used(&self) -> bool {
        true
    }
}

/// Decides which process may use a connection.
pub struct Ownership;

impl Ownership {
    /// A connection of this process.
    pub fn new() -> Result<Ownership> {
        Ok(Ownership)
    }

    /// Uses the connection.
    pub fn go_on(&self) -> bool {
        true
    }

    /// Tells whether this process made the connection.
    pub fn is_ours(&self) -> bool {
        true
    }
}
