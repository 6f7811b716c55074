//! Files of Unix, by descriptor and by path.

use crate::os::{Result, retried};
use rustix::fs::SeekFrom;
use std::ffi::c_int;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

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

/// By what a file is told from one read before: device, file, size, and the times of change of what it holds and of
/// the file, which nobody can set back. None for a file that was changed just now: it could change once more at what
/// a coarse clock takes for the same time.
pub fn file_identity(path: &Path) -> Result<Option<[i128; 5]>> {
    const SETTLED: i128 = 2_000_000_000;
    let stat = retried(|| rustix::fs::stat(path))?;
    let nanos = |seconds, nanos| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    let written = nanos(stat.st_mtime, stat.st_mtime_nsec);
    let changed = nanos(stat.st_ctime, stat.st_ctime_nsec);
    let identity = [stat.st_dev.into(), stat.st_ino.into(), stat.st_size.into(), written, changed];
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as i128);
    Ok(Some(identity).filter(|_| now - changed >= SETTLED))
}
