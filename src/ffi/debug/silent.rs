//! No log.

use crate::ssl::Status;

/// A call of the library.
pub struct Call;

impl Call {
    /// Notes that it begins.
    #[inline(always)]
    pub fn begin<F>(_: &F) -> Call {
        Call
    }

    /// Notes that it ends; None where a call has no status.
    #[inline(always)]
    pub fn end(self, _: Option<Status>) {}
}

/// Notes a handle that the call uses: a debug build keeps an account of them.
#[cfg(debug_assertions)]
pub fn note_handle(_: &str, _: usize) {}
