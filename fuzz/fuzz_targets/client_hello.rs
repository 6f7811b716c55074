//! What a ClientHello shows to a program: see `client_hello`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tlsock_fuzz::client_hello::run(data));
