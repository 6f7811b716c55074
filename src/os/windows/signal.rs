//! Windows has no signals.

/// Runs a write.
pub fn without_sigpipe<T>(write: impl FnOnce() -> T) -> T {
    write()
}

/// Starts a thread.
pub fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    start()
}
