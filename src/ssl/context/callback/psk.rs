//! Pre-shared keys (PSK).

use crate::openssl::rand;
use crate::ssl::connection::Connection;
use crate::ssl::context::{Context, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use crate::ssl::error::{Error, Result};
use crate::ssl::module::info::{HAS_PSK, has};
use std::ffi::CString;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The longest identity hint that a server can send.
const HINT_SIZE: usize = 256;

/// Python: the callable of `set_psk_client_callback`. Gets the server's hint (None in TLS 1.3) and a buffer for
/// the key; gives its own identity and the length of the key, 0 to decline.
pub type PskClientCallback =
    Arc<dyn Fn(&dyn Connection, Option<&str>, &mut [u8]) -> Result<(Vec<u8>, usize)> + Send + Sync>;

/// Python: the callable of `set_psk_server_callback`. Gets the client's identity and a buffer for the key; gives
/// the length of the key, 0 to decline.
pub type PskServerCallback =
    Arc<dyn Fn(&dyn Connection, Option<&str>, &mut [u8]) -> Result<usize> + Send + Sync>;

/// Tells keys apart: which callback gives them. A copy of a context has the same. What one of them has proved ends with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyMark(NonZeroU64);

impl KeyMark {
    fn draw() -> Result<KeyMark> {
        let mut mark = [0; 8];
        rand::bytes(&mut mark)?;
        Ok(KeyMark(NonZeroU64::new(u64::from_ne_bytes(mark)).unwrap_or(NonZeroU64::MAX)))
    }

    pub fn bytes(self) -> [u8; 8] {
        self.0.get().to_ne_bytes()
    }
}

/// A callback with a mark of its own.
fn marked<C>(callback: Option<C>) -> Result<Option<(KeyMark, C)>> {
    callback.map(|callback| Ok((KeyMark::draw()?, callback))).transpose()
}

impl Context {
    /// Tells whether a handshake without a pre-shared key fails.
    pub fn psk_required(&self) -> bool {
        self.0.psk_required.load(Ordering::Relaxed)
    }

    /// Sets whether a handshake without a pre-shared key fails; counts for each that is not over.
    pub fn set_psk_required(&self, required: bool) -> Result<()> {
        check_psk()?;
        self.0.psk_required.store(required, Ordering::Relaxed);
        Ok(())
    }

    /// Python: `SSLContext.set_psk_client_callback(callback)`
    pub fn set_psk_client_callback(&self, callback: Option<PskClientCallback>) -> Result<()> {
        check_psk()?;
        if self.protocol() == PROTOCOL_TLS_SERVER {
            return Err(Error::ssl("Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context"));
        }
        let marked = marked(callback)?;
        self.edit_callbacks(|callbacks| callbacks.psk_client = marked);
        Ok(())
    }

    /// The key that clients have, if they have one.
    pub(crate) fn client_key(&self) -> Option<KeyMark> {
        self.callbacks().psk_client.as_ref().map(|(mark, _)| *mark)
    }

    /// The keys that servers know, if they know any.
    pub(in crate::ssl::context) fn server_keys(&self) -> Option<KeyMark> {
        self.callbacks().psk_server.as_ref().map(|(mark, _)| *mark)
    }

    /// Python: `SSLContext.set_psk_server_callback(callback, identity_hint)`
    pub fn set_psk_server_callback(
        &self,
        callback: Option<PskServerCallback>,
        identity_hint: Option<&str>,
    ) -> Result<()> {
        check_psk()?;
        if self.protocol() == PROTOCOL_TLS_CLIENT {
            return Err(Error::ssl("Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context"));
        }
        // Without a callback the hint is not used, so it is not checked either.
        let hint = identity_hint.filter(|hint| callback.is_some() && !hint.is_empty());
        let hint = hint.map(checked_hint).transpose()?;
        let marked = marked(callback)?;
        self.edit_callbacks(|callbacks| {
            callbacks.psk_server = marked;
            callbacks.psk_hint = hint;
        });
        Ok(())
    }
}

fn check_psk() -> Result<()> {
    match has(HAS_PSK) {
        true => Ok(()),
        false => Err(Error::not_implemented("TLS-PSK is not supported by your OpenSSL version.")),
    }
}

fn checked_hint(hint: &str) -> Result<CString> {
    if hint.len() > HINT_SIZE {
        return Err(Error::value("failed to set identity hint"));
    }
    CString::new(hint).map_err(|_| Error::value("embedded null character"))
}
