//! A TLS connection over two pipes: CPython's `_SSLSocket`, without waiting and without a transport.
//!
//! A re-entrant lock is held while libssl works on bytes that have arrived, and never while a call waits for more. So one
//! thread can read while another writes, which libssl alone does not allow.

mod admission;
mod agreed;
mod buffers;
mod context;
mod ech;
mod halfway;
mod info;
mod names;
mod peer;
mod resumption;
mod settings;
mod turn;

pub(crate) use agreed::{check_binding_type, check_count};
pub(crate) use turn::Turn;

use super::connection::Owner;
use super::context::Context;
use super::error::{Error, Result, Status};
use super::events::Events;
use super::inherited::Inherited;
use super::session::{NameCheck, Session};
use crate::lock::{ReentrantMutex, ReentrantMutexGuard, TURN};
use crate::openssl::cipher::Cipher;
use crate::openssl::ctx::SslCtx;
use crate::openssl::handler::Handler;
use crate::openssl::in_a_row;
use crate::openssl::ktls::Kernel;
use crate::openssl::pipe::Pipe;
pub use crate::openssl::ssl::Question;
use crate::openssl::ssl::Ssl;
use crate::os::Ownership;
use buffers::Buffers;
use halfway::Halfway;
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// The common part of sockets and objects: see [`super::Object`] and [`super::Socket`].
pub struct Engine {
    core: Inherited<Arc<ReentrantMutex<Core, TURN>>>,
    events: Arc<Events>,
    pub(crate) incoming: Arc<Pipe>,
    pub(crate) outgoing: Arc<Pipe>,
    /// How many bytes had been produced for the peer when a read last produced an answer.
    answered: AtomicU64,
    /// How many bytes had been produced for the peer when a call last produced some during a handshake.
    shaken: AtomicU64,
    /// A read has reported the end of the peer's data.
    told_end: AtomicBool,
    server_side: bool,
    hostname: Option<CString>,
    alpn: OnceLock<Option<CString>>,
    group: OnceLock<Option<CString>>,
    ech_outer_name: OnceLock<Option<CString>>,
    ownership: Ownership,
}

/// The part that only the thread holding the lock may use.
struct Core {
    ssl: Ssl,
    /// The generations of contexts that the SSL refers to. Holding them here keeps setters from changing them in place.
    generations: RefCell<Vec<Arc<SslCtx>>>,
    /// libssl is at work: a call made now comes from one of its callbacks.
    busy: Cell<bool>,
    /// Only this side's direction was closed: the peer's close_notify still is a normal end of data.
    half_closed: Cell<bool>,
    /// The handshake has begun: later settings of the context no longer count.
    begun: Cell<bool>,
    /// The session to offer when the handshake begins, if what it proves covers what is demanded then.
    offered: RefCell<Option<Session>>,
    /// The protocols that a client offers.
    alpn: Arc<[u8]>,
    /// A failure found by looking ahead, which the next read reports.
    kept_failure: RefCell<Option<Error>>,
    /// Whether libssl keeps its buffers between calls.
    buffers: Buffers,
    /// The write in whose middle libssl is.
    halfway: Halfway,
}

impl Engine {
    /// Makes a connection of a context; the arguments are checked in the same order as in Python.
    pub(crate) fn new(
        context: &Context,
        server_side: bool,
        hostname: Option<CString>,
        session: Option<&Session>,
        pipes: (Arc<Pipe>, Arc<Pipe>),
    ) -> Result<Engine> {
        context.check_role(server_side)?;
        let snapshot = context.snapshot()?;
        let on = snapshot.check_hostname;
        let names = NameCheck::new(on, hostname.clone());
        let events = Arc::new(Events::new(
            context.clone(),
            names,
            snapshot.ctx.hooks(),
            !snapshot.ctx.is_counted(),
            snapshot.ocsp,
        ));
        events.is_signed_by(snapshot.ctx.sigalgs());
        let (incoming, outgoing) = pipes;
        let handler = Arc::clone(&events);
        let ends = (Arc::clone(&incoming), Arc::clone(&outgoing));
        let ssl = in_a_row(|| -> Result<Ssl> {
            let ssl = Ssl::new(&snapshot.ctx, server_side, ends.0, ends.1, handler)?;
            settings::prepare(&ssl, &snapshot, hostname.as_deref())?;
            ech::prepare(&ssl, &snapshot.ech, &events.ech)?;
            Ok(ssl)
        })?;
        let core = Core {
            ssl,
            generations: RefCell::new(vec![snapshot.ctx]),
            busy: Cell::new(false),
            half_closed: Cell::new(false),
            begun: Cell::new(false),
            offered: RefCell::default(),
            alpn: snapshot.alpn,
            kept_failure: RefCell::default(),
            buffers: Buffers::default(),
            halfway: Halfway::default(),
        };
        let engine = Engine {
            core: Inherited::new(Arc::new(ReentrantMutex::new(core))),
            server_side,
            events,
            incoming,
            outgoing,
            answered: AtomicU64::new(0),
            shaken: AtomicU64::new(0),
            told_end: AtomicBool::new(false),
            hostname,
            alpn: OnceLock::new(),
            group: OnceLock::new(),
            ech_outer_name: OnceLock::new(),
            ownership: Ownership::new().map_err(Error::os)?,
        };
        session.map_or(Ok(()), |session| engine.set_session(session))?;
        Ok(engine)
    }

    /// Refuses the call if another process has used the connection since the fork.
    fn check_process(&self) -> Result<()> {
        if !self.is_ours() {
            self.check_not_lost()?;
        }
        if self.ownership.go_on() {
            return Ok(());
        }
        // The other process sends these bytes; sending them twice would break the stream.
        self.outgoing.discard();
        Err(Error::value(
            "another process has used this connection since the fork: only one of them can go on with it",
        ))
    }

    /// Refuses the call, in a process that has not used the connection yet, if only the parent can go on with it, which then
    /// can: its handshake was left, or one of the parent's threads was inside of it and will never come out in this process.
    #[cold]
    fn check_not_lost(&self) -> Result<()> {
        turn::check_not_lost(&self.core()?.ssl)
    }

    /// What only one thread at a time may use, once no other is inside.
    #[inline]
    fn core(&self) -> Result<ReentrantMutexGuard<'_, Core>> {
        let first = self.core.first(|core, time| core.try_lock_for(time))?;
        Ok(first.unwrap_or_else(|| self.core.lock()))
    }

    /// Tells whether this process made the connection or has used it since the fork.
    pub(crate) fn is_ours(&self) -> bool {
        self.ownership.is_ours()
    }

    /// Sets the socket or object whose handle callbacks get.
    pub(crate) fn belong_to<O: Owner + 'static>(&self, owner: &Arc<O>) {
        self.events.belong_to(owner);
    }

    /// Lets the kernel encrypt what is sent, if the context's options ask for it.
    pub(crate) fn offload(&self, kernel: Box<dyn Kernel>) {
        if let Ok(core) = self.core() {
            core.ssl.offload(kernel);
        }
    }

    /// Waits until no other thread is inside, and keeps others out. Refused inside a callback of this connection.
    pub(crate) fn turn(&self) -> Result<Turn<'_>> {
        self.check_process()?;
        Turn::take(self)
    }

    /// Refuses, before waiting for any lock, a call that is not allowed inside a callback of this connection.
    pub(crate) fn check_reentry(&self) -> Result<()> {
        self.check_process()?;
        if self.core.is_owned_by_current_thread() { self.turn().map(drop) } else { Ok(()) }
    }

    /// Python: `do_handshake()`, as far as the bytes that have arrived allow.
    pub fn do_handshake(&self) -> Result<()> {
        self.turn()?.do_handshake()
    }

    /// Python: `read()`. 0 is the end of the peer's data, by close_notify.
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        self.turn()?.read(buffer)
    }

    /// Python: `write()`. Takes all of the data or fails. After `NoMemory` it is to be repeated with data that begins with the same
    /// bytes. If a callback fails meanwhile that comes after the data.
    pub fn write(&self, data: &[u8]) -> Result<usize> {
        self.turn()?.write(data)?.map_or(Ok(data.len()), Err)
    }

    /// How many bytes the next write has to begin with, as libssl is in the middle of them.
    pub(crate) fn begun(&self) -> usize {
        self.core().map_or(0, |core| core.halfway.len())
    }

    /// Leaves the failure of a callback to the next call.
    pub(crate) fn postpone(&self, failed: Error) {
        self.events.fail(failed);
    }

    /// Python: `unwrap()`: sends close_notify and receives the peer's.
    pub(crate) fn shutdown(&self) -> Result<()> {
        self.turn()?.shutdown()
    }

    /// Sends close_notify; reading stays possible.
    pub fn close_write(&self) -> Result<()> {
        self.turn()?.close_write()
    }

    /// Python: `verify_client_post_handshake()`
    pub fn verify_client_post_handshake(&self) -> Result<()> {
        self.turn()?.verify_client_post_handshake()
    }

    /// Changes the keys by which this side encrypts, and asks the peer to change its own if told so. TLS 1.3
    pub fn key_update(&self, request_peer: bool) -> Result<()> {
        self.turn()?.key_update(request_peer)
    }

    /// Tells whether the handshake is finished.
    pub fn is_handshake_done(&self) -> bool {
        self.core().is_ok_and(|core| core.ssl.is_init_finished())
    }

    /// Tells whether data may be sent past libssl, which would refuse to send any otherwise.
    pub(crate) fn is_open_for_data(&self) -> bool {
        let Ok(core) = self.core() else { return false };
        !self.events.has_aborted() && core.ssl.is_init_finished() && !core.ssl.shutdown_state().0
    }

    /// What a callback of the handshake has to answer before this connection can go on.
    pub fn open_question(&self) -> Option<Question> {
        self.core().ok()?.ssl.open_question()
    }

    /// Tells whether the peer's close_notify was read.
    pub fn is_peer_closed(&self) -> bool {
        self.events.is_peer_closed()
    }

    /// Tells whether a read has reported the end of the peer's data. Having seen it while looking ahead does not count.
    pub(crate) fn has_told_end(&self) -> bool {
        self.told_end.load(Ordering::Relaxed)
    }

    /// Tells whether bytes that wait to be sent keep the handshake from being complete. The tickets of a TLS 1.3 server
    /// do not count: it already has the client's last message, and OpenSSL too completes such a handshake when the client
    /// has gone.
    pub(crate) fn owes_handshake(&self) -> bool {
        let has_tickets_only = self.server_side() && self.version() == Some(c"TLSv1.3");
        self.outgoing.holds_of_first(self.shaken.load(Ordering::Relaxed)) && !has_tickets_only
    }

    /// Tells whether answers that reading produced, such as to a key update, wait to be sent: the peer may wait for them.
    pub(crate) fn has_unsent_answers(&self) -> bool {
        self.outgoing.holds_of_first(self.answered.load(Ordering::Relaxed))
    }

    /// Like `pending`, but decrypts a record that has arrived in order to count it. If the record is bad, the next read
    /// reports it.
    pub(crate) fn pending_ahead(&self) -> usize {
        let decrypted = self.pending();
        if decrypted > 0 || self.incoming.pending() == 0 || !self.is_handshake_done() {
            return decrypted;
        }
        let Ok(turn) = self.turn() else { return 0 };
        match turn.peek() {
            Ok(count) => count,
            Err(error) => {
                // These are not failures of the connection: there is no whole record yet, a callback has no answer yet, or it has
                // ended cleanly.
                let telling = !error.is_want() && error.status() != Status::ZeroReturn;
                if telling {
                    turn.keep_failure(error);
                }
                0
            }
        }
    }

    /// Tells whether a read comes back at once: with bytes, with the peer's end or with a failure.
    pub(crate) fn is_readable(&self) -> bool {
        self.pending_ahead() > 0 || self.core().map_or(true, |core| core.has_more_to_tell())
    }

    /// Python: `pending()`
    pub fn pending(&self) -> usize {
        self.core().map_or(0, |core| core.ssl.pending())
    }

    /// Python: `version()`
    pub fn version(&self) -> Option<&'static CStr> {
        let core = self.core().ok()?;
        let version = core.ssl.is_init_finished().then(|| core.ssl.version());
        version.filter(|version| *version != c"unknown")
    }

    /// Python: `cipher()`
    pub fn cipher(&self) -> Option<Cipher> {
        self.core().ok()?.ssl.cipher()
    }

    /// OpenSSL's name of the group of the key exchange.
    pub fn group(&self) -> Option<&CStr> {
        if let Some(known) = self.group.get() {
            return known.as_deref();
        }
        let core = self.core().ok()?;
        if !core.ssl.is_init_finished() {
            return None;
        }
        self.group.get_or_init(|| core.ssl.group().map(super::text::text)).as_deref()
    }

    /// Python: `selected_alpn_protocol()`
    pub fn selected_alpn_protocol(&self) -> Option<&CStr> {
        if let Some(known) = self.alpn.get() {
            return known.as_deref();
        }
        let core = self.core().ok()?;
        let chosen = core.ssl.alpn_selected();
        if chosen.is_empty() && !core.ssl.is_init_finished() {
            return None;
        }
        let known = self.alpn.get_or_init(|| (!chosen.is_empty()).then(|| super::text::name(&chosen)));
        known.as_deref()
    }

    /// Python: `server_side`
    pub fn server_side(&self) -> bool {
        self.server_side
    }

    /// Python: `server_hostname`
    pub fn server_hostname(&self) -> Option<&CStr> {
        self.hostname.as_deref()
    }

    /// Python: `context`
    pub fn context(&self) -> Context {
        self.events.context.get()
    }
}

impl Core {
    /// Tells whether a failure waits for the next read, or an end, which every read tells.
    fn has_more_to_tell(&self) -> bool {
        self.kept_failure.borrow().is_some() || self.ssl.shutdown_state().1 || self.ssl.has_failed()
    }

    /// Tells whether libssl is in the middle of something: at work, or left where it asks for a signature.
    fn is_inside(&self) -> bool {
        self.busy.get() || self.ssl.is_left()
    }

    /// The `SSL_CTX` of another context, for this connection, which keeps what it was made to ask for, or to decrypt by.
    fn as_it_was_made(&self, context: &Context, ctx: Arc<SslCtx>) -> Result<Arc<SslCtx>> {
        match self.generations.borrow().last() {
            Some(own) if self.ssl.is_server() => context.still_decrypting(ctx, own),
            Some(own) => context.still_asking(ctx, own),
            None => Ok(ctx),
        }
    }

    /// Tells whether the first handshake, or a further one, has begun and is not finished.
    fn is_under_way(&self) -> bool {
        !self.ssl.in_before() && !self.ssl.is_init_finished()
    }
}
