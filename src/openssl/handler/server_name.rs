//! The server name that a client sends (SNI), and a server's answer.
//!
//! libssl looks up the session that a ClientHello offers before it asks about the name. Because a session is valid only for
//! the name it was made for, the handler is asked earlier, in the ClientHello callback. libssl gets the answer later, when
//! it asks: by then it has chosen a version, which decides how it sends an alert.

use super::guarded;
pub use crate::openssl::alert::Alert;
use crate::openssl::backend::{health, io};
use crate::openssl::host_name::{SERVER_NAME, host_name};
use crate::openssl::{bytes_at, lent::Lent, sys};
use std::os::raw::{c_int, c_void};

impl Alert {
    /// The number to give to libssl, which sends nothing for one that is no alert, and would leave the client to wait.
    pub(super) fn number(self) -> c_int {
        let Alert(number) = self;
        // Those of RFC 8446 and RFC 5246 that libssl sends.
        let is_known = matches!(
            number,
            0 | 10 | 20..=22 | 30 | 40 | 42..=51 | 60 | 70 | 71 | 80 | 86 | 90 | 100 | 109..=116 | 120
        );
        c_int::from(if is_known && io::is_alert(number) { number } else { Alert::INTERNAL_ERROR.0 })
    }
}

/// Has the handler look at the name in a ClientHello.
pub(super) unsafe fn consider(ssl: *mut sys::SSL, lent: &Lent<'_>) -> Result<(), Alert> {
    let failed = Err(Alert::INTERNAL_ERROR);
    // SAFETY: libssl is in its callback for a ClientHello.
    match unsafe { name_asked_for(ssl) } {
        // SAFETY: the same.
        Ok(name) => unsafe { guarded(ssl, failed, |handler| handler.client_hello(name, lent)) },
        Err(NoName) => lent.set_session_id_context(b"no name").or(failed),
    }
}

/// The extension is present but malformed. libssl refuses the handshake, unless it resumes a session.
struct NoName;

/// The name as it was sent, valid until libssl's callback returns.
unsafe fn name_asked_for<'a>(ssl: *mut sys::SSL) -> Result<Option<&'a [u8]>, NoName> {
    let (mut data, mut len) = (std::ptr::null(), 0);
    // SAFETY: libssl is in its callback for a ClientHello; both are places of ours.
    let found = unsafe { sys::SSL_client_hello_get0_ext(ssl, SERVER_NAME.into(), &mut data, &mut len) };
    if found != 1 {
        return Ok(None);
    }
    // SAFETY: libssl gives len readable bytes.
    host_name(unsafe { bytes_at(data, len) }).map(Some).ok_or(NoName)
}

pub(in crate::openssl) unsafe extern "C" fn server_name(
    ssl: *mut sys::SSL,
    alert: *mut c_int,
    _: *mut c_void,
) -> c_int {
    // On a client libssl calls this too, when the server has answered.
    // SAFETY: libssl calls with a live SSL; so below.
    if unsafe { sys::SSL_is_server(ssl) } == 0 {
        return sys::SSL_TLSEXT_ERR_NOACK;
    }
    let failed = Err(Alert::INTERNAL_ERROR);
    // SAFETY: as above.
    match unsafe { guarded(ssl, failed, |handler| handler.name_answer()) } {
        Ok(true) => sys::SSL_TLSEXT_ERR_OK,
        Ok(false) => sys::SSL_TLSEXT_ERR_NOACK,
        Err(refused) => {
            // SAFETY: libssl calls with a live SSL; so below.
            let number = unsafe { io::alert_of(ssl, refused.number()) };
            // SAFETY: libssl gives a place for the number.
            unsafe { alert.write(number) };
            // SAFETY: as above.
            unsafe { health::has_refused(ssl) };
            sys::SSL_TLSEXT_ERR_ALERT_FATAL
        }
    }
}
