//! What a server, or who is between, may send a client: see `conversation`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tlsock_fuzz::conversation::play(data, false));
