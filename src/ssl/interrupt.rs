//! What a signal does to a call that waits: by default nothing; with a callback, the program decides whether it goes on.

use super::error::{Error, Phase, Result, Status};
use crate::lock::{self, Slot};
use crate::os;
use std::cell::Cell;
use std::sync::Arc;

/// Called when a signal has interrupted a call that waits. A failure ends the call.
pub type InterruptHandler = Arc<dyn Fn() -> Result<()> + Send + Sync>;

static HANDLER: Slot<Option<InterruptHandler>> = Slot::new(None);

thread_local! {
    static ASKING: Cell<bool> = const { Cell::new(false) };
}

/// Sets the callback for the whole process; None, the default, lets interrupted calls go on.
/// Python: the signal handlers, which run between two tries of a system call
pub fn set_interrupt_callback(handler: Option<InterruptHandler>) {
    HANDLER.set(handler);
    // Not undone for None: without a callback an interrupted call goes on anyway.
    os::make_interruptible();
}

/// Repeats a system call that signals interrupt, until the program ends it.
pub(crate) fn asking<T>(phase: Phase, mut call: impl FnMut() -> os::Result<T>) -> Result<os::Result<T>> {
    loop {
        match call() {
            Err(os::errno::INTR) => ask(phase)?,
            result => return Ok(result),
        }
    }
}

/// Asks the program whether an interrupted call is to go on.
pub(crate) fn ask(phase: Phase) -> Result<()> {
    let Some(handler) = HANDLER.get() else { return Ok(()) };
    let _asking = Asking::begin();
    lock::user_code(|| handler()).map_err(|cause| {
        let words = "a signal came, and the interrupt callback ended the call";
        Error::new(Status::Interrupted, words).in_phase(phase).caused_by(Some(cause.at_once()))
    })
}

/// Tells whether this thread is inside the callback.
pub(crate) fn is_asking() -> bool {
    ASKING.get()
}

/// The error for a call inside the callback that would have to wait for another call.
pub(crate) fn refused() -> Error {
    Error::value("the interrupt callback must not wait for another call on the same socket")
}

/// Marks the thread while the callback runs. A signal during the callback calls it again.
struct Asking {
    before: bool,
}

impl Asking {
    fn begin() -> Asking {
        Asking { before: ASKING.replace(true) }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        ASKING.set(self.before);
    }
}
