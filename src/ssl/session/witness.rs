//! Watches a connection's handshakes, to say at their end what they have proved.

use super::trust::{Asked, Beyond, NameCheck, Trust};
use crate::lock::{Mutex, Slot};
use crate::openssl::flags::verify::NO_CHECK_TIME;
use crate::openssl::lent::Lent;
use crate::ssl::context::{Context, ContextId};
use std::ffi::{CStr, CString};
use std::sync::{Arc, OnceLock};

/// What the last handshake has proved, and for which context.
#[derive(Clone)]
pub(crate) struct Record {
    pub context: ContextId,
    pub trust: Arc<Trust>,
}

/// Watches one connection.
pub(crate) struct Witness {
    names: Slot<Arc<NameCheck>>,
    /// libssl forgets it where TLS 1.2 resumes a session.
    asked_for: OnceLock<CString>,
    /// What the first ClientHello has named.
    named: OnceLock<Option<Box<[u8]>>>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// The number of the store that the handshake began with.
    store: Option<u64>,
    /// The context was changed under way: nobody can tell which one judged.
    mixed: bool,
    /// What the session has proved that a client offered.
    offered: Option<Arc<Trust>>,
    record: Option<Record>,
}

impl Witness {
    pub fn new(names: NameCheck) -> Witness {
        Witness {
            names: Slot::new(Arc::new(names)),
            asked_for: OnceLock::new(),
            named: OnceLock::new(),
            seen: Mutex::default(),
        }
    }

    /// Keeps the name that a client has asked for; without one, nothing. False if its first ClientHello has named another
    /// server, or none: who was asked about the first has not seen this one.
    pub fn hears(&self, name: Option<&[u8]>) -> bool {
        if let Some(Ok(name)) = name.map(CString::new) {
            let _ = self.asked_for.set(name);
        }
        self.named.get_or_init(|| name.map(Into::into)).as_deref() == name
    }

    /// The name of the server by which the client has asked for it; `known` is who else may know it.
    pub fn asked_for(&self, known: impl FnOnce() -> Option<CString>) -> Option<&CStr> {
        let heard = self.asked_for.get().map(CString::as_c_str);
        heard.or_else(|| known().map(|name| self.asked_for.get_or_init(|| name).as_c_str()))
    }

    /// Which names the connection checks.
    pub fn names(&self) -> Arc<NameCheck> {
        self.names.get()
    }

    /// The handshake that is to come checks these.
    pub fn expects(&self, names: NameCheck) {
        self.names.set(Arc::new(names));
    }

    /// A session is offered by the handshake that is about to begin, or none is.
    pub fn offers(&self, trust: Option<Arc<Trust>>) {
        self.seen.lock().offered = trust;
    }

    /// A handshake begins, or a server has chosen its context.
    pub fn begins(&self, ssl: &Lent<'_>) {
        let mut seen = self.seen.lock();
        (seen.store, seen.mixed, seen.record) = (number(ssl), false, None);
    }

    /// The context is changed while a handshake is under way.
    pub fn mixes(&self) {
        self.seen.lock().mixed = true;
    }

    /// What was proved; None before the end of the first handshake and while another one is under way.
    pub fn record(&self) -> Option<Record> {
        self.seen.lock().record.clone()
    }

    /// What has been proved by now, which is the end of a handshake or just before it.
    pub fn testify(&self, ssl: &Lent<'_>, context: &Context, beyond: Beyond) -> Record {
        let trust = match self.inherited(ssl) {
            Some(trust) => trust,
            None => Arc::new(self.judge(ssl, context, beyond)),
        };
        let record = Record { context: context.id(), trust: Arc::clone(&trust) };
        let mut seen = self.seen.lock();
        // A further handshake of this connection offers this session by itself.
        seen.offered = Some(trust);
        seen.record = Some(record.clone());
        record
    }

    /// What a session brings along that a client has resumed. A key shared before has no certificate.
    fn inherited(&self, ssl: &Lent<'_>) -> Option<Arc<Trust>> {
        if ssl.is_server() || !ssl.is_resumed() {
            return None;
        }
        let offered = self.seen.lock().offered.clone()?;
        let proved = offered.proved_until.is_some();
        (ssl.has_verified_peer() || !proved).then_some(offered)
    }

    fn judge(&self, ssl: &Lent<'_>, context: &Context, beyond: Beyond) -> Trust {
        let asked = Asked::by(ssl, context, self.names(), beyond);
        let resumed_client = ssl.is_resumed() && !ssl.is_server();
        let judged = ssl.demands().verifies() && ssl.has_verified_peer() && !resumed_client;
        let proved_until = if judged && self.is_one_store(ssl) { end(ssl, &asked) } else { None };
        Trust { asked, proved_until }
    }

    /// The certificate was judged by one context, which is still the connection's.
    fn is_one_store(&self, ssl: &Lent<'_>) -> bool {
        let seen = self.seen.lock();
        !seen.mixed && seen.store.is_some() && seen.store == number(ssl)
    }
}

fn number(ssl: &Lent<'_>) -> Option<u64> {
    Some(ssl.store_state()?.number())
}

/// When the first of what was looked at ends: the certificates, and the revocation lists if they were asked.
fn end(ssl: &Lent<'_>, asked: &Asked) -> Option<i64> {
    let flags = ssl.demands().flags;
    if flags & NO_CHECK_TIME != 0 {
        return Some(i64::MAX);
    }
    let lists = asked.believed()?.lists_end(flags)?;
    let chain = ssl.chain_end().or_else(|| kept_end(ssl))?;
    Some(chain.min(lists))
}

/// What a server has written into the session that it resumed.
fn kept_end(ssl: &Lent<'_>) -> Option<i64> {
    Some(i64::from_be_bytes(ssl.session()?.kept().try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn witness() -> Witness {
        Witness::new(NameCheck::default())
    }

    #[test]
    fn a_client_names_one_server() {
        let names = [Some(&b"one"[..]), Some(&b"other"[..]), Some(&b""[..]), None];
        for first in names {
            let witness = witness();
            assert!(witness.hears(first));
            for second in names {
                assert_eq!(witness.hears(second), second == first);
            }
        }
    }
}
