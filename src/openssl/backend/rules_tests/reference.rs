//! Asks the OpenSSL that the tests are linked with.

use super::forge::Forged;
use crate::openssl::backend::rules::judge::Outcome;
use crate::openssl::flags::verify::{NO_CHECK_TIME, STRICT};
use crate::openssl::retry::Retry;
use crate::openssl::store::Store;
use crate::openssl::{library, quietly, sys, x509::X509};
use std::os::raw::{c_int, c_ulong};

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
    let flags = more | if strict { STRICT } else { 0 };
    let trusted = certificate(&chain[chain.len() - 1]);
    verify_as(chain, std::slice::from_ref(&trusted), flags, |ctx| {
        // SAFETY: the verification is alive; the parameters are its own; so below.
        let param = unsafe { sys::X509_STORE_CTX_get0_param(ctx) };
        // SAFETY: as above.
        unsafe { sys::X509_VERIFY_PARAM_set_auth_level(param, level) };
    })
}

/// The same at level 0, not strictly, and without a look at how many authorities may stand below one.
pub fn verify_any_length(chain: &[Forged]) -> (Outcome, Vec<Vec<u8>>) {
    let trusted = certificate(&chain[chain.len() - 1]);
    verify_as(chain, std::slice::from_ref(&trusted), 0, |ctx| {
        // SAFETY: the verification is alive; so below.
        let param = unsafe { sys::X509_STORE_CTX_get0_param(ctx) };
        // SAFETY: as above; the parameters are its own.
        unsafe { sys::X509_VERIFY_PARAM_set_auth_level(param, 0) };
        // SAFETY: as above, and the callback stays.
        unsafe { X509_STORE_CTX_set_verify_cb(ctx, Some(any_length)) };
    })
}

type VerifyCallback = unsafe extern "C" fn(c_int, *mut sys::X509_STORE_CTX) -> c_int;

unsafe extern "C" {
    fn X509_STORE_CTX_set_verify_cb(ctx: *mut sys::X509_STORE_CTX, callback: Option<VerifyCallback>);
}

/// Goes on where a path is too long.
unsafe extern "C" fn any_length(passed: c_int, ctx: *mut sys::X509_STORE_CTX) -> c_int {
    const PATH_LENGTH_EXCEEDED: c_int = 25;
    // SAFETY: libcrypto calls with a live verification; so below.
    if passed != 0 || unsafe { sys::X509_STORE_CTX_get_error(ctx) } != PATH_LENGTH_EXCEEDED {
        return passed;
    }
    // SAFETY: as above.
    unsafe { sys::X509_STORE_CTX_set_error(ctx, sys::X509_V_OK) };
    1
}

/// The same where nobody is trusted, and that many certificates may stand between the first and the last.
pub fn verify_without_trust(chain: &[Forged], depth: i32) -> (Outcome, Vec<Vec<u8>>) {
    verify_as(chain, &[], 0, |ctx| {
        // SAFETY: the verification is alive; the parameters are its own; so below.
        let param = unsafe { sys::X509_STORE_CTX_get0_param(ctx) };
        // SAFETY: as above.
        unsafe { sys::X509_VERIFY_PARAM_set_depth(param, depth) };
    })
}

fn verify_as(
    chain: &[Forged],
    trusted: &[X509],
    flags: u64,
    limit: impl FnOnce(*mut sys::X509_STORE_CTX),
) -> (Outcome, Vec<Vec<u8>>) {
    library::init().expect("OpenSSL");
    let certificates: Vec<X509> = chain.iter().map(certificate).collect();
    let store = Store::new().expect("memory");
    store.add(trusted, &[]).expect("memory");
    let sent = X509::stack(&certificates).expect("memory");
    let (ctx, leaf) = (Retry::new().expect("memory"), &certificates[0]);
    // SAFETY: all are alive until the verification is over; so below.
    let begun =
        unsafe { sys::X509_STORE_CTX_init(ctx.as_ptr(), store.as_ptr(), leaf.as_ptr(), sent.as_ptr()) };
    assert_eq!(begun, 1);
    // SAFETY: as above.
    unsafe { sys::X509_STORE_CTX_set_default(ctx.as_ptr(), c"ssl_server".as_ptr()) };
    // SAFETY: as above; the parameters are its own.
    let param = unsafe { sys::X509_STORE_CTX_get0_param(ctx.as_ptr()) };
    // SAFETY: as above.
    unsafe { sys::X509_VERIFY_PARAM_set_flags(param, (NO_CHECK_TIME | flags) as c_ulong) };
    limit(ctx.as_ptr());
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
