//! The connection a callback is about, lent for the time of the call.

use super::context::Context;
use super::error::Result;
use super::object::{self, Object};
use super::socket::{self, Socket};
use std::ffi::c_void;
use std::sync::Weak;

/// A handle on the connection a callback is about. It works also while the call that makes the connection has
/// not returned yet. Reading, writing and shaking hands are refused on it.
pub enum Connection {
    /// One over a socket of the system.
    Socket(Socket),
    /// One in memory.
    Object(Object),
}

impl Connection {
    /// The socket, if it is one.
    pub fn socket(&self) -> Option<&Socket> {
        match self {
            Connection::Socket(socket) => Some(socket),
            Connection::Object(_) => None,
        }
    }

    /// The object, if it is one.
    pub fn object(&self) -> Option<&Object> {
        match self {
            Connection::Socket(_) => None,
            Connection::Object(object) => Some(object),
        }
    }

    /// Python: `context`
    pub fn context(&self) -> Context {
        match self {
            Connection::Socket(socket) => socket.context(),
            Connection::Object(object) => object.context(),
        }
    }

    /// Python: `context = context`, as an SNI callback does to choose a certificate.
    pub fn set_context(&self, context: &Context) -> Result<()> {
        match self {
            Connection::Socket(socket) => socket.set_context(context),
            Connection::Object(object) => object.set_context(context),
        }
    }

    /// The pointer that was stored on the connection; NULL at first.
    pub fn userdata(&self) -> *mut c_void {
        match self {
            Connection::Socket(socket) => socket.userdata(),
            Connection::Object(object) => object.userdata(),
        }
    }
}

/// Who owns an engine: what its callbacks lend.
pub(crate) enum Owner {
    Socket(Weak<socket::Inner>),
    Object(Weak<object::Shared>),
}

impl Owner {
    /// A handle for one call; None once the last one is freed.
    pub fn lend(&self) -> Option<Connection> {
        match self {
            Owner::Socket(socket) => socket.upgrade().map(|inner| Connection::Socket(Socket(inner))),
            Owner::Object(object) => object.upgrade().map(|shared| Connection::Object(Object(shared))),
        }
    }
}
