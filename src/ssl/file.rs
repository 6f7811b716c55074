//! Reads files; errors are Python's.

use super::error::{Error, Result, Status};
use crate::os;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Larger files are refused: one without an end, such as a device, must not fill the memory.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Reads a whole file. Here and below, errors name the file and the argument it was given as.
pub(crate) fn read(argument: &str, path: &Path) -> Result<Vec<u8>> {
    rest(argument, path, open(argument, path)?)
}

/// Opens a file.
pub(crate) fn open(argument: &str, path: &Path) -> Result<File> {
    if path.as_os_str().is_empty() {
        return Err(failure(argument, path, os::errno::NOENT));
    }
    File::open(path).map_err(|error| failed(argument, path, &error))
}

/// Reads an open file to its end.
pub(crate) fn rest(argument: &str, path: &Path, file: File) -> Result<Vec<u8>> {
    let data = whole(file).map_err(|error| failed(argument, path, &error))?;
    if data.len() as u64 > LARGEST {
        return Err(failure(argument, path, os::errno::FBIG));
    }
    Ok(data)
}

fn failed(argument: &str, path: &Path, error: &io::Error) -> Error {
    match (error.raw_os_error(), error.kind()) {
        (None, io::ErrorKind::OutOfMemory) => Error::no_memory(),
        (errno, _) => failure(argument, path, errno.unwrap_or(0)),
    }
}

fn failure(argument: &str, path: &Path, errno: i32) -> Error {
    let error = Error::os_with(errno, format_args!("{}: {argument} {}", os::error_text(errno), quoted(path)));
    naming(error, path)
}

/// A path as messages show it: its last 100 characters, which tell most.
pub(crate) fn quoted(path: &Path) -> String {
    const LONGEST: usize = 100;
    let text = path.to_string_lossy();
    match text.char_indices().rev().nth(LONGEST) {
        Some((start, _)) => format!("'...{}'", &text[start..]),
        None => format!("'{text}'"),
    }
}

/// Reads up to one byte more than the limit, so that the caller sees when a file is larger.
fn whole(file: File) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len().min(LARGEST);
    let mut data = Vec::new();
    data.try_reserve_exact(usize::try_from(size).unwrap_or(0) + 1)?;
    file.take(LARGEST + 1).read_to_end(&mut data)?;
    Ok(data)
}

/// Adds the file name to an error.
pub(crate) fn naming(error: Error, file: &Path) -> Error {
    match error.status() {
        Status::NoMemory => error,
        _ => error.with_text(Some(file.display()), |detail, file| detail.filename = Some(file)),
    }
}
