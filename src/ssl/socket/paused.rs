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

impl Paused {
    /// An operation has stopped.
    pub fn note(&self, operation: Operation) {
        self.deadline.set(operation.deadline);
        self.any.store(true, Ordering::Release);
    }

    /// Begins an operation, and tells whether it continues one that has stopped: then it ends at that one's deadline at the
    /// latest.
    pub fn resume(&self, operation: Operation) -> Result<(Operation, bool)> {
        if !self.any.load(Ordering::Acquire) {
            return Ok((operation, false));
        }
        self.any.store(false, Ordering::Release);
        let began = self.deadline.replace(None).unwrap_or(Deadline::NEVER);
        let operation = operation.until(began);
        operation.in_time().map(|()| (operation, true))
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
