//! Reading files by descriptor.

use super::{Result, retried};
use rustix::fs::SeekFrom;
use std::os::fd::BorrowedFd;

/// Reads from a place in a file; 0 bytes at its end.
pub fn read_at(file: BorrowedFd<'_>, buffer: &mut [u8], offset: u64) -> Result<usize> {
    retried(|| rustix::io::pread(file, &mut *buffer, offset))
}

/// Moves the position of a file.
pub fn seek(file: BorrowedFd<'_>, offset: u64) -> Result<()> {
    retried(|| rustix::fs::seek(file, SeekFrom::Start(offset))).map(|_| ())
}
