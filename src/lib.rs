//! Python 3.13's `ssl` module for every language: TLS clients and servers over OpenSSL, behind a C ABI.
//!
//! The layers; each uses only those below it:
//!
//! | layer | holds |
//! |---|---|
//! | `ffi` | the C ABI of `include/tlsock.h`: arguments in, status out, no decisions |
//! | [`ssl`] | Python's semantics in safe Rust; also this crate's public Rust API |
//! | `openssl` | thin owned wrappers, the only user of libssl and libcrypto |
//! | `os` | descriptors, waiting with a deadline: the only user of libc |
//!
//! Beside them, `lock` makes all locks, with ranks that debug builds check.
//!
//! One noun has one file name in every layer: `context socket object bio session certificate error module`.

mod ffi;
mod lock;
mod openssl;
mod os;
pub mod ssl;
#[cfg(feature = "test-panic")]
pub mod test_panic;

/// Where a test can force a panic. In any other build it does nothing.
#[cfg(not(feature = "test-panic"))]
mod test_panic {
    pub(crate) fn point(_: &str) {}
}

pub use ssl::*;
