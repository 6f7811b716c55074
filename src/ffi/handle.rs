//! The handles that C holds: how many there are.

use std::sync::atomic::{AtomicUsize, Ordering};

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Hands a value over to C.
pub fn give<T>(value: T) -> *mut T {
    given();
    Box::into_raw(Box::new(value))
}

/// Takes a value back from C.
pub unsafe fn take<T>(handle: *mut T) -> Box<T> {
    taken();
    // SAFETY: by the header's contract made by `give` and not taken before.
    unsafe { Box::from_raw(handle) }
}

/// Counts something that C has to free.
pub fn given() {
    COUNT.fetch_add(1, Ordering::Relaxed);
}

/// Counts something that C has freed.
pub fn taken() {
    COUNT.fetch_sub(1, Ordering::Relaxed);
}

/// Returns how many handles this process was given and has not freed yet: of every kind, with errors,
/// lists and owned bytes. 0 once all is freed: for tests that look for leaks.
/// Extension: Python's objects free themselves.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_handle_count() -> usize {
    COUNT.load(Ordering::Relaxed)
}
