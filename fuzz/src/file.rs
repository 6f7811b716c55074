//! A file for those calls that take a path.

use std::ffi::{CStr, CString};
use std::path::PathBuf;

/// A file of this process that goes with this value.
pub struct Scratch(PathBuf, CString);

impl Scratch {
    /// Writes a file. Each has a name of its own.
    pub fn new(data: &[u8]) -> Scratch {
        use std::sync::atomic::{AtomicU64, Ordering};
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("tlsock-fuzz-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let memory = PathBuf::from("/dev/shm");
        let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let path = folder.join(name);
        std::fs::write(&path, data).expect("a scratch file can be written");
        let c = CString::new(path.as_os_str().as_encoded_bytes()).expect("no NUL in a path");
        Scratch(path, c)
    }

    /// Its path.
    pub fn path(&self) -> &CStr {
        &self.1
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
