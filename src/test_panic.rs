//! Panics on demand, only in builds for tests: they show that a panic in any layer becomes a status.

use std::cell::Cell;

thread_local! {
    static ARMED: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Makes this thread panic the next time it passes the named point.
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
