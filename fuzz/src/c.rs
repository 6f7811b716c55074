//! `tlsock.h`, as build.rs translates it.
#![allow(non_camel_case_types, missing_docs, unused_parens)]

use std::ffi::{c_char, c_int, c_void};

// The symbols come from the library itself.
use tlsock as _;

include!(concat!(env!("OUT_DIR"), "/tlsock.rs"));

// Of libcrypto, which the library has linked.
unsafe extern "C" {
    /// What waits in this thread's error queue: 0 if nothing.
    pub fn ERR_peek_error() -> std::ffi::c_ulong;
    /// Takes the oldest entry.
    pub fn ERR_get_error() -> std::ffi::c_ulong;
    /// Takes all entries.
    pub fn ERR_clear_error();
    /// Begins an entry.
    pub fn ERR_new();
    /// Says what the entry is of.
    pub fn ERR_set_error(library: c_int, reason: c_int, format: *const c_char, ...);
    /// Marks the last entry.
    pub fn ERR_set_mark() -> c_int;
    /// Takes what came after the mark.
    pub fn ERR_pop_to_mark() -> c_int;
    /// Hashes bytes.
    pub fn SHA256(data: *const u8, len: usize, digest: *mut u8) -> *mut u8;
}
