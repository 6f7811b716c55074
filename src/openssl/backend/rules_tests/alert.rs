//! Alerts that tell why a certificate was refused.

use crate::openssl::backend::rules::alert::alert_of;
use crate::openssl::{library, quietly, sys};
use std::os::raw::{c_int, c_void};
use std::ptr::without_provenance_mut;

const PRIME256V1: c_int = 415;
const PLAIN_ALERT: u8 = 21;

/// Refuses with the code that is the argument.
unsafe extern "C" fn refuse(ctx: *mut sys::X509_STORE_CTX, code: *mut c_void) -> c_int {
    // SAFETY: libssl calls with a live verification.
    unsafe { sys::X509_STORE_CTX_set_error(ctx, code.addr() as c_int) };
    0
}

fn context() -> *mut sys::SSL_CTX {
    // SAFETY: no preconditions.
    let method = unsafe { sys::TLS_method() };
    // SAFETY: methods are static.
    unsafe { sys::SSL_CTX_new(method) }
}

/// A context of a server with a certificate that says nothing.
fn server() -> *mut sys::SSL_CTX {
    // SAFETY: no preconditions, and all that is made here is alive; so below.
    let curve = unsafe { sys::EC_KEY_new_by_curve_name(PRIME256V1) };
    // SAFETY: as above.
    assert_eq!(unsafe { sys::EC_KEY_generate_key(curve) }, 1);
    // SAFETY: as above.
    let key = unsafe { sys::EVP_PKEY_new() };
    // SAFETY: as above.
    let x509 = unsafe { sys::X509_new() };
    // SAFETY: as above.
    assert_eq!(unsafe { sys::EVP_PKEY_set1_EC_KEY(key, curve) }, 1);
    // SAFETY: as above.
    let from = unsafe { sys::X509_getm_notBefore(x509) };
    // SAFETY: as above.
    let until = unsafe { sys::X509_getm_notAfter(x509) };
    for (time, seconds) in [(from, -60), (until, 60)] {
        // SAFETY: as above.
        assert!(!unsafe { sys::X509_gmtime_adj(time, seconds) }.is_null());
    }
    // SAFETY: as above.
    assert_eq!(unsafe { sys::X509_set_pubkey(x509, key) }, 1);
    // SAFETY: no preconditions; digests are static.
    let digest = unsafe { sys::EVP_sha256() };
    // SAFETY: as above.
    assert!(unsafe { sys::X509_sign(x509, key, digest) } > 0);
    let ctx = context();
    // SAFETY: as above; the context takes its own reference.
    assert_eq!(unsafe { sys::SSL_CTX_use_certificate(ctx, x509) }, 1);
    // SAFETY: as above.
    assert_eq!(unsafe { sys::SSL_CTX_use_PrivateKey(ctx, key) }, 1);
    // SAFETY: ours, and freed once; so below.
    unsafe { sys::X509_free(x509) };
    // SAFETY: as above.
    unsafe { sys::EVP_PKEY_free(key) };
    // SAFETY: as above.
    unsafe { sys::EC_KEY_free(curve) };
    ctx
}

unsafe fn connection(ctx: *mut sys::SSL_CTX) -> (*mut sys::SSL, [*mut sys::BIO; 2]) {
    // SAFETY: the caller's context is alive.
    let ssl = unsafe { sys::SSL_new(ctx) };
    // SAFETY: no preconditions.
    let memory = unsafe { sys::BIO_s_mem() };
    // SAFETY: the method is static.
    let [read, written] = [(); 2].map(|()| unsafe { sys::BIO_new(memory) });
    // SAFETY: the connection takes both over.
    unsafe { sys::SSL_set_bio(ssl, read, written) };
    // SAFETY: the connection is alive.
    unsafe { sys::SSL_set_max_proto_version(ssl, sys::TLS1_2_VERSION) };
    (ssl, [read, written])
}

/// Goes on with a handshake, and takes what it sends.
unsafe fn step(ssl: *mut sys::SSL, [read, written]: [*mut sys::BIO; 2], received: &[u8]) -> Vec<u8> {
    let len = received.len() as c_int;
    // SAFETY: the caller's connection is alive, and its ends with it; so below.
    unsafe { sys::BIO_write(read, received.as_ptr().cast(), len) };
    // SAFETY: as above.
    quietly(|| unsafe { sys::SSL_do_handshake(ssl) });
    let mut sent = vec![0; 20_000];
    // SAFETY: as above; pointer and length are those of one buffer.
    let count = unsafe { sys::BIO_read(written, sent.as_mut_ptr().cast(), sent.len() as c_int) };
    sent.truncate(usize::try_from(count).unwrap_or(0));
    sent
}

/// OpenSSL's alert of a client that refuses its server with this code.
unsafe fn by_openssl(server: *mut sys::SSL_CTX, code: i32) -> u8 {
    let ctx = context();
    // SAFETY: the context is ours; so below.
    unsafe { sys::SSL_CTX_set_verify(ctx, sys::SSL_VERIFY_PEER, None) };
    // SAFETY: as above; the argument is a number.
    unsafe {
        sys::SSL_CTX_set_cert_verify_callback(ctx, Some(refuse), without_provenance_mut(code as usize))
    };
    // SAFETY: both contexts are alive; so below.
    let (client, up) = unsafe { connection(ctx) };
    // SAFETY: as above.
    let (peer, down) = unsafe { connection(server) };
    // SAFETY: the connections are ours; so below.
    unsafe { sys::SSL_set_connect_state(client) };
    // SAFETY: as above.
    unsafe { sys::SSL_set_accept_state(peer) };
    // SAFETY: as above.
    let hello = unsafe { step(client, up, &[]) };
    // SAFETY: as above.
    let answer = unsafe { step(peer, down, &hello) };
    // SAFETY: as above.
    let refusal = unsafe { step(client, up, &answer) };
    // SAFETY: all are ours, and freed once; so below.
    unsafe { sys::SSL_free(client) };
    // SAFETY: as above.
    unsafe { sys::SSL_free(peer) };
    // SAFETY: as above.
    unsafe { sys::SSL_CTX_free(ctx) };
    let [PLAIN_ALERT, _, _, 0, 2, 2, alert] = refusal[..] else { panic!("{code}: {refusal:?}") };
    alert
}

#[test]
fn alerts_are_those_of_openssl() {
    library::init().expect("OpenSSL");
    let server = server();
    for code in 0..=110 {
        // SAFETY: the context is alive.
        assert_eq!(alert_of(code), unsafe { by_openssl(server, code) }, "{code}");
    }
    // SAFETY: ours, and freed once.
    unsafe { sys::SSL_CTX_free(server) };
}
