//! Numbers that look like chance, the same in each run.

/// The next number; the state must not be 0.
pub fn next(state: &mut u64) -> u32 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 32) as u32
}
