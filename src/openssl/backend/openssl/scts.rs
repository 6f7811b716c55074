//! The extension of certificate timestamps. libssl's own support of them checks them by a list of logs that a program rarely
//! has, gives them taken apart, and is not in every build; an extension of the program's own is in all.

use crate::openssl::{Result, cvt, sys};
use std::os::raw::c_uint;
use std::ptr::null_mut;

const SIGNED_CERTIFICATE_TIMESTAMP: c_uint = 18;
/// Where it is sent: a ClientHello asks, TLS 1.2 answers in the ServerHello, TLS 1.3 beside the certificate.
const PLACES: c_uint =
    sys::SSL_EXT_CLIENT_HELLO | sys::SSL_EXT_TLS1_2_SERVER_HELLO | sys::SSL_EXT_TLS1_3_CERTIFICATE;

/// Has a context's connections call these where the extension may be sent, was sent and has come.
pub unsafe fn install(
    ctx: *mut sys::SSL_CTX,
    send: sys::SendExtension,
    free: sys::FreeExtension,
    receive: sys::ReceiveExtension,
) -> Result<()> {
    // SAFETY: the caller's context is alive, and the callbacks, which take no argument, stay.
    cvt(|| unsafe {
        sys::SSL_CTX_add_custom_ext(
            ctx,
            SIGNED_CERTIFICATE_TIMESTAMP,
            PLACES,
            Some(send),
            Some(free),
            null_mut(),
            Some(receive),
            null_mut(),
        )
    })
}

/// Tells whether this place of the extension is a ClientHello.
pub fn asks(place: c_uint) -> bool {
    place & sys::SSL_EXT_CLIENT_HELLO != 0
}

/// Has a client's connection ask for them: the extension does.
pub unsafe fn ask(_: *mut sys::SSL) {}

/// Tells whether a connection has to be asked for its timestamps, or told those that have come, when its handshake goes on: the
/// extension is.
#[inline]
pub unsafe fn are_due(_: *mut sys::SSL) -> bool {
    false
}

/// Has a server send these with the certificate that it has chosen: the extension does.
pub unsafe fn send(_: *mut sys::SSL, _list: &[u8]) -> Result<()> {
    Ok(())
}

/// Those that a server has sent in this handshake: the extension has them.
pub unsafe fn received<'a>(_: *mut sys::SSL) -> Option<&'a [u8]> {
    None
}
