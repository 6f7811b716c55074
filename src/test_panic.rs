//! Panics on demand, in builds for tests alone: they show that a defect of any layer comes back as a status.

use std::cell::Cell;

thread_local! {
    static ARMED: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Makes this thread panic the next time it passes the point of this name.
pub fn arm(point: &'static str) {
    ARMED.set(Some(point));
}

/// Panics if this point is armed.
pub(crate) fn point(name: &str) {
    if ARMED.get() == Some(name) {
        ARMED.set(None);
        panic!("forced in {name}");
    }
}
