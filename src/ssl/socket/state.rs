//! The states of a socket, from wrapping to closing. They alone decide whether bytes are encrypted.

use super::Socket;
use crate::os::errno;
use crate::ssl::engine::Engine;
use std::sync::Arc;

/// The state of a socket. Plain bytes are sent and received only in `Plain`, and only `unwrap` leads there.
#[derive(Clone)]
pub(super) enum State {
    /// Not connected when last checked: the next use asks the system, and begins TLS if it is connected by then.
    Unconnected,
    /// It accepts connections.
    Listening,
    /// A `connect` returned before the transport was connected: the next `connect` continues.
    Connecting(Arc<Engine>),
    /// `connect_ex` was called. As in Python it cannot be called again, even if it failed.
    Tried(Arc<Engine>),
    /// Connected by a `connect` that has not finished the handshake: the next one continues.
    Greeting(Arc<Engine>),
    /// Inside `wrap_socket`, during its handshake: calls on a handle that a callback has kept wait until it returns.
    Wrapping(Arc<Engine>),
    /// TLS: before, during and after the handshake, even if that has failed.
    Tls(Arc<Engine>),
    /// `unwrap` has ended TLS.
    Plain,
    /// Both directions were shut down. Bytes that still arrive are ciphertext and are never given to the caller.
    Shut,
    /// The descriptor was detached, so TLS cannot go on. What was agreed on can still be asked.
    Detached(Arc<Engine>),
    /// Closed, or detached without TLS.
    Closed,
}

/// How the bytes of a call are carried.
pub(super) enum Carrier<'a> {
    Tls(&'a Arc<Engine>),
    Plain,
}

impl State {
    /// The TLS connection, if there is one.
    pub fn engine(&self) -> Option<&Arc<Engine>> {
        match self {
            State::Connecting(engine) | State::Tried(engine) | State::Greeting(engine) => Some(engine),
            State::Wrapping(engine) | State::Tls(engine) | State::Detached(engine) => Some(engine),
            State::Unconnected | State::Listening | State::Plain | State::Shut | State::Closed => None,
        }
    }

    /// Tells whether it is decided if bytes are encrypted; otherwise a call must wait for that first.
    pub fn is_settled(&self) -> bool {
        match self {
            State::Greeting(_) | State::Tls(_) | State::Plain => true,
            State::Shut | State::Detached(_) | State::Closed => true,
            State::Unconnected | State::Listening | State::Connecting(_) => false,
            State::Tried(_) | State::Wrapping(_) => false,
        }
    }

    /// The state after `listen`.
    pub fn once_listening(&self) -> Option<State> {
        matches!(self, State::Unconnected | State::Shut).then_some(State::Listening)
    }

    /// Tells whether the next `connect` continues an earlier one.
    pub fn is_in_connect(&self) -> bool {
        matches!(self, State::Connecting(_) | State::Greeting(_))
    }

    /// The state after the handshake of `connect`, whether it succeeded or failed.
    pub fn once_greeted(&self) -> Option<State> {
        match self {
            State::Greeting(engine) => Some(State::Tls(Arc::clone(engine))),
            _ => None,
        }
    }

    /// The state before both directions of a TLS connection are shut down, so that no other call uses it as one.
    pub fn once_cut(&self) -> Option<State> {
        match self {
            State::Connecting(_) | State::Tried(_) | State::Greeting(_) => Some(State::Shut),
            State::Wrapping(_) | State::Tls(_) => Some(State::Shut),
            _ => None,
        }
    }

    /// The state after both directions were shut down. A plain socket stays plain: what still arrives is plain too.
    pub fn once_shut(&self) -> Option<State> {
        matches!(self, State::Unconnected | State::Listening).then_some(State::Shut)
    }

    /// The state after the system has connected it.
    pub fn once_connected(&self) -> Option<State> {
        match self {
            State::Connecting(engine) => Some(State::Greeting(Arc::clone(engine))),
            State::Tried(engine) => Some(State::Tls(Arc::clone(engine))),
            _ => None,
        }
    }

    /// How bytes are carried; the system's error number in a state in which there is no connection.
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
    /// Changes the state to what `next` makes of the present one; None leaves it. If another thread changes it meanwhile,
    /// `next` is called again, so that a closed socket is never reopened.
    pub(super) fn change(&self, next: impl Fn(&State) -> Option<State>) {
        self.state.rcu(|now| next(now).map_or_else(|| Arc::clone(now), Arc::new));
    }
}
