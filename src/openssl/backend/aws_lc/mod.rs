//! AWS-LC.

mod rules;
