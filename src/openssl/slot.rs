//! Slots of OpenSSL's objects for data of others.

use super::error::Cause;
use super::{Result, attempt, sys};
use once_cell::sync::OnceCell;
use std::os::raw::c_int;

/// The index of a slot, requested once. After a failure the next call tries again.
pub fn once(known: &OnceCell<c_int>, find: impl FnOnce() -> c_int) -> Result<c_int> {
    let found = known.get_or_try_init(|| attempt(find, |slot| slot >= 0).map_err(Cause::or_memory));
    found.copied()
}

/// The slot of an SSL that holds its handler: a pointer to an `Arc<dyn Handler>` which the `Ssl` owns.
pub fn of_handler() -> Result<c_int> {
    static SLOT: OnceCell<c_int> = OnceCell::new();
    once(&SLOT, || {
        // SAFETY: no callbacks are registered with the slot.
        unsafe { sys::SSL_new_slot() }
    })
}
