//! Python's `ssl` in safe Rust.
#![forbid(unsafe_code)]

pub mod certificate;
pub mod error;

pub use certificate::Certificate;
pub use error::{Error, Phase, Result, Status};

use std::any::Any;

/// Turns what a panic carried into an error: it is a defect of ours, or of a callback.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Error {
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Error::new(Status::Panic, format!("internal error, please report it: {words}"))
}

/// Overwrites a secret before its memory is given back.
pub(crate) fn wipe(secret: &mut [u8]) {
    crate::openssl::cleanse(secret);
}
