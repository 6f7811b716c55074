//! Reads files; errors are Python's.

use super::error::{Error, Result, Status};
use crate::os::{self, OpenFile};
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

    /// Nothing, with room for that many bytes.
    fn with_room(size: usize) -> Result<Data> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size)?;
        Ok(Data(bytes))
    }

    /// The same bytes in a larger buffer; the smaller one is wiped.
    fn grown(&self) -> Result<Data> {
        let mut larger = Data::with_room((2 * self.0.len()).min(LARGEST + 1))?;
        larger.0.extend_from_slice(&self.0);
        Ok(larger)
    }

    /// Reads until there is no room, or to the end of the file. Never beyond the room: the bytes would move, and leave
    /// a copy that nobody wipes. Tells whether there may be more in the file.
    fn fill(&mut self, file: &File) -> io::Result<bool> {
        let room = self.0.capacity() - self.0.len();
        file.take(room as u64).read_to_end(&mut self.0)?;
        Ok(self.0.len() == self.0.capacity())
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
pub(crate) fn open(argument: &str, path: &Path) -> Result<OpenFile> {
    if path.as_os_str().is_empty() {
        return Err(failure(argument, path, os::errno::NOENT));
    }
    os::open_to_read(path).map_err(|error| failed(argument, path, &error))
}

/// Reads an open file to its end.
pub(crate) fn rest(argument: &str, path: &Path, OpenFile { file, metadata }: OpenFile) -> Result<Data> {
    // One byte more tells where the file ends, and when it is too large.
    let size = usize::try_from(metadata.len()).map_or(LARGEST, |size| size.min(LARGEST)) + 1;
    let mut data = Data::with_room(size.max(SMALLEST))?;
    loop {
        let may_have_more = data.fill(&file).map_err(|error| failed(argument, path, &error))?;
        if data.len() > LARGEST {
            return Err(failure(argument, path, os::errno::FBIG));
        }
        if !may_have_more {
            return Ok(data);
        }
        data = data.grown()?;
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
