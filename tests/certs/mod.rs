//! Keys and certificates for tests.
#![allow(dead_code)]

pub mod forge;
pub mod python;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder that `make.sh` fills: next to the test's own binary, made once. Only `make.sh` writes there: other
/// processes of the same binary read it.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certs/make.sh");
        let folder = beside_the_binary().join("certs");
        run(Command::new("sh").arg(script).arg(&folder));
        folder
    })
}

/// The bytes of one file of the folder.
pub fn read(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A folder of this process's own, gone when the process ends: the same test may run twice at once.
pub fn scratch() -> PathBuf {
    static SCRATCH: OnceLock<PathBuf> = OnceLock::new();
    let scratch = SCRATCH.get_or_init(|| {
        let scratch = beside_the_binary().join(std::process::id().to_string());
        // What an earlier process of this number left when it was killed.
        let _ = std::fs::remove_dir_all(&scratch);
        std::fs::create_dir_all(&scratch).expect("the folder of the test binary can be written");
        remove_at_exit();
        scratch
    });
    return scratch.clone();

    #[cfg(not(unix))]
    fn remove_at_exit() {}

    #[cfg(unix)]
    fn remove_at_exit() {
        extern "C" fn remove() {
            // Not where a copy of this process ends that a fork made.
            let ours = |path: &&PathBuf| path.ends_with(std::process::id().to_string());
            let _ = SCRATCH.get().filter(ours).map(std::fs::remove_dir_all);
        }
        // SAFETY: a function that stays, and takes and gives nothing.
        assert_eq!(unsafe { libc::atexit(remove) }, 0);
    }
}

/// Of one test binary, kept for its next run.
fn beside_the_binary() -> PathBuf {
    std::env::current_exe().expect("a test knows its own path").with_extension("files")
}

/// Runs a command that must succeed and gives its output.
pub fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
