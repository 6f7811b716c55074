//! Buffers that belong to a thread, not to a connection: one that waits owns none.

use std::cell::RefCell;

/// How many buffers a thread keeps: two directions, and some to receive into.
const KEEP: usize = 4;
/// Larger ones are not kept.
const LARGEST: usize = 512 * 1024;
const SMALLEST: usize = 4096;
/// A few bytes that wait must not hold a buffer for many.
const TOO_LARGE: usize = 16;

thread_local! {
    static POOL: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Gives a buffer of at least this size. What it holds is of no meaning.
pub fn take(size: usize) -> Vec<u8> {
    // At the end of a thread there is no pool any more.
    let kept = POOL.try_with(|pool| take_from(&mut pool.borrow_mut(), size));
    let mut buffer = kept.ok().flatten().unwrap_or_default();
    if buffer.len() < size {
        buffer = vec![0; size.max(SMALLEST).next_power_of_two()];
    }
    buffer
}

/// The smallest one that is large enough.
fn take_from(pool: &mut Vec<Vec<u8>>, size: usize) -> Option<Vec<u8>> {
    let most = size.max(SMALLEST) * TOO_LARGE;
    let fitting = pool.iter().enumerate().filter(|(_, buffer)| (size..=most).contains(&buffer.len()));
    let (index, _) = fitting.min_by_key(|(_, buffer)| buffer.len())?;
    Some(pool.swap_remove(index))
}

/// Takes a buffer back. Decrypted bytes never come here.
pub fn give_back(buffer: Vec<u8>) {
    if buffer.is_empty() || buffer.len() > LARGEST {
        return;
    }
    let _ = POOL.try_with(|pool| keep(&mut pool.borrow_mut(), buffer));
}

/// Keeps the largest ones: they serve every need.
fn keep(pool: &mut Vec<Vec<u8>>, mut buffer: Vec<u8>) {
    if pool.len() < KEEP {
        return pool.push(buffer);
    }
    if let Some(smallest) = pool.iter_mut().min_by_key(|kept| kept.len()) {
        if smallest.len() < buffer.len() {
            std::mem::swap(smallest, &mut buffer);
        }
    }
}
