//! Sessions that a context keeps for its clients: the next connection to the same server resumes by itself.

use super::{Context, PROTOCOL_TLS_SERVER};
use crate::lock::Mutex;
use crate::openssl::ctx::Hooks;
use crate::os;
use crate::ssl::error::{Error, Result};
use crate::ssl::seconds_now;
use crate::ssl::session::{NameCheck, Session};
use std::collections::HashMap;
use std::ffi::CString;
use std::sync::Arc;

/// A context between two changes of its `SSL_CTX`, in one process. What was agreed under other settings may not be allowed
/// by these, and may show another certificate of this side. A child must not use up its parent's tickets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edition {
    process: u64,
    edits: u64,
}

impl Edition {
    pub fn new(edits: u64) -> Edition {
        Edition { process: os::generation(), edits }
    }

    fn is_of_this_process(self) -> bool {
        self.process == os::generation()
    }

    /// Tells whether the other one has replaced this one, so that nothing of this one counts any more.
    fn is_over(self, other: Edition) -> bool {
        self.process != other.process || self.edits < other.edits
    }
}

/// A server, and what is said to it and asked of it by name: connections that differ in any of it share no session.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Destination {
    pub hostname: CString,
    pub port: u16,
    /// The name in the ClientHello.
    pub sent: Option<CString>,
    /// The names of which the certificate must be for one.
    pub expected: Arc<NameCheck>,
    /// The protocols that are offered, in the form of the ClientHello.
    pub alpn: Arc<[u8]>,
}

/// Where a connection's sessions are kept.
pub(crate) struct Shelf {
    pub edition: Edition,
    pub destination: Destination,
}

/// The sessions of one context; None while the cache is off.
#[derive(Default)]
pub(crate) struct ClientSessionCache(Mutex<Option<Box<Stock>>>);

struct Stock {
    size: usize,
    edition: Option<Edition>,
    /// Counts on, to tell what has waited longest.
    puts: u64,
    sessions: HashMap<Destination, (Session, u64)>,
}

impl Stock {
    fn new(size: usize) -> Stock {
        Stock { size, edition: None, puts: 0, sessions: HashMap::new() }
    }

    /// Forgets the sessions of an earlier edition. False if this one is itself over.
    fn turn_to(&mut self, edition: Edition) -> bool {
        if self.edition.is_none_or(|own| own.is_over(edition)) {
            self.sessions.clear();
            self.edition = Some(edition);
        }
        self.edition == Some(edition)
    }

    fn keep(&mut self, destination: Destination, session: Session) {
        // Without memory for it there is nothing to resume later, and nothing else is wrong.
        if self.sessions.try_reserve(1).is_err() {
            return;
        }
        self.puts += 1;
        self.sessions.insert(destination, (session, self.puts));
        self.shrink();
    }

    fn shrink(&mut self) {
        while self.sessions.len() > self.size {
            let oldest = self.sessions.iter().min_by_key(|(_, (_, put))| *put);
            let Some(oldest) = oldest.map(|(destination, _)| destination.clone()) else { return };
            self.sessions.remove(&oldest);
        }
    }
}

impl ClientSessionCache {
    /// An empty cache for that many sessions; with 0 it is off.
    pub fn new(size: usize) -> ClientSessionCache {
        ClientSessionCache(Mutex::new((size > 0).then(|| Box::new(Stock::new(size)))))
    }
}

impl Context {
    /// How many sessions are kept for clients at most; 0 while none are.
    pub fn client_session_cache(&self) -> usize {
        self.0.client_sessions.0.lock().as_ref().map_or(0, |kept| kept.size)
    }

    /// Sets how many sessions are kept for clients, so that sockets resume by themselves; 0 keeps none, and forgets those
    /// that were kept.
    pub fn set_client_session_cache(&self, size: usize) -> Result<()> {
        if self.protocol() == PROTOCOL_TLS_SERVER {
            return Err(Error::value(
                "this cache is for clients, and this is a PROTOCOL_TLS_SERVER context: see set_session_cache",
            ));
        }
        if size > 0 {
            self.add_hooks(Hooks { new_sessions: true, ..Hooks::default() })?;
        }
        let mut cache = self.0.client_sessions.0.lock();
        match (size, &mut *cache) {
            (0, _) => *cache = None,
            (_, None) => *cache = Some(Box::new(Stock::new(size))),
            (_, Some(kept)) => {
                kept.size = size;
                kept.shrink();
            }
        }
        Ok(())
    }

    /// Tells whether sessions are kept for connections like those that are made now. What a callback proves this side by may
    /// be different the next time. (Where one judges the other side, no session counts in any case.)
    pub(crate) fn keeps_client_sessions(&self) -> bool {
        if self.0.client_sessions.0.lock().is_none() {
            return false;
        }
        let callbacks = self.callbacks();
        callbacks.identity.is_none() && callbacks.psk_client.is_none()
    }

    /// Takes the session of a shelf out, unless its time is over. Only a handshake that succeeds puts one back: so a session
    /// that has failed is not offered again, and a ticket of TLS 1.3 is used once.
    pub(crate) fn take_client_session(&self, shelf: &Shelf) -> Option<Session> {
        let mut cache = self.0.client_sessions.0.lock();
        let kept = cache.as_mut()?;
        if !kept.turn_to(shelf.edition) {
            return None;
        }
        let (session, _) = kept.sessions.remove(&shelf.destination)?;
        Some(session).filter(|session| session.end() > seconds_now())
    }

    /// Keeps a session instead of the one that its shelf has.
    pub(crate) fn keep_client_session(&self, shelf: &Shelf, session: Session) {
        let mut cache = self.0.client_sessions.0.lock();
        let Some(kept) = cache.as_mut() else { return };
        if shelf.edition.is_of_this_process() && kept.turn_to(shelf.edition) {
            kept.keep(shelf.destination.clone(), session);
        }
    }

    /// Forgets the session of a shelf, whichever connection has left it there.
    pub(crate) fn forget_client_session(&self, shelf: &Shelf) {
        if let Some(kept) = self.0.client_sessions.0.lock().as_mut() {
            kept.sessions.remove(&shelf.destination);
        }
    }
}
