//! OpenSSL's error queue, one for each thread. libssl reads it to find out the result of a call, so code that runs inside a
//! call must not remove entries from it or add any.

use super::backend::queue::{RawEntry, SIZE};
use super::coroutine::{self, Presence};
use super::sys;
use std::cell::Cell;

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

thread_local! {
    /// This thread is inside of [`in_a_row`].
    static IN_A_ROW: Cell<bool> = const { Cell::new(false) };
}

/// Empties the queue after a call that has succeeded, which may leave entries too. In a row what comes next does that.
pub(super) fn clear_after() {
    if !IN_A_ROW.get() {
        clear();
    }
}

/// Makes several calls, one after the other, with no callback and no code of the program between them. Each begins with an
/// empty queue as always, and after the last one it is empty; between two of them it is looked at once, and not twice.
pub fn in_a_row<R>(calls: impl FnOnce() -> R) -> R {
    let _end = EndOfRow { inner: IN_A_ROW.replace(true) };
    calls()
}

/// Ends a row when dropped, which happens even if it panics.
struct EndOfRow {
    /// It is a part of another one.
    inner: bool,
}

impl Drop for EndOfRow {
    fn drop(&mut self) {
        IN_A_ROW.set(self.inner);
        clear_after();
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
    debug_assert!(!IN_A_ROW.get(), "a callback between calls in a row");
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

/// The entries of a queue, taken from it and put back when dropped. A mark would not protect them from code that clears the queue, and
/// OpenSSL's own function to save the queue is newer than 3.0.
struct Moved([Option<RawEntry>; SIZE]);

impl Moved {
    fn out() -> Moved {
        Moved(std::array::from_fn(|_| RawEntry::take_oldest()))
    }
}

impl Drop for Moved {
    fn drop(&mut self) {
        clear();
        self.0.iter().flatten().for_each(RawEntry::put_back);
    }
}
