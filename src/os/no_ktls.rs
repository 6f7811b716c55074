//! Systems other than Linux, where the kernel makes no records for us: each call fails.

use super::{LentFile, LentSocket, Result, errno};

/// Fails.
pub fn encrypt_in_kernel(_: LentSocket<'_>, _keys: &[u8]) -> Result<()> {
    Err(errno::NOSYS)
}

/// Fails.
pub fn send_record(_: LentSocket<'_>, _record_type: u8, _data: &[u8]) -> Result<usize> {
    Err(errno::NOSYS)
}

/// Fails.
pub fn send_file(_: LentSocket<'_>, _: LentFile<'_>, _offset: u64, _count: usize) -> Result<usize> {
    Err(errno::NOSYS)
}
