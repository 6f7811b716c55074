//! Certificates as DER or PEM, decoded in every way there is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlsock_fuzz::certificate;

fuzz_target!(|data: &[u8]| {
    if let Ok(one) = certificate::load(data) {
        // SAFETY: live until the end of this block.
        unsafe { certificate::inspect(one.raw()) }
    }
});
