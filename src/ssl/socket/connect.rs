//! Connecting and accepting.

use super::{Socket, Timeout};
use crate::os::{self, Address, Deadline, Endpoint, OwnedSocket, Ready};
use crate::ssl::context::resolve;
use crate::ssl::context::{Context, WrapFlags};
use crate::ssl::error::{Error, Phase, Result};
use std::ffi::CString;
use std::sync::atomic::Ordering;

impl Socket {
    /// A client over a descriptor that is connected to `host`; what is left of the deadline is the handshake's.
    pub(crate) fn connected(
        context: &Context,
        fd: OwnedSocket,
        hostname: CString,
        timeout: Timeout,
        deadline: Deadline,
    ) -> Result<Socket> {
        let socket = Socket::new(context, fd, WrapFlags::default(), Some(hostname));
        socket.settimeout(timeout)?;
        socket.connected.store(true, Ordering::Release);
        socket.start_tls()?;
        socket.handshake(deadline)?;
        Ok(socket)
    }

    /// A listener.
    pub(crate) fn listener(context: &Context, fd: OwnedSocket, flags: WrapFlags) -> Socket {
        Socket::new(context, fd, flags | WrapFlags::SERVER_SIDE, None)
    }

    /// Python: `connect(address)`. A non-blocking socket returns WANT_WRITE until it is connected, and goes on
    /// where it was when called again.
    pub fn connect(&self, address: &Endpoint) -> Result<()> {
        if !self.connecting.load(Ordering::Acquire) {
            self.prepare_connect()?;
        }
        let result = self.go_on_connecting(address);
        let waits = result.as_ref().is_err_and(Error::is_want);
        self.connecting.store(waits, Ordering::Release);
        result
    }

    /// Python: `connect((host, port))`
    pub fn connect_host(&self, host: &str, port: u16) -> Result<()> {
        self.connect(&self.own_family(host, port)?)
    }

    /// Python: `connect_ex((host, port))`
    pub fn connect_host_ex(&self, host: &str, port: u16) -> Result<i32> {
        self.connect_ex(&self.own_family(host, port)?)
    }

    /// Python: `connect_ex(address)`: the system's failures as a number.
    pub fn connect_ex(&self, address: &Endpoint) -> Result<i32> {
        self.prepare_connect()?;
        // Python gives this number also when the time is up.
        let errno = self.connect_plain(address)?.unwrap_or(os::errno::AGAIN);
        if errno == 0 {
            self.finish_connect()?;
        }
        Ok(errno)
    }

    /// The first address of the host that is of this socket's family.
    pub(super) fn own_family(&self, host: &str, port: u16) -> Result<Endpoint> {
        let family = os::local_address(os::lend(&*self.fd()?)).map_err(Error::os)?.family;
        let deadline = self.timeout.get().deadline().unwrap_or(Deadline::NEVER);
        let found = resolve(host, port, deadline)?;
        let fitting = found.into_iter().map(Endpoint::from).find(|address| address.family() == family);
        fitting.ok_or_else(|| {
            let words = format!("{host} has no address of this socket's family");
            Error::os_with(os::errno::AFNOSUPPORT, words).in_phase(Phase::Resolve)
        })
    }

    /// TLS comes first, so that its refusals leave the socket untouched.
    fn prepare_connect(&self) -> Result<()> {
        if self.server_side() {
            return Err(Error::value("can't connect in server-side mode"));
        }
        if self.connected.load(Ordering::Acquire) || self.engine().is_some() {
            return Err(Error::value("attempt to connect already-connected SSLSocket!"));
        }
        self.start_tls()
    }

    fn go_on_connecting(&self, address: &Endpoint) -> Result<()> {
        if self.connected.load(Ordering::Acquire) {
            return self.finish_connect();
        }
        let failure = match self.connect_plain(address) {
            Ok(Some(0 | os::errno::ISCONN)) => return self.finish_connect(),
            Ok(Some(os::errno::INPROGRESS | os::errno::ALREADY)) => return Err(Error::want_write()),
            Ok(Some(errno)) => Error::os(errno),
            Ok(None) => Error::timeout("timed out"),
            Err(error) => error,
        };
        self.engine.store(None);
        Err(failure.in_phase(Phase::Connect))
    }

    /// What a handshake that fails leaves behind is no plain socket: nothing must be sent unprotected.
    fn finish_connect(&self) -> Result<()> {
        self.connected.store(true, Ordering::Release);
        match self.flags.has(WrapFlags::NO_HANDSHAKE) {
            true => Ok(()),
            false => self.do_handshake(),
        }
    }

    /// Connects the transport: 0 or the system's error number, None when the time was up.
    fn connect_plain(&self, address: &Endpoint) -> Result<Option<i32>> {
        let fd = self.fd()?;
        let Some(deadline) = self.timeout.get().deadline() else {
            return Ok(Some(os::start_connect(os::lend(&fd), address).err().unwrap_or(0)));
        };
        os::set_nonblocking(os::lend(&fd), true).map_err(Error::os)?;
        let result = self.connect_within(&fd, address, deadline);
        let _ = os::set_nonblocking(os::lend(&fd), self.timeout.get() != Timeout::Never);
        self.check_plain()?;
        match result {
            Ok(true) => Ok(Some(0)),
            Ok(false) => Ok(None),
            Err(errno) => Ok(Some(errno)),
        }
    }

    /// As `os::connect`, but a close in another thread that comes before there is anything to wake is noticed.
    fn connect_within(&self, fd: &OwnedSocket, address: &Endpoint, deadline: Deadline) -> os::Result<bool> {
        match os::start_connect(os::lend(fd), address) {
            Err(os::errno::INPROGRESS) if self.check_open().is_ok() => {
                os::finish_connect(os::lend(fd), deadline)
            }
            done => done.map(|()| true),
        }
    }

    /// Python: `accept()`. The new socket is blocking and has the listener's context and flags.
    pub fn accept(&self) -> Result<(Socket, Address)> {
        let fd = self.accept_plain().map_err(|error| error.in_phase(Phase::Accept))?;
        let address = os::peer_address(os::lend(&fd)).unwrap_or_default();
        let socket = Socket::new(&self.context(), fd, self.flags | WrapFlags::SERVER_SIDE, None);
        socket.settimeout(Timeout::Never)?;
        socket.connected.store(true, Ordering::Release);
        socket.start_tls().map_err(|error| error.in_phase(Phase::Handshake))?;
        if !self.flags.has(WrapFlags::NO_HANDSHAKE) {
            socket.handshake(Deadline::NEVER)?;
        }
        Ok((socket, address))
    }

    fn accept_plain(&self) -> Result<OwnedSocket> {
        let fd = self.fd()?;
        let deadline = self.timeout.get().deadline();
        loop {
            // Waiting first: another process may take the connection before us, and accept would block.
            if let Some(deadline) = deadline {
                if !os::wait(os::lend(&fd), Ready::Read, deadline).map_err(Error::os)? {
                    return Err(Error::timeout("timed out"));
                }
            }
            let result = os::accept(os::lend(&fd));
            self.check_plain()?;
            match (result, deadline) {
                (Err(os::errno::AGAIN), None) => return Err(Error::want_read()),
                (Err(os::errno::AGAIN), Some(_)) => {}
                (result, _) => return result.map_err(Error::os),
            }
        }
    }
}
