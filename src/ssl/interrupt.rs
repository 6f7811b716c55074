//! What a signal does to a call that waits: nothing, or the program is asked whether the call is to go on.

use super::error::{Error, Phase, Result, Status};
use crate::lock::{self, Slot};
use crate::os;
use std::cell::Cell;
use std::sync::Arc;

/// Asked when a signal has interrupted a call that waits. A failure ends the call.
pub type InterruptHandler = Arc<dyn Fn() -> Result<()> + Send + Sync>;

static HANDLER: Slot<Option<InterruptHandler>> = Slot::new(None);

thread_local! {
    static ASKING: Cell<bool> = const { Cell::new(false) };
}

/// Sets who is asked, for the whole process; None for nobody, as it is by default: calls then go on.
/// Python: the signal handlers, which run between two tries of a system call
pub fn set_interrupt_callback(handler: Option<InterruptHandler>) {
    HANDLER.set(handler);
    // It stays so: without a handler a call that was interrupted goes on all the same.
    os::make_interruptible();
}

/// Repeats a call of the system that signals interrupt, for as long as the program does not end it.
pub(crate) fn asking<T>(phase: Phase, mut call: impl FnMut() -> os::Result<T>) -> Result<os::Result<T>> {
    loop {
        match call() {
            Err(os::errno::INTR) => ask(phase)?,
            result => return Ok(result),
        }
    }
}

/// Asks whether a call that was interrupted is to go on.
pub(crate) fn ask(phase: Phase) -> Result<()> {
    let Some(handler) = HANDLER.get() else { return Ok(()) };
    let _asking = Asking::begin();
    lock::user_code(|| handler()).map_err(|cause| {
        let words = "a signal came, and the interrupt callback ended the call";
        Error::new(Status::Interrupted, words).in_phase(phase).caused_by(Some(cause))
    })
}

/// Tells whether this thread is inside the callback.
pub(crate) fn is_asking() -> bool {
    ASKING.get()
}

/// What a call inside the callback gets that would have to wait for its turn.
pub(crate) fn refused() -> Error {
    Error::value("the interrupt callback must not wait for another call on the same socket")
}

/// Marks the thread for as long as the callback runs. Another signal inside it asks again.
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
