//! OpenSSL's.

use std::ffi::{c_char, c_int, c_ulong, c_void};
use std::ptr::{null, null_mut};

/// Which of the two it is.
pub const IS_AWS_LC: bool = false;

/// Libraries and reasons of entries that would change what libssl and its callers make of a call: a certificate that
/// is refused, an unexpected end, a system's error, a PEM text without a beginning.
pub const ENTRIES: [(c_int, c_int); 4] = [(20, 134), (20, 294), (2, 104), (9, 108)];

unsafe extern "C" {
    fn ERR_peek_error() -> c_ulong;
    fn ERR_get_error() -> c_ulong;
    fn ERR_clear_error();
    fn ERR_new();
    fn ERR_set_error(library: c_int, reason: c_int, format: *const c_char, ...);
    fn ERR_set_mark() -> c_int;
    fn ERR_pop_to_mark() -> c_int;
    fn SHA256(data: *const u8, len: usize, digest: *mut u8) -> *mut u8;
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

/// What waits in this thread's error queue: 0 if nothing.
pub fn peek_error() -> u64 {
    // SAFETY: no preconditions; the queue belongs to this thread.
    u64::from(unsafe { ERR_peek_error() })
}

/// Takes the oldest entry.
pub fn take_error() {
    // SAFETY: as above.
    unsafe { ERR_get_error() };
}

/// Takes all entries.
pub fn clear_errors() {
    // SAFETY: as above.
    unsafe { ERR_clear_error() }
}

/// Adds an entry.
pub fn raise(library: c_int, reason: c_int) {
    // SAFETY: as above; without a format there are no further arguments.
    unsafe {
        ERR_new();
        ERR_set_error(library, reason, null());
    }
}

/// Marks the last entry.
pub fn set_mark() {
    // SAFETY: as above.
    unsafe { ERR_set_mark() };
}

/// Takes what came after the mark.
pub fn pop_to_mark() {
    // SAFETY: as above.
    unsafe { ERR_pop_to_mark() };
}

/// Hashes bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    // SAFETY: bytes of the length given, and room for a digest.
    unsafe { SHA256(bytes.as_ptr(), bytes.len(), digest.as_mut_ptr()) };
    digest
}

/// Signs a digest by a key on a curve, whose file it is; gives the length.
pub fn sign(key: &[u8], data: &[u8], signature: &mut [u8]) -> usize {
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
