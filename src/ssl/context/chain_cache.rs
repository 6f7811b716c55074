//! Certificate chains that connections of a context have verified, kept for later connections.

use super::Context;
use crate::lock::Mutex;
use crate::openssl::chain_cache::{Key, VerifiedChain};
use crate::openssl::ctx::Hooks;
use crate::ssl::error::Result;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many chains are kept: the least recently used one goes.
const KEEP: usize = 64;

/// The most recently used first.
type Known = VecDeque<(Key, Arc<VerifiedChain>)>;

/// The chains of one context; None while the cache is off.
#[derive(Default)]
pub(crate) struct ChainCache {
    known: Mutex<Option<Known>>,
    hits: AtomicU64,
}

impl ChainCache {
    pub fn is_on(&self) -> bool {
        self.known.lock().is_some()
    }

    fn switch(&self, on: bool) {
        let mut known = self.known.lock();
        if known.is_some() != on {
            *known = on.then(VecDeque::new);
        }
    }

    pub fn find(&self, key: &Key) -> Option<Arc<VerifiedChain>> {
        let mut known = self.known.lock();
        let known = known.as_mut()?;
        let index = known.iter().position(|(other, _)| other == key)?;
        let entry = known.remove(index).filter(|(_, chain)| chain.is_valid_now())?;
        let chain = Arc::clone(&entry.1);
        known.push_front(entry);
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(chain)
    }

    pub fn keep(&self, key: Key, chain: VerifiedChain) {
        let mut known = self.known.lock();
        let Some(known) = known.as_mut() else { return };
        known.retain(|(other, _)| *other != key);
        known.push_front((key, Arc::new(chain)));
        known.truncate(KEEP);
    }
}

impl Context {
    /// Tells whether verified chains are kept.
    pub fn chain_cache(&self) -> bool {
        self.0.chain_cache.is_on()
    }

    /// Sets whether verified chains are kept, for connections made from now on. Switching it off also drops the kept
    /// chains, for all connections.
    pub fn set_chain_cache(&self, on: bool) -> Result<()> {
        if on {
            self.add_hooks(Hooks { chain_cache: true, ..Hooks::default() })?;
        }
        self.0.chain_cache.switch(on);
        Ok(())
    }

    /// How often a chain was found in the cache and so was not verified again.
    pub fn chain_cache_hits(&self) -> u64 {
        self.0.chain_cache.hits.load(Ordering::Relaxed)
    }

    pub(crate) fn known_chains(&self) -> &ChainCache {
        &self.0.chain_cache
    }
}
