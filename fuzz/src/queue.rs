//! What code that is not the library's does to OpenSSL's error queue of its thread.

use crate::c::*;
use std::ffi::c_int;
use std::ptr::null;

/// Libraries and reasons of entries that would change what libssl and its callers make of a call: a certificate that
/// is refused, an unexpected end, a system's error, a PEM text without a beginning.
const ENTRIES: [(c_int, c_int); 4] = [(20, 134), (20, 294), (2, 104), (9, 108)];

/// Adds an entry, or many, takes one, takes all.
pub fn disturb(how: u8) {
    let (library, reason) = ENTRIES[usize::from(how >> 4) % ENTRIES.len()];
    // SAFETY: no preconditions; the queue belongs to this thread.
    unsafe {
        match how % 6 {
            0 => {}
            1 => raise(library, reason),
            2 => (0..20).for_each(|_| raise(library, reason)),
            3 => ERR_clear_error(),
            4 => drop(ERR_get_error()),
            _ => {
                ERR_set_mark();
                raise(library, reason);
                ERR_pop_to_mark();
            }
        }
    }
}

/// Empties it, as a caller does with what it left there itself.
pub fn clear() {
    // SAFETY: no preconditions; the queue belongs to this thread.
    unsafe { ERR_clear_error() }
}

fn raise(library: c_int, reason: c_int) {
    // SAFETY: no preconditions; without a format there are no further arguments.
    unsafe {
        ERR_new();
        ERR_set_error(library, reason, null());
    }
}
