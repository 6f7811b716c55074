//! A program that tells OpenSSL to take its algorithms from elsewhere: tests that are for all of their process.
#![allow(clippy::undocumented_unsafe_blocks)]

mod certs;
mod pair;

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;
use std::sync::{Mutex, PoisonError};
use tlsock::context::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER, PURPOSE_SERVER_AUTH};
use tlsock::*;

unsafe extern "C" {
    fn EVP_set_default_properties(library: *mut c_void, query: *const c_char) -> c_int;
    fn OSSL_PROVIDER_try_load(library: *mut c_void, name: *const c_char, fallback: c_int) -> *mut c_void;
}

/// What is for the whole process is done by one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn set_default_properties(query: &CStr) {
    assert_eq!(unsafe { EVP_set_default_properties(null_mut(), query.as_ptr()) }, 1);
}

#[test]
fn contexts_made_after_a_change_go_by_it() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
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

/// New contexts share an `SSL_CTX` until it is replaced by one that goes by the new providers. A server that was made with
/// the old one may be the last that has it: this is still not its own, so its sessions and counts must not be kept there.
#[test]
fn a_server_from_before_a_change_keeps_its_sessions_and_counts() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let server = Context::new(PROTOCOL_TLS_SERVER).expect("a context");
    // Built in, and without any algorithm that is asked for.
    assert!(!unsafe { OSSL_PROVIDER_try_load(null_mut(), c"base".as_ptr(), 1) }.is_null());
    Context::new(PROTOCOL_TLS_SERVER).expect("a context that replaces what is shared");
    server.set_maximum_version(pair::TLS1_2).expect("a version");
    pair::identify(&server, "ecdsa");
    let client = pair::client();
    let first = pair::Pair::connected(&client, &server, None);
    let counts = server.session_stats();
    assert_eq!((counts.accept, counts.accept_good, counts.connect), (1, 1, 0));
    let session = first.client.session().expect("no failure");
    let again = pair::Pair::connected(&client, &server, session.as_ref());
    assert!(again.server.session_reused());
}
