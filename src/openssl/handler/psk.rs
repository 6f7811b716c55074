//! Pre-shared keys (PSK).

use super::guarded;
use crate::openssl::lent::Lent;
use crate::openssl::{Result, cleanse, cvt, ssl::Ssl, sys};
use std::ffi::CStr;
use std::os::raw::{c_char, c_uchar, c_uint};

/// The longest key that libssl takes.
const KEY_SIZE: usize = 512;
/// A result that every version of libssl treats as a failure; a smaller one may only decline.
const ABORT: c_uint = KEY_SIZE as c_uint + 1;

/// The length of the key; 0 declines, `Err` aborts the handshake.
pub type PskResult = std::result::Result<usize, ()>;

unsafe extern "C" fn client(
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

unsafe extern "C" fn server(
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
            ABORT
        }
    }
}

impl Ssl {
    /// Starts or stops asking the handler for a client's key.
    pub fn set_psk_client(&self, on: bool) {
        // SAFETY: the SSL is alive and the callback stays.
        unsafe { sys::SSL_set_psk_client_callback(self.as_ptr(), on.then_some(client)) }
    }

    /// Starts or stops asking the handler for the keys of clients.
    pub fn set_psk_server(&self, on: bool) {
        // SAFETY: the SSL is alive and the callback stays.
        unsafe { sys::SSL_set_psk_server_callback(self.as_ptr(), on.then_some(server)) }
    }

    /// Sets the hint for clients of TLS 1.2; None removes it.
    pub fn set_psk_identity_hint(&self, hint: Option<&CStr>) -> Result<()> {
        let hint = hint.map_or(std::ptr::null(), CStr::as_ptr);
        // SAFETY: the SSL is alive and copies the text.
        cvt(|| unsafe { sys::SSL_use_psk_identity_hint(self.as_ptr(), hint) })
    }
}
