//! A program that tells OpenSSL to take its algorithms from elsewhere. Alone in its process: this is for all of it.
#![allow(clippy::undocumented_unsafe_blocks)]

mod certs;
mod pair;

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;
use tlsock::context::{PROTOCOL_TLS_CLIENT, PURPOSE_SERVER_AUTH};
use tlsock::*;

unsafe extern "C" {
    fn EVP_set_default_properties(library: *mut c_void, query: *const c_char) -> c_int;
}

fn set_default_properties(query: &CStr) {
    assert_eq!(unsafe { EVP_set_default_properties(null_mut(), query.as_ptr()) }, 1);
}

#[test]
fn contexts_made_after_a_change_go_by_it() {
    let before = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    let root = Certificate::from_data(&certs::read("ca.pem")).expect("a certificate");
    set_default_properties(c"provider=nowhere");
    // A digest that is asked for by name is unknown; the one that is always expected is missing.
    let of = |digest| root.fingerprint(digest).expect_err("no digest").status();
    assert_eq!((of(Some("sha256")), of(None)), (Status::Value, Status::Ssl));
    for _ in 0..2 {
        // What was chosen before may not be used, though the first context still has it.
        let error = Context::new(PROTOCOL_TLS_CLIENT).expect_err("no algorithm");
        assert_eq!(error.status(), Status::Ssl, "{error}");
        Context::create_default(PURPOSE_SERVER_AUTH, None, None, None).expect_err("no algorithm");
    }
    set_default_properties(c"");
    let after = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    let server = pair::server("ecdsa");
    for client in [before, after] {
        client.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("the root");
        pair::Pair::connected(&client, &server, None);
    }
}
