//! The ClientHello that a server has decrypted (RFC 9849), as it was.

use super::settings;
use crate::openssl::Result;
use crate::openssl::error::Cause;
use crate::openssl::lent::Lent;

/// The type of the message.
pub const CLIENT_HELLO: u8 = 1;

impl Lent<'_> {
    /// The ClientHello that libssl is looking at, as a message from its type on.
    pub fn inner_client_hello(&self) -> Result<Vec<u8>> {
        // SAFETY: the connection is alive.
        unsafe { settings::ech(self.as_ptr()) }.and_then(|state| state.inner()).ok_or(Cause::Untold)
    }
}
