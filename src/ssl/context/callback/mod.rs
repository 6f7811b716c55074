//! The callbacks of a context, one file for each. A connection looks them up at each event, so a callback that
//! replaces another takes effect at once. The first one needs libssl to ask: most are looked for as the handshake begins.
//!
//! A callback that owns a handle on its own context keeps both alive until it is replaced.

mod alpn;
mod client_hello;
mod identity;
mod keylog;
mod message;
mod psk;
mod session;
mod session_cache;
mod sni;
mod verify;

pub use alpn::AlpnCallback;
pub use client_hello::ClientHelloCallback;
pub use identity::IdentityCallback;
pub use keylog::KeylogCallback;
pub use message::{Message, MessageCallback};
pub(crate) use psk::KeyMark;
pub use psk::{PskClientCallback, PskServerCallback};
pub use session::SessionCallback;
pub use session_cache::SessionCache;
pub use sni::{Refusal, SniCallback};
pub(crate) use verify::Judge;
pub use verify::{VerifyCallback, VerifyOverride};

use super::Context;
use super::keylog::Keylog;
use crate::openssl::ctx::{Hooks, SslCtx};
use crate::ssl::error::Result;
use std::ffi::CString;
use std::sync::Arc;

/// All callbacks of a context.
#[derive(Clone, Default)]
pub(crate) struct Callbacks {
    pub client_hello: Option<ClientHelloCallback>,
    pub sni: Option<SniCallback>,
    pub alpn: Option<AlpnCallback>,
    pub psk_client: Option<(KeyMark, PskClientCallback)>,
    pub psk_server: Option<(KeyMark, PskServerCallback)>,
    pub psk_hint: Option<CString>,
    pub message: Option<MessageCallback>,
    pub keylog_file: Option<Arc<Keylog>>,
    pub keylog: Option<KeylogCallback>,
    pub session: Option<SessionCallback>,
    pub session_cache: Option<Arc<dyn SessionCache>>,
    pub verify: Option<Judge>,
    pub identity: Option<IdentityCallback>,
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
            state.edit()?.add_hooks(hooks)?;
        }
        Ok(())
    }

    /// An `SSL_CTX` for a connection that was made before these callbacks were set: Python looks callbacks up at each
    /// event. None if `own` already has the hooks that they need.
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
        copy.add_hooks(wanted)?;
        Ok(Some(Arc::new(copy)))
    }
}
