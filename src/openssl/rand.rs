//! The random generator.

use super::{Result, cvt, library, quietly, sys};
use std::os::raw::c_int;

/// The most bytes for one call.
const CHUNK: usize = c_int::MAX as usize;

/// Fills a buffer with random bytes fit for keys.
pub fn bytes(buffer: &mut [u8]) -> Result<()> {
    library::init()?;
    for chunk in buffer.chunks_mut(CHUNK) {
        // SAFETY: the pointer and length are those of one slice, whose length fits an int.
        cvt(|| unsafe { sys::RAND_bytes(chunk.as_mut_ptr(), chunk.len() as c_int) })?;
    }
    Ok(())
}

/// Tells whether the generator has been seeded well.
pub fn status() -> bool {
    // SAFETY: no preconditions.
    library::init().is_ok() && quietly(|| unsafe { sys::RAND_status() == 1 })
}

/// Mixes data in; `entropy` is the caller's lower bound of its entropy in bytes, and is given with each chunk.
pub fn add(data: &[u8], entropy: f64) {
    let (first, rest) = data.split_at(data.len().min(CHUNK));
    add_chunk(first, entropy);
    rest.chunks(CHUNK).for_each(|chunk| add_chunk(chunk, entropy));
}

fn add_chunk(chunk: &[u8], entropy: f64) {
    // SAFETY: the pointer and length are those of one slice, whose length fits an int.
    quietly(|| unsafe { sys::RAND_add(chunk.as_ptr().cast(), chunk.len() as c_int, entropy) })
}
