//! Callbacks that have no answer yet: see `waiting`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tlsock_fuzz::waiting::run(data));
