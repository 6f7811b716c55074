//! The system's CAs, which are parsed when they are first needed. One test, as the environment is the process's.

mod certs;
mod pair;

use pair::{Pair, server};
use tlsock::context::{PROTOCOL_TLS_CLIENT, PURPOSE_SERVER_AUTH};
use tlsock::*;

fn client() -> Context {
    Context::create_default(PURPOSE_SERVER_AUTH, None, None, None).expect("a context")
}

#[test]
fn a_context_trusts_what_the_file_held_when_it_was_loaded() {
    let (file, folder) = (certs::scratch().join("bundle.pem"), certs::scratch().join("empty"));
    std::fs::create_dir_all(&folder).expect("a folder");
    // SAFETY: no other thread of this process looks at the environment.
    unsafe { std::env::set_var("SSL_CERT_FILE", &file) };
    // SAFETY: the same.
    unsafe { std::env::set_var("SSL_CERT_DIR", &folder) };
    let server = server("ecdsa");

    std::fs::write(&file, certs::read("ca.pem")).expect("a file");
    let (early, other) = (client(), client());
    std::fs::write(&file, certs::read("unknown-ca.pem")).expect("a file");
    let late = client();
    assert_eq!(late.cert_store_stats().expect("stats").x509, 1);
    Pair::new(&early, &server, None).shake().expect("the root of before");
    let error = Pair::new(&late, &server, None).shake().expect_err("another root");
    assert_eq!(error.status(), Status::CertVerification, "{error}");

    // What one context adds, no other one trusts.
    late.load_verify_locations(None, None, Some(&certs::read("ca.pem"))).expect("a root");
    Pair::new(&late, &server, None).shake().expect("two roots");
    assert_eq!(late.cert_store_stats().expect("stats").x509, 2);
    assert_eq!(other.cert_store_stats().expect("stats").x509, 1);
    let error = Pair::new(&client(), &server, None).shake().expect_err("one root");
    assert_eq!(error.status(), Status::CertVerification, "{error}");

    // A connection that is there already uses what is loaded before its handshake, and garbage is passed over.
    std::fs::write(&file, certs::read("ca.pem")).expect("a file");
    let context = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    let pair = Pair::new(&context, &server, None);
    context.load_default_certs(PURPOSE_SERVER_AUTH).expect("defaults");
    pair.shake().expect("the root of now");
    std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n").expect("a file");
    assert_eq!(client().cert_store_stats().expect("stats").x509, 0);
}
