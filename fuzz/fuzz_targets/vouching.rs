//! A resumed session stands for what was proved and no more: see `vouching`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    tlsock_fuzz::vouching::run(data);
});
