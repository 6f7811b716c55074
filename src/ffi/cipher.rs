//! `tlsock_cipher`: the triple of a cipher suite.

use std::ffi::{CStr, c_char, c_int};

/// Python: the triple of SSLSocket.cipher(); static text, NULL where OpenSSL has none.
#[repr(C)]
pub struct Cipher {
    pub name: *const c_char,
    pub protocol: *const c_char,
    pub secret_bits: c_int,
}

impl Cipher {
    /// Fills the caller's triple, if there is a cipher and a place for it.
    pub fn store(known: Option<crate::ssl::Cipher>, cipher: *mut Cipher) -> bool {
        let Some(known) = known.filter(|_| !cipher.is_null()) else { return false };
        let text = |text: Option<&'static CStr>| text.map_or(std::ptr::null(), CStr::as_ptr);
        let filled =
            Cipher { name: text(known.name), protocol: text(known.protocol), secret_bits: known.secret_bits };
        unsafe { super::boundary::store(cipher, filled) };
        true
    }
}
