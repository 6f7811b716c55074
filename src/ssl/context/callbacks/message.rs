//! The callback that sees each message of the protocol.

use crate::ssl::connection::Connection;
use crate::ssl::context::Context;
use crate::ssl::error::Result;
use std::sync::Arc;

/// Python: the callable of `_msg_callback`
pub type MessageCallback = Arc<dyn Fn(&dyn Connection, &Message<'_>) -> Result<()> + Send + Sync>;

/// One message of the protocol, never application data.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// It was sent; false if it was received.
    pub written: bool,
    /// The protocol version, as its number in TLS.
    pub version: i32,
    /// One of `TLSOCK_CONTENT_TYPE_*`.
    pub content_type: i32,
    /// The alert or handshake type; -1 if it has none.
    pub msg_type: i32,
    /// The bytes of the message.
    pub data: &'a [u8],
}

impl<'a> Message<'a> {
    const CHANGE_CIPHER_SPEC: i32 = 20;
    const ALERT: i32 = 21;
    const HANDSHAKE: i32 = 22;
    const HEADER: i32 = 0x100;
    const INNER_CONTENT_TYPE: i32 = 0x101;

    pub(crate) fn new(written: bool, version: i32, content_type: i32, data: &'a [u8]) -> Message<'a> {
        let byte = |index: usize| data.get(index).map_or(-1, |byte| i32::from(*byte));
        let msg_type = match content_type {
            Message::ALERT => byte(1),
            Message::HANDSHAKE | Message::HEADER | Message::INNER_CONTENT_TYPE => byte(0),
            Message::CHANGE_CIPHER_SPEC => 0x101,
            _ => -1,
        };
        let version = match (content_type, data) {
            (Message::HEADER, [_, high, low, ..]) => i32::from(*high) << 8 | i32::from(*low),
            _ => version,
        };
        Message { written, version, content_type, msg_type, data }
    }
}

impl Context {
    /// Python: `SSLContext._msg_callback = callback`
    pub fn set_message_callback(&self, callback: Option<MessageCallback>) {
        self.edit_callbacks(|callbacks| callbacks.message = callback);
    }
}
