//! Locks after a fork: a thread of the parent that held one holds it for ever in the child, where that thread does not exist.

use super::error::{Error, Result};
use crate::os::Process;
use std::ops::Deref;
use std::time::Duration;

/// A lock, and the process that has had it last. As soon as one thread of a process has had it, only threads of that process can hold
/// it, and they give it back.
pub(crate) struct Inherited<L> {
    lock: L,
    had: Process,
}

/// How long a thread of this process may take from getting the lock to saying so.
const AT_ONCE: Duration = Duration::from_millis(100);

impl<L> Inherited<L> {
    pub fn new(lock: L) -> Inherited<L> {
        Inherited { lock, had: Process::here() }
    }

    /// Gets a lock that this process has not had yet. None if it has: then it can be waited for. A lock that a thread of the
    /// parent holds is an error.
    #[inline]
    pub fn first<'a, G>(&'a self, try_for: impl FnOnce(&'a L, Duration) -> Option<G>) -> Result<Option<G>> {
        if self.had.is_here() { Ok(None) } else { self.first_here(try_for) }
    }

    #[cold]
    fn first_here<'a, G>(&'a self, try_for: impl FnOnce(&'a L, Duration) -> Option<G>) -> Result<Option<G>> {
        let got = try_for(&self.lock, AT_ONCE);
        if got.is_some() {
            self.had.move_here();
        } else if !self.had.is_here() {
            return Err(Error::value(
                "a thread of the parent was inside of this connection when the process forked: only the parent can go on with it",
            ));
        }
        Ok(got)
    }
}

impl<L> Deref for Inherited<L> {
    type Target = L;
    fn deref(&self) -> &L {
        &self.lock
    }
}
