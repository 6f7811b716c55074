//! The debug log of a build with the feature `checked`: `cargo test --features checked --test debug`.
#![cfg(feature = "checked")]
#![allow(improper_ctypes)]

use std::ffi::c_int;
use std::process::{Command, Output};
use std::ptr::null_mut;
use tlsock::{Context, Error, Status};

unsafe extern "C" {
    fn tlsock_context_new(protocol: c_int, context: *mut *mut Context, error: *mut *mut Error) -> Status;
    fn tlsock_context_free(context: *mut Context);
    fn tlsock_context_protocol(context: *const Context) -> c_int;
}

/// What the test does in a process of its own.
fn calls() {
    let (mut context, mut error) = (null_mut(), null_mut());
    // SAFETY: places for one pointer each, and a handle that is live until it is freed.
    unsafe { tlsock_context_new(16, &mut context, &mut error) };
    // SAFETY: as above.
    let _: c_int = unsafe { tlsock_context_protocol(context) };
    // SAFETY: as above.
    unsafe { tlsock_context_new(99, &mut null_mut(), null_mut()) };
    // SAFETY: as above.
    unsafe { tlsock_context_free(context) };
}

fn played(value: &str) -> Output {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command
        .args(["--exact", "the_log", "--nocapture"])
        .env("TLSOCK_TEST_PLAYS", "1")
        .env("TLSOCK_DEBUG", value);
    command.output().unwrap()
}

#[test]
fn the_log() {
    if std::env::var_os("TLSOCK_TEST_PLAYS").is_some() {
        return calls();
    }
    let told = String::from_utf8(played("1").stderr).unwrap();
    let lines: Vec<&str> = told.lines().filter(|line| line.starts_with("tlsock: ")).collect();
    assert_eq!(lines.len(), 4, "{told}");
    assert_eq!(lines[0], "tlsock: tlsock_context_new() = OK (0)");
    let handle =
        lines[1].strip_prefix("tlsock: tlsock_context_protocol(").unwrap().strip_suffix(')').unwrap();
    assert!(handle.starts_with("tlsock_context 0x"), "{handle}");
    assert_eq!(lines[2], "tlsock: tlsock_context_new() = ValueError (30)");
    assert_eq!(lines[3], format!("tlsock: free({handle})"));
    let silent = String::from_utf8(played("").stderr).unwrap();
    assert!(!silent.contains("tlsock: "), "{silent}");
}
