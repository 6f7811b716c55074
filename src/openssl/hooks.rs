//! What a connection's handler is asked and told only where somebody wants it.

use super::{Result, cvt, handler, ssl::Ssl, sys};
use std::ffi::CStr;

impl Ssl {
    /// Shows the protocol's messages to the handler, or no longer.
    pub fn watch_messages(&self, on: bool) {
        // SAFETY: the SSL is alive and the callback stays.
        unsafe { sys::SSL_set_msg_callback(self.as_ptr(), on.then_some(handler::message)) }
    }

    /// Asks the handler for a client's key, or no longer.
    pub fn set_psk_client(&self, on: bool) {
        // SAFETY: the SSL is alive and the callback stays.
        unsafe { sys::SSL_set_psk_client_callback(self.as_ptr(), on.then_some(handler::psk_client)) }
    }

    /// Asks the handler for the keys of clients, or no longer.
    pub fn set_psk_server(&self, on: bool) {
        // SAFETY: the SSL is alive and the callback stays.
        unsafe { sys::SSL_set_psk_server_callback(self.as_ptr(), on.then_some(handler::psk_server)) }
    }

    /// Sets the hint for clients of TLS 1.2; None for none.
    pub fn set_psk_identity_hint(&self, hint: Option<&CStr>) -> Result<()> {
        let hint = hint.map_or(std::ptr::null(), CStr::as_ptr);
        // SAFETY: the SSL is alive and copies the text.
        cvt(|| unsafe { sys::SSL_use_psk_identity_hint(self.as_ptr(), hint) })
    }
}
