//! The names of the backend in use. Both files give the same ones with the same types, those of OpenSSL 3.0: what differs in
//! types alone ends here, and no control is called by its number above. What is done otherwise is in `backend`.
#![allow(non_snake_case)] // The names are OpenSSL's.

#[cfg(feature = "aws-lc")]
mod aws_lc;
mod callback;
#[cfg(feature = "openssl")]
mod openssl;

#[cfg(feature = "aws-lc")]
pub use aws_lc::*;
pub use callback::{FreeExtension, ReceiveExtension, SendExtension};
#[cfg(feature = "openssl")]
pub use openssl::*;
