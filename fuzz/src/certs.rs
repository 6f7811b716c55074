//! The keys and certificates of `tests/certs/make.sh`: made once, next to the targets' binaries.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

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

/// The bytes of one file of the folder, all of which are read once, so that later calls do not wait.
pub fn read(name: &str) -> &'static [u8] {
    static FILES: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    let files = FILES.get_or_init(|| {
        let entries = std::fs::read_dir(folder()).expect("the folder can be read");
        let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
        names.filter_map(|name| Some((name.clone(), std::fs::read(folder().join(name)).ok()?))).collect()
    });
    files.get(name).unwrap_or_else(|| panic!("there is no {name} in {}", folder().display()))
}
