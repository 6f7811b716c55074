//! Asks the OpenSSL that the tests are linked with.

use super::forge::Forged;
use crate::openssl::backend::rules::judge::Outcome;
use crate::openssl::flags::verify::{NO_CHECK_TIME, STRICT};
use crate::openssl::store::Store;
use crate::openssl::verify::Retry;
use crate::openssl::{library, quietly, sys, x509::X509};
use std::os::raw::c_ulong;

/// Its major version.
pub fn major() -> u32 {
    // SAFETY: no preconditions.
    let number = unsafe { sys::OpenSSL_version_num() };
    (number >> 28) as u32
}

/// Its version, as 0xMNN00PP0.
pub fn version() -> c_ulong {
    // SAFETY: no preconditions.
    unsafe { sys::OpenSSL_version_num() }
}

pub fn certificate(forged: &Forged) -> X509 {
    X509::from_der(&forged.der()).expect("OpenSSL reads what is forged")
}

/// Verifies a chain whose last certificate is trusted, with `more` flags: the outcome, and the chain that was built.
pub fn verify(chain: &[Forged], level: i32, strict: bool, more: u64) -> (Outcome, Vec<Vec<u8>>) {
    library::init().expect("OpenSSL");
    let certificates: Vec<X509> = chain.iter().map(certificate).collect();
    let (leaf, last) = (&certificates[0], &certificates[certificates.len() - 1]);
    let store = Store::new().expect("memory");
    store.add(std::slice::from_ref(last), &[]).expect("memory");
    let sent = X509::stack(&certificates).expect("memory");
    let ctx = Retry::new().expect("memory");
    // SAFETY: all are alive until the verification is over; so below.
    let begun =
        unsafe { sys::X509_STORE_CTX_init(ctx.as_ptr(), store.as_ptr(), leaf.as_ptr(), sent.as_ptr()) };
    assert_eq!(begun, 1);
    // SAFETY: as above.
    unsafe { sys::X509_STORE_CTX_set_default(ctx.as_ptr(), c"ssl_server".as_ptr()) };
    // SAFETY: as above; the parameters are its own.
    let param = unsafe { sys::X509_STORE_CTX_get0_param(ctx.as_ptr()) };
    let flags = NO_CHECK_TIME | more | if strict { STRICT } else { 0 };
    // SAFETY: as above.
    unsafe { sys::X509_VERIFY_PARAM_set_flags(param, flags as c_ulong) };
    // SAFETY: as above.
    unsafe { sys::X509_VERIFY_PARAM_set_auth_level(param, level) };
    // SAFETY: as above.
    quietly(|| unsafe { sys::X509_verify_cert(ctx.as_ptr()) });
    // SAFETY: as above.
    let code = unsafe { sys::X509_STORE_CTX_get_error(ctx.as_ptr()) };
    // SAFETY: as above.
    let depth = unsafe { sys::X509_STORE_CTX_get_error_depth(ctx.as_ptr()) };
    // SAFETY: as above.
    let built = unsafe { sys::X509_STORE_CTX_get0_chain(ctx.as_ptr()) };
    // SAFETY: NULL or a list of the verification's.
    let built = unsafe { X509::list(built) }.expect("memory");
    let built = built.iter().map(|x509| x509.to_der().expect("memory")).collect();
    (Outcome { code, depth: depth.max(0) as u32 }, built)
}

/// The strength of a certificate's key as OpenSSL counts it; None for a key that it cannot read.
pub fn key_strength(x509: &X509) -> Option<i32> {
    // SAFETY: the certificate is alive.
    let key = quietly(|| unsafe { sys::X509_get0_pubkey(x509.as_ptr()) });
    // SAFETY: not NULL, and as alive as the certificate.
    (!key.is_null()).then(|| unsafe { sys::EVP_PKEY_security_bits(key) })
}
