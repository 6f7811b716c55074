//! A TLS connection over two pipes: CPython's `_SSLSocket`, without waiting and without a transport.
//!
//! A re-entrant lock is held for as long as libssl works on bytes that are there, never while somebody waits
//! for more. So one thread may read while another writes, which libssl by itself forbids.

mod agreed;
mod buffers;
mod peer;
mod turn;

pub(crate) use agreed::{check_binding_type, check_count};
pub(crate) use turn::Turn;

use super::connection::Owner;
use super::context::{Context, Snapshot};
use super::error::{Error, Result, Status};
use super::events::Events;
use super::hostname::{self, Peer};
use super::session::{NameCheck, Session};
use crate::lock::{ReentrantMutex, TURN};
use crate::openssl::cipher::Cipher;
use crate::openssl::ctx::SslCtx;
use crate::openssl::error::Entry;
use crate::openssl::flags::mode;
use crate::openssl::ktls::Kernel;
use crate::openssl::pipe::Pipe;
use crate::openssl::ssl::Ssl;
use crate::os::Ownership;
use buffers::Buffers;
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// What sockets and objects have in common: see [`super::Object`] and [`super::Socket`].
pub struct Engine {
    core: Arc<ReentrantMutex<Core, TURN>>,
    events: Arc<Events>,
    pub(crate) incoming: Arc<Pipe>,
    pub(crate) outgoing: Arc<Pipe>,
    /// How many bytes were put out by the last call that read and answered the peer.
    answered: AtomicU64,
    /// How many bytes were put out by the last call in a handshake.
    shaken: AtomicU64,
    /// A read has told the peer's end.
    told_end: AtomicBool,
    hostname: Option<CString>,
    alpn: OnceLock<Option<CString>>,
    group: OnceLock<Option<CString>>,
    ownership: Ownership,
}

/// What only the thread that holds the lock may touch.
struct Core {
    ssl: Ssl,
    /// The generations of contexts that the SSL reads, so that no setter changes them in place.
    generations: RefCell<Vec<Arc<SslCtx>>>,
    /// libssl is at work: a callback of ours is calling.
    busy: Cell<bool>,
    /// Only this side of the stream was ended: the peer's end is still a clean one.
    half_closed: Cell<bool>,
    /// The handshake has begun: what the context says now is no longer asked.
    begun: Cell<bool>,
    /// The session to offer when the handshake begins, if it vouches then for what is asked.
    offered: RefCell<Option<Session>>,
    /// The failure of a look ahead, for the next read.
    kept_failure: RefCell<Option<Error>>,
    /// How libssl's buffers are kept.
    buffers: Buffers,
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
        let on = snapshot.check_hostname;
        let names = NameCheck { on, name: hostname.clone().filter(|_| on) };
        let events =
            Arc::new(Events::new(context.clone(), names, snapshot.ctx.hooks(), !snapshot.ctx.is_counted()));
        let (incoming, outgoing) = pipes;
        let handler = Arc::clone(&events);
        let ssl =
            Ssl::new(&snapshot.ctx, server_side, Arc::clone(&incoming), Arc::clone(&outgoing), handler)?;
        prepare(&ssl, &snapshot, hostname.as_deref())?;
        let core = Core {
            ssl,
            generations: RefCell::new(vec![snapshot.ctx]),
            busy: Cell::new(false),
            half_closed: Cell::new(false),
            begun: Cell::new(false),
            offered: RefCell::default(),
            kept_failure: RefCell::default(),
            buffers: Buffers::default(),
        };
        let engine = Engine {
            core: Arc::new(ReentrantMutex::new(core)),
            events,
            incoming,
            outgoing,
            answered: AtomicU64::new(0),
            shaken: AtomicU64::new(0),
            told_end: AtomicBool::new(false),
            hostname,
            alpn: OnceLock::new(),
            group: OnceLock::new(),
            ownership: Ownership::new().map_err(Error::os)?,
        };
        session.map_or(Ok(()), |session| engine.set_session(session))?;
        Ok(engine)
    }

    /// Refuses what another process has gone on with since a fork.
    fn check_process(&self) -> Result<()> {
        if self.ownership.go_on() {
            return Ok(());
        }
        // The other process has sent it, or will.
        self.outgoing.take();
        Err(Error::value(
            "another process has used this connection since the fork: only one of them can go on with it",
        ))
    }

    /// Tells whether this process made the connection or has used it since the fork.
    pub(crate) fn is_ours(&self) -> bool {
        self.ownership.is_ours()
    }

    /// Says whose handle the callbacks get.
    pub(crate) fn belong_to<O: Owner + 'static>(&self, owner: &Arc<O>) {
        self.events.belong_to(owner);
    }

    /// Lets a kernel make the records that are sent, where the context's options ask for it.
    pub(crate) fn offload(&self, kernel: Box<dyn Kernel>) {
        self.core.lock().ssl.offload(kernel);
    }

    /// Waits until no other thread is inside, and keeps them out. Refused inside a callback of this connection.
    pub(crate) fn turn(&self) -> Result<Turn<'_>> {
        self.check_process()?;
        Turn::take(self)
    }

    /// Refuses what may not be done inside a callback of this connection, before any lock is waited for.
    pub(crate) fn check_reentry(&self) -> Result<()> {
        self.check_process()?;
        if self.core.is_owned_by_current_thread() { self.turn().map(drop) } else { Ok(()) }
    }

    /// Python: `do_handshake()`, as far as the bytes that are there allow.
    pub fn do_handshake(&self) -> Result<()> {
        self.turn()?.do_handshake()
    }

    /// Python: `read()`. 0 is the clean end.
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        self.turn()?.read(buffer)
    }

    /// Python: `write()`. Takes all of the data or none.
    pub fn write(&self, data: &[u8]) -> Result<usize> {
        self.turn()?.write(data)
    }

    /// Python: `unwrap()`: sends close_notify and takes the peer's.
    pub(crate) fn shutdown(&self) -> Result<()> {
        self.turn()?.shutdown()
    }

    /// Sends close_notify; reading goes on.
    pub fn close_write(&self) -> Result<()> {
        self.turn()?.close_write()
    }

    /// Python: `verify_client_post_handshake()`
    pub fn verify_client_post_handshake(&self) -> Result<()> {
        self.turn()?.verify_client_post_handshake()
    }

    /// Tells whether the handshake is finished.
    pub fn is_handshake_done(&self) -> bool {
        self.core.lock().ssl.is_init_finished()
    }

    /// Tells whether the peer's close_notify was read.
    pub fn is_peer_closed(&self) -> bool {
        self.events.is_peer_closed()
    }

    /// Tells whether a read has told the peer's end. That it was seen, to look ahead, does not count.
    pub(crate) fn has_told_end(&self) -> bool {
        self.told_end.load(Ordering::Relaxed)
    }

    /// Tells whether the handshake is not over for want of what waits to be sent: not where a send has left it, nor for the
    /// tickets of a server of TLS 1.3, which has the client's last word. OpenSSL too finishes such a handshake though the
    /// client has gone.
    pub(crate) fn owes_handshake(&self) -> bool {
        let has_tickets_only = self.server_side() && self.version() == Some(c"TLSv1.3");
        self.outgoing.holds_of_first(self.shaken.load(Ordering::Relaxed)) && !has_tickets_only
    }

    /// Tells whether answers wait that reading has made, to a key update for one: the peer may wait for them.
    pub(crate) fn has_unsent_answers(&self) -> bool {
        self.outgoing.holds_of_first(self.answered.load(Ordering::Relaxed))
    }

    /// As `pending`, but a record that has arrived counts before it was decrypted. What is wrong with it is the
    /// next read's to tell.
    pub(crate) fn pending_ahead(&self) -> usize {
        let decrypted = self.pending();
        if decrypted > 0 || self.incoming.pending() == 0 || !self.is_handshake_done() {
            return decrypted;
        }
        let Ok(turn) = self.turn() else { return 0 };
        match turn.peek() {
            Ok(count) => count,
            Err(error) => {
                // Not those that say nothing of the connection: it ended cleanly, or has no record yet.
                let telling = !matches!(error.status(), Status::WantRead | Status::ZeroReturn);
                if telling {
                    turn.keep_failure(error);
                }
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
        self.group.get_or_init(|| core.ssl.group().map(super::text::text)).as_deref()
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
        let known = self.alpn.get_or_init(|| (!chosen.is_empty()).then(|| super::text::text(chosen)));
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
        self.events.context.get()
    }

    /// Python: `context = context`. Options, versions, ciphers and verification stay. Ours: a server asks its client
    /// for no less than the context asks for that it has when the ClientHello is there.
    pub fn set_context(&self, context: &Context) -> Result<()> {
        let old = self.replace_context(context)?;
        // This may be the last of it, and its callbacks belong to others: not under our lock.
        drop(old);
        Ok(())
    }

    fn replace_context(&self, context: &Context) -> Result<Context> {
        let core = self.core.lock();
        // libssl points into the certificates that this frees, once it has chosen one.
        if core.busy.get() && !self.events.is_choosing() {
            return Err(Error::value(
                "this connection is inside one of its own callbacks: of those only an SNI callback can set its context",
            ));
        }
        let snapshot = context.snapshot()?;
        core.ssl.set_ctx(&snapshot.ctx, &snapshot.store)?;
        self.events.uses(snapshot.ctx.hooks());
        core.generations.borrow_mut().push(snapshot.ctx);
        if core.is_under_way() && !self.events.is_choosing() {
            self.mix(&core)?;
        }
        follow(&core.ssl, context)?;
        Ok(self.events.context.replace(context.clone()))
    }

    /// Who has judged the peer when this handshake ends, nobody can tell: it makes no session that vouches for it.
    fn mix(&self, core: &Core) -> Result<()> {
        self.events.witness.mixes();
        let Some(ssl) = core.ssl.lent().filter(|ssl| ssl.is_server() && !ssl.is_resumed()) else {
            return Ok(());
        };
        ssl.session().map_or(Ok(()), |session| Ok(session.spoil()?))
    }
}

impl Core {
    /// Tells whether the first handshake, or a further one, has begun and is not finished.
    fn is_under_way(&self) -> bool {
        !self.ssl.in_before() && !self.ssl.is_init_finished()
    }
}

/// What a fresh connection gets beyond its context's settings.
fn prepare(ssl: &Ssl, snapshot: &Snapshot, hostname: Option<&CStr>) -> Result<()> {
    if !ssl.is_server() && !snapshot.alpn.is_empty() {
        ssl.set_alpn(&snapshot.alpn)?;
    }
    if snapshot.post_handshake_auth {
        match ssl.is_server() {
            true if ssl.verify_mode() & mode::PEER != 0 => ssl.add_verify_mode(mode::POST_HANDSHAKE),
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

/// OpenSSL 4 takes no name that could stand in no certificate, and does not say so.
fn no_host(name: &CStr, entry: Option<Entry>) -> Error {
    match entry {
        Some(entry) => Some(entry).into(),
        None => hostname::unverifiable(super::text::as_str(name)),
    }
}

fn expect(ssl: &Ssl, name: &CStr, check: bool) -> Result<()> {
    match hostname::peer(name) {
        Peer::Address(address) if check => Ok(ssl.expect_ip(address)?),
        Peer::Address(_) => Ok(()),
        Peer::Name(name) => {
            ssl.set_server_name(&name)?;
            if check { expect_host(ssl, &name) } else { Ok(()) }
        }
    }
}

fn expect_host(ssl: &Ssl, name: &CStr) -> Result<()> {
    ssl.expect_host(name).map_err(|entry| no_host(name, entry))?;
    if let Some(star) = hostname::starred(name) {
        // An OpenSSL that does not take it is stricter, as it is with the underscore itself.
        let _ = ssl.expect_host_or(&star);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_refused_without_a_word_gets_one() {
        let error = no_host(c"a_b", None);
        assert_eq!(error.status(), Status::Value);
        assert!(error.message().starts_with("server_hostname 'a_b' is no name that OpenSSL verifies: "));
    }
}
