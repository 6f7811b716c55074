//! What is done otherwise with another library than OpenSSL.

mod aws_lc;
