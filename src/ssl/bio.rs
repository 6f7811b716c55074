//! A buffer in memory that an object reads from or writes to. Python: `MemoryBIO`

use super::error::{Error, Result};
use crate::openssl::pipe::Pipe;
use std::sync::Arc;

/// A handle on a buffer; clones name the same one. Any thread may use it at any time.
#[derive(Clone, Default)]
pub struct MemoryBio(Arc<Pipe>);

impl MemoryBio {
    /// Python: `MemoryBIO()`
    pub fn new() -> MemoryBio {
        MemoryBio::default()
    }

    pub(crate) fn pipe(&self) -> Arc<Pipe> {
        Arc::clone(&self.0)
    }

    /// Python: `MemoryBIO.pending`
    pub fn pending(&self) -> usize {
        self.0.pending()
    }

    /// Python: `MemoryBIO.eof`
    pub fn eof(&self) -> bool {
        self.0.at_eof()
    }

    /// Python: `MemoryBIO.read(n)`
    pub fn read(&self, buffer: &mut [u8]) -> usize {
        self.0.read(buffer)
    }

    /// Python: `MemoryBIO.write(data)`
    pub fn write(&self, data: &[u8]) -> Result<()> {
        if data.len() > i32::MAX as usize {
            return Err(Error::value(format_args!("string longer than {} bytes", i32::MAX)));
        }
        if self.0.eof_marked() {
            return Err(Error::ssl("cannot write() after write_eof()"));
        }
        self.0.write(data).map_err(|_| Error::no_memory())
    }

    /// Python: `MemoryBIO.write_eof()`
    pub fn write_eof(&self) {
        self.0.mark_eof();
    }
}
