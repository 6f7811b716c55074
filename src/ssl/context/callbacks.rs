//! What a context calls back. Connections look here each time, so that what is set later counts at once.
//!
//! A callback that owns a handle on its own context keeps both alive until it is replaced.

use super::keylog::Keylog;
use super::{Context, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use crate::openssl::ctx::{Hooks, SslCtx};
use crate::ssl::connection::Connection;
use crate::ssl::error::{Error, Result};
use crate::ssl::hostname;
use crate::ssl::module::info::{HAS_PSK, has};
use crate::ssl::session::Session;
use std::ffi::CString;
use std::sync::Arc;

/// The longest hint of a server's for clients with a pre-shared key.
const HINT_SIZE: usize = 256;

/// Python: the callable of `sni_callback`. The name is ASCII as sent, None where the client named no server; the
/// context is the one the callback was set on. Give the connection another one to choose a certificate.
pub type SniCallback =
    Arc<dyn Fn(&dyn Connection, Option<&str>, &Context) -> std::result::Result<(), Refusal> + Send + Sync>;

/// Python: the callable of `set_psk_client_callback`. Gets the server's hint (None in TLS 1.3) and a buffer for
/// the key; gives its own identity and the length of the key, 0 to decline.
pub type PskClientCallback =
    Arc<dyn Fn(&dyn Connection, Option<&str>, &mut [u8]) -> Result<(Vec<u8>, usize)> + Send + Sync>;

/// Python: the callable of `set_psk_server_callback`. Gets the client's identity and a buffer for the key; gives
/// the length of the key, 0 to decline.
pub type PskServerCallback =
    Arc<dyn Fn(&dyn Connection, Option<&str>, &mut [u8]) -> Result<usize> + Send + Sync>;

/// Python: the callable of `_msg_callback`
pub type MessageCallback = Arc<dyn Fn(&dyn Connection, &Message<'_>) -> Result<()> + Send + Sync>;

/// Takes one line of the key log, without its newline.
pub type KeylogCallback = Arc<dyn Fn(&dyn Connection, &std::ffi::CStr) -> Result<()> + Send + Sync>;

/// Takes a session that can now be resumed.
pub type SessionCallback = Arc<dyn Fn(&dyn Connection, Session) -> Result<()> + Send + Sync>;

/// A server's refusal of a ClientHello.
#[derive(Debug)]
pub struct Refusal {
    /// The alert to send.
    pub alert: u8,
    /// What the failed handshake names as its cause.
    pub cause: Option<Error>,
}

impl Refusal {
    /// Python: an exception in the callback
    pub const HANDSHAKE_FAILURE: u8 = 40;
    /// Python: a callback that returns no number
    pub const INTERNAL_ERROR: u8 = 80;

    /// Refuses with an alert and no more.
    pub fn alert(alert: u8) -> Refusal {
        Refusal { alert, cause: None }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal { alert: Refusal::HANDSHAKE_FAILURE, cause: Some(error) }
    }
}

/// One message of the protocol, never application data.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// It was sent, not received.
    pub written: bool,
    /// The number of a version.
    pub version: i32,
    /// One of `TLSOCK_CONTENT_TYPE_*`.
    pub content_type: i32,
    /// The alert or handshake type; -1 where there is none.
    pub msg_type: i32,
    /// The message.
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

/// All callbacks of a context.
#[derive(Clone, Default)]
pub(crate) struct Callbacks {
    pub sni: Option<SniCallback>,
    pub psk_client: Option<PskClientCallback>,
    pub psk_server: Option<PskServerCallback>,
    pub psk_hint: Option<CString>,
    pub message: Option<MessageCallback>,
    pub keylog_file: Option<Arc<Keylog>>,
    pub keylog: Option<KeylogCallback>,
    pub session: Option<SessionCallback>,
}

impl Context {
    /// The callbacks as they are now.
    pub(crate) fn callbacks(&self) -> Arc<Callbacks> {
        self.0.callbacks.get()
    }

    /// Changes the callbacks.
    pub(super) fn edit_callbacks(&self, change: impl FnOnce(&mut Callbacks)) {
        self.0.callbacks.update(|now| {
            let mut next = Callbacks::clone(now);
            change(&mut next);
            Arc::new(next)
        });
    }

    pub(super) fn add_hooks(&self, hooks: Hooks) -> Result<()> {
        let mut state = self.0.state.lock();
        if !state.ctx.hooks().has(hooks) {
            state.edit()?.add_hooks(hooks);
        }
        Ok(())
    }

    /// What a connection needs that was made before these callbacks were set, which Python reads live; None if
    /// its own is good.
    pub(crate) fn with_hooks(&self, own: &SslCtx) -> Result<Option<Arc<SslCtx>>> {
        let callbacks = self.callbacks();
        let wanted = Hooks {
            keylog: callbacks.keylog.is_some() || callbacks.keylog_file.is_some(),
            server_names: callbacks.sni.is_some(),
            ..Hooks::default()
        };
        if own.hooks().has(wanted) {
            return Ok(None);
        }
        let lineage = self.0.state.lock().lineage.clone();
        let mut copy = own.duplicate(&lineage)?;
        copy.add_hooks(wanted);
        Ok(Some(Arc::new(copy)))
    }

    /// Python: `SSLContext.sni_callback = callback`
    pub fn set_sni_callback(&self, callback: Option<SniCallback>) -> Result<()> {
        if self.protocol() == PROTOCOL_TLS_CLIENT {
            return Err(Error::value("sni_callback cannot be set on TLS_CLIENT context"));
        }
        if callback.is_some() {
            self.add_hooks(Hooks { server_names: true, ..Hooks::default() })?;
        }
        self.edit_callbacks(|callbacks| callbacks.sni = callback);
        Ok(())
    }

    /// Python: `SSLContext.set_servername_callback(callback)`
    pub fn set_servername_callback(&self, callback: Option<SniCallback>) -> Result<()> {
        self.set_sni_callback(callback.map(with_encoded_name))
    }

    /// Python: `SSLContext.set_psk_client_callback(callback)`
    pub fn set_psk_client_callback(&self, callback: Option<PskClientCallback>) -> Result<()> {
        check_psk()?;
        if self.protocol() == PROTOCOL_TLS_SERVER {
            return Err(Error::ssl("Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context"));
        }
        self.edit_callbacks(|callbacks| callbacks.psk_client = callback);
        Ok(())
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
        // Without a callback a hint means nothing, not even when it is too long.
        let hint = identity_hint.filter(|hint| callback.is_some() && !hint.is_empty());
        let hint = hint.map(checked_hint).transpose()?;
        self.edit_callbacks(|callbacks| {
            callbacks.psk_server = callback;
            callbacks.psk_hint = hint;
        });
        Ok(())
    }

    /// Python: `SSLContext._msg_callback = callback`
    pub fn set_message_callback(&self, callback: Option<MessageCallback>) {
        self.edit_callbacks(|callbacks| callbacks.message = callback);
    }

    /// Sets who takes each session as it becomes resumable, for connections made from now on.
    pub fn set_session_callback(&self, callback: Option<SessionCallback>) -> Result<()> {
        if callback.is_some() {
            self.add_hooks(Hooks { new_sessions: true, ..Hooks::default() })?;
        }
        self.edit_callbacks(|callbacks| callbacks.session = callback);
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

/// The older callback gets the name through the encoder of host names, which refuses what is none.
fn with_encoded_name(callback: SniCallback) -> SniCallback {
    Arc::new(move |connection, name, context| {
        let name = name.map(hostname::encode).transpose()?;
        let name = name.as_deref().map(crate::ssl::text::as_str);
        callback(connection, name, context)
    })
}
