//! Reading files by descriptor.

use super::{Result, retried};
use rustix::fs::SeekFrom;
use std::ffi::c_int;

pub use std::os::fd::BorrowedFd as LentFile;

/// Borrows a file from C.
///
/// # Safety
/// It stays open for as long as it is used.
pub unsafe fn lend_file<'a>(number: c_int) -> Result<LentFile<'a>> {
    // SAFETY: the caller's promise.
    Ok(unsafe { LentFile::borrow_raw(number) })
}

/// Reads from a place in a file; 0 bytes at its end.
pub fn read_at(file: LentFile<'_>, buffer: &mut [u8], offset: u64) -> Result<usize> {
    retried(|| rustix::io::pread(file, &mut *buffer, offset))
}

/// Moves the position of a file.
pub fn seek(file: LentFile<'_>, offset: u64) -> Result<()> {
    retried(|| rustix::fs::seek(file, SeekFrom::Start(offset))).map(|_| ())
}
