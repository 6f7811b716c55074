//! What a socket is, from its wrapping to its end. Nothing else decides whether bytes are encrypted.

use super::Socket;
use crate::os::errno;
use crate::ssl::engine::Engine;
use std::sync::Arc;

/// What a socket is. Plain bytes go in and out in `Plain` only, and nothing but `unwrap` leads there.
#[derive(Clone)]
pub(super) enum State {
    /// Not connected, as far as anybody has looked: the next use asks the system, and begins TLS if it is by then.
    Unconnected,
    /// It waits for connections, and never is one.
    Listening,
    /// `connect` has returned before it was connected: the next `connect` goes on.
    Connecting(Arc<Engine>),
    /// `connect_ex` was called, whatever became of it: as in Python it cannot be called again.
    Tried(Arc<Engine>),
    /// Connected by a `connect` that has not finished the handshake: the next one goes on.
    Greeting(Arc<Engine>),
    /// Inside `wrap_socket`, which shakes hands: who has got a handle from a callback waits until it returns.
    Wrapping(Arc<Engine>),
    /// TLS, before, in and after the handshake, and no less when that has failed.
    Tls(Arc<Engine>),
    /// `unwrap` has ended TLS.
    Plain,
    /// Both halves were shut down. What still comes is ciphertext, which is never handed out.
    Shut,
    /// The descriptor was given away, without which TLS fails. What was agreed on can still be asked.
    Detached(Arc<Engine>),
    /// Closed, or given away without TLS.
    Closed,
}

/// What carries the bytes of a call.
pub(super) enum Carrier<'a> {
    Tls(&'a Arc<Engine>),
    Plain,
}

impl State {
    /// The connection of TLS, if there is one.
    pub fn engine(&self) -> Option<&Arc<Engine>> {
        match self {
            State::Connecting(engine) | State::Tried(engine) | State::Greeting(engine) => Some(engine),
            State::Wrapping(engine) | State::Tls(engine) | State::Detached(engine) => Some(engine),
            State::Unconnected | State::Listening | State::Plain | State::Shut | State::Closed => None,
        }
    }

    /// Tells whether it is decided what becomes of bytes: nobody has to be waited for first.
    pub fn is_settled(&self) -> bool {
        match self {
            State::Greeting(_) | State::Tls(_) | State::Plain => true,
            State::Shut | State::Detached(_) | State::Closed => true,
            State::Unconnected | State::Listening | State::Connecting(_) => false,
            State::Tried(_) | State::Wrapping(_) => false,
        }
    }

    /// What it is once the system has it wait for connections.
    pub fn once_listening(&self) -> Option<State> {
        matches!(self, State::Unconnected | State::Shut).then_some(State::Listening)
    }

    /// Tells whether a `connect` is to be gone on with.
    pub fn is_in_connect(&self) -> bool {
        matches!(self, State::Connecting(_) | State::Greeting(_))
    }

    /// What it is once `connect` is done with the handshake, well or badly.
    pub fn once_greeted(&self) -> Option<State> {
        match self {
            State::Greeting(engine) => Some(State::Tls(Arc::clone(engine))),
            _ => None,
        }
    }

    /// What it is before both halves of TLS are shut down, so that nobody takes what is left for a connection.
    pub fn once_cut(&self) -> Option<State> {
        match self {
            State::Connecting(_) | State::Tried(_) | State::Greeting(_) => Some(State::Shut),
            State::Wrapping(_) | State::Tls(_) => Some(State::Shut),
            _ => None,
        }
    }

    /// What it is once both halves are shut down. A plain socket stays one: what still comes is plain.
    pub fn once_shut(&self) -> Option<State> {
        matches!(self, State::Unconnected | State::Listening).then_some(State::Shut)
    }

    /// What it is once the system has connected it.
    pub fn once_connected(&self) -> Option<State> {
        match self {
            State::Connecting(engine) => Some(State::Greeting(Arc::clone(engine))),
            State::Tried(engine) => Some(State::Tls(Arc::clone(engine))),
            _ => None,
        }
    }

    /// What carries bytes; the system's error where nothing does.
    pub fn carrier(&self) -> Result<Carrier<'_>, i32> {
        match self {
            State::Greeting(engine) | State::Tls(engine) | State::Detached(engine) => {
                Ok(Carrier::Tls(engine))
            }
            State::Plain => Ok(Carrier::Plain),
            State::Shut => Err(errno::PIPE),
            State::Closed => Err(errno::BADF),
            State::Unconnected | State::Listening | State::Connecting(_) => Err(errno::NOTCONN),
            State::Tried(_) | State::Wrapping(_) => Err(errno::NOTCONN),
        }
    }
}

impl Socket {
    /// Changes the state to what `next` makes of the present one, if anything. Another thread may be faster: `next` is
    /// asked again then, so that what one has closed no other makes anew.
    pub(super) fn change(&self, next: impl Fn(&State) -> Option<State>) {
        self.state.rcu(|now| next(now).map_or_else(|| Arc::clone(now), Arc::new));
    }
}
