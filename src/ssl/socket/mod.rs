//! A TLS connection or listener over a socket of the system. Python: `SSLSocket`

mod address;
mod agreed;
mod begin;
mod connect;
mod descriptor;
mod end;
mod file;
mod flags;
mod io;
mod ktls;
mod lent;
mod listen;
mod operation;
mod names;
mod options;
mod parts;
mod paused;
mod peer;
mod plain;
mod read_ahead;
mod receive;
mod resolve;
mod state;
mod streams;
mod time;
mod wrap;
mod write;

pub use crate::os::{Address, Endpoint, File, Half, LentFile, OwnedSocket, RawSocket, Ready};
pub(crate) use crate::os::{Number, borrow_file, own, release};
pub use flags::WrapFlags;
pub(crate) use resolve::resolve;
pub use time::Timeout;
pub use wrap::NotWrapped;

use super::context::Context;
use super::engine::Engine;
use super::error::{Error, Phase, Result};
use super::inherited::Inherited;
use super::session::Session;
use crate::lock::{Mutex, READING, Slot, WRAPPING, WRITING};
use crate::os::{self, Deadline};
use arc_swap::{ArcSwap, ArcSwapOption};
use descriptor::Descriptor;
use end::Streams;
use operation::Operation;
use paused::Paused;
use state::State;
use std::ffi::{CStr, CString, c_void};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, OnceLock};
use write::Writing;

/// A handle on a socket. One thread may read while another writes; any thread may close it.
#[derive(Clone)]
pub struct Socket(pub(crate) Arc<Inner>);

/// The common part of all handles on one socket and of the streams over it.
pub struct Inner {
    context: Slot<Context>,
    flags: WrapFlags,
    hostname: Option<CString>,
    /// Texts that getters have returned: they must stay valid as long as the socket, even after its connection is gone.
    alpn: OnceLock<CString>,
    group: OnceLock<CString>,
    ech_outer_name: OnceLock<CString>,
    server_name: OnceLock<CString>,
    userdata: AtomicPtr<c_void>,
    /// The session to resume once there is a connection.
    session: Slot<Option<Session>>,
    state: ArcSwap<State>,
    descriptor: ArcSwapOption<Descriptor>,
    timeout: time::Cell,
    /// Held by `wrap_socket` during its handshake.
    wrapping: Inherited<Mutex<(), WRAPPING>>,
    reading: Inherited<Mutex<(), READING>>,
    writing: Inherited<Mutex<Writing, WRITING>>,
    /// An operation that a callback of the handshake has stopped.
    paused: Paused,
    /// The last receive emptied the system's buffer, so the next one waits first.
    nothing_at_hand: AtomicBool,
    /// Reads that may wait receive everything that has arrived.
    read_ahead: AtomicBool,
    /// Plain bytes that came after the peer's close_notify.
    ahead: Mutex<Vec<u8>>,
    ragged: AtomicBool,
    /// Nagle's algorithm was switched off for TLS.
    hurried: AtomicBool,
    /// A send has failed: reads do not try to send any more.
    send_failed: AtomicBool,
    streams: Mutex<Streams>,
    origin: os::Origin,
}

impl Deref for Socket {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Socket {
    fn new(
        context: &Context,
        descriptor: Arc<Descriptor>,
        flags: WrapFlags,
        hostname: Option<CString>,
    ) -> Socket {
        os::adopt(os::lend(&descriptor));
        Socket(Arc::new(Inner {
            context: Slot::new(context.clone()),
            flags,
            hostname,
            alpn: OnceLock::new(),
            group: OnceLock::new(),
            ech_outer_name: OnceLock::new(),
            server_name: OnceLock::new(),
            userdata: AtomicPtr::default(),
            session: Slot::default(),
            state: ArcSwap::from_pointee(State::Unconnected),
            descriptor: ArcSwapOption::new(Some(descriptor)),
            timeout: time::Cell::new(Timeout::Never),
            wrapping: Inherited::new(Mutex::new(())),
            reading: Inherited::new(Mutex::new(())),
            writing: Inherited::new(Mutex::default()),
            paused: Paused::default(),
            nothing_at_hand: AtomicBool::new(true),
            read_ahead: AtomicBool::new(false),
            ahead: Mutex::default(),
            ragged: AtomicBool::new(false),
            hurried: AtomicBool::new(false),
            send_failed: AtomicBool::new(false),
            streams: Mutex::default(),
            origin: os::Origin::here(),
        }))
    }

    /// The TLS connection, while there is one.
    pub fn engine(&self) -> Option<Arc<Engine>> {
        self.state.load().engine().cloned()
    }

    /// Tells whether a read returns at once, whatever the descriptor says.
    fn is_readable(&self) -> bool {
        self.engine().map_or_else(|| !self.ahead.lock().is_empty(), |engine| engine.is_readable())
    }

    /// Python: `pending()`. Also counts what was received ahead, and the plain bytes that `unwrap` has kept.
    pub fn pending(&self) -> usize {
        self.engine().map_or_else(|| self.ahead.lock().len(), |engine| engine.pending_ahead())
    }

    /// Bytes that are encrypted but could not be sent yet. The next call in either direction sends them.
    pub fn pending_write(&self) -> usize {
        self.engine().map_or(0, |engine| engine.outgoing.pending())
    }

    /// The TLS connection, for getters about the peer; an error while there is none.
    pub fn connection(&self) -> Result<Arc<Engine>> {
        let state = self.state.load();
        match (&**state, state.engine()) {
            (_, Some(engine)) => Ok(Arc::clone(engine)),
            (State::Unconnected | State::Listening, None) => {
                os::peer_address(os::lend(&*self.fd()?)).map_err(Error::os)?;
                Err(Error::value("handshake not done yet"))
            }
            (_, None) => Err(without_tls()),
        }
    }

    /// Python: `context`
    pub fn context(&self) -> Context {
        self.engine().map_or_else(|| self.context.get(), |engine| engine.context())
    }

    /// Python: `context = context`. Before there is a connection, it is kept for it.
    pub fn set_context(&self, context: &Context) -> Result<()> {
        self.engine().map_or(Ok(()), |engine| engine.set_context(context))?;
        self.context.set(context.clone());
        Ok(())
    }

    /// Python: `session = session`. Before there is a connection, it is kept for it and checked then.
    pub fn set_session(&self, session: &Session) -> Result<()> {
        let Some(engine) = self.engine() else {
            self.session.set(Some(session.clone()));
            return Ok(());
        };
        engine.set_session(session)
    }

    /// Python: `server_hostname`
    pub fn server_hostname(&self) -> Option<&CStr> {
        self.hostname.as_deref()
    }

    /// Python: `selected_alpn_protocol()`
    pub fn selected_alpn_protocol(&self) -> Option<&CStr> {
        let engine = self.engine()?;
        let chosen = engine.selected_alpn_protocol()?;
        Some(self.alpn.get_or_init(|| chosen.to_owned()))
    }

    /// OpenSSL's name of the group of the key exchange.
    pub fn group(&self) -> Option<&CStr> {
        let engine = self.engine()?;
        let group = engine.group()?;
        Some(self.group.get_or_init(|| group.to_owned()))
    }

    /// The name of the server that was sent in clear, where the real one was encrypted.
    pub fn ech_outer_name(&self) -> Option<&CStr> {
        let engine = self.engine()?;
        let name = engine.ech_outer_name()?;
        Some(self.ech_outer_name.get_or_init(|| name.to_owned()))
    }

    /// The pointer that was stored; NULL at first.
    pub fn userdata(&self) -> *mut c_void {
        self.userdata.load(Ordering::Acquire)
    }

    /// Stores a pointer, which the library never dereferences.
    pub fn set_userdata(&self, userdata: *mut c_void) {
        self.userdata.store(userdata, Ordering::Release);
    }

    /// Python: `server_side`
    pub fn server_side(&self) -> bool {
        self.flags.has(WrapFlags::SERVER_SIDE)
    }

    /// Python: `do_handshake()`
    pub fn do_handshake(&self) -> Result<()> {
        let operation = Operation::handshake(self.timeout.get().deadline());
        self.fd()?;
        let engine = self.tls(operation, WITHOUT_TLS)?;
        self.shake_hands_in(&engine, operation)
    }

    /// Does the handshake within a deadline.
    fn shake_hands(&self, engine: &Engine, deadline: Deadline) -> Result<()> {
        self.shake_hands_in(engine, Operation::handshake(Some(deadline)))
    }

    fn shake_hands_in(&self, engine: &Engine, operation: Operation) -> Result<()> {
        self.drive(engine, operation, |turn| turn.do_handshake())
            .map_err(|error| error.in_phase(Phase::Handshake))
    }

    /// Python: `verify_client_post_handshake()`
    pub fn verify_client_post_handshake(&self) -> Result<()> {
        self.engine().ok_or_else(without_tls)?.verify_client_post_handshake()
    }
}

const WITHOUT_TLS: &str = "No SSL wrapper around this socket";

fn without_tls() -> Error {
    Error::value(WITHOUT_TLS)
}
