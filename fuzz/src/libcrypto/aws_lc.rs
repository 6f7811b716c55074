//! AWS-LC's, whose names have a prefix.

use aws_lc_sys as sys;
use std::ffi::c_int;
use std::ptr::null_mut;

/// Which of the two it is.
pub const IS_AWS_LC: bool = true;

/// Libraries and reasons of entries that would change what AWS-LC and its callers make of a call: a certificate that is
/// refused, an unexpected end, a system's error, a PEM text without a beginning.
pub const ENTRIES: [(c_int, c_int); 4] = [
    (sys::ERR_LIB_SSL, sys::SSL_R_CERTIFICATE_VERIFY_FAILED),
    (sys::ERR_LIB_SSL, sys::SSL_R_UNEXPECTED_RECORD),
    (sys::ERR_LIB_SYS, 104),
    (sys::ERR_LIB_PEM, sys::PEM_R_NO_START_LINE),
];

/// What waits in this thread's error queue: 0 if nothing.
pub fn peek_error() -> u64 {
    // SAFETY: no preconditions; the queue belongs to this thread.
    u64::from(unsafe { sys::ERR_peek_error() })
}

/// Takes the oldest entry.
pub fn take_error() {
    // SAFETY: as above.
    unsafe { sys::ERR_get_error() };
}

/// Takes all entries.
pub fn clear_errors() {
    // SAFETY: as above.
    unsafe { sys::ERR_clear_error() }
}

/// Adds an entry.
pub fn raise(library: c_int, reason: c_int) {
    // SAFETY: as above, and the text is static.
    unsafe { sys::ERR_put_error(library, 0, reason, c"fuzz".as_ptr(), 0) }
}

/// Marks the last entry.
pub fn set_mark() {
    // SAFETY: as above.
    unsafe { sys::ERR_set_mark() };
}

/// Takes what came after the mark.
pub fn pop_to_mark() {
    // SAFETY: as above.
    unsafe { sys::ERR_pop_to_mark() };
}

/// Hashes bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    // SAFETY: bytes of the length given, and room for a digest.
    unsafe { sys::SHA256(bytes.as_ptr(), bytes.len(), digest.as_mut_ptr()) };
    digest
}

/// Signs a digest by a key on a curve, whose file it is; gives the length.
pub fn sign(key: &[u8], data: &[u8], signature: &mut [u8]) -> usize {
    let mut len = signature.len();
    // SAFETY: bytes of the lengths given; what is made is freed once.
    unsafe {
        let bio = sys::BIO_new_mem_buf(key.as_ptr().cast(), key.len() as _);
        let key = sys::PEM_read_bio_PrivateKey(bio, null_mut(), None, null_mut());
        sys::BIO_free(bio);
        let ctx = sys::EVP_PKEY_CTX_new(key, null_mut());
        assert_eq!(sys::EVP_PKEY_sign_init(ctx), 1);
        assert_eq!(sys::EVP_PKEY_sign(ctx, signature.as_mut_ptr(), &mut len, data.as_ptr(), data.len()), 1);
        sys::EVP_PKEY_CTX_free(ctx);
        sys::EVP_PKEY_free(key);
    }
    len
}
