//! Files, with Python's errors.

use super::error::{Error, Result};
use crate::os;
use std::path::Path;

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    if path.as_os_str().is_empty() {
        return Err(Error::os(os::errno::NOENT));
    }
    std::fs::read(path).map_err(|error| Error::os(error.raw_os_error().unwrap_or(0)))
}
