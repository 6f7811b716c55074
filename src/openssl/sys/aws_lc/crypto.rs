//! libcrypto's functions with the types of OpenSSL.

use crate::openssl::sys::OSSL_LIB_CTX;
use aws_lc_sys::{
    BIO, BIO_METHOD, EVP_CIPHER, EVP_MD, EVP_PKEY, EVP_PKEY_CTX, OCSP_BASICRESP, OCSP_SINGLERESP,
    OPENSSL_STACK, X509_NAME, X509_STORE_CTX, stack_st_X509,
};
use std::os::raw::{c_char, c_int, c_long, c_uchar, c_ulong, c_void};
use std::ptr::null_mut;

pub const OPENSSL_INIT_LOAD_SSL_STRINGS: u64 = 0;
pub const OPENSSL_INIT_NO_ATEXIT: u64 = 0;
/// OpenSSL's bit. AWS-LC keeps it with its flags and does nothing by it.
pub const X509_V_FLAG_X509_STRICT: c_int = 0x20;
/// The same.
pub const X509_V_FLAG_SUITEB_128_LOS: c_int = 0x3_0000;
/// Prints a name as in RFC 2253.
pub const XN_FLAG_RFC2253: c_ulong = 0x0111_0317;

pub unsafe fn ERR_get_error() -> c_ulong {
    // SAFETY: no preconditions.
    c_ulong::from(unsafe { aws_lc_sys::ERR_get_error() })
}

pub unsafe fn ERR_peek_error() -> c_ulong {
    // SAFETY: no preconditions.
    c_ulong::from(unsafe { aws_lc_sys::ERR_peek_error() })
}

pub unsafe fn ERR_peek_last_error() -> c_ulong {
    // SAFETY: no preconditions.
    c_ulong::from(unsafe { aws_lc_sys::ERR_peek_last_error() })
}

/// AWS-LC's threads need no help to end.
pub unsafe fn OPENSSL_thread_stop() {}

/// The number of elements; less than 0 for NULL, as with OpenSSL.
pub unsafe fn OPENSSL_sk_num(stack: *const OPENSSL_STACK) -> c_int {
    if stack.is_null() {
        return -1;
    }
    // SAFETY: the caller's stack is alive.
    c_int::try_from(unsafe { aws_lc_sys::OPENSSL_sk_num(stack) }).unwrap_or(c_int::MAX)
}

pub unsafe fn OPENSSL_sk_value(stack: *const OPENSSL_STACK, index: c_int) -> *mut c_void {
    let Ok(index) = usize::try_from(index) else { return null_mut() };
    // SAFETY: the caller's stack is alive; NULL for what is not in it.
    unsafe { aws_lc_sys::OPENSSL_sk_value(stack, index) }
}

pub unsafe fn OPENSSL_sk_push(stack: *mut OPENSSL_STACK, element: *const c_void) -> c_int {
    // SAFETY: the caller's stack is alive and takes the element over.
    c_int::try_from(unsafe { aws_lc_sys::OPENSSL_sk_push(stack, element.cast_mut()) }).unwrap_or(c_int::MAX)
}

pub unsafe fn OPENSSL_sk_pop_free(
    stack: *mut OPENSSL_STACK,
    free: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    // SAFETY: NULL or the caller's stack; so below.
    for index in 0..unsafe { OPENSSL_sk_num(stack) } {
        // SAFETY: as above.
        let element = unsafe { OPENSSL_sk_value(stack, index) };
        if let Some(free) = free.filter(|_| !element.is_null()) {
            // SAFETY: the function is for the elements of this stack.
            unsafe { free(element) };
        }
    }
    // SAFETY: as above.
    unsafe { aws_lc_sys::OPENSSL_sk_free(stack) }
}

pub unsafe fn BIO_new_mem_buf(data: *const c_void, len: c_int) -> *mut BIO {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::BIO_new_mem_buf(data, len as isize) }
}

pub unsafe fn BIO_get_mem_data(bio: *mut BIO, data: *mut *mut c_char) -> c_long {
    // The crate's function is safe to call only for what its caller knows to be a memory BIO.
    aws_lc_sys::BIO_get_mem_data(bio, data)
}

pub unsafe fn BIO_meth_set_write__fixed_rust(
    method: *mut BIO_METHOD,
    write: Option<unsafe extern "C" fn(*mut BIO, *const c_char, c_int) -> c_int>,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::BIO_meth_set_write(method, write) }
}

pub unsafe fn BIO_meth_set_read__fixed_rust(
    method: *mut BIO_METHOD,
    read: Option<unsafe extern "C" fn(*mut BIO, *mut c_char, c_int) -> c_int>,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::BIO_meth_set_read(method, read) }
}

pub unsafe fn BIO_meth_set_ctrl__fixed_rust(
    method: *mut BIO_METHOD,
    ctrl: Option<unsafe extern "C" fn(*mut BIO, c_int, c_long, *mut c_void) -> c_long>,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::BIO_meth_set_ctrl(method, ctrl) }
}

pub unsafe fn BIO_meth_set_destroy__fixed_rust(
    method: *mut BIO_METHOD,
    destroy: Option<unsafe extern "C" fn(*mut BIO) -> c_int>,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::BIO_meth_set_destroy(method, destroy) }
}

pub unsafe fn RAND_bytes(buffer: *mut c_uchar, len: c_int) -> c_int {
    let Ok(len) = usize::try_from(len) else { return 0 };
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::RAND_bytes(buffer, len) }
}

/// Digests are static here, and there are no providers to choose from.
pub unsafe fn EVP_MD_fetch(_: *mut OSSL_LIB_CTX, name: *const c_char, _: *const c_char) -> *mut EVP_MD {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::EVP_get_digestbyname(name) }.cast_mut()
}

pub unsafe fn EVP_MD_free(_: *mut EVP_MD) {}

/// The same with ciphers.
pub unsafe fn EVP_CIPHER_fetch(
    _: *mut OSSL_LIB_CTX,
    name: *const c_char,
    _: *const c_char,
) -> *mut EVP_CIPHER {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::EVP_get_cipherbyname(name) }.cast_mut()
}

pub unsafe fn EVP_CIPHER_free(_: *mut EVP_CIPHER) {}

pub unsafe fn EVP_PKEY_CTX_new_from_pkey(
    _: *mut OSSL_LIB_CTX,
    key: *mut EVP_PKEY,
    _: *const c_char,
) -> *mut EVP_PKEY_CTX {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::EVP_PKEY_CTX_new(key, null_mut()) }
}

pub unsafe fn EVP_PKEY_get_size(key: *const EVP_PKEY) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::EVP_PKEY_size(key) }
}

pub unsafe fn OCSP_resp_get0(basic: *mut OCSP_BASICRESP, index: c_int) -> *mut OCSP_SINGLERESP {
    let Ok(index) = usize::try_from(index) else { return null_mut() };
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::OCSP_resp_get0(basic, index) }
}

pub unsafe fn X509_STORE_CTX_get1_certs(
    ctx: *mut X509_STORE_CTX,
    name: *const X509_NAME,
) -> *mut stack_st_X509 {
    // SAFETY: as the caller promises. It only compares the name.
    unsafe { aws_lc_sys::X509_STORE_CTX_get1_certs(ctx, name.cast_mut()) }
}

pub unsafe fn i2d_X509_NAME(name: *const X509_NAME, out: *mut *mut c_uchar) -> c_int {
    // SAFETY: as the caller promises. It changes nothing but what it keeps of the encoding.
    unsafe { aws_lc_sys::i2d_X509_NAME(name.cast_mut(), out) }
}

/// The index of a new slot of stores for data of others, which nobody frees.
pub unsafe fn X509_STORE_new_slot() -> c_int {
    // SAFETY: no callbacks are registered with the slot.
    unsafe { aws_lc_sys::X509_STORE_get_ex_new_index(0, null_mut(), null_mut(), None, None) }
}
