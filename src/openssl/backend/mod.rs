//! What the two backends do otherwise, in modules of the same names whose functions have the same signatures. Above, nobody
//! asks which one is in use: only what it has (`feature`).

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(feature = "openssl")]
mod openssl;
// What AWS-LC lacks is compared with OpenSSL.
#[cfg(all(test, feature = "openssl"))]
#[path = "aws_lc/rules/mod.rs"]
mod rules;
#[cfg(all(test, feature = "openssl"))]
mod rules_tests;

#[cfg(feature = "aws-lc")]
pub use aws_lc::*;
#[cfg(feature = "openssl")]
pub use openssl::*;
