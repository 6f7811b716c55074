//! Windows has no signal for a pipe that nobody reads.

/// Runs a write.
pub fn without_sigpipe<T>(write: impl FnOnce() -> T) -> T {
    write()
}
