//! The beginning of TLS: at once where the descriptor is connected, else with the first use after it is.

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

/// What the system says of a descriptor.
pub(super) enum Reached {
    /// It has a peer.
    Peer,
    /// Its connect is under way.
    NotYet,
    /// It is not connected, and nobody is at it.
    Nobody,
}

impl Socket {
    /// The state, for a call that moves bytes. Where TLS can begin it has begun.
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

    /// The connection, for a call that TLS alone can serve; `without` says that TLS is over.
    pub(super) fn tls(&self, operation: Operation, without: &'static str) -> Result<Arc<Engine>> {
        let state = self.settled(operation)?;
        state.engine().cloned().ok_or_else(|| Error::value(without))
    }

    /// Waits for the connect that is under way, whoever has begun it. Its failure is told, and that there is none.
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

    /// Asks the system how far a descriptor is. A peer that sent plain bytes and vanished must not look like one that
    /// sent TLS.
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

    /// Another thread may have been faster: then it is that one's connection.
    fn begin_tls(&self) -> Result<()> {
        let engine = self.new_engine()?;
        self.change(|now| match now {
            State::Unconnected => Some(State::Tls(Arc::clone(&engine))),
            _ => None,
        });
        Ok(())
    }

    /// A connection of TLS for this socket, with the context, the name and the session it was given.
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

    /// Waits until `wrap_socket` has returned. Its own callbacks are refused: they would wait for themselves.
    pub(super) fn await_wrapping(&self, engine: &Engine, operation: Operation) -> Result<()> {
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
