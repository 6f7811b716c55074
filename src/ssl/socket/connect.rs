//! Connecting and accepting.

use super::descriptor::{Descriptor, Open};
use super::paused::without_handle;
use super::state::State;
use super::{Socket, Timeout, WrapFlags, resolve};
use crate::os::{self, Address, Deadline, Endpoint, OwnedSocket, Ready};
use crate::ssl::context::Context;
use crate::ssl::engine::Engine;
use crate::ssl::error::{Error, Phase, Result};
use crate::ssl::interrupt;
use std::ffi::CString;
use std::sync::Arc;

impl Socket {
    /// A client over a descriptor that is connected to `host`; the handshake gets the rest of the deadline.
    pub(crate) fn connected(
        context: &Context,
        fd: OwnedSocket,
        hostname: CString,
        timeout: Timeout,
        deadline: Deadline,
    ) -> Result<Socket> {
        let descriptor = Arc::new(Descriptor::new(fd));
        let socket = Socket::new(context, descriptor, WrapFlags::default(), Some(hostname));
        socket.settimeout(timeout)?;
        let engine = socket.new_engine()?;
        socket.state.store(Arc::new(State::Tls(Arc::clone(&engine))));
        const WAY: &str = "connect by wrap_socket with TLSOCK_WRAP_NO_HANDSHAKE, and repeat do_handshake";
        socket.shake_hands(&engine, deadline).map_err(|error| without_handle(error, WAY))?;
        Ok(socket)
    }

    /// A listener.
    pub(crate) fn listener(context: &Context, fd: OwnedSocket, flags: WrapFlags) -> Socket {
        let descriptor = Arc::new(Descriptor::new(fd));
        let socket = Socket::new(context, descriptor, flags | WrapFlags::SERVER_SIDE, None);
        socket.state.store(Arc::new(State::Listening));
        socket
    }

    /// Python: `connect(address)`. A non-blocking socket returns WANT_WRITE until it is connected; calling again continues
    /// the attempt.
    pub fn connect(&self, address: &Endpoint) -> Result<()> {
        if !self.state.load().is_in_connect() {
            self.prepare_connect(State::Connecting)?;
        }
        if matches!(**self.state.load(), State::Connecting(_)) {
            self.go_on_connecting(address)?;
        }
        self.greet()
    }

    /// Python: `connect((host, port))`
    pub fn connect_host(&self, host: &str, port: u16) -> Result<()> {
        self.connect(&self.own_family(host, port)?)
    }

    /// Python: `connect_ex((host, port))`
    pub fn connect_host_ex(&self, host: &str, port: u16) -> Result<i32> {
        self.connect_ex(&self.own_family(host, port)?)
    }

    /// Python: `connect_ex(address)`: gives failures of the system as their number.
    pub fn connect_ex(&self, address: &Endpoint) -> Result<i32> {
        self.prepare_connect(State::Tried)?;
        // Python gives this number on timeout too.
        let errno = self.connect_plain(address)?.unwrap_or(os::errno::AGAIN);
        if errno == 0 {
            self.change(State::once_connected);
            self.shake_hands_unasked()?;
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

    /// Makes the TLS connection first, so that a refusal leaves the socket unchanged.
    fn prepare_connect(&self, attempt: fn(Arc<Engine>) -> State) -> Result<()> {
        if self.server_side() {
            return Err(Error::value("can't connect in server-side mode"));
        }
        match **self.state.load() {
            State::Unconnected => {}
            State::Listening => return Err(Error::os(os::errno::ISCONN).in_phase(Phase::Connect)),
            _ => return Err(Error::value("attempt to connect already-connected SSLSocket!")),
        }
        let engine = self.new_engine()?;
        self.change(|now| match now {
            State::Unconnected => Some(attempt(Arc::clone(&engine))),
            _ => None,
        });
        Ok(())
    }

    /// Connects the transport, or continues an attempt.
    fn go_on_connecting(&self, address: &Endpoint) -> Result<()> {
        let failure = match self.connect_plain(address) {
            // ISCONN: connected already, by an earlier call for this attempt or by the owner of the descriptor.
            Ok(Some(errno)) if errno == 0 || errno == os::errno::ISCONN && self.has_peer() => {
                self.change(State::once_connected);
                return Ok(());
            }
            Ok(Some(os::errno::INPROGRESS | os::errno::ALREADY)) => return Err(Error::want_write()),
            Ok(Some(errno)) => Error::os(errno),
            Ok(None) => Error::timeout("timed out"),
            Err(error) => error,
        };
        self.change(|now| matches!(now, State::Connecting(_)).then_some(State::Unconnected));
        Err(failure.in_phase(Phase::Connect))
    }

    fn has_peer(&self) -> bool {
        self.fd().is_ok_and(|fd| os::is_connected(os::lend(&fd)) == Ok(true))
    }

    /// Does the handshake. If it fails, the socket stays a TLS socket: nothing may be sent unprotected.
    fn greet(&self) -> Result<()> {
        let result = self.shake_hands_unasked();
        if !result.as_ref().is_err_and(Error::is_want) {
            self.change(State::once_greeted);
        }
        result
    }

    fn shake_hands_unasked(&self) -> Result<()> {
        match self.flags.has(WrapFlags::NO_HANDSHAKE) {
            true => Ok(()),
            false => self.do_handshake(),
        }
    }

    /// Connects the transport: 0 or the system's error number, None on timeout.
    fn connect_plain(&self, address: &Endpoint) -> Result<Option<i32>> {
        let fd = self.fd()?;
        let Some(deadline) = self.timeout.get().deadline() else {
            return Ok(Some(os::start_connect(os::lend(&fd), address).err().unwrap_or(0)));
        };
        os::set_nonblocking(os::lend(&fd), true).map_err(Error::os)?;
        let result = self.connect_within(&fd, address, deadline);
        let _ = os::set_nonblocking(os::lend(&fd), self.timeout.get() != Timeout::Never);
        fd.check_plain()?;
        match result? {
            Ok(true) => Ok(Some(0)),
            Ok(false) => Ok(None),
            Err(errno) => Ok(Some(errno)),
        }
    }

    /// Connects within a deadline: true when connected, false when it passed. If another thread closes the socket before
    /// this one waits, that is noticed.
    fn connect_within(&self, fd: &Open, address: &Endpoint, deadline: Deadline) -> Result<os::Result<bool>> {
        match os::start_connect(os::lend(fd), address) {
            Err(os::errno::INPROGRESS) if fd.check_open().is_ok() => {
                let finish = || os::finish_connect(os::lend(fd), deadline);
                interrupt::asking(Phase::Connect, finish).inspect_err(|_| os::forget_connect(os::lend(fd)))
            }
            done => Ok(done.map(|()| true)),
        }
    }

    /// Python: `accept()`. The new socket is blocking and has the listener's context and flags. Ours: the listener's
    /// timeout covers the handshake too.
    pub fn accept(&self) -> Result<(Socket, Address)> {
        let deadline = self.timeout.get().deadline();
        let fd = self.accept_plain(deadline).map_err(|error| error.in_phase(Phase::Accept))?;
        let address = os::peer_address(os::lend(&fd)).unwrap_or_default();
        let descriptor = Arc::new(Descriptor::new(fd));
        let socket = Socket::new(&self.context(), descriptor, self.flags | WrapFlags::SERVER_SIDE, None);
        socket.settimeout(Timeout::Never)?;
        let engine = socket.new_engine().map_err(|error| error.in_phase(Phase::Handshake))?;
        socket.state.store(Arc::new(State::Tls(Arc::clone(&engine))));
        if !self.flags.has(WrapFlags::NO_HANDSHAKE) {
            const WAY: &str =
                "make the listener with TLSOCK_WRAP_NO_HANDSHAKE, and repeat do_handshake on what it accepts";
            let shaken = socket.shake_hands(&engine, deadline.unwrap_or(Deadline::NEVER));
            shaken.map_err(|error| without_handle(error, WAY))?;
        }
        Ok((socket, address))
    }

    fn accept_plain(&self, deadline: Option<Deadline>) -> Result<OwnedSocket> {
        let fd = self.fd()?;
        if !matches!(**self.state.load(), State::Listening | State::Unconnected) {
            return Err(Error::os(os::errno::INVAL));
        }
        loop {
            // Wait first: if another process takes the connection, accept itself would block.
            if let Some(deadline) = deadline {
                let wait = || os::wait(os::lend(&fd), Ready::Read, deadline);
                if !interrupt::asking(Phase::Accept, wait)?.map_err(Error::os)? {
                    return Err(Error::timeout("timed out"));
                }
            }
            // Closed meanwhile: who is waiting in line is not taken.
            fd.check_plain()?;
            if self.timeout.get() != Timeout::Never {
                // A process that shares the descriptor may have set another mode.
                os::set_nonblocking(os::lend(&fd), true).map_err(Error::os)?;
            }
            let result = os::accept(os::lend(&fd));
            fd.check_plain()?;
            match (result, deadline) {
                (Err(os::errno::AGAIN), None) => return Err(Error::want_read()),
                (Err(os::errno::AGAIN), Some(_)) => {}
                (result, _) => return result.map_err(Error::os),
            }
        }
    }
}
