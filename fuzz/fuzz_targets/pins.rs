//! Pins of keys: which texts are taken, and whom they let in.
//!
//! The input: pins, one a line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;
use std::ffi::{CString, c_char};
use std::sync::OnceLock;
use tlsock_fuzz::c::*;
use tlsock_fuzz::call::call;
use tlsock_fuzz::{handshake, peer, pin};

fuzz_target!(|data: &[u8]| {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').filter(|line| !line.contains(&0)).collect();
    let texts: Vec<CString> = lines.iter().map(|line| CString::new(*line).expect("no NUL")).collect();
    let pointers: Vec<*const c_char> = texts.iter().map(|text| text.as_ptr()).collect();
    let client = peer::context(PROTOCOL_TLS_CLIENT);
    peer::trust(&client, tlsock_fuzz::certs::read("ca.pem")).expect("the root is good");
    // SAFETY: a live context and an array of text.
    let set = call("set_pins", |error| unsafe {
        tlsock_context_set_pins(client.raw(), pointers.as_ptr(), pointers.len(), error)
    });
    assert_eq!(set.is_ok(), lines.iter().all(|line| is_pin(line)), "{lines:?}");
    let server = peer::cached("pins server", || {
        let server = peer::context(PROTOCOL_TLS_SERVER);
        peer::identify(&server, "ecdsa");
        server
    });
    // A handshake costs as much as a hundred inputs that are refused; what was refused pins nothing.
    if data.first() != Some(&b's') {
        return;
    }
    let (end, _) = handshake::shake(&client, &server, Some(c"localhost"), None).expect("two ends");
    let known = lines.iter().any(|line| chain().contains(*line));
    assert_eq!(end.done, set.is_err() || lines.is_empty() || known, "{lines:?}");
});

/// Base64 of 32 bytes, in the one form that there is for them.
fn is_pin(text: &[u8]) -> bool {
    let Some(digest) = text.strip_prefix(b"sha256//") else { return false };
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    digest.len() == 44
        && digest[..43].iter().all(letter)
        && digest[43] == b'='
        && b"AEIMQUYcgkosw048".contains(&digest[42])
}

/// The pins of the server's chain.
fn chain() -> &'static BTreeSet<Vec<u8>> {
    static CHAIN: OnceLock<BTreeSet<Vec<u8>>> = OnceLock::new();
    CHAIN.get_or_init(|| ["ca", "inter", "ecdsa"].map(|name| pin::of(name).into_bytes()).into())
}
