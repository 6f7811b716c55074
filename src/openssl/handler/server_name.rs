//! The server's answer to the name a client asked for (SNI).

use super::guarded;
use crate::openssl::sys;
use std::ffi::CStr;
use std::os::raw::{c_int, c_void};

const ALERT_INTERNAL_ERROR: u8 = 80;

/// What a server says to a ClientHello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameAnswer {
    /// Nobody looked: as if there were no callback.
    Ignore,
    /// Go on and say that the name was seen.
    Accept,
    /// Abort with this alert.
    Refuse(u8),
}

pub(in crate::openssl) unsafe extern "C" fn server_name(
    ssl: *mut sys::SSL,
    alert: *mut c_int,
    _: *mut c_void,
) -> c_int {
    // libssl asks clients too, when the server has answered.
    // SAFETY: libssl calls with a live SSL.
    if unsafe { sys::SSL_is_server(ssl) } == 0 {
        return sys::SSL_TLSEXT_ERR_NOACK;
    }
    // SAFETY: the same.
    let name = unsafe { sys::SSL_get_servername(ssl, sys::TLSEXT_NAMETYPE_host_name) };
    // SAFETY: not NULL, so text of the connection's, which stays while it is in this callback.
    let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_bytes());
    let failed = NameAnswer::Refuse(ALERT_INTERNAL_ERROR);
    // SAFETY: libssl calls with a live SSL.
    match unsafe { guarded(ssl, failed, |handler| handler.server_name(name)) } {
        NameAnswer::Ignore => sys::SSL_TLSEXT_ERR_NOACK,
        NameAnswer::Accept => sys::SSL_TLSEXT_ERR_OK,
        NameAnswer::Refuse(number) => {
            // SAFETY: libssl gives a place for the number.
            unsafe { alert.write(c_int::from(number)) };
            sys::SSL_TLSEXT_ERR_ALERT_FATAL
        }
    }
}
