//! Files of Unix, by descriptor and by path.

use crate::os::{OpenFile, Result, retried};
use rustix::fs::{OFlags, SeekFrom};
use std::ffi::c_int;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

pub use std::os::fd::BorrowedFd as LentFile;

/// Borrows a file from C.
///
/// # Safety
/// It must stay open as long as it is used.
pub unsafe fn borrow_file<'a>(number: c_int) -> Result<LentFile<'a>> {
    // SAFETY: the caller's promise.
    Ok(unsafe { LentFile::borrow_raw(number) })
}

/// Reads from an offset of a file; 0 bytes at its end.
pub fn read_at(file: LentFile<'_>, buffer: &mut [u8], offset: u64) -> Result<usize> {
    retried(|| rustix::io::pread(file, &mut *buffer, offset))
}

/// Moves the position of a file.
pub fn seek(file: LentFile<'_>, offset: u64) -> Result<()> {
    retried(|| rustix::fs::seek(file, SeekFrom::Start(offset))).map(|_| ())
}

/// What identifies the content of a file: device, inode, size, and the times of the last change of the content and of the
/// inode; programs cannot set the latter back. None for a file that was changed just now, which could change again within
/// one tick of a coarse clock; and for a pipe or a device, which gives other bytes each time.
pub fn file_identity(stat: &Metadata) -> Option<[i128; 5]> {
    const SETTLED: i128 = 2_000_000_000;
    if !stat.is_file() {
        return None;
    }
    let nanos = |seconds, nanos| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    let written = nanos(stat.mtime(), stat.mtime_nsec());
    let changed = nanos(stat.ctime(), stat.ctime_nsec());
    let identity = [stat.dev().into(), stat.ino().into(), stat.size().into(), written, changed];
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as i128);
    Some(identity).filter(|_| now - changed >= SETTLED)
}

/// Opens a file to read, without waiting for a writer where it is a FIFO. What has one is read as always: from `<(...)` of a
/// shell, for example. A terminal does not become the controlling one.
pub fn open_to_read(path: &Path) -> io::Result<OpenFile> {
    let mut options = OpenOptions::new();
    options.read(true);
    let file = match options.clone().custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path) {
        // Somebody has a lease on the file, and gives it back while this waits.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => options.open(path)?,
        opened => opened?,
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        let flags = rustix::fs::fcntl_getfl(&file)?;
        rustix::fs::fcntl_setfl(&file, flags - OFlags::NONBLOCK)?;
    }
    Ok(OpenFile { file, metadata })
}

/// Opens a file to append secrets to. A new file belongs to its owner alone; a terminal does not become the controlling one.
pub fn append_private(path: &Path) -> io::Result<File> {
    const OWNER_ONLY: u32 = 0o600;
    OpenOptions::new().append(true).create(true).mode(OWNER_ONLY).custom_flags(libc::O_NOCTTY).open(path)
}
