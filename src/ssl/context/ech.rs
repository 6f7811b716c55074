//! Encrypted ClientHello: what a client encrypts for, and what a server decrypts with.

use super::{Context, PROTOCOL_TLS_SERVER};
use crate::lock::Slot;
use crate::openssl::ctx::SslCtx;
use crate::openssl::ech::{EchStore, KEYS_BELONG_TO_CONTEXTS};
use crate::openssl::feature::{Feature, has};
use crate::ssl::ech::{self, Keys, Pairs};
use crate::ssl::error::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The settings of a context.
#[derive(Default)]
pub(super) struct EchSlots {
    configs: Slot<Option<Arc<EchStore>>>,
    grease: AtomicBool,
    keys: Slot<Option<Arc<Keys>>>,
}

/// What a connection takes over when it is made.
#[derive(Default)]
pub(crate) struct EchSettings {
    /// What a client encrypts its ClientHello for.
    pub configs: Option<Arc<EchStore>>,
    /// A client without that sends something that looks like it.
    pub grease: bool,
    /// What a server decrypts with.
    pub keys: Option<Arc<Keys>>,
}

impl EchSlots {
    /// The same settings for another context.
    pub fn copy(&self) -> EchSlots {
        let EchSettings { configs, grease, keys } = self.settings();
        EchSlots { configs: Slot::new(configs), grease: AtomicBool::new(grease), keys: Slot::new(keys) }
    }

    pub fn settings(&self) -> EchSettings {
        if !has(Feature::Ech) {
            return EchSettings::default();
        }
        EchSettings {
            configs: self.configs.get(),
            grease: self.grease.load(Ordering::Relaxed),
            keys: self.keys.get(),
        }
    }
}

impl Context {
    /// Has clients encrypt their ClientHello for the server that has published this ECHConfigList; None ends that.
    /// Connections made from now on use it.
    pub fn set_ech_configs(&self, configs: Option<&[u8]>) -> Result<()> {
        self.check_asks("configs")?;
        let store = match configs {
            Some(list) => Some(Arc::new(ech::usable(list)?)),
            None => None,
        };
        self.0.ech.configs.set(store);
        Ok(())
    }

    /// Tells whether clients without configurations send something that looks like an encrypted ClientHello.
    pub fn ech_grease(&self) -> bool {
        self.0.ech.grease.load(Ordering::Relaxed)
    }

    /// Sets whether clients without configurations send something that looks like an encrypted ClientHello.
    pub fn set_ech_grease(&self, on: bool) -> Result<()> {
        self.check_asks("ech_grease")?;
        if on {
            ech::require()?;
        }
        self.0.ech.grease.store(on, Ordering::Relaxed);
        Ok(())
    }

    /// Replaces the keys by which a server decrypts ClientHellos, in PEM. `keys` are told to clients that have others; `former`
    /// only decrypt, for clients that still have their configurations. Both empty: none any more.
    pub fn load_ech_keys(&self, keys: &[u8], former: &[u8]) -> Result<()> {
        self.check_serves("a key for Encrypted ClientHello")?;
        let loaded = match (keys, former) {
            ([], []) => None,
            ([], _) => {
                return Err(Error::value(
                    "keys is empty, and former is not: a client that has another key could not be told one",
                ));
            }
            _ => Some(Arc::new(loaded(keys, former)?)),
        };
        self.replace_ech_keys(loaded)
    }

    fn replace_ech_keys(&self, keys: Option<Arc<Keys>>) -> Result<()> {
        let mut state = self.0.state.lock();
        if KEYS_BELONG_TO_CONTEXTS && (keys.is_some() || state.ctx.ech_keys().is_some()) {
            let store = keys.as_ref().map(|keys| &keys.store);
            state.ctx = Arc::new(state.ctx.decrypting_by(&state.lineage, store)?);
            state.edits += 1;
        }
        self.0.ech.keys.set(keys);
        Ok(())
    }

    /// An `SSL_CTX` of this context for a server that was made with another one: it still decrypts by its own keys.
    pub(crate) fn still_decrypting(&self, ctx: Arc<SslCtx>, own: &SslCtx) -> Result<Arc<SslCtx>> {
        let is_same = match (ctx.ech_keys(), own.ech_keys()) {
            (Some(keys), Some(own)) => Arc::ptr_eq(keys, own),
            (keys, own) => keys.is_none() && own.is_none(),
        };
        if is_same {
            return Ok(ctx);
        }
        let lineage = self.0.state.lock().lineage.clone();
        Ok(Arc::new(ctx.decrypting_by(&lineage, own.ech_keys())?.in_place_of(ctx)))
    }

    fn check_asks(&self, what: &str) -> Result<()> {
        match self.protocol() == PROTOCOL_TLS_SERVER {
            true => Err(Error::value(format_args!(
                "{what} is for a client, and this is a PROTOCOL_TLS_SERVER context"
            ))),
            false => Ok(()),
        }
    }
}

fn loaded(keys: &[u8], former: &[u8]) -> Result<Keys> {
    ech::require()?;
    let current = Pairs::of(keys, "keys")?;
    let former = if former.is_empty() { Pairs::default() } else { Pairs::of(former, "former")? };
    // A server that has more to tell than a list can hold would fail each client whose ClientHello it cannot decrypt.
    current.configs()?;
    Keys::new(&current, &former)
}
