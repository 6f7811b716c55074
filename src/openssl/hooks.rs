//! What a connection's handler is asked and told only where somebody wants it.

use super::backend::message;
use super::{Result, cvt, handler, ssl::Ssl, sys};
use std::ffi::CStr;

impl Ssl {
    /// Starts or stops passing the protocol's messages to the handler.
    pub fn watch_messages(&self, on: bool) {
        // SAFETY: the SSL is alive.
        unsafe { message::watch(self.as_ptr(), on) }
    }

    /// Starts or stops asking the handler for a client's key.
    pub fn set_psk_client(&self, on: bool) {
        // SAFETY: the SSL is alive and the callback stays.
        unsafe { sys::SSL_set_psk_client_callback(self.as_ptr(), on.then_some(handler::psk_client)) }
    }

    /// Starts or stops asking the handler for the keys of clients.
    pub fn set_psk_server(&self, on: bool) {
        // SAFETY: the SSL is alive and the callback stays.
        unsafe { sys::SSL_set_psk_server_callback(self.as_ptr(), on.then_some(handler::psk_server)) }
    }

    /// Sets the hint for clients of TLS 1.2; None removes it.
    pub fn set_psk_identity_hint(&self, hint: Option<&CStr>) -> Result<()> {
        let hint = hint.map_or(std::ptr::null(), CStr::as_ptr);
        // SAFETY: the SSL is alive and copies the text.
        cvt(|| unsafe { sys::SSL_use_psk_identity_hint(self.as_ptr(), hint) })
    }

    /// Has the handler choose this side's identity in each handshake, or no longer. Another context takes it back.
    pub fn set_identity_choice(&self, on: bool) {
        let choose = on.then_some(handler::choose_identity as sys::CertCallback);
        let interruptible = match on {
            true => std::ptr::from_ref(self.make_interruptible()).cast_mut().cast(),
            false => std::ptr::null_mut(),
        };
        // SAFETY: the SSL is alive, and the callback and its argument stay as long.
        unsafe { sys::SSL_set_cert_cb(self.as_ptr(), choose, interruptible) }
    }
}
