//! What callbacks do changes nothing of what becomes of a call: see `disturbance`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tlsock_fuzz::disturbance::run(data));
