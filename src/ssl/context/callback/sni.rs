//! The callback for the server name that a client sends (SNI).

use crate::openssl::ctx::Hooks;
use crate::openssl::handler::Alert;
use crate::ssl::connection::Connection;
use crate::ssl::context::{Context, PROTOCOL_TLS_CLIENT};
use crate::ssl::error::{Error, Result};
use crate::ssl::hostname;
use std::sync::Arc;

/// Python: the callable of `sni_callback`. The name is ASCII as sent, None if the client sent none; the context is
/// the one that the callback was set on. To choose a certificate, set another context on the connection.
pub type SniCallback =
    Arc<dyn Fn(&dyn Connection, Option<&str>, &Context) -> std::result::Result<(), Refusal> + Send + Sync>;

/// A server's refusal of a ClientHello.
#[derive(Debug)]
pub struct Refusal {
    /// The alert to send.
    pub alert: u8,
    /// The error that the failed handshake gives as its cause.
    pub cause: Option<Error>,
}

impl Refusal {
    /// Python: an exception in the callback
    pub const HANDSHAKE_FAILURE: u8 = Alert::HANDSHAKE_FAILURE.0;
    /// Python: a callback that returns no number
    pub const INTERNAL_ERROR: u8 = Alert::INTERNAL_ERROR.0;

    /// Refuses with an alert and no further cause.
    pub fn alert(alert: u8) -> Refusal {
        Refusal { alert, cause: None }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal { alert: Refusal::HANDSHAKE_FAILURE, cause: Some(error) }
    }
}

impl Context {
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
}

/// The older callback gets the name through the encoder of host names, which refuses an invalid one.
fn with_encoded_name(callback: SniCallback) -> SniCallback {
    Arc::new(move |connection, name, context| {
        let name = name.map(hostname::encode).transpose()?;
        let name = name.as_deref().map(crate::ssl::text::as_str);
        callback(connection, name, context)
    })
}
