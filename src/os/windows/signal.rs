//! Windows has no signal for a pipe without a reader.

/// Runs a write.
pub fn without_sigpipe<T>(write: impl FnOnce() -> T) -> T {
    write()
}
