//! An operation that has stopped because a callback of the handshake has no answer yet. Its deadline counts on, until it is
//! repeated.

use super::operation::Operation;
use crate::lock::Slot;
use crate::os::Deadline;
use crate::ssl::error::{Error, Result};
use std::sync::atomic::{AtomicBool, Ordering};

/// The deadline of the operation that has stopped, if one has.
#[derive(Default)]
pub(super) struct Paused {
    any: AtomicBool,
    deadline: Slot<Option<Deadline>>,
}

/// An operation that has stopped.
pub(super) struct Stopped {
    /// None: it did not wait at all.
    deadline: Option<Deadline>,
}

impl Paused {
    /// An operation has stopped, which goes on with an earlier one if that is given. A call that does not wait has no deadline, and
    /// leaves that of the earlier one as it was.
    pub fn note(&self, operation: Operation, earlier: Option<&Stopped>) {
        self.deadline.set(operation.deadline.or(earlier.and_then(|stopped| stopped.deadline)));
        self.any.store(true, Ordering::Release);
    }

    /// Begins an operation, and gives the one that has stopped which it continues, if there is one: then it ends at that one's deadline
    /// at the latest.
    pub fn resume(&self, operation: Operation) -> Result<(Operation, Option<Stopped>)> {
        if !self.any.load(Ordering::Acquire) {
            return Ok((operation, None));
        }
        self.any.store(false, Ordering::Release);
        let stopped = Stopped { deadline: self.deadline.replace(None) };
        let operation = operation.until(stopped.deadline.unwrap_or(Deadline::NEVER));
        operation.in_time().map(|()| (operation, Some(stopped)))
    }
}

/// The error of a call that has no handle to give back, so that nobody could repeat it.
pub(super) fn without_handle(error: Error, way: &str) -> Error {
    match error.waits() {
        true => Error::value(format_args!(
            "a callback of the handshake has no answer yet, and this call has no handle to repeat it with: {way}"
        )),
        false => error,
    }
}
