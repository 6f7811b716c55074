//! What libssl reports to a connection, or asks it, while it works. A failure is kept until the call in progress returns.

mod abort;
mod admission;
mod alpn;
mod cache;
mod client_hello;
mod count;
mod ech;
mod happened;
mod identity;
mod peer;
mod psk;
mod resumption;
mod scts;
mod seldom;
mod session;
mod sni;
mod staple;
mod trust;
mod verify;

pub(crate) use admission::Decided;
pub(crate) use ech::Encrypted;
pub(crate) use happened::{Happened, Panicked, Refused};

use super::connection::{Connection, Owner};
use super::context::{Callbacks, Context, Judge, Message, Ocsp, Shelf};
use super::error::{Error, Result};
use super::session::{Beyond, NameCheck, Session, Witness};
use crate::lock::{Mutex, Slot, user_code};
use crate::openssl::chain_cache::{ChainKey, VerifiedChain};
use crate::openssl::ctx::Hooks;
use crate::openssl::handler::{Admission, Alert, AlpnAnswer, Handler, PskResult, Reply, Step, Verdict};
use crate::openssl::lent::Lent;
use crate::openssl::session::SslSession;
use crate::openssl::store;
use crate::openssl::ticket::TicketKey;
use crate::openssl::verification::LentVerification;
use crate::openssl::x509::X509;
use abort::Abort;
use admission::Decision;
use client_hello::Hellos;
use peer::KnownPeer;
use scts::Scts;
use seldom::Seldom;
use sni::Choosing;
use std::any::Any;
use std::ffi::CStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

/// The connection's side of libssl's callbacks.
pub(crate) struct Events {
    /// The context in use, which an SNI callback may change.
    pub context: Slot<Context>,
    /// The context it was made with, whose SNI callback libssl also uses.
    first: Context,
    /// Records what handshakes prove, for the sessions that they make.
    pub witness: Witness,
    /// The answer to the client's server name: whether an SNI callback has seen it, or the alert to send.
    answer: Slot<std::result::Result<bool, Alert>>,
    /// libssl asks for that answer whichever `SSL_CTX` is in use.
    always_asked: bool,
    /// Sessions are for somebody: libssl may tell of them also where nobody asked it to.
    hears_of_sessions: bool,
    /// libssl asks for that answer with the `SSL_CTX` in use.
    asked: AtomicBool,
    /// The certificate that this server has sent in its last handshake.
    pub shown: Slot<Option<X509>>,
    /// What a client demands of OCSP responses.
    ocsp: Ocsp,
    /// Whether a client's ClientHello was encrypted, and decrypted.
    pub ech: Encrypted,
    /// The certificate timestamps that a client has got, and those that a server has.
    pub scts: Scts,
    owner: OnceLock<Weak<dyn Owner>>,
    happened: Mutex<Happened>,
    /// Whether `happened` holds anything; after most calls it does not.
    any: AtomicBool,
    /// A callback is running that may choose the context.
    choosing: AtomicBool,
    hellos: Hellos,
    /// A signer of the identity in use may have no answer yet when it is asked.
    pub may_wait: AtomicBool,
    /// What becomes of a client that they judge.
    decision: Decision,
    /// The peer's close_notify was read. libssl's own flag for it is set by any fatal alert too.
    peer_closed: AtomicBool,
    /// libssl does not count this connection's handshakes for its context.
    uncounted: bool,
    /// The first handshake has begun.
    started: AtomicBool,
    /// A handshake is in progress, the first or a later one of TLS 1.2.
    shaking: AtomicBool,
    /// A callback has accepted the peer though the check had refused it.
    overridden: AtomicBool,
    /// What was asked of the peer beside OpenSSL's check, when a server's handshake began.
    bound: Slot<Option<Beyond>>,
    /// What was asked of the peer beside OpenSSL's check, when it was checked: the context may ask for more by now.
    checked: Slot<Option<Beyond>>,
    /// It was checked once, in whichever handshake.
    has_judged: AtomicBool,
    /// OpenSSL has come to a verdict on the peer once.
    has_verdict: AtomicBool,
    /// Nothing is demanded of the client: what did not pass is only reported.
    reports: AtomicBool,
    /// The certificate that the peer has shown first.
    peer: KnownPeer,
    /// Where the context keeps this client's sessions, if it does.
    pub shelf: Slot<Option<Arc<Shelf>>>,
    /// The failure of the callback that has ended the handshake.
    aborted: Abort,
    seldom: OnceLock<Box<Seldom>>,
}

const CLOSE_NOTIFY: u8 = 0;

impl Events {
    pub fn new(context: Context, names: NameCheck, hooks: Hooks, uncounted: bool, ocsp: Ocsp) -> Events {
        Events {
            first: context.clone(),
            context: Slot::new(context),
            witness: Witness::new(names),
            answer: Slot::new(Ok(false)),
            always_asked: hooks.server_names,
            hears_of_sessions: hooks.new_sessions || hooks.session_cache,
            asked: AtomicBool::new(hooks.server_names),
            shown: Slot::default(),
            ocsp,
            ech: Encrypted::default(),
            scts: Scts::new(hooks.scts),
            owner: OnceLock::new(),
            happened: Mutex::default(),
            any: AtomicBool::new(false),
            choosing: AtomicBool::new(false),
            hellos: Hellos::default(),
            may_wait: AtomicBool::new(false),
            decision: Decision::default(),
            peer_closed: AtomicBool::new(false),
            uncounted,
            started: AtomicBool::new(false),
            shaking: AtomicBool::new(true),
            overridden: AtomicBool::new(false),
            bound: Slot::default(),
            checked: Slot::default(),
            has_judged: AtomicBool::new(false),
            has_verdict: AtomicBool::new(false),
            reports: AtomicBool::new(false),
            peer: KnownPeer::default(),
            shelf: Slot::default(),
            aborted: Abort::default(),
            seldom: OnceLock::new(),
        }
    }

    /// Tells whether the peer's close_notify was read.
    pub fn is_peer_closed(&self) -> bool {
        self.peer_closed.load(Ordering::Acquire)
    }

    /// Tells whether a callback of the connection is running that may choose its context.
    pub fn is_choosing(&self) -> bool {
        self.choosing.load(Ordering::Relaxed)
    }

    /// Sets, once, the socket or object whose handle callbacks get.
    pub fn belong_to<O: Owner + 'static>(&self, owner: &Arc<O>) {
        let owner = Arc::downgrade(owner);
        let _ = self.owner.set(owner);
    }

    fn callbacks(&self) -> Arc<Callbacks> {
        self.context.get().callbacks()
    }

    /// Calls with a handle on the connection; None if the last handle has been freed.
    fn lend<R>(&self, call: impl FnOnce(&dyn Connection) -> R) -> Option<R> {
        let owner = self.owner.get()?.upgrade()?;
        let (mut call, mut result) = (Some(call), None);
        owner.lend(&mut |connection| result = call.take().map(|call| call(connection)));
        result
    }

    /// Calls one callback of the context in use, if it is set.
    fn tell<C: Clone>(
        &self,
        pick: impl FnOnce(&Callbacks) -> Option<C>,
        call: impl FnOnce(C, &dyn Connection) -> Result<()>,
    ) {
        // After a failed callback has ended the handshake, no further callback is called.
        if self.has_aborted() {
            return;
        }
        let Some(callback) = pick(&self.callbacks()) else { return };
        if let Some(Err(failure)) = self.lend(|connection| user_code(|| call(callback, connection))) {
            self.fail_told(failure);
        }
    }
}

/// Tells an answer that is still to come from a failure.
fn answer(result: Result<()>) -> Result<Reply> {
    match result {
        Ok(()) => Ok(Reply::Given),
        Err(failure) if failure.waits() => Ok(Reply::Pending),
        Err(failure) => Err(failure),
    }
}

/// The failure where a callback would be asked of a connection that has no handle any more.
fn gone() -> Error {
    Error::value("the connection is gone")
}

impl Handler for Events {
    fn handshake(&self, step: Step, ssl: &Lent<'_>) {
        self.shaking.store(step == Step::Started, Ordering::Relaxed);
        self.count(step);
        match step {
            Step::Started => {
                self.checked.set(None);
                self.hellos.begin();
                self.take_seldom(|seldom| &seldom.between);
                self.witness.begins(ssl);
                self.ech.begin(ssl);
                self.scts.begin();
            }
            Step::Finished { resumed } => {
                self.insist(ssl);
                self.insist_on_ech(ssl);
                self.shown.set(ssl.shown_certificate());
                // What is proved, if anything, turns out when the program has decided.
                if !self.is_admitted() {
                    return;
                }
                let record = self.testify(ssl);
                if ssl.is_server() && !resumed {
                    self.limit(&record, ssl).unwrap_or_else(|failure| self.fail(failure));
                }
                self.keep_finished(record, ssl);
            }
        }
    }

    fn alert(&self, written: bool, description: u8) {
        if !written && description == CLOSE_NOTIFY {
            self.peer_closed.store(true, Ordering::Release);
        }
        let mut happened = self.note();
        match written {
            true => happened.alert_sent = Some(description),
            false => happened.alert_received = Some(description),
        }
    }

    fn verify_failed(&self, code: i32, depth: u32, certificate: Option<X509>, flag: u64) {
        let mut happened = self.note();
        // The first failure is the one that verification stops at.
        if happened.refused.is_none() {
            let refused = Refused { code, depth, certificate, words: None, flag };
            happened.refused = Some(Box::new(refused));
        }
    }

    fn select_alpn<'a>(&self, offered: &'a [u8]) -> AlpnAnswer<'a> {
        crate::test_panic::point("callback");
        self.choose_protocol(offered)
    }

    fn show_client_hello(&self, ssl: &Lent<'_>) -> std::result::Result<Reply, Alert> {
        self.show_hello(ssl)
    }

    fn client_hello(&self, name: Option<&[u8]>, ssl: &Lent<'_>) -> std::result::Result<(), Alert> {
        // RFC 8446, section 4.1.2: the second ClientHello may only change what a HelloRetryRequest asked for.
        if !self.witness.hears(name) {
            self.fail(Error::ssl("the second ClientHello names another server than the first"));
            return Err(Alert::ILLEGAL_PARAMETER);
        }
        let answer = if self.has_aborted() { Err(Alert::INTERNAL_ERROR) } else { self.choose(name) };
        self.answer.set(answer);
        // If libssl does not ask for the answer later, this is the last moment to refuse.
        if !self.asked.load(Ordering::Relaxed) {
            answer?;
        }
        self.heed(ssl)?;
        self.bind(name, ssl).map_err(|failure| {
            self.fail(failure);
            Alert::INTERNAL_ERROR
        })
    }

    fn follow_trust(&self, ssl: &Lent<'_>) {
        self.trust_as_context(ssl);
    }

    fn may_trust_others(&self) -> bool {
        store::any_replaced() && self.context.look(Context::has_replaced_store)
    }

    fn name_answer(&self) -> std::result::Result<bool, Alert> {
        self.answer.get()
    }

    fn choose_identity(&self, ssl: &Lent<'_>) -> std::result::Result<Reply, ()> {
        answer(self.ask_identity(ssl)).map_err(|failure| self.fail(failure))
    }

    fn signer_may_wait(&self) -> bool {
        self.may_wait.load(Ordering::Relaxed)
    }

    fn psk_client(
        &self,
        hint: Option<&CStr>,
        identity: &mut [u8],
        key: &mut [u8],
        ssl: &Lent<'_>,
    ) -> PskResult {
        self.ask_key(hint, |hint, connection| {
            let len = self.ask_client(hint, identity, key, connection)?;
            // OpenSSL would report an empty identity as a failed allocation.
            match len > 0 && ssl.is_tls_1_3() && identity.first() == Some(&0) {
                true => Err(Error::value("identity cannot be empty in TLS 1.3")),
                false => Ok(len),
            }
        })
    }

    fn psk_server(&self, identity: Option<&CStr>, key: &mut [u8]) -> PskResult {
        self.ask_key(identity, |identity, connection| self.ask_server(identity, key, connection))
    }

    fn message(&self, written: bool, version: i32, content_type: i32, data: &[u8]) {
        if !written {
            self.hear(content_type, data);
        }
        let message = Message::new(written, version, content_type, data);
        self.tell(
            |callbacks| callbacks.message.clone(),
            |callback, connection| callback(connection, &message),
        );
    }

    fn keylog(&self, line: &CStr) {
        if let Some(file) = &self.callbacks().keylog_file {
            if let Err(failure) = file.write(line.to_bytes()) {
                self.fail(failure);
            }
        }
        self.tell(|callbacks| callbacks.keylog.clone(), |callback, connection| callback(connection, line));
    }

    fn new_session(&self, session: SslSession, ssl: &Lent<'_>) {
        if !self.hears_of_sessions {
            return;
        }
        // In TLS 1.2 the session comes just before the end of the handshake.
        let record = self.witness.record().unwrap_or_else(|| self.testify(ssl));
        self.put(&session, &record, ssl).unwrap_or_else(|failure| self.fail_told(failure));
        let session = Session::new(session, record);
        self.keep_ticket(&session, ssl);
        self.tell(
            |callbacks| callbacks.session.clone(),
            |callback, connection| callback(connection, session),
        );
    }

    fn stored_session(&self, id: &[u8]) -> Option<SslSession> {
        self.find(id).unwrap_or_else(|failure| {
            self.fail_told(failure);
            None
        })
    }

    fn broken(&self, ssl: &Lent<'_>) {
        self.forget_kept();
        self.forget(ssl).unwrap_or_else(|failure| self.fail(failure));
    }

    fn new_ticket(&self, ssl: &Lent<'_>) -> bool {
        if !self.is_admitted() {
            return false;
        }
        self.prepare_ticket(ssl).map_err(|failure| self.fail(failure)).is_ok()
    }

    fn staple(&self, ssl: &Lent<'_>) -> Option<Vec<u8>> {
        self.own_staple(ssl)
    }

    fn check_staple(&self, response: Option<&[u8]>, ssl: &Lent<'_>) -> bool {
        self.accepts_staple(response, ssl)
    }

    fn asks_for_scts(&self) -> bool {
        self.wants_scts()
    }

    fn scts(&self, ssl: &Lent<'_>) -> Option<Arc<[u8]>> {
        self.own_scts(ssl)
    }

    fn receive_scts(&self, list: &[u8]) -> std::result::Result<(), Alert> {
        self.keep_scts(list)
    }

    fn ticket_keys(&self) -> Option<Arc<[TicketKey]>> {
        // libssl asks the SSL_CTX that the connection was made with.
        self.first.ticket_keys().map(|keys| keys.keys)
    }

    fn keeps_chains(&self) -> bool {
        self.context.get().known_chains().is_on()
    }

    fn expects_names(&self) -> bool {
        !self.witness.names().names().is_empty()
    }

    fn known_chain(&self, key: &ChainKey) -> Option<Arc<VerifiedChain>> {
        self.context.get().known_chains().find(key)
    }

    fn keep_chain(&self, key: ChainKey, chain: VerifiedChain) {
        self.context.get().known_chains().keep(key, chain);
    }

    fn verified(&self, passed: bool, verification: &LentVerification) -> Verdict {
        self.judge(passed, verification)
    }

    fn admission(&self) -> Admission {
        self.client_admission()
    }

    fn has_aborted(&self) -> bool {
        self.aborted.is_set()
    }

    fn panicked(&self, panic: Box<dyn Any + Send>) {
        let in_handshake = self.shaking.load(Ordering::Relaxed);
        self.note().panic = Some(Panicked { error: super::panicked(&*panic), in_handshake });
    }
}
