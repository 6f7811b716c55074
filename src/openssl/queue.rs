//! OpenSSL's error queue, one for each thread. libssl reads it to find out the result of a call, so code that runs inside a
//! call must not remove entries from it or add any.

use super::backend::queue::Moved;
use super::coroutine::{self, Presence};
use super::sys;

pub(super) fn is_empty() -> bool {
    // SAFETY: no preconditions; the queue belongs to this thread.
    unsafe { sys::ERR_peek_error() == 0 }
}

/// Empties the queue: a stale entry would change `SSL_get_error` and be reported for another failure.
pub(super) fn clear() {
    // Clearing visits every place in the queue; asking first is cheaper.
    if !is_empty() {
        // SAFETY: no preconditions; the queue belongs to this thread.
        unsafe { sys::ERR_clear_error() }
    }
}

/// Runs a callback of OpenSSL: it begins with an empty error queue, and after it the queue is as before. All code that is not
/// OpenSSL's and runs inside one of its calls goes through here. (Marks are not restored. OpenSSL sets them only around its
/// own calls that make no callbacks.) In a coroutine it runs on the thread that has called this library.
pub(super) fn preserving<R>(work: impl FnOnce() -> R) -> R {
    coroutine::call(|| preserving_own(work))
}

/// The same, but for a coroutine that is to come to its end: None, and nothing is run.
#[inline]
pub(super) fn preserving_unless_cancelled<R>(work: impl FnOnce() -> R) -> Option<R> {
    match coroutine::presence() {
        Presence::Outside => Some(preserving_own(work)),
        Presence::Inside => Some(coroutine::call(|| preserving_own(work))),
        Presence::Cancelled => None,
    }
}

/// The same in this thread.
#[inline]
fn preserving_own<R>(work: impl FnOnce() -> R) -> R {
    if is_empty() {
        let _after = Cleared;
        return work();
    }
    let _after = Moved::out();
    work()
}

/// Empties the queue when dropped, which happens even if the work panics.
struct Cleared;

impl Drop for Cleared {
    fn drop(&mut self) {
        clear();
    }
}
