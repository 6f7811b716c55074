//! Passes the protocol's messages to the handler.

use super::guarded;
use crate::openssl::{bytes_at, ssl::Ssl, sys};
use std::os::raw::{c_int, c_void};

unsafe extern "C" fn message(
    written: c_int,
    version: c_int,
    content_type: c_int,
    data: *const c_void,
    len: usize,
    ssl: *mut sys::SSL,
    _: *mut c_void,
) {
    // SAFETY: libssl gives that many bytes.
    let data = unsafe { bytes_at(data.cast(), len) };
    // SAFETY: libssl calls with a live SSL.
    unsafe { guarded(ssl, (), |handler| handler.message(written != 0, version, content_type, data)) }
}

impl Ssl {
    /// Starts or stops passing the protocol's messages to the handler.
    pub fn watch_messages(&self, on: bool) {
        // SAFETY: the SSL is alive and the callback stays.
        unsafe { sys::SSL_set_msg_callback(self.as_ptr(), on.then_some(message)) }
    }
}
