//! Wrapping a descriptor, and giving it back.

use super::descriptor::Descriptor;
use super::paused::without_handle;
use super::state::State;
use super::{Socket, Timeout, WrapFlags, begin::Reached};
use crate::os::{self, OwnedSocket};
use crate::ssl::context::Context;
use crate::ssl::error::{Error, Result};
use crate::ssl::hostname;
use crate::ssl::session::Session;
use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A descriptor that could not be wrapped and is still open, with the reason.
#[derive(Debug)]
pub struct NotWrapped {
    /// The reason.
    pub error: Error,
    /// The descriptor, unchanged.
    pub fd: OwnedSocket,
}

impl Socket {
    /// Wraps a descriptor after the arguments were checked.
    pub(crate) fn wrap(
        context: &Context,
        fd: OwnedSocket,
        flags: WrapFlags,
        hostname: Option<&str>,
        session: Option<&Session>,
    ) -> std::result::Result<Socket, NotWrapped> {
        let hostname = match hostname.map(|name| stored_name(name, flags)).transpose() {
            Ok(hostname) => hostname,
            Err(error) => return Err(NotWrapped { error, fd }),
        };
        let descriptor = Arc::new(Descriptor::new(fd));
        let socket = Socket::new(context, Arc::clone(&descriptor), flags, hostname);
        socket.session.set(session.cloned());
        let result = {
            let _wrapping = socket.wrapping.lock();
            socket.begin().map_err(|error| socket.refuse(error, descriptor))
        };
        result.map(|()| socket)
    }

    /// Gives the descriptor back as it was, with the error. Handles and streams that a callback has kept now belong to a
    /// closed socket. No other call waits in the system with the descriptor, because that is prevented during wrapping.
    fn refuse(&self, error: Error, descriptor: Arc<Descriptor>) -> NotWrapped {
        self.state.store(Arc::new(State::Closed));
        drop(self.take_descriptor());
        if self.hurried.load(Ordering::Relaxed) {
            os::delay_again(os::lend(&descriptor));
        }
        os::give_back(os::lend(&descriptor), self.timeout.get() != Timeout::Never);
        NotWrapped { error, fd: Descriptor::reclaim(descriptor) }
    }

    fn begin(&self) -> Result<()> {
        let fd = self.fd()?;
        if os::is_nonblocking(os::lend(&fd)).map_err(Error::os)? {
            self.timeout.set(Timeout::NonBlocking);
        } else if let Some(time) = os::blocking_timeout(os::lend(&fd)) {
            self.timeout.set(Timeout::After(time));
        }
        match self.reached(&fd)? {
            Reached::Peer => self.begin_connected(),
            Reached::NotYet => Ok(()),
            Reached::Nobody => {
                if os::is_listening(os::lend(&fd)) {
                    self.change(State::once_listening);
                }
                Ok(())
            }
        }
    }

    fn begin_connected(&self) -> Result<()> {
        let engine = self.new_engine()?;
        if self.flags.has(WrapFlags::NO_HANDSHAKE) {
            self.state.store(Arc::new(State::Tls(engine)));
            return Ok(());
        }
        let deadline = self.timeout.get().deadline().ok_or_else(|| {
            Error::value("do_handshake_on_connect should not be specified for non-blocking sockets")
        })?;
        self.state.store(Arc::new(State::Wrapping(Arc::clone(&engine))));
        const WAY: &str = "pass TLSOCK_WRAP_NO_HANDSHAKE to wrap_socket, and repeat do_handshake";
        self.shake_hands(&engine, deadline).map_err(|error| without_handle(error, WAY))?;
        // A callback may have closed the socket.
        self.change(|now| match now {
            State::Wrapping(engine) => Some(State::Tls(Arc::clone(engine))),
            _ => None,
        });
        Ok(())
    }
}

/// Python accepts an empty name for a server, and refuses it only if there is a connection already.
fn stored_name(name: &str, flags: WrapFlags) -> Result<CString> {
    if name.is_empty() && flags.has(WrapFlags::SERVER_SIDE) {
        return Ok(CString::default());
    }
    hostname::checked("server_hostname", name)
}
