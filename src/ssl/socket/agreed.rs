//! What the two sides agreed on; nothing while there is no TLS.

use super::Socket;
use crate::openssl::cipher::Cipher;
use crate::ssl::cipher::CipherList;
use crate::ssl::engine::check_binding_type;
use crate::ssl::error::Result;
use std::ffi::CStr;

impl Socket {
    /// Python: `version()`. None before the end of the handshake.
    pub fn version(&self) -> Option<&'static CStr> {
        self.engine()?.version()
    }

    /// Python: `cipher()`. None while there is none.
    pub fn cipher(&self) -> Option<Cipher> {
        self.engine()?.cipher()
    }

    /// Python: `shared_ciphers()`. None on a client and before the handshake.
    pub fn shared_ciphers(&self) -> Option<CipherList> {
        self.engine()?.shared_ciphers()
    }

    /// Python: `compression()`
    pub fn compression(&self) -> Option<&'static CStr> {
        self.engine()?.compression()
    }

    /// Python: `get_channel_binding(cb_type)`; no type is "tls-unique". None before the handshake is finished.
    pub fn get_channel_binding(&self, kind: Option<&str>) -> Result<Option<Vec<u8>>> {
        match self.engine() {
            Some(engine) => engine.get_channel_binding(kind),
            None => check_binding_type(kind, "").map(|()| None),
        }
    }
}
