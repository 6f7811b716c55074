//! The beginning of TLS: at once if the descriptor is connected, otherwise with the first use after it is.

use super::Socket;
use super::descriptor::Open;
use super::operation::Operation;
use super::state::State;
use crate::os;
use crate::ssl::engine::Engine;
use crate::ssl::error::{Error, Phase, Result};
use crate::ssl::hostname;
use crate::ssl::text::text;
use arc_swap::Guard;
use std::ffi::CStr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The state of a descriptor according to the system.
pub(super) enum Reached {
    /// It has a peer.
    Peer,
    /// It is being connected.
    NotYet,
    /// It is neither connected nor being connected.
    Nobody,
}

impl Socket {
    /// The state, for a call that moves bytes. TLS has begun if it can.
    pub(super) fn settled(&self, operation: Operation) -> Result<Guard<Arc<State>>> {
        let state = self.state.load();
        if state.is_settled() { Ok(state) } else { self.settle(operation) }
    }

    #[cold]
    fn settle(&self, operation: Operation) -> Result<Guard<Arc<State>>> {
        loop {
            let state = self.state.load_full();
            match &*state {
                State::Unconnected => {
                    self.await_connection(operation)?;
                    self.begin_tls()?;
                }
                State::Connecting(_) | State::Tried(_) => {
                    self.await_connection(operation)?;
                    self.change(State::once_connected);
                }
                State::Listening => return Err(operation.failed(os::errno::NOTCONN)),
                State::Wrapping(engine) => self.await_wrapping(engine, operation)?,
                _ => return Ok(Guard::from_inner(state)),
            }
        }
    }

    /// The connection, for a call that needs TLS; `without` is the message if TLS is over.
    pub(super) fn tls(&self, operation: Operation, without: &'static str) -> Result<Arc<Engine>> {
        let state = self.settled(operation)?;
        state.engine().cloned().ok_or_else(|| Error::value(without))
    }

    /// Waits for a connect in progress, no matter what began it. Fails if it failed or if there is none.
    fn await_connection(&self, operation: Operation) -> Result<()> {
        let fd = self.fd()?;
        loop {
            match self.reached(&fd)? {
                Reached::Peer => return Ok(()),
                Reached::NotYet => self.wait_for_room(operation)?,
                Reached::Nobody => return Err(operation.failed(os::errno::NOTCONN)),
            }
        }
    }

    /// Asks the system for the state of a descriptor. If the peer sent plain bytes and disconnected, that is refused: those
    /// bytes must not be taken for TLS.
    pub(super) fn reached(&self, fd: &Open) -> Result<Reached> {
        let failed = |errno| Error::os(errno).in_phase(Phase::Connect);
        let has_peer = || os::is_connected(os::lend(fd)).map_err(failed);
        if has_peer()? {
            return Ok(Reached::Peer);
        }
        match os::peek(os::lend(fd), &mut [0]) {
            Err(os::errno::AGAIN) => Ok(Reached::NotYet),
            Err(os::errno::NOTCONN | os::errno::INVAL) => Ok(Reached::Nobody),
            Err(errno) => Err(failed(errno)),
            // It may have been connected in between.
            Ok(_) if has_peer()? => Ok(Reached::Peer),
            Ok(0) => Ok(Reached::Nobody),
            Ok(_) => Err(closed_with_data()),
        }
    }

    /// Starts TLS, unless another thread has done so meanwhile.
    fn begin_tls(&self) -> Result<()> {
        let engine = self.new_engine()?;
        self.change(|now| match now {
            State::Unconnected => Some(State::Tls(Arc::clone(&engine))),
            _ => None,
        });
        Ok(())
    }

    /// A TLS connection for this socket, with its context, host name and session.
    pub(super) fn new_engine(&self) -> Result<Arc<Engine>> {
        if self.server_hostname().is_some_and(CStr::is_empty) {
            hostname::encode("")?;
        }
        let session = self.session.get();
        let (context, name) = (self.context(), self.hostname.clone());
        let engine = Engine::new(&context, self.server_side(), name, session.as_ref(), Default::default())?;
        engine.belong_to(&self.0);
        self.offer_kernel(&engine);
        self.hurried.fetch_or(os::delay_nothing(os::lend(&*self.fd()?)), Ordering::Relaxed);
        self.send_failed.store(false, Ordering::Relaxed);
        Ok(Arc::new(engine))
    }

    /// Waits until `wrap_socket` has returned. Refused inside its callbacks, which would wait for themselves.
    pub(super) fn await_wrapping(&self, engine: &Engine, operation: Operation) -> Result<()> {
        Operation::check_free(&self.wrapping)?;
        engine.check_reentry()?;
        operation.turn(&self.wrapping, Error::want_read).map(drop)
    }
}

fn closed_with_data() -> Error {
    let words = "Closed before TLS handshake with data in recv buffer.";
    Error::ssl(words).with(|detail| {
        detail.code = i64::from(os::errno::NOTCONN);
        detail.reason = Some(text(words));
    })
}
