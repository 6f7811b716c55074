//! What OpenSSL checks and AWS-LC does not: security levels, VERIFY_X509_STRICT, what a certificate is trusted for, lengths
//! of paths, cipher strings, and flags that it stores without knowing them. Pure rules, which the tests compare with OpenSSL.

pub(super) mod alert;
pub(super) mod cipher_string;
pub(super) mod codes;
pub(super) mod facts;
pub(super) mod judge;
pub(super) mod known;
pub(super) mod level;
pub(super) mod name;
pub(super) mod path_length;
pub(super) mod strength;
pub(super) mod strict;
pub(super) mod suite;
pub(super) mod trust;
pub(super) mod verdict;
