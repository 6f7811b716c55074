//! Reading files by descriptor.

use super::{Result, retried};
use rustix::fs::SeekFrom;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

/// Reads from a place in a file; 0 bytes at its end.
pub fn read_at(file: BorrowedFd<'_>, buffer: &mut [u8], offset: u64) -> Result<usize> {
    retried(|| rustix::io::pread(file, &mut *buffer, offset))
}

/// Moves the position of a file.
pub fn seek(file: BorrowedFd<'_>, offset: u64) -> Result<()> {
    retried(|| rustix::fs::seek(file, SeekFrom::Start(offset))).map(|_| ())
}

/// Closes this process's copy of a descriptor that others of its parent's threads, which are not here, hold too.
pub fn close_copy(fd: Arc<OwnedFd>) {
    match Arc::try_unwrap(fd) {
        Ok(fd) => drop(fd),
        Err(shared) => {
            // SAFETY: nobody in this process uses it any more, nor drops what is forgotten here.
            unsafe { rustix::io::close(shared.as_raw_fd()) };
            std::mem::forget(shared);
        }
    }
}
