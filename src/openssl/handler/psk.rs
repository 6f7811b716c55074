//! Pre-shared keys (PSK).

use super::guarded;
use crate::openssl::lent::Lent;
use crate::openssl::{cleanse, sys};
use std::ffi::CStr;
use std::os::raw::{c_char, c_uchar, c_uint};

/// The length of the key; 0 declines, `Err` aborts the handshake.
pub type PskResult = Result<usize, ()>;

pub(in crate::openssl) unsafe extern "C" fn client(
    ssl: *mut sys::SSL,
    hint: *const c_char,
    identity: *mut c_char,
    identity_size: c_uint,
    key: *mut c_uchar,
    key_size: c_uint,
) -> c_uint {
    // SAFETY: NULL or text of the connection.
    let hint = (!hint.is_null()).then(|| unsafe { CStr::from_ptr(hint) });
    // SAFETY: libssl gives buffers of these sizes.
    let identity = unsafe { cleared(identity.cast(), identity_size) };
    // SAFETY: the same.
    let key = unsafe { cleared(key, key_size) };
    // SAFETY: libssl calls with a live SSL.
    let Some(lent) = (unsafe { Lent::new(ssl) }) else { return answer(Err(()), key) };
    // SAFETY: the same.
    let result =
        unsafe { guarded(ssl, Err(()), |handler| handler.psk_client(hint, identity, &mut *key, &lent)) };
    answer(result, key)
}

pub(in crate::openssl) unsafe extern "C" fn server(
    ssl: *mut sys::SSL,
    identity: *const c_char,
    key: *mut c_uchar,
    key_size: c_uint,
) -> c_uint {
    // SAFETY: NULL or text of the connection.
    let identity = (!identity.is_null()).then(|| unsafe { CStr::from_ptr(identity) });
    // SAFETY: libssl gives a buffer of this size.
    let key = unsafe { cleared(key, key_size) };
    // SAFETY: libssl calls with a live SSL.
    let result = unsafe { guarded(ssl, Err(()), |handler| handler.psk_server(identity, &mut *key)) };
    answer(result, key)
}

/// Borrows a buffer of libssl, which may be uninitialized.
unsafe fn cleared<'a>(data: *mut u8, size: c_uint) -> &'a mut [u8] {
    // SAFETY: the caller promises that the buffer has that size.
    unsafe { data.write_bytes(0, size as usize) };
    // SAFETY: the same; libssl does not touch it before the callback returns.
    unsafe { std::slice::from_raw_parts_mut(data, size as usize) }
}

/// Makes libssl's result. libssl wipes the buffer only if it uses the key, so it is wiped here in the other cases.
fn answer(result: PskResult, key: &mut [u8]) -> c_uint {
    match result {
        Ok(len @ 1..) if len <= key.len() => len as c_uint,
        Ok(0) => {
            cleanse(key);
            0
        }
        _ => {
            cleanse(key);
            sys::PSK_ABORT
        }
    }
}
