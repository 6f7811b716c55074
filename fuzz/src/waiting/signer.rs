//! Identities whose signers have no answer yet: the key is OpenSSL's own, so that signing takes no process.

use super::answers::{CLIENT_SIGNATURE, JUNK, SERVER_SIGNATURE, present};
use crate::c::*;
use crate::call::give;
use crate::certs;
use crate::handle::Handle;
use std::ffi::{c_char, c_int, c_void};
use std::ptr::{null, null_mut};

// Of libcrypto, which the library has linked.
unsafe extern "C" {
    fn BIO_new_mem_buf(data: *const c_void, len: c_int) -> *mut c_void;
    fn BIO_free(bio: *mut c_void) -> c_int;
    fn PEM_read_bio_PrivateKey(
        bio: *mut c_void,
        out: *mut *mut c_void,
        password: *const c_void,
        argument: *mut c_void,
    ) -> *mut c_void;
    fn EVP_PKEY_free(key: *mut c_void);
    fn EVP_PKEY_CTX_new(key: *mut c_void, engine: *mut c_void) -> *mut c_void;
    fn EVP_PKEY_CTX_free(ctx: *mut c_void);
    fn EVP_PKEY_sign_init(ctx: *mut c_void) -> c_int;
    fn EVP_PKEY_sign(
        ctx: *mut c_void,
        signature: *mut u8,
        signature_len: *mut usize,
        data: *const u8,
        data_len: usize,
    ) -> c_int;
}

/// Signs a digest by a key on a curve, whose file it is; gives the length.
fn sign(key: &[u8], data: &[u8], signature: &mut [u8]) -> usize {
    let mut len = signature.len();
    // SAFETY: bytes of the lengths given; what is made is freed once.
    unsafe {
        let bio = BIO_new_mem_buf(key.as_ptr().cast(), key.len() as c_int);
        let key = PEM_read_bio_PrivateKey(bio, null_mut(), null(), null_mut());
        BIO_free(bio);
        let ctx = EVP_PKEY_CTX_new(key, null_mut());
        assert_eq!(EVP_PKEY_sign_init(ctx), 1);
        assert_eq!(EVP_PKEY_sign(ctx, signature.as_mut_ptr(), &mut len, data.as_ptr(), data.len()), 1);
        EVP_PKEY_CTX_free(ctx);
        EVP_PKEY_free(key);
    }
    len
}

/// The name of the certificate that a side signs for.
fn name(server: bool) -> &'static str {
    if server { "ecdsa" } else { "client" }
}

unsafe extern "C" fn ask(
    userdata: *mut c_void,
    algorithm: *const c_char,
    digest: *const c_char,
    data: *const u8,
    data_len: usize,
    signature: *mut u8,
    size: usize,
    signature_len: *mut usize,
    _: *mut *mut tlsock_error,
) -> c_int {
    let server = !userdata.is_null();
    let answer = present(|answers| answers.give(if server { SERVER_SIGNATURE } else { CLIENT_SIGNATURE }));
    if answer != TLSOCK_OK && answer != JUNK {
        return answer;
    }
    // SAFETY: lent for the time of this call, with the lengths given.
    unsafe {
        assert!(!algorithm.is_null() && !digest.is_null());
        let (data, signature) =
            (std::slice::from_raw_parts(data, data_len), std::slice::from_raw_parts_mut(signature, size));
        let other = vec![7; data.len()];
        let signed = if answer == JUNK { &other } else { data };
        signature_len.write(sign(certs::read(&format!("{}.key", name(server))), signed, signature));
    }
    TLSOCK_OK
}

/// The identity of a side, whose signer asks before it signs.
pub fn identity(server: bool) -> Handle<tlsock_identity> {
    let chain = certs::read(&format!("{}.pem", name(server)));
    let userdata = std::ptr::without_provenance_mut(usize::from(server));
    // SAFETY: bytes of the length given; the callback stays.
    let made = give("identity_new_signer", |out, error| unsafe {
        let (data, flags) = (chain.as_ptr().cast(), SIGNER_MAY_WAIT);
        tlsock_identity_new_signer(data, chain.len(), flags, Some(ask), userdata, None, out, error)
    });
    // SAFETY: ours.
    unsafe { Handle::new(made.expect("an identity")) }.expect("a handle")
}
