//! Files and what they hold, with Python's errors.

use super::error::{Error, Result};
use crate::os;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What has no end, such as a device, must not fill the memory.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    if path.as_os_str().is_empty() {
        return Err(Error::os(os::errno::NOENT));
    }
    let data = whole(path).map_err(|error| match error.kind() {
        io::ErrorKind::OutOfMemory => Error::no_memory(),
        _ => Error::os(error.raw_os_error().unwrap_or(0)),
    })?;
    if data.len() as u64 > LARGEST {
        return Err(Error::os(os::errno::FBIG));
    }
    Ok(data)
}

/// One byte more than the largest file tells that there is more.
fn whole(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len().min(LARGEST);
    let mut data = Vec::new();
    data.try_reserve_exact(usize::try_from(size).unwrap_or(0) + 1)?;
    file.take(LARGEST + 1).read_to_end(&mut data)?;
    Ok(data)
}

/// Checks that data of the caller's is not longer than OpenSSL can read.
pub(crate) fn check_length(data: &[u8], name: &str) -> Result<()> {
    match data.len() > i32::MAX as usize {
        true => Err(Error::value(format_args!("{name} cannot be longer than {} bytes", i32::MAX))),
        false => Ok(()),
    }
}
