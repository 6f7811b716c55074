//! The ClientHello that a server has decrypted (RFC 9849): there is no Encrypted ClientHello here yet.

use crate::openssl::Result;
use crate::openssl::error::Cause;
use crate::openssl::lent::Lent;

/// The type of the message.
pub const CLIENT_HELLO: u8 = 1;

impl Lent<'_> {
    /// The ClientHello that libssl is looking at.
    pub fn inner_client_hello(&self) -> Result<Vec<u8>> {
        Err(Cause::Untold)
    }
}
