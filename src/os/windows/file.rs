//! Files on Windows, by handle and by path.

use crate::os::{OpenFile, Result, errno};
use std::ffi::c_int;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Seek, SeekFrom};
use std::os::windows::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::time::Duration;

pub use std::os::windows::io::BorrowedHandle as LentFile;

/// Fails: a descriptor is an index into a table of the C library, and a program may have several of these.
///
/// # Safety
/// No requirements.
pub unsafe fn borrow_file<'a>(_: c_int) -> Result<LentFile<'a>> {
    Err(errno::NOSYS)
}

/// Reads from an offset of a file; 0 bytes at its end.
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

/// What identifies the content of a file: the times of creation and last change, size and attributes. None for a file that
/// was changed just now, which could change again within one tick of a coarse clock.
pub fn file_identity(known: &Metadata) -> Option<[i128; 5]> {
    const SETTLED: Duration = Duration::from_secs(2);
    if !known.is_file() {
        return None;
    }
    let (made, changed) = (known.creation_time(), known.last_write_time());
    let identity = [made.into(), changed.into(), known.file_size().into(), known.file_attributes().into(), 0];
    let age = known.modified().ok().and_then(|time| time.elapsed().ok()).unwrap_or_default();
    Some(identity).filter(|_| age >= SETTLED)
}

/// Opens a file to read.
pub fn open_to_read(path: &Path) -> io::Result<OpenFile> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    Ok(OpenFile { file, metadata })
}

/// Opens a file to append secrets to.
pub fn append_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}
