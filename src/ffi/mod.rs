//! The C ABI of `include/tlsock.h`: arguments in, status out, no decisions. The order of the modules is the
//! order of constants and types in the header; that of its functions is in packaging/header/tasks.rs.
//!
//! Every entry is `pub unsafe extern "C"`. The header says what its pointers must be: a live handle of the right type, a
//! buffer of the given length, text that ends in NUL. That contract is the SAFETY of every call in here, so entries read
//! their arguments only through [`boundary`].
#![allow(unsafe_op_in_unsafe_fn, clippy::missing_safety_doc, clippy::undocumented_unsafe_blocks)]
#![allow(clippy::multiple_unsafe_ops_per_block)]

mod boundary;
mod debug;
mod userdata;

pub mod constants;
pub mod handle;
pub mod error;
pub mod bytes;
pub mod password;
pub mod context;
pub mod cipher;
pub mod client_hello;
pub mod bio;
pub mod object;
pub mod socket;
pub mod session;
pub mod certificate;
pub mod verification;
pub mod identity;
pub mod module;
