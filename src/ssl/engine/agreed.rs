//! What the two sides agreed on, beyond version and cipher.

use super::Engine;
use crate::ssl::cipher::CipherList;
use crate::ssl::error::{Error, Result};
use std::ffi::CStr;

const TLS_UNIQUE: &str = "tls-unique";
const NOT_UNIQUE: &str = "the channel binding tls-unique is not defined for TLS 1.3: see RFC 9266";

/// Checks a type of channel binding; `quote` is how the message shows an unknown one.
pub(crate) fn check_binding_type(kind: Option<&str>, quote: &str) -> Result<()> {
    let kind = kind.unwrap_or(TLS_UNIQUE);
    if kind == TLS_UNIQUE {
        return Ok(());
    }
    Err(Error::value(format_args!("{quote}{kind}{quote} channel binding type not implemented")))
}

impl Engine {
    /// Python: `shared_ciphers()`. None on a client and before the handshake.
    pub fn shared_ciphers(&self) -> Option<CipherList> {
        let core = self.core.lock();
        let offered = core.ssl.client_ciphers()?;
        let mut own = core.ssl.enabled_ciphers();
        own.retain(|cipher| offered.iter().any(|other| other.id == cipher.id));
        Some(own.into())
    }

    /// Python: `compression()`
    pub fn compression(&self) -> Option<&'static CStr> {
        self.core.lock().ssl.compression()
    }

    /// Python: `get_channel_binding(cb_type)`; no type is "tls-unique". None before the handshake is finished.
    /// Ours: over TLS 1.3 it is refused, for what is unique there is not defined (RFC 9266).
    pub fn get_channel_binding(&self, kind: Option<&str>) -> Result<Option<Vec<u8>>> {
        check_binding_type(kind, "'")?;
        let core = self.core.lock();
        let (own, peers) = (core.ssl.finished(true), core.ssl.finished(false));
        // A handshake that is still under way has made one of the two at most.
        if own.is_empty() || peers.is_empty() {
            return Ok(None);
        }
        if core.ssl.version() == c"TLSv1.3" {
            return Err(Error::value(NOT_UNIQUE));
        }
        // The first Finished of the handshake: the client's, or the server's where a session was resumed.
        let ours_was_first = core.ssl.session_reused() == core.ssl.is_server();
        Ok(Some(if ours_was_first { own } else { peers }))
    }
}
