//! Keys that both sides have before they meet.

use super::Events;
use crate::lock::user_code;
use crate::openssl::handler::{Handler, PskResult};
use crate::openssl::lent::Lent;
use crate::ssl::connection::Connection;
use crate::ssl::context::KeyMark;
use crate::ssl::error::{Error, Result};
use std::ffi::CStr;

impl Events {
    pub(super) fn ask_client(
        &self,
        hint: Option<&str>,
        identity: &mut [u8],
        key: &mut [u8],
        connection: &dyn Connection,
    ) -> Result<usize> {
        let Some((mark, callback)) = self.callbacks().psk_client.clone() else { return Ok(0) };
        let (own, len) = user_code(|| callback(connection, hint, &mut *key))?;
        check_key(len, key)?;
        self.set_seldom(|seldom| &seldom.key, Some(mark).filter(|_| len > 0));
        // One byte is for the NUL.
        if own.len() >= identity.len() {
            return Err(Error::value(format_args!(
                "identity cannot be longer than {} bytes",
                identity.len() - 1
            )));
        }
        if len > 0 && self.ech.is_asked() {
            return Err(Error::not_implemented(
                "OpenSSL 4.0 cannot use a pre-shared key that it has offered in an encrypted ClientHello",
            ));
        }
        identity[..own.len()].copy_from_slice(&own);
        Ok(len)
    }

    pub(super) fn ask_server(
        &self,
        identity: Option<&str>,
        key: &mut [u8],
        connection: &dyn Connection,
    ) -> Result<usize> {
        let Some((_, callback)) = self.callbacks().psk_server.clone() else { return Ok(0) };
        let len = user_code(|| callback(connection, identity, &mut *key))?;
        check_key(len, key)?;
        Ok(len)
    }

    /// Asks for a key. The peer chose the text; without a key if that is not UTF-8.
    pub(super) fn ask_key(
        &self,
        text: Option<&CStr>,
        ask: impl FnOnce(Option<&str>, &dyn Connection) -> Result<usize>,
    ) -> PskResult {
        if self.has_aborted() {
            return Err(());
        }
        let Ok(text) = text.map(CStr::to_str).transpose() else { return Ok(0) };
        let key = self.lend(|connection| ask(text.filter(|text| !text.is_empty()), connection)).ok_or(())?;
        key.map_err(|failure| self.fail(failure))
    }
}

impl Events {
    /// The key by which a server has proved itself to this client in the handshake that ends, and not by a certificate alone. In TLS
    /// 1.3 such a key cannot be told from a session but by the certificate that the session has.
    pub(super) fn key_used(&self, ssl: &Lent<'_>) -> Option<KeyMark> {
        let by_key = match ssl.is_tls_1_3() {
            true => ssl.is_resumed() && !ssl.has_peer(),
            false => ssl.used_psk(),
        };
        self.seldom(|seldom| &seldom.key).filter(|_| by_key && !ssl.is_server())
    }
}

fn check_key(len: usize, key: &[u8]) -> Result<()> {
    match len <= key.len() {
        true => Ok(()),
        false => Err(Error::value(format_args!("psk cannot be longer than {} bytes", key.len()))),
    }
}
