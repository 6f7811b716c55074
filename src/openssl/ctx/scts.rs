//! Signed certificate timestamps (RFC 6962, section 3.3). libssl's own support of them checks them by a list of logs that a
//! program rarely has, gives them taken apart, and is not in every build; an extension of the program's own is in all.

use super::SslCtx;
use crate::openssl::{Result, cvt, handler, sys};
use std::os::raw::c_uint;
use std::ptr::null_mut;

const SIGNED_CERTIFICATE_TIMESTAMP: c_uint = 18;
/// Where it is sent: a ClientHello asks, TLS 1.2 answers in the ServerHello, TLS 1.3 beside the certificate.
const PLACES: c_uint =
    sys::SSL_EXT_CLIENT_HELLO | sys::SSL_EXT_TLS1_2_SERVER_HELLO | sys::SSL_EXT_TLS1_3_CERTIFICATE;

impl SslCtx {
    /// Adds the extension. Each context that a server may use has it from the start: libssl makes the list of a ClientHello's
    /// extensions before its callback, which may change the context, and reads and writes beyond that list if the new one has
    /// more extensions (3.0 to 4.0). A client's has it where it asks.
    pub(super) fn add_scts(&self) -> Result<()> {
        // SAFETY: the context is ours, and the callbacks, which take no argument, stay.
        cvt(|| unsafe {
            sys::SSL_CTX_add_custom_ext(
                self.as_ptr(),
                SIGNED_CERTIFICATE_TIMESTAMP,
                PLACES,
                Some(handler::send_scts),
                Some(handler::free_scts),
                null_mut(),
                Some(handler::receive_scts),
                null_mut(),
            )
        })
    }

    /// Copies do not ask.
    pub fn ask_no_scts(&mut self) {
        self.hooks.scts = false;
    }
}
