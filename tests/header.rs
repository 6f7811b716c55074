//! The header as a user's compiler sees it, and its version.

use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// Compiles without linking; fails with the compiler's words.
fn compile(compiler: &str, flags: &[&str], source: &str) {
    let mut command = Command::new(compiler);
    command.args(flags).args(WARNINGS).arg("-fsyntax-only");
    command.arg(format!("-I{ROOT}/include")).arg(format!("{ROOT}/tests/header/{source}"));
    let done = command.output().unwrap_or_else(|error| panic!("{compiler}: {error}"));
    assert!(done.status.success(), "{compiler} {flags:?}\n{}", String::from_utf8_lossy(&done.stderr));
}

fn header() -> String {
    std::fs::read_to_string(Path::new(ROOT).join("include/tlsock.h")).expect("the header is committed")
}

fn number(name: &str) -> u32 {
    let header = header();
    let line = format!("#define {name} ");
    let value = header.lines().find_map(|text| text.strip_prefix(&line)).expect("the header defines it");
    value.parse().expect("it is a number")
}

#[test]
fn compiles_alone_and_twice_as_c99() {
    compile("cc", &["-std=c99", "-Wstrict-prototypes", "-Wshadow"], "twice.c");
}

#[test]
fn compiles_alone_and_twice_as_c11() {
    compile("cc", &["-std=c11", "-Wstrict-prototypes", "-Wshadow"], "twice.c");
}

#[test]
fn compiles_alone_and_twice_as_cpp17() {
    compile("c++", &["-std=c++17", "-x", "c++", "-Wshadow"], "twice.c");
}

#[test]
fn numbers_of_openssl_are_openssl_s() {
    compile("cc", &["-std=c11"], "openssl_values.c");
}

#[test]
fn version_is_the_crate_s() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(header().contains(&format!("#define TLSOCK_VERSION \"{version}\"\n")));
    let parts = ["MAJOR", "MINOR", "PATCH"].map(|part| number(&format!("TLSOCK_VERSION_{part}")));
    assert_eq!(parts.map(|part| part.to_string()).join("."), version);
    assert_eq!(number("TLSOCK_VERSION_NUMBER"), parts[0] << 16 | parts[1] << 8 | parts[2]);
}

#[test]
fn no_line_is_wider_than_100_columns() {
    for name in ["tlsock.h", "tlsock-ffi.h"] {
        let header =
            std::fs::read_to_string(Path::new(ROOT).join("include").join(name)).expect("it is committed");
        let wide = header.lines().filter(|line| line.chars().count() > 100).collect::<Vec<_>>();
        assert!(wide.is_empty(), "{name}: {wide:#?}");
    }
}

#[test]
fn every_function_has_a_comment_and_a_name_of_ours() {
    let header = header();
    let mut before = "";
    for line in header.lines() {
        if let Some(prototype) = line.strip_prefix("TLSOCK_API ") {
            assert!(before.starts_with("// "), "no comment: {prototype}");
            assert!(prototype.contains("tlsock_"), "not ours: {prototype}");
        }
        before = line;
    }
}
