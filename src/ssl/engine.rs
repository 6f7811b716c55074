//! A TLS connection over two pipes: CPython's `_SSLSocket`, without waiting and without a transport.
//!
//! A re-entrant lock is held for as long as libssl works on bytes that are there, never while somebody waits
//! for more. So one thread may read while another writes, which libssl by itself forbids.

mod agreed;
mod buffers;
mod peer;

pub(crate) use agreed::check_binding_type;

use super::connection::Owner;
use super::context::{Context, Snapshot};
use super::error::{Error, Phase, Result, Status};
use super::events::Events;
use super::hostname;
use super::outcome::{self, Circumstances};
use super::session::{Session, Trust};
use crate::openssl::bio::Pipe;
use crate::openssl::cipher::Cipher;
use crate::openssl::ctx::SslCtx;
use crate::openssl::ssl::{Failure, IoResult, Ssl};
use buffers::Buffers;
use parking_lot::{Mutex, ReentrantMutex};
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString};
use std::sync::{Arc, OnceLock};

/// Python sets this on every server connection, with its NUL.
const SESSION_ID_CONTEXT: &[u8] = b"Python\0";
const VERIFY_PEER: i32 = 1;
const VERIFY_POST_HANDSHAKE: i32 = 8;

/// What sockets and objects have in common: see [`super::Object`] and [`super::Socket`].
pub struct Engine {
    core: ReentrantMutex<Core>,
    events: Arc<Events>,
    pub(crate) incoming: Arc<Pipe>,
    pub(crate) outgoing: Arc<Pipe>,
    hostname: Option<CString>,
    /// The failure of a look ahead, for the next read.
    parked: Mutex<Option<Error>>,
    alpn: OnceLock<Option<CString>>,
    group: OnceLock<Option<CString>>,
}

/// What only the thread that holds the lock may touch.
struct Core {
    ssl: Ssl,
    /// The generations of contexts that the SSL reads, so that no setter changes them in place.
    generations: RefCell<Vec<Arc<SslCtx>>>,
    /// libssl is at work: a callback of ours is calling.
    busy: Cell<bool>,
    /// How libssl's buffers are kept.
    buffers: Buffers,
}

/// Marks the end of libssl's work, also when it panics.
struct Busy<'a>(&'a Cell<bool>);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Core {
    fn enter(&self) -> Result<Busy<'_>> {
        if self.busy.replace(true) {
            return Err(Error::value(
                "this connection is inside one of its own callbacks: it cannot read, write or shake hands there",
            ));
        }
        Ok(Busy(&self.busy))
    }
}

impl Engine {
    /// Makes a connection of a context, in the order of checks that Python has.
    pub(crate) fn new(
        context: &Context,
        server_side: bool,
        hostname: Option<CString>,
        session: Option<&Session>,
        pipes: (Arc<Pipe>, Arc<Pipe>),
    ) -> Result<Engine> {
        context.check_role(server_side)?;
        let snapshot = context.snapshot()?;
        let trust = Trust {
            verified: snapshot.ctx.verify_mode() & VERIFY_PEER != 0,
            hostname: hostname.clone().filter(|_| snapshot.check_hostname),
        };
        let events = Arc::new(Events::new(context.clone(), trust));
        let (incoming, outgoing) = pipes;
        let handler = Arc::clone(&events);
        let ssl =
            Ssl::new(&snapshot.ctx, server_side, Arc::clone(&incoming), Arc::clone(&outgoing), handler)?;
        prepare(&ssl, &snapshot, hostname.as_deref())?;
        let core = Core {
            ssl,
            generations: RefCell::new(vec![snapshot.ctx]),
            busy: Cell::new(false),
            buffers: Buffers::default(),
        };
        let engine = Engine {
            core: ReentrantMutex::new(core),
            events,
            incoming,
            outgoing,
            hostname,
            parked: Mutex::new(None),
            alpn: OnceLock::new(),
            group: OnceLock::new(),
        };
        session.map_or(Ok(()), |session| engine.set_session(session))?;
        Ok(engine)
    }

    /// Runs one libssl call under the lock and turns its failure into an error.
    fn run<T>(&self, phase: Phase, call: impl FnOnce(&Core) -> IoResult<T>) -> Result<T> {
        let core = self.core.lock();
        let busy = core.enter()?;
        self.take_up(&core)?;
        let result = call(&core);
        drop(busy);
        let mut happened = self.events.take();
        if let Some(panic) = happened.panic.take() {
            return Err(panic.in_phase(phase));
        }
        let failed = happened.failure.take();
        match (result, failed) {
            (Ok(value), None) => Ok(value),
            (Ok(_), Some(failed)) => Err(failed.in_phase(phase)),
            (Err(failure), failed) => {
                let error = outcome::error(failure, happened, &self.circumstances(&core, phase));
                Err(self.because(error, failed))
            }
        }
    }

    /// Names what a callback failed with. An operation that goes on later keeps it until it is done.
    fn because(&self, error: Error, failed: Option<Error>) -> Error {
        match failed {
            Some(failed) if error.is_want() => {
                self.events.fail(failed);
                error
            }
            failed => error.caused_by(failed),
        }
    }

    /// Says whose handle the callbacks get.
    pub(crate) fn belong_to(&self, owner: Owner) {
        self.events.belong_to(owner);
    }

    /// Refuses what may not be done inside a callback of this connection, before any lock is waited for.
    pub(crate) fn check_reentry(&self) -> Result<()> {
        self.core.lock().enter().map(drop)
    }

    fn circumstances(&self, core: &Core, phase: Phase) -> Circumstances<'_> {
        Circumstances { phase, verify_result: core.ssl.verify_result(), hostname: self.hostname.as_deref() }
    }

    /// Before the handshake starts, takes up what was set on the context since this connection was made and
    /// Python reads live.
    fn take_up(&self, core: &Core) -> Result<()> {
        if !core.ssl.in_before() {
            return Ok(());
        }
        let context = self.context();
        follow(&core.ssl, &context)?;
        let mut generations = core.generations.borrow_mut();
        let Some(own) = generations.last() else { return Ok(()) };
        let later = context.later_than(own)?;
        if let Some(ctx) = context.with_hooks(own)? {
            core.ssl.set_ctx(&ctx)?;
            generations.push(ctx);
        }
        let Some(later) = later else { return Ok(()) };
        core.ssl.set_verify_store(&later.store);
        later.ciphers.map_or(Ok(()), |ciphers| Ok(core.ssl.set_ciphers(&ciphers)?))
    }

    /// Python: `do_handshake()`, as far as the bytes that are there allow.
    pub fn do_handshake(&self) -> Result<()> {
        self.run(Phase::Handshake, |core| core.ssl.do_handshake())
    }

    /// Python: `read()`. 0 is the clean end.
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if let Some(error) = self.parked.lock().take() {
            return Err(error);
        }
        self.run(Phase::Read, |core| {
            let result = match self.has_nothing(&core.ssl) {
                true => Err(Failure { code: outcome::SSL_ERROR_WANT_READ, entry: None }),
                false => core.ssl.read(buffer).or_else(|failure| clean_end(&core.ssl, failure)),
            };
            core.buffers.has_read(&core.ssl, !self.incoming.is_dry());
            result
        })
    }

    /// Tells whether reading could only find that bytes are missing. After a failure or a close_notify there is
    /// something to say.
    fn has_nothing(&self, ssl: &Ssl) -> bool {
        self.incoming.is_dry() && ssl.is_init_finished() && !ssl.has_pending() && !ssl.shutdown_state().1
    }

    /// Python: `write()`. Takes all of the data or none.
    pub fn write(&self, data: &[u8]) -> Result<usize> {
        self.run(Phase::Write, |core| {
            core.buffers.will_write(&core.ssl);
            core.ssl.write(data)
        })
    }

    /// Python: `unwrap()`: sends close_notify and takes the peer's.
    pub(crate) fn shutdown(&self) -> Result<()> {
        self.run(Phase::Shutdown, |Core { ssl, .. }| {
            // The first 0 says that ours is sent and the peer's not seen; the second look reads.
            if !ssl.shutdown()? {
                ssl.shutdown()?;
            }
            Ok(())
        })
    }

    /// Sends close_notify; reading goes on.
    pub fn close_write(&self) -> Result<()> {
        self.run(Phase::Shutdown, |Core { ssl, .. }| match ssl.shutdown_state() {
            (true, _) => Ok(()),
            (false, _) => ssl.shutdown().map(|_| ()),
        })
    }

    /// Python: `verify_client_post_handshake()`
    pub fn verify_client_post_handshake(&self) -> Result<()> {
        let core = self.core.lock();
        let _busy = core.enter()?;
        Ok(core.ssl.verify_client_post_handshake()?)
    }

    /// Keeps other threads out for several calls, none of which waits. Refused inside a callback of this
    /// connection.
    pub(crate) fn hold(&self) -> Result<impl Sized + '_> {
        let core = self.core.lock();
        core.enter()?;
        Ok(core)
    }

    /// Tells whether the handshake is finished.
    pub fn is_handshake_done(&self) -> bool {
        self.core.lock().ssl.is_init_finished()
    }

    /// Tells whether the peer's close_notify was read.
    pub fn is_peer_closed(&self) -> bool {
        self.events.is_peer_closed()
    }

    /// As `pending`, but a record that has arrived counts before it was decrypted. What is wrong with it is the
    /// next read's to tell.
    pub(crate) fn pending_ahead(&self) -> usize {
        let decrypted = self.pending();
        if decrypted > 0 || self.incoming.pending() == 0 || !self.is_handshake_done() {
            return decrypted;
        }
        match self.run(Phase::Read, |Core { ssl, .. }| ssl.peek()) {
            Ok(count) => count,
            Err(error) => {
                // Not those that say nothing of the connection: it ended cleanly, has no record yet, or its own
                // callback asked.
                let telling =
                    !matches!(error.status(), Status::WantRead | Status::ZeroReturn | Status::Value);
                *self.parked.lock() = Some(error).filter(|_| telling);
                0
            }
        }
    }

    /// Python: `pending()`
    pub fn pending(&self) -> usize {
        self.core.lock().ssl.pending()
    }

    /// Python: `version()`
    pub fn version(&self) -> Option<&'static CStr> {
        let core = self.core.lock();
        let version = core.ssl.is_init_finished().then(|| core.ssl.version());
        version.filter(|version| *version != c"unknown")
    }

    /// Python: `cipher()`
    pub fn cipher(&self) -> Option<Cipher> {
        self.core.lock().ssl.cipher()
    }

    /// The group of the key exchange, by OpenSSL's name.
    pub fn group(&self) -> Option<&CStr> {
        if let Some(known) = self.group.get() {
            return known.as_deref();
        }
        let core = self.core.lock();
        if !core.ssl.is_init_finished() {
            return None;
        }
        self.group.get_or_init(|| core.ssl.group().map(super::error::text)).as_deref()
    }

    /// Python: `selected_alpn_protocol()`
    pub fn selected_alpn_protocol(&self) -> Option<&CStr> {
        if let Some(known) = self.alpn.get() {
            return known.as_deref();
        }
        let core = self.core.lock();
        let chosen = core.ssl.alpn_selected();
        if chosen.is_empty() && !core.ssl.is_init_finished() {
            return None;
        }
        let known = self.alpn.get_or_init(|| (!chosen.is_empty()).then(|| super::error::text(chosen)));
        known.as_deref()
    }

    /// Python: `server_side`
    pub fn server_side(&self) -> bool {
        self.core.lock().ssl.is_server()
    }

    /// Python: `server_hostname`
    pub fn server_hostname(&self) -> Option<&CStr> {
        self.hostname.as_deref()
    }

    /// Python: `context`
    pub fn context(&self) -> Context {
        self.events.context.read().clone()
    }

    /// Python: `context = context`. Options, versions, ciphers and verification stay.
    pub fn set_context(&self, context: &Context) -> Result<()> {
        let core = self.core.lock();
        // libssl points into the certificates that this frees, once it has chosen one.
        if core.busy.get() && !self.events.is_choosing() {
            return Err(Error::value(
                "this connection is inside one of its own callbacks: of those only an SNI callback can set its context",
            ));
        }
        let snapshot = context.snapshot()?;
        core.ssl.set_ctx(&snapshot.ctx)?;
        core.generations.borrow_mut().push(snapshot.ctx);
        follow(&core.ssl, context)?;
        *self.events.context.write() = context.clone();
        Ok(())
    }
}

/// What a fresh connection gets beyond its context's settings.
fn prepare(ssl: &Ssl, snapshot: &Snapshot, hostname: Option<&CStr>) -> Result<()> {
    if ssl.is_server() {
        ssl.set_session_id_context(SESSION_ID_CONTEXT)?;
    }
    if snapshot.post_handshake_auth {
        match ssl.is_server() {
            true if ssl.verify_mode() & VERIFY_PEER != 0 => ssl.add_verify_mode(VERIFY_POST_HANDSHAKE),
            true => {}
            false => ssl.set_post_handshake_auth(true),
        }
    }
    hostname.map_or(Ok(()), |name| expect(ssl, name, snapshot.check_hostname))
}

/// Has libssl ask for what the context has callbacks for, and for no more: that alone changes what it does.
fn follow(ssl: &Ssl, context: &Context) -> Result<()> {
    let callbacks = context.callbacks();
    ssl.watch_messages(callbacks.message.is_some());
    if !ssl.is_server() {
        ssl.set_psk_client(callbacks.psk_client.is_some());
        return Ok(());
    }
    ssl.set_psk_server(callbacks.psk_server.is_some());
    Ok(ssl.set_psk_identity_hint(callbacks.psk_hint.as_deref())?)
}

fn expect(ssl: &Ssl, name: &CStr, check: bool) -> Result<()> {
    match hostname::is_ip_literal(super::error::as_str(name)) {
        Some(address) if check => ssl.expect_ip(address)?,
        Some(_) => {}
        None => {
            ssl.set_server_name(name)?;
            if check {
                ssl.expect_host(name)?;
            }
        }
    }
    Ok(())
}

/// The peer's close_notify is the end of the stream, as long as ours was not sent.
fn clean_end(ssl: &Ssl, failure: Failure) -> IoResult<usize> {
    let ended = failure.code == outcome::SSL_ERROR_ZERO_RETURN && ssl.shutdown_state() == (false, true);
    if ended { Ok(0) } else { Err(failure) }
}
