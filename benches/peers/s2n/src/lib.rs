//! The C functions of s2n-tls in one static library.
pub use s2n_tls_sys::*;
