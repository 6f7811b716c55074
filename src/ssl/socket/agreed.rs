//! What both sides agreed on; None while there is no TLS.

use super::Socket;
use crate::openssl::cipher::Cipher;
use crate::ssl::certificate::Certificate;
use crate::ssl::cipher::CipherList;
use crate::ssl::ech::EchStatus;
use crate::ssl::engine::{check_binding_type, check_count};
use crate::ssl::error::Result;
use std::ffi::{CStr, CString};

impl Socket {
    /// Python: `version()`. None before the end of the handshake.
    pub fn version(&self) -> Option<&'static CStr> {
        self.engine()?.version()
    }

    /// Python: `cipher()`. None before one was chosen.
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

    /// Keying material derived from the connection's secrets (RFC 5705; RFC 8446, section 7.5). It is secret.
    pub fn export_keying_material(
        &self,
        label: &str,
        context: Option<&[u8]>,
        count: usize,
    ) -> Result<Vec<u8>> {
        check_count(count)?;
        self.connection()?.export_keying_material(label, context, count)
    }

    /// How the client has signed, by the name of TLS. None where it has not.
    pub fn client_sigalg(&self) -> Option<&'static CStr> {
        self.engine()?.client_sigalg()
    }

    /// How the server has signed, by the name of TLS. None where it has not.
    pub fn server_sigalg(&self) -> Option<&'static CStr> {
        self.engine()?.server_sigalg()
    }

    /// The certificate that this side has shown in the handshake. None where it has shown none.
    pub fn own_certificate(&self) -> Result<Option<Certificate>> {
        self.connection()?.own_certificate()
    }

    /// What has become of Encrypted ClientHello.
    pub fn ech_status(&self) -> EchStatus {
        self.engine().map(|engine| engine.ech_status()).unwrap_or_default()
    }

    /// All facts of the connection as JSON text.
    pub fn info_json(&self) -> Result<CString> {
        self.connection()?.info_json()
    }

    /// Python: `get_channel_binding(cb_type)`; None means "tls-unique". Gives None before the handshake is finished.
    pub fn get_channel_binding(&self, kind: Option<&str>) -> Result<Option<Vec<u8>>> {
        match self.engine() {
            Some(engine) => engine.get_channel_binding(kind),
            None => check_binding_type(kind, "").map(|()| None),
        }
    }

    /// The bytes of this side's last Finished message, or the peer's if not `own`. None while there is no TLS.
    pub fn finished(&self, own: bool) -> Option<Vec<u8>> {
        self.engine().and_then(|engine| engine.finished(own))
    }
}
