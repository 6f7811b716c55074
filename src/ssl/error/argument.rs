//! Checks of arguments.

use super::{Error, Result};

/// Checks that data is not longer than OpenSSL can read.
pub(crate) fn check_length(data: &[u8], name: &str) -> Result<()> {
    match data.len() > i32::MAX as usize {
        true => Err(Error::value(format_args!("{name} cannot be longer than {} bytes", i32::MAX))),
        false => Ok(()),
    }
}
