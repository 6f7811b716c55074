//! OCSP responses that come with a server's certificate.

use super::guarded;
use crate::openssl::{lent::Lent, sys};
use std::os::raw::{c_int, c_void};

/// libssl calls it on both sides: on a server to send a response, on a client after the server's messages.
pub(in crate::openssl) unsafe extern "C" fn staple(ssl: *mut sys::SSL, _: *mut c_void) -> c_int {
    const REFUSED: c_int = 0;
    const ACCEPTED: c_int = 1;
    // SAFETY: libssl calls with a live SSL; so below.
    let Some(lent) = (unsafe { Lent::new(ssl) }) else { return sys::SSL_TLSEXT_ERR_ALERT_FATAL };
    if lent.is_server() {
        // SAFETY: as above.
        let sent = unsafe {
            guarded(ssl, false, |handler| {
                handler.staple(&lent).is_some_and(|response| lent.send_staple(&response).is_ok())
            })
        };
        return if sent { sys::SSL_TLSEXT_ERR_OK } else { sys::SSL_TLSEXT_ERR_NOACK };
    }
    // SAFETY: as above.
    let accepted =
        unsafe { guarded(ssl, false, |handler| handler.check_staple(lent.received_staple(), &lent)) };
    if accepted { ACCEPTED } else { REFUSED }
}
