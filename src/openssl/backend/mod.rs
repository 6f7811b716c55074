//! What the two backends do otherwise, in modules of the same names whose functions have the same signatures. Above, nobody
//! asks which one is in use: only what it has (`feature`).

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(feature = "openssl")]
mod openssl;

#[cfg(feature = "aws-lc")]
pub use aws_lc::*;
#[cfg(feature = "openssl")]
pub use openssl::*;
