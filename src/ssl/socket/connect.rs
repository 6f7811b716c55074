//! Connecting and accepting.

use super::io::Operation;
use super::{Socket, Timeout};
use crate::os::{self, Address, Deadline, Endpoint, Ready};
use crate::ssl::context::resolve;
use crate::ssl::context::{Context, WrapFlags};
use crate::ssl::engine::Engine;
use crate::ssl::error::{Error, Phase, Result};
use crate::ssl::hostname;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;

impl Socket {
    /// A client over a descriptor that is connected to `host`; what is left of the deadline is the handshake's.
    pub(crate) fn connected(
        context: &Context,
        fd: OwnedFd,
        host: &str,
        timeout: Timeout,
        deadline: Deadline,
    ) -> Result<Socket> {
        let hostname = hostname::encode(host)?;
        let socket = Socket::new(context, fd, WrapFlags::default(), Some(hostname));
        socket.settimeout(timeout)?;
        socket.connected.store(true, Ordering::Release);
        socket.start_tls()?;
        socket.handshake(deadline)?;
        Ok(socket)
    }

    /// A listener.
    pub(crate) fn listener(context: &Context, fd: OwnedFd, flags: WrapFlags) -> Socket {
        Socket::new(context, fd, flags | WrapFlags::SERVER_SIDE, None)
    }

    /// Python: `connect(address)`. A non-blocking socket returns WANT_WRITE until it is connected.
    pub fn connect(&self, address: &Endpoint) -> Result<()> {
        match self.connect_ex(address)? {
            0 => Ok(()),
            os::errno::INPROGRESS => Err(Error::want_write()),
            errno => {
                *self.engine.write() = None;
                Err(Error::os(errno).in_phase(Phase::Connect))
            }
        }
    }

    /// Python: `connect((host, port))`
    pub fn connect_host(&self, host: &str, port: u16) -> Result<()> {
        self.each_address(host, port, |address| self.connect(address))
    }

    /// Python: `connect_ex((host, port))`
    pub fn connect_host_ex(&self, host: &str, port: u16) -> Result<i32> {
        self.each_address(host, port, |address| self.connect_ex(address))
    }

    /// Uses the first address of the host that is of this socket's family.
    fn each_address<T>(
        &self,
        host: &str,
        port: u16,
        connect: impl FnOnce(&Endpoint) -> Result<T>,
    ) -> Result<T> {
        let family = os::local_address(os::lend(&*self.fd()?)).map_err(Error::os)?.family;
        let deadline = self.timeout.get().deadline().unwrap_or(Deadline::NEVER);
        let found = resolve(host, port, deadline)?;
        let fitting = found.into_iter().map(Endpoint::from).find(|address| address.family() == family);
        connect(&fitting.ok_or_else(|| {
            Error::os_with(0, format!("{host} has no address of this socket's family"))
                .in_phase(Phase::Resolve)
        })?)
    }

    /// Python: `connect_ex(address)`: the system's failures as a number.
    pub fn connect_ex(&self, address: &Endpoint) -> Result<i32> {
        if self.server_side() {
            return Err(Error::value("can't connect in server-side mode"));
        }
        if self.connected.load(Ordering::Acquire) || self.engine().is_some() {
            return Err(Error::value("attempt to connect already-connected SSLSocket!"));
        }
        self.start_tls()?;
        let deadline = self.timeout.get().deadline();
        match self.connect_plain(address, deadline)? {
            0 => {}
            errno => return Ok(errno),
        }
        self.connected.store(true, Ordering::Release);
        if !self.flags.has(WrapFlags::NO_HANDSHAKE) {
            self.do_handshake()?;
        }
        Ok(0)
    }

    fn connect_plain(&self, address: &Endpoint, deadline: Option<Deadline>) -> Result<i32> {
        let fd = self.fd()?;
        let Some(deadline) = deadline else {
            return Ok(os::start_connect(os::lend(&fd), address).err().unwrap_or(0));
        };
        let result = os::connect(os::lend(&fd), address, deadline);
        let _ = os::set_nonblocking(os::lend(&fd), self.timeout.get() != Timeout::Never);
        match result {
            Ok(true) => Ok(0),
            Ok(false) => {
                *self.engine.write() = None;
                Err(Error::timeout("timed out").in_phase(Phase::Connect))
            }
            Err(errno) => Ok(errno),
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
            let engine = socket.connection()?;
            let operation = Operation::handshake(Some(Deadline::NEVER));
            socket
                .drive(&engine, operation, Engine::do_handshake)
                .map_err(|error| error.in_phase(Phase::Handshake))?;
        }
        Ok((socket, address))
    }

    fn accept_plain(&self) -> Result<OwnedFd> {
        let fd = self.fd()?;
        let deadline = self.timeout.get().deadline();
        loop {
            // Waiting first: another process may take the connection before us, and accept would block.
            if let Some(deadline) = deadline {
                if !os::wait(os::lend(&fd), Ready::Read, deadline).map_err(Error::os)? {
                    return Err(Error::timeout("timed out"));
                }
            }
            match (os::accept(os::lend(&fd)), deadline) {
                (Err(os::errno::AGAIN), None) => return Err(Error::want_read()),
                (Err(os::errno::AGAIN), Some(_)) => {}
                (result, _) => return result.map_err(Error::os),
            }
        }
    }
}
