//! A context with the same settings and a life of its own.

use super::{Callbacks, Context, Mark, Shared, State};
use crate::lock::{Mutex, Slot};
use crate::openssl::stats::Lineage;
use crate::ssl::error::Result;
use crate::ssl::session::LastId;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

impl Context {
    /// Makes a context with the same settings; neither follows the other from then on. Ticket keys, sessions and the cache
    /// that keeps them elsewhere, counts, the content of the chain cache and the key log are not copied.
    pub fn copy(&self) -> Result<Context> {
        // Before the state: a callback that another thread sets meanwhile is in neither, or its hook is in the state.
        let own = self.callbacks();
        let (state, ech) = {
            let mut state = self.0.state.lock();
            (state.copy()?, self.0.ech.copy())
        };
        let callbacks =
            Callbacks { keylog: None, keylog_file: None, session_cache: None, ..Callbacks::clone(&own) };
        let copy = Context(Arc::new(Shared {
            protocol: self.0.protocol,
            mark: Mark::new(),
            state: Mutex::new(state),
            alpn: Slot::new(self.alpn()),
            alpn_strict: AtomicBool::new(self.alpn_strict()),
            password: Slot::new(self.0.password.get()),
            callbacks: Slot::new(Arc::new(callbacks)),
            chain_cache: super::ChainCache::default(),
            client_sessions: super::ClientSessionCache::new(self.client_session_cache()),
            pins: Slot::new(self.pins()),
            psk_required: AtomicBool::new(self.psk_required()),
            store_replaced: AtomicBool::new(false),
            ticket_keys: Slot::new(self.own_ticket_keys()?),
            ocsp: Slot::new(self.ocsp()),
            ech,
            staples: Slot::new(self.0.staples.get()),
            last_id: LastId::default(),
        }));
        copy.set_chain_cache(self.chain_cache());
        Ok(copy)
    }
}

impl State {
    fn copy(&mut self) -> Result<State> {
        let store = self.copy_whole_store()?;
        let lineage = Lineage::default();
        let mut ctx = self.ctx.duplicate_for(&lineage)?;
        if ctx.hooks().session_cache {
            ctx.set_session_cache(false);
        }
        Ok(State {
            ctx: Arc::new(ctx),
            edits: 0,
            lineage,
            store,
            check_hostname: self.check_hostname,
            post_handshake_auth: self.post_handshake_auth,
            directories: self.directories.clone(),
            attached: None,
            deferred: Vec::new(),
            loaded: self.loaded.clone(),
            searched: false,
            believed: None,
        })
    }
}
