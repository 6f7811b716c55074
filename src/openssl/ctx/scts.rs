//! Signed certificate timestamps (RFC 6962, section 3.3).

use super::SslCtx;
use crate::openssl::backend::scts;
use crate::openssl::{Result, handler};

impl SslCtx {
    /// Adds the extension. Each context that a server may use has it from the start: libssl makes the list of a ClientHello's
    /// extensions before its callback, which may change the context, and reads and writes beyond that list if the new one has
    /// more extensions (3.0 to 4.0). A client's has it where it asks.
    pub(super) fn add_scts(&self) -> Result<()> {
        // SAFETY: the context is ours, and the callbacks stay.
        unsafe { scts::install(self.as_ptr(), handler::send_scts, handler::free_scts, handler::receive_scts) }
    }

    /// Copies do not ask.
    pub fn ask_no_scts(&mut self) {
        self.hooks.scts = false;
    }
}
