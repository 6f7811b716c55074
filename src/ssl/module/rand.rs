//! Random numbers.

use crate::openssl::error::Entry;
use crate::openssl::rand;
use crate::ssl::error::{Error, Result, Status};

/// Fills a buffer with random bytes fit for keys.
/// Python: `RAND_bytes(num)`
pub fn rand_bytes(buffer: &mut [u8]) -> Result<()> {
    rand::bytes(buffer).map_err(|entry| {
        if entry.as_ref().is_some_and(Entry::is_memory) {
            return Error::no_memory();
        }
        let text = entry.as_ref().and_then(|entry| entry.text.as_deref()).unwrap_or("unknown error");
        let code = entry.as_ref().map_or(0, |entry| entry.packed as i64);
        // In Python this error has OpenSSL's packed number and neither library nor reason.
        Error::new(Status::Ssl, text).with(|detail| detail.code = code)
    })
}

/// Tells whether the random generator has been seeded well.
/// Python: `RAND_status()`
pub fn rand_status() -> bool {
    rand::status()
}

/// Mixes data into the random generator; `entropy` is a lower bound of the entropy in it, in bytes.
/// Python: `RAND_add(bytes, entropy)`
pub fn rand_add(data: &[u8], entropy: f64) {
    rand::add(data, entropy);
}
