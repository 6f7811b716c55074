//! usage: cargo run -- FOLDER: builds OpenSSL there, once, with its program, below FOLDER/install.

use std::path::Path;
use std::process::Command;

/// What openssl-src gives others, too: nothing is shared, and nothing that Rust programs do without.
const OPTIONS: &str = "--openssldir=/usr/lib/ssl --libdir=lib no-shared no-module no-tests no-docs no-comp no-legacy no-ssl3 no-md2 no-rc5 \
     no-weak-ssl-ciphers no-camellia no-idea no-seed -O2 -fPIC -w";

fn main() {
    let folder = std::env::args_os().nth(1).expect("usage: FOLDER");
    let folder = std::path::absolute(folder).expect("a path");
    let prefix = folder.join("install");
    if prefix.join("bin/openssl").exists() {
        return;
    }
    let build = folder.join("build");
    std::fs::create_dir_all(&build).expect("a folder");
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let mut configure = Command::new("perl");
    configure.arg(openssl_src::source_dir().join("Configure")).args(OPTIONS.split_whitespace());
    run(configure.arg(format!("--prefix={}", prefix.display())), &build);
    run(Command::new("make").arg(format!("-j{jobs}")), &build);
    // The program comes last: it tells that all is there.
    run(Command::new("make").args(["install_dev", "install_programs"]), &build);
    std::fs::remove_dir_all(&build).expect("the folder is ours");
}

fn run(command: &mut Command, folder: &Path) {
    let status = command.current_dir(folder).env_remove("MAKEFLAGS").status().expect("a program that can be run");
    assert!(status.success(), "{command:?}: {status}");
}
