//! Reads files; errors are Python's.

use super::error::{Error, Result, Status};
use crate::os;
use crate::ssl::wipe;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;
use std::path::Path;

/// Larger files are refused: one without an end, such as a device, must not fill the memory.
const LARGEST: usize = 256 * 1024 * 1024;

/// The first buffer for what has no size, such as a pipe.
const SMALLEST: usize = 4096;

/// What a file holds. It may be a key, so it is wiped when it is dropped.
pub(crate) struct Data(Vec<u8>);

impl Data {
    /// Zeros, to be overwritten.
    pub fn zeroed(size: usize) -> Result<Data> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size)?;
        bytes.resize(size, 0);
        Ok(Data(bytes))
    }

    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// The same bytes in a larger buffer; the smaller one is wiped.
    fn grown(&self) -> Result<Data> {
        let mut larger = Data::zeroed((2 * self.0.len()).min(LARGEST + 1))?;
        larger.0[..self.0.len()].copy_from_slice(&self.0);
        Ok(larger)
    }
}

impl Deref for Data {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Reads a whole file. Here and below, errors name the file and the argument it was given as.
pub(crate) fn read(argument: &str, path: &Path) -> Result<Data> {
    rest(argument, path, open(argument, path)?)
}

/// Opens a file. A FIFO that nobody has opened for writing is one without any bytes: nobody waits for a writer.
pub(crate) fn open(argument: &str, path: &Path) -> Result<File> {
    if path.as_os_str().is_empty() {
        return Err(failure(argument, path, os::errno::NOENT));
    }
    os::open_to_read(path).map_err(|error| failed(argument, path, &error))
}

/// Reads an open file to its end.
pub(crate) fn rest(argument: &str, path: &Path, mut file: File) -> Result<Data> {
    let size = file.metadata().map_err(|error| failed(argument, path, &error))?.len();
    // One byte more tells where the file ends, and when it is too large.
    let size = usize::try_from(size).map_or(LARGEST, |size| size.min(LARGEST)) + 1;
    let (mut data, mut len) = (Data::zeroed(size.max(SMALLEST))?, 0);
    loop {
        match read_some(&mut file, &mut data.0[len..]).map_err(|error| failed(argument, path, &error))? {
            0 => break,
            count => len += count,
        }
        if len > LARGEST {
            return Err(failure(argument, path, os::errno::FBIG));
        }
        if len == data.len() {
            data = data.grown()?;
        }
    }
    data.0.truncate(len);
    Ok(data)
}

fn read_some(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

fn failed(argument: &str, path: &Path, error: &io::Error) -> Error {
    failure(argument, path, error.raw_os_error().unwrap_or(0))
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

/// Adds the file name to an error.
pub(crate) fn naming(error: Error, file: &Path) -> Error {
    match error.status() {
        Status::NoMemory => error,
        _ => error.with_text(Some(file.display()), |detail, file| detail.filename = Some(file)),
    }
}
