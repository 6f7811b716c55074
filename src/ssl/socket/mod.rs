//! A TLS connection or listener over a socket of the system. Python: `SSLSocket`

mod agreed;
mod connect;
mod descriptor;
mod end;
mod file;
mod io;
mod ktls;
mod listen;
mod options;
mod parts;
mod plain;
mod receive;
mod time;
mod write;

pub use crate::os::{Address, Endpoint, File, Half, LentFile, OwnedSocket, RawSocket, Ready};
pub(crate) use crate::os::{Number, lend_file, own, release};
pub use time::Timeout;

use super::connection::Owner;
use super::context::{Context, Refused, WrapFlags};
use super::engine::Engine;
use super::error::{Error, Phase, Result};
use super::hostname;
use super::session::Session;
use crate::os::{self, Deadline};
use arc_swap::ArcSwapOption;
use descriptor::Descriptor;
use end::Streams;
use parking_lot::{Mutex, RwLock};
use std::ffi::{CStr, CString, c_void};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use write::Writing;

/// A handle on a socket. One thread may read while another writes; any thread may close it.
#[derive(Clone)]
pub struct Socket(pub(crate) Arc<Inner>);

/// What the handles on one socket, and the streams over it, have in common.
pub struct Inner {
    context: RwLock<Context>,
    flags: WrapFlags,
    hostname: Option<CString>,
    /// Text that is lent stays for as long as the socket, whatever becomes of its connection.
    alpn: OnceLock<CString>,
    group: OnceLock<CString>,
    userdata: AtomicPtr<c_void>,
    /// What to resume once there is a connection.
    session: Mutex<Option<Session>>,
    descriptor: ArcSwapOption<Descriptor>,
    /// The descriptor was closed or given away.
    gone: AtomicBool,
    engine: ArcSwapOption<Engine>,
    timeout: time::Cell,
    connected: AtomicBool,
    /// A `connect` was not done yet when it returned: the next one goes on with it.
    connecting: AtomicBool,
    reading: Mutex<()>,
    writing: Mutex<Writing>,
    /// The last receive took all there was: the next one may as well wait first.
    drained: AtomicBool,
    /// Plain bytes that came behind the peer's close_notify.
    ahead: Mutex<Vec<u8>>,
    ragged: AtomicBool,
    /// TLS was dropped by `shutdown`: what still comes is ciphertext, and is never handed out.
    ended: AtomicBool,
    /// Nagle's algorithm was switched off for TLS.
    hurried: AtomicBool,
    /// Nothing can be sent any more: a reader does not try again.
    mute: AtomicBool,
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
    fn new(context: &Context, fd: OwnedSocket, flags: WrapFlags, hostname: Option<CString>) -> Socket {
        os::adopt(os::lend(&fd));
        Socket(Arc::new(Inner {
            context: RwLock::new(context.clone()),
            flags,
            hostname,
            alpn: OnceLock::new(),
            group: OnceLock::new(),
            userdata: AtomicPtr::default(),
            session: Mutex::new(None),
            descriptor: ArcSwapOption::from_pointee(Descriptor::new(fd)),
            gone: AtomicBool::new(false),
            engine: ArcSwapOption::empty(),
            timeout: time::Cell::new(Timeout::Never),
            connected: AtomicBool::new(false),
            connecting: AtomicBool::new(false),
            reading: Mutex::new(()),
            writing: Mutex::default(),
            drained: AtomicBool::new(true),
            ahead: Mutex::default(),
            ragged: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            hurried: AtomicBool::new(false),
            mute: AtomicBool::new(false),
            streams: Mutex::default(),
            origin: os::Origin::here(),
        }))
    }

    /// Wraps a descriptor whose arguments were checked.
    pub(crate) fn wrap(
        context: &Context,
        fd: OwnedSocket,
        flags: WrapFlags,
        hostname: Option<&str>,
        session: Option<&Session>,
    ) -> std::result::Result<Socket, Refused> {
        let hostname = match hostname.map(|name| stored_name(name, flags)).transpose() {
            Ok(hostname) => hostname,
            Err(error) => return Err(Refused { error, fd }),
        };
        let socket = Socket::new(context, fd, flags, hostname);
        *socket.session.lock() = session.cloned();
        // A callback may close the socket; on failure the descriptor still goes back, open.
        let kept = socket.descriptor.load_full();
        match socket.begin() {
            Ok(()) => Ok(socket),
            Err(error) => Err(socket.refuse(error, kept)),
        }
    }

    /// Gives the descriptor back as it came, with the error; no thread is inside any more.
    fn refuse(self, error: Error, kept: Option<Arc<Descriptor>>) -> Refused {
        if let Some(fd) = &kept {
            if self.hurried.load(Ordering::Relaxed) {
                os::delay_again(os::lend(fd));
            }
            os::give_back(os::lend(fd), self.timeout.get() != Timeout::Never);
        }
        // A callback may have kept a handle: it names a closed socket now.
        self.engine.store(None);
        drop(self.take_descriptor());
        match kept.and_then(Arc::into_inner).and_then(Descriptor::into_inner) {
            Some(fd) => Refused { error, fd },
            None => unreachable!("a socket that was not handed out has one owner"),
        }
    }

    fn begin(&self) -> Result<()> {
        let fd = self.fd()?;
        if os::is_nonblocking(os::lend(&fd)).map_err(Error::os)? {
            self.timeout.set(Timeout::NonBlocking);
        }
        if !os::is_connected(os::lend(&fd)).map_err(Error::os)? {
            return self.check_nothing_received(&fd);
        }
        if self.server_hostname().is_some_and(CStr::is_empty) {
            hostname::encode("")?;
        }
        self.connected.store(true, Ordering::Release);
        self.start_tls()?;
        if self.flags.has(WrapFlags::NO_HANDSHAKE) {
            return Ok(());
        }
        let deadline = self.timeout.get().deadline().ok_or_else(|| {
            Error::value("do_handshake_on_connect should not be specified for non-blocking sockets")
        })?;
        self.handshake(deadline)
    }

    /// A peer that sent plain bytes and vanished must not look like one that sent TLS.
    fn check_nothing_received(&self, fd: &OwnedSocket) -> Result<()> {
        match os::peek(os::lend(fd), &mut [0]) {
            Ok(0) | Err(os::errno::NOTCONN | os::errno::INVAL | os::errno::AGAIN) => Ok(()),
            Err(error) => Err(Error::os(error)),
            Ok(_) => {
                let words = "Closed before TLS handshake with data in recv buffer.";
                Err(Error::ssl(words)
                    .with(|detail| detail.code = i64::from(os::errno::NOTCONN))
                    .with_text(Some(words), |detail, words| detail.reason = Some(words)))
            }
        }
    }

    fn start_tls(&self) -> Result<()> {
        let server = self.server_side();
        let session = self.session.lock().clone();
        let context = self.context();
        let name = self.hostname.clone();
        let engine = Engine::new(&context, server, name, session.as_ref(), Default::default())?;
        engine.belong_to(Owner::Socket(Arc::downgrade(&self.0)));
        self.offer_kernel(&engine);
        self.hurried.store(os::delay_nothing(os::lend(&*self.fd()?)), Ordering::Relaxed);
        self.mute.store(false, Ordering::Relaxed);
        self.engine.store(Some(Arc::new(engine)));
        Ok(())
    }

    /// The TLS connection, while there is one.
    pub fn engine(&self) -> Option<Arc<Engine>> {
        self.engine.load_full()
    }

    /// Python: `pending()`. What was received ahead counts too.
    pub fn pending(&self) -> usize {
        self.engine().map_or(0, |engine| engine.pending_ahead())
    }

    /// The TLS connection of a socket whose handshake can at least begin.
    pub fn connection(&self) -> Result<Arc<Engine>> {
        if let Some(engine) = self.engine() {
            return Ok(engine);
        }
        if !self.connected.load(Ordering::Acquire) {
            os::peer_address(os::lend(&*self.fd()?)).map_err(Error::os)?;
        }
        Err(Error::value("No SSL wrapper around this socket"))
    }

    /// Python: `context`
    pub fn context(&self) -> Context {
        self.engine().map_or_else(|| self.context.read().clone(), |engine| engine.context())
    }

    /// Python: `context = context`. Without a connection yet it is used once there is one.
    pub fn set_context(&self, context: &Context) -> Result<()> {
        *self.context.write() = context.clone();
        self.engine().map_or(Ok(()), |engine| engine.set_context(context))
    }

    /// Python: `session = session`. Without a connection yet it is checked and used once there is one.
    pub fn set_session(&self, session: &Session) -> Result<()> {
        let Some(engine) = self.engine() else {
            *self.session.lock() = Some(session.clone());
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

    /// The group of the key exchange, by OpenSSL's name.
    pub fn group(&self) -> Option<&CStr> {
        let engine = self.engine()?;
        let group = engine.group()?;
        Some(self.group.get_or_init(|| group.to_owned()))
    }

    /// The pointer that was stored; NULL at first.
    pub fn userdata(&self) -> *mut c_void {
        self.userdata.load(Ordering::Acquire)
    }

    /// Stores a pointer that is never followed.
    pub fn set_userdata(&self, userdata: *mut c_void) {
        self.userdata.store(userdata, Ordering::Release);
    }

    /// Waits until the descriptor is ready for what a call wanted.
    pub fn wait(&self, ready: Ready, timeout: Timeout) -> Result<()> {
        let fd = self.fd()?;
        let deadline = timeout.deadline().unwrap_or_else(|| Deadline::after(Duration::ZERO));
        match os::wait(os::lend(&fd), ready, deadline).map_err(Error::os)? {
            true => self.check_plain(),
            false => Err(Error::timeout("timed out")),
        }
    }

    /// Python: `server_side`
    pub fn server_side(&self) -> bool {
        self.flags.has(WrapFlags::SERVER_SIDE)
    }

    /// Python: `gettimeout()`
    pub fn gettimeout(&self) -> Timeout {
        self.timeout.get()
    }

    /// Python: `settimeout(value)`, `setblocking(flag)`. Calls that begin later obey it.
    pub fn settimeout(&self, timeout: Timeout) -> Result<()> {
        os::set_nonblocking(os::lend(&*self.fd()?), timeout != Timeout::Never).map_err(Error::os)?;
        self.timeout.set(timeout);
        Ok(())
    }

    /// Python: `fileno()`
    pub fn fileno(&self) -> Option<RawSocket> {
        self.descriptor.load().as_ref().map(|fd| os::number(fd))
    }

    /// Tells whether the stream ended without close_notify though a plain end was reported.
    pub fn ragged_eof(&self) -> bool {
        self.ragged.load(Ordering::Acquire)
    }

    /// Python: `getpeername()`
    pub fn getpeername(&self) -> Result<Address> {
        os::peer_address(os::lend(&*self.fd()?)).map_err(Error::os)
    }

    /// Python: `getsockname()`
    pub fn getsockname(&self) -> Result<Address> {
        os::local_address(os::lend(&*self.fd()?)).map_err(Error::os)
    }

    /// Does the handshake within a deadline.
    fn handshake(&self, deadline: Deadline) -> Result<()> {
        self.shake_hands(io::Operation::handshake(Some(deadline)))
    }

    /// Python: `do_handshake()`
    pub fn do_handshake(&self) -> Result<()> {
        // A connect that was not waited for may have been refused since.
        if !self.connected.load(Ordering::Acquire) {
            os::peer_address(os::lend(&*self.fd()?)).map_err(Error::os)?;
            if self.engine().is_none() {
                return Err(Error::value(
                    "the socket was wrapped before it was connected: connect it by connect, or wrap it afterwards",
                ));
            }
        }
        self.shake_hands(io::Operation::handshake(self.timeout.get().deadline()))
    }

    fn shake_hands(&self, operation: io::Operation) -> Result<()> {
        let engine = self.connection()?;
        self.drive(&engine, operation, |turn| turn.do_handshake())
            .map_err(|error| error.in_phase(Phase::Handshake))
    }

    /// Python: `verify_client_post_handshake()`
    pub fn verify_client_post_handshake(&self) -> Result<()> {
        let engine = self.engine().ok_or_else(|| Error::value("No SSL wrapper around this socket"))?;
        engine.verify_client_post_handshake()
    }
}

/// Python takes an empty name for a server, and refuses it only where there is a connection already.
fn stored_name(name: &str, flags: WrapFlags) -> Result<CString> {
    if name.is_empty() && flags.has(WrapFlags::SERVER_SIDE) {
        return Ok(CString::default());
    }
    hostname::encode(name)
}
