//! What the targets ask of libcrypto: of the one that the library has linked.

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(not(feature = "aws-lc"))]
mod openssl;

#[cfg(feature = "aws-lc")]
pub use aws_lc::*;
#[cfg(not(feature = "aws-lc"))]
pub use openssl::*;
