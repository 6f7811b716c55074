//! Nothing is plain before unwrap, however a socket gets connected: see `unconnected`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tlsock_fuzz::unconnected::run(data));
