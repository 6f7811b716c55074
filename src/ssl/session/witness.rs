//! Watches the handshakes of a connection and records at their end what they have proved.

use super::trust::{Asked, Beyond, NameCheck, Trust};
use crate::lock::{Mutex, Slot};
use crate::openssl::flags::verify::NO_CHECK_TIME;
use crate::openssl::lent::Lent;
use crate::ssl::context::{Context, ContextId, KeyMark};
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
    /// The server name in the first ClientHello, if any.
    named: OnceLock<Option<Box<[u8]>>>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// The number of the state of the trust store when the handshake began.
    store: Option<u64>,
    /// The context was changed during the handshake: it is unknown which one has verified the peer.
    mixed: bool,
    /// What the session proves that this client has offered.
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

    /// Keeps the client's server name, if it sent one. False if the first ClientHello had another name or none: the SNI
    /// callback that saw the first has not seen this one.
    pub fn hears(&self, name: Option<&[u8]>) -> bool {
        if let Some(Ok(name)) = name.map(CString::new) {
            let _ = self.asked_for.set(name);
        }
        self.named.get_or_init(|| name.map(Into::into)).as_deref() == name
    }

    /// The server name that the client has sent; `known` gives libssl's value if none was kept.
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

    /// Records the session that the next handshake offers, if any.
    pub fn offers(&self, trust: Option<Arc<Trust>>) {
        self.seen.lock().offered = trust;
    }

    /// What was asked, beside what OpenSSL checks, where the session was made that this client has offered.
    pub fn offered(&self) -> Option<Beyond> {
        self.seen.lock().offered.as_ref().map(|trust| trust.asked.beyond().clone())
    }

    /// Records that a handshake begins, or that a server's context was chosen.
    pub fn begins(&self, ssl: &Lent<'_>) {
        let mut seen = self.seen.lock();
        (seen.store, seen.mixed, seen.record) = (number(ssl), false, None);
    }

    /// Records that the context was changed during a handshake.
    pub fn mixes(&self) {
        self.seen.lock().mixed = true;
    }

    /// What was proved; None before the end of the first handshake and during another one.
    pub fn record(&self) -> Option<Record> {
        self.seen.lock().record.clone()
    }

    /// Records what has been proved, at the end of a handshake or just before it. Anything else that was checked holds
    /// until `until`.
    pub fn testify(
        &self,
        ssl: &Lent<'_>,
        context: &Context,
        beyond: Beyond,
        key: Option<KeyMark>,
        until: i64,
    ) -> Record {
        let trust = match self.inherited(ssl, key) {
            Some(trust) => trust,
            None => Arc::new(Trust { key, ..self.judge(ssl, context, beyond, until) }),
        };
        let record = Record { context: context.id(), trust: Arc::clone(&trust) };
        let mut seen = self.seen.lock();
        // A further handshake of this connection offers this session by itself.
        seen.offered = Some(trust);
        seen.record = Some(record.clone());
        record
    }

    /// What the session proves that a client has resumed. A pre-shared key has no certificate.
    fn inherited(&self, ssl: &Lent<'_>, key: Option<KeyMark>) -> Option<Arc<Trust>> {
        if ssl.is_server() || !ssl.is_resumed() {
            return None;
        }
        let offered = self.seen.lock().offered.clone()?;
        // The key may have been used in place of a session that a certificate has proved.
        if key.is_some() && offered.key != key {
            return None;
        }
        let proved = offered.proved_until.is_some();
        (ssl.has_verified_peer() || !proved).then_some(offered)
    }

    fn judge(&self, ssl: &Lent<'_>, context: &Context, beyond: Beyond, until: i64) -> Trust {
        let asked = Asked::by(ssl, context, self.names(), beyond);
        let resumed_client = ssl.is_resumed() && !ssl.is_server();
        let judged = ssl.demands().verifies() && ssl.has_verified_peer() && !resumed_client;
        let proved_until = if judged && self.is_one_store(ssl) { end(ssl, &asked) } else { None };
        let proved_until = proved_until.map(|end| end.min(until));
        Trust { asked, key: None, proved_until }
    }

    /// Tells whether one store, still the connection's, was used for the whole handshake.
    fn is_one_store(&self, ssl: &Lent<'_>) -> bool {
        let seen = self.seen.lock();
        !seen.mixed && seen.store.is_some() && seen.store == number(ssl)
    }
}

fn number(ssl: &Lent<'_>) -> Option<u64> {
    Some(ssl.store_state()?.number())
}

/// When the proof ends: when the first of the certificates expires, or of the revocation lists if they were checked.
fn end(ssl: &Lent<'_>, asked: &Asked) -> Option<i64> {
    let flags = ssl.demands().flags;
    if flags & NO_CHECK_TIME != 0 {
        return Some(i64::MAX);
    }
    let lists = asked.believed()?.lists_end(flags)?;
    // A session that a server has resumed out of a ticket has no chain.
    let chain = ssl.chain_end().or_else(|| ssl.proof_end())?;
    Some(chain.min(lists))
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
