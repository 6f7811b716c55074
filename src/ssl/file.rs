//! Files and what they hold, with Python's errors.

use super::error::{Error, Result, text};
use crate::os;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What has no end, such as a device, must not fill the memory.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    read_as("file", path)
}

/// Reads a whole file, which an error names with the argument it was given as.
pub(crate) fn read_as(argument: &str, path: &Path) -> Result<Vec<u8>> {
    let failed = |errno| {
        let words = format!("{}: {argument} {}", os::error_text(errno), quoted(path));
        of_file(Error::os_with(errno, words), path)
    };
    if path.as_os_str().is_empty() {
        return Err(failed(os::errno::NOENT));
    }
    let data = whole(path).map_err(|error| failed(error.raw_os_error().unwrap_or(0)))?;
    if data.len() as u64 > LARGEST {
        return Err(failed(os::errno::FBIG));
    }
    Ok(data)
}

/// The end of a path, which tells most, as much as fits a message.
pub(crate) fn quoted(path: &Path) -> String {
    const LONGEST: usize = 100;
    let text = path.to_string_lossy();
    match text.char_indices().rev().nth(LONGEST) {
        Some((start, _)) => format!("'...{}'", &text[start..]),
        None => format!("'{text}'"),
    }
}

/// Names the file an error is about.
pub(crate) fn of_file(error: Error, path: &Path) -> Error {
    error.with(|detail| detail.filename = Some(text(path.as_os_str().as_encoded_bytes())))
}

/// One byte more than the largest file tells that there is more.
fn whole(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len().min(LARGEST);
    let mut data = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    file.take(LARGEST + 1).read_to_end(&mut data)?;
    Ok(data)
}

/// Checks that data of the caller's is not longer than OpenSSL can read.
pub(crate) fn check_length(data: &[u8], name: &str) -> Result<()> {
    match data.len() > i32::MAX as usize {
        true => Err(Error::value(format!("{name} cannot be longer than {} bytes", i32::MAX))),
        false => Ok(()),
    }
}
