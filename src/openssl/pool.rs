//! Buffers that belong to a thread, not to a connection, so that an idle connection holds none.

use std::cell::RefCell;

/// How many buffers a thread keeps: for two directions, and a few for receiving.
const KEEP: usize = 4;
/// Larger buffers are not kept.
const LARGEST: usize = 512 * 1024;
const SMALLEST: usize = 4096;
/// A buffer is not used for less than this fraction of its size.
const TOO_LARGE: usize = 16;

thread_local! {
    /// An empty buffer is a free place.
    static POOL: RefCell<[Vec<u8>; KEEP]> = const { RefCell::new([const { Vec::new() }; KEEP]) };
}

/// Gives a buffer of at least this size; None if there is no memory. Its content is arbitrary.
pub fn take(size: usize) -> Option<Vec<u8>> {
    // While a thread ends, its pool is gone already.
    let kept = POOL.try_with(|pool| take_from(&mut *pool.borrow_mut(), size));
    if let Some(kept) = kept.ok().flatten() {
        return Some(kept);
    }
    let size = size.max(SMALLEST).checked_next_power_of_two()?;
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(size).ok()?;
    buffer.resize(size, 0);
    Some(buffer)
}

/// The smallest kept buffer that is large enough.
fn take_from(pool: &mut [Vec<u8>], size: usize) -> Option<Vec<u8>> {
    let size = size.max(1);
    let most = size.max(SMALLEST).saturating_mul(TOO_LARGE);
    let fitting = pool.iter_mut().filter(|buffer| (size..=most).contains(&buffer.len()));
    fitting.min_by_key(|buffer| buffer.len()).map(std::mem::take)
}

/// Takes a buffer back. Never called with decrypted bytes.
pub fn give_back(buffer: Vec<u8>) {
    if buffer.is_empty() || buffer.len() > LARGEST {
        return;
    }
    let _ = POOL.try_with(|pool| keep(&mut *pool.borrow_mut(), buffer));
}

/// Keeps the largest buffers: they can serve every request.
fn keep(pool: &mut [Vec<u8>], mut buffer: Vec<u8>) {
    if let Some(smallest) = pool.iter_mut().min_by_key(|kept| kept.len()) {
        if smallest.len() < buffer.len() {
            std::mem::swap(smallest, &mut buffer);
        }
    }
}
