//! The C functions of rustls-ffi in one static library.
pub use rustls_ffi::*;
