//! Warnings: what Python tells through its `warnings` module.

use crate::lock::{self, Slot};
use crate::ssl::error::{Error, Result};
use std::sync::Arc;

/// Sees a warning: the name of Python's class and the message. A failure makes the call that warns fail.
pub type WarningHandler = Arc<dyn Fn(&str, &str) -> Result<()> + Send + Sync>;

/// Python: the class `DeprecationWarning`
pub const DEPRECATION: &str = "DeprecationWarning";
/// Python: the class `RuntimeWarning`
pub const RUNTIME: &str = "RuntimeWarning";

static HANDLER: Slot<Option<WarningHandler>> = Slot::new(None);

/// Sets who sees warnings, for the whole process; None for nobody, as it is by default.
/// Python: the `warnings` module
pub fn set_warning_callback(handler: Option<WarningHandler>) {
    HANDLER.set(handler);
}

/// Warns before anything is changed, so that a handler that refuses leaves everything as it was.
pub(crate) fn warn(category: &str, message: &str) -> Result<()> {
    let Some(handler) = HANDLER.get() else {
        return Ok(());
    };
    lock::user_code(|| handler(category, message))
        .map_err(|refusal| Error::value(message).caused_by(Some(refusal)))
}
