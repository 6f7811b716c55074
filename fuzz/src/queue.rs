//! What code that is not the library's does to the error queue of its thread.

use crate::libcrypto::{ENTRIES, clear_errors, pop_to_mark, raise, set_mark, take_error};

/// Adds an entry, or many, takes one, takes all.
pub fn disturb(how: u8) {
    let (library, reason) = ENTRIES[usize::from(how >> 4) % ENTRIES.len()];
    match how % 6 {
        0 => {}
        1 => raise(library, reason),
        2 => (0..20).for_each(|_| raise(library, reason)),
        3 => clear_errors(),
        4 => take_error(),
        _ => {
            set_mark();
            raise(library, reason);
            pop_to_mark();
        }
    }
}

/// Empties it, as a caller does with what it left there itself.
pub fn clear() {
    clear_errors();
}
