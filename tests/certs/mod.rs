//! Keys and certificates for tests.
#![allow(dead_code)]

pub mod forge;
pub mod python;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder that `make.sh` fills: next to the test's own binary, made once.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certs/make.sh");
        let folder = scratch().join("certs");
        run(Command::new("sh").arg(script).arg(&folder));
        folder
    })
}

/// The bytes of one file of the folder.
pub fn read(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A folder of this test binary's own.
pub fn scratch() -> PathBuf {
    let binary = std::env::current_exe().expect("a test knows its own path");
    let scratch = binary.with_extension("files");
    std::fs::create_dir_all(&scratch).expect("the folder of the test binary can be written");
    scratch
}

/// Runs a command that must succeed and gives its output.
pub fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
