//! The keys and certificates of `tests/certs/make.sh`: made once, next to the targets' binaries.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

/// The folder that `make.sh` fills.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let binary = std::env::current_exe().expect("a target knows its own path");
        let beside = binary.parent().expect("a folder");
        // The seeds are made by an example, whose folder is below the targets'.
        let beside = if beside.ends_with("examples") { beside.parent().expect("a folder") } else { beside };
        let folder = beside.join("fuzz-certs");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/certs/make.sh");
        let made = Command::new("sh").arg(script).arg(&folder).env_remove("LD_PRELOAD").status();
        assert!(made.expect("sh runs").success(), "{script} failed");
        folder
    })
}

/// The bytes of one file of the folder, read once.
pub fn read(name: &str) -> &'static [u8] {
    static FILES: Mutex<Option<HashMap<String, &'static [u8]>>> = Mutex::new(None);
    let mut files = FILES.lock().expect("no target panics and goes on");
    files.get_or_insert_default().entry(name.to_string()).or_insert_with(|| {
        let path = folder().join(name);
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        bytes.leak()
    })
}
