//! A TLS connection or listener over a socket of the system. Python: `SSLSocket`

mod connect;
mod io;
mod shared;
mod time;

pub use crate::os::{Address, Endpoint, Half, Ready};
pub(crate) use shared::Shared;
pub use time::Timeout;

use super::connection::Owner;
use super::context::{Context, Refused, WrapFlags};
use super::engine::Engine;
use super::error::{Error, Phase, Result};
use super::hostname;
use super::session::Session;
use crate::os::{self, Deadline};
use parking_lot::{Mutex, RwLock};
use std::ffi::{CStr, CString, c_void};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A handle on a socket. One thread may read while another writes; any thread may close it.
pub struct Socket(pub(crate) Arc<Shared>);

impl Socket {
    fn new(context: &Context, fd: OwnedFd, flags: WrapFlags, hostname: Option<CString>) -> Socket {
        Socket(Arc::new(Shared {
            context: RwLock::new(context.clone()),
            flags,
            hostname,
            alpn: OnceLock::new(),
            group: OnceLock::new(),
            userdata: AtomicPtr::default(),
            session: Mutex::new(None),
            descriptor: RwLock::new(Some(Arc::new(fd))),
            engine: RwLock::new(None),
            timeout: time::Cell::new(Timeout::Never),
            connected: AtomicBool::new(false),
            reading: Mutex::new(()),
            writing: Mutex::default(),
            drained: AtomicBool::new(true),
            ahead: Mutex::default(),
            ragged: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        }))
    }

    /// Wraps a descriptor whose arguments were checked.
    pub(crate) fn wrap(
        context: &Context,
        fd: OwnedFd,
        flags: WrapFlags,
        hostname: Option<&str>,
        session: Option<&Session>,
    ) -> std::result::Result<Socket, Refused> {
        let hostname = match hostname.map(hostname::encode).transpose() {
            Ok(hostname) => hostname,
            Err(error) => return Err(Refused { error, fd }),
        };
        let socket = Socket::new(context, fd, flags, hostname);
        *socket.session.lock() = session.cloned();
        // A callback may close the socket; on failure the descriptor still goes back, open.
        let kept = socket.descriptor.read().clone();
        match socket.begin() {
            Ok(()) => Ok(socket),
            Err(error) => Err(socket.refuse(error, kept)),
        }
    }

    /// Gives the descriptor back with the error; nobody else can hold it yet.
    fn refuse(self, error: Error, kept: Option<Arc<OwnedFd>>) -> Refused {
        drop(self);
        match kept.and_then(Arc::into_inner) {
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
    fn check_nothing_received(&self, fd: &OwnedFd) -> Result<()> {
        match os::recv(os::lend(fd), &mut [0], false) {
            Ok(0) | Err(os::errno::NOTCONN | os::errno::INVAL | os::errno::AGAIN) => Ok(()),
            Err(error) => Err(Error::os(error)),
            Ok(_) => {
                let words = "Closed before TLS handshake with data in recv buffer.";
                Err(Error::ssl(words).with(|detail| {
                    detail.code = i64::from(os::errno::NOTCONN);
                    detail.reason = Some(super::error::text(words));
                }))
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
        os::set_nodelay(os::lend(&*self.fd()?));
        *self.engine.write() = Some(Arc::new(engine));
        Ok(())
    }

    fn fd(&self) -> Result<Arc<OwnedFd>> {
        self.descriptor.read().clone().ok_or_else(|| Error::os(os::errno::BADF))
    }

    /// The TLS connection, while there is one.
    pub fn engine(&self) -> Option<Arc<Engine>> {
        self.engine.read().clone()
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
            true => Ok(()),
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
    pub fn fileno(&self) -> Option<RawFd> {
        self.descriptor.read().as_ref().map(|fd| fd.as_raw_fd())
    }

    /// Python: `detach()`. The number stays the same unless another thread is inside a call.
    pub fn detach(&self) -> Option<OwnedFd> {
        let fd = self.descriptor.write().take()?;
        *self.engine.write() = None;
        Arc::try_unwrap(fd).or_else(|shared| shared.try_clone()).ok()
    }

    /// Python: `close()`. Threads blocked in this socket wake; closing twice is fine.
    pub fn close(&self) -> Result<()> {
        let fd = self.descriptor.write().take();
        *self.engine.write() = None;
        if let Some(shared) = fd.filter(|fd| Arc::strong_count(fd) > 1) {
            // Somebody is inside: only a shutdown wakes them, and the last one closes.
            let _ = os::shutdown(os::lend(&shared), Half::Both);
        }
        Ok(())
    }

    /// Resets the connection at once and closes it.
    pub fn abort(&self) -> Result<()> {
        let fd = self.descriptor.write().take();
        *self.engine.write() = None;
        if let Some(fd) = fd {
            os::reset(os::lend(&fd));
        }
        Ok(())
    }

    /// Python: `shutdown(how)`. Ours: TLS stays for the half that is left, and what comes after it is over is
    /// never handed out: it is ciphertext.
    pub fn shutdown(&self, half: Half) -> Result<()> {
        if half == Half::Both && self.engine.write().take().is_some() {
            self.ended.store(true, Ordering::Release);
        }
        os::shutdown(os::lend(&*self.fd()?), half).map_err(Error::os)
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
        let engine = self.connection()?;
        self.drive(&engine, io::Operation::handshake(Some(deadline)), Engine::do_handshake)
            .map_err(|error| error.in_phase(Phase::Handshake))
    }

    /// Python: `do_handshake()`
    pub fn do_handshake(&self) -> Result<()> {
        let engine = self.connection()?;
        let operation = io::Operation::handshake(self.timeout.get().deadline());
        self.drive(&engine, operation, Engine::do_handshake).map_err(|error| error.in_phase(Phase::Handshake))
    }

    /// Python: `verify_client_post_handshake()`
    pub fn verify_client_post_handshake(&self) -> Result<()> {
        let engine = self.engine().ok_or_else(|| Error::value("No SSL wrapper around this socket"))?;
        engine.verify_client_post_handshake()
    }
}
