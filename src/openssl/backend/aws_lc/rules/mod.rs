//! What OpenSSL checks and AWS-LC does not: security levels, VERIFY_X509_STRICT, cipher strings, and flags that it stores without
//! knowing them. Pure rules, which the tests compare with OpenSSL.

mod cipher_string;
mod codes;
mod facts;
mod judge;
mod known;
mod level;
mod strength;
mod strict;
mod suite;
#[cfg(test)]
mod tests;
mod verdict;

pub use cipher_string::{CipherChoice, NoCipherMatch};
pub use codes::{aws_lc_code, openssl_code};
pub use facts::CertificateFacts;
pub use judge::{Demand, Outcome};
pub use known::{UnknownBits, options_passed, verify_flags_passed};
pub use level::Level;
pub use strict::RuleEdition;
pub use verdict::Complaint;
