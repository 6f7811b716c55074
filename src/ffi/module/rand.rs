//! Random numbers.

use crate::ffi::boundary::{ask, buffer as writable, bytes, call};
use crate::ssl::{Error, Status};
use std::ffi::c_void;

/// Fills a buffer with random bytes fit for keys.
/// Returns: SSL.
/// Python: RAND_bytes(num)
/// OpenSSL: RAND_bytes
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_rand_bytes(
    buffer: *mut c_void,
    size: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || crate::ssl::rand_bytes(writable(buffer, size, "buffer")?))
}

/// Tells whether the random generator has been seeded well.
/// Python: RAND_status()
/// OpenSSL: RAND_status
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_rand_status() -> bool {
    ask(false, crate::ssl::rand_status)
}

/// Mixes data into the random generator; entropy is your lower bound, in bytes, of the randomness in it.
/// Returns: nothing beyond the conventions.
/// Python: RAND_add(bytes, entropy)
/// OpenSSL: RAND_add
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_rand_add(
    data: *const c_void,
    data_len: usize,
    entropy: f64,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        crate::ssl::rand_add(bytes(data, data_len, "data")?, entropy);
        Ok(())
    })
}
