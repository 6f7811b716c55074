//! `tlsock.h`, as build.rs translates it.
#![allow(non_camel_case_types, missing_docs, unused_parens)]

use std::ffi::{c_char, c_int, c_void};

// The symbols come from the library itself.
use tlsock as _;

include!(concat!(env!("OUT_DIR"), "/tlsock.rs"));
