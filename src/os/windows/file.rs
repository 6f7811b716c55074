//! Files of Windows, by handle and by path.

use crate::os::{Result, errno};
use std::ffi::c_int;
use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::windows::fs::{FileExt, MetadataExt};
use std::path::Path;

pub use std::os::windows::io::BorrowedHandle as LentFile;

/// Refuses: a descriptor is an index into a table of the C library, and a program may have several of those.
///
/// # Safety
/// None is needed here.
pub unsafe fn lend_file<'a>(_: c_int) -> Result<LentFile<'a>> {
    Err(errno::NOSYS)
}

/// Reads from a place in a file; 0 bytes at its end.
pub fn read_at(file: LentFile<'_>, buffer: &mut [u8], offset: u64) -> Result<usize> {
    open(file).and_then(|file| file.seek_read(buffer, offset)).map_err(number)
}

/// Moves the position of a file.
pub fn seek(file: LentFile<'_>, offset: u64) -> Result<()> {
    open(file).and_then(|mut file| file.seek(SeekFrom::Start(offset))).map(|_| ()).map_err(number)
}

/// Another handle on the file, with the same position.
fn open(file: LentFile<'_>) -> io::Result<File> {
    file.try_clone_to_owned().map(File::from)
}

fn number(error: io::Error) -> i32 {
    error.raw_os_error().unwrap_or(errno::IO)
}

/// Tells whether a file can be told from one read before: times of its making and change, size and kind.
pub fn file_identity(path: &Path) -> Result<[i128; 4]> {
    let known = std::fs::metadata(path).map_err(number)?;
    let (made, changed) = (known.creation_time(), known.last_write_time());
    Ok([made.into(), changed.into(), known.file_size().into(), known.file_attributes().into()])
}
