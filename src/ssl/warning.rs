//! Warnings, which Python reports through its `warnings` module.

use super::error::{Error, Result};
use crate::lock::{self, Mutex, Slot};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Gets a warning: the name of Python's class and the message. A failure makes the call that warns fail.
pub type WarningHandler = Arc<dyn Fn(&str, &str) -> Result<()> + Send + Sync>;

/// Python: the class `DeprecationWarning`
pub const DEPRECATION: &str = "DeprecationWarning";
/// Python: the class `RuntimeWarning`
pub const RUNTIME: &str = "RuntimeWarning";

static HANDLER: Slot<Option<WarningHandler>> = Slot::new(None);

/// Warnings found where no code of the program may run: under a lock, or while libssl works.
static NOTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
static ANY_NOTED: AtomicBool = AtomicBool::new(false);

/// Sets the callback that gets warnings, for the whole process; with None, the default, they are dropped.
/// Python: the `warnings` module
pub fn set_warning_callback(handler: Option<WarningHandler>) {
    HANDLER.set(handler);
}

/// Keeps a `RuntimeWarning` for the next call that may report it; false if there is no callback.
pub(crate) fn note(message: String) -> bool {
    let heard = HANDLER.get().is_some();
    if heard {
        NOTED.lock().push(message);
        ANY_NOTED.store(true, Ordering::Release);
    }
    heard
}

/// Reports the warnings that were kept. The callback cannot fail the call any more: it is too late.
pub(crate) fn tell_noted() {
    if !ANY_NOTED.load(Ordering::Acquire) {
        return;
    }
    ANY_NOTED.store(false, Ordering::Release);
    let noted = std::mem::take(&mut *NOTED.lock());
    for message in noted {
        let _ = warn(RUNTIME, &message);
    }
}

/// Warns before anything is changed, so that a callback that fails leaves everything as it was.
pub(crate) fn warn(category: &str, message: &str) -> Result<()> {
    let Some(handler) = HANDLER.get() else {
        return Ok(());
    };
    lock::user_code(|| handler(category, message))
        .map_err(|refusal| Error::value(message).caused_by(Some(refusal)))
}
