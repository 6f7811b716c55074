//! The connection that a callback is called for, lent for the time of the call.

use super::context::Context;
use super::error::Result;
use std::any::Any;
use std::ffi::c_void;
use std::sync::Arc;

/// The connection that a callback is called for: a [`Socket`](super::Socket) or an [`Object`](super::Object). The
/// `of` of either type tells which. It can be used even before the call that makes the connection has returned.
/// Reading, writing and handshakes on it are refused.
pub trait Connection {
    /// Python: `context`
    fn context(&self) -> Context;

    /// Python: `context = context`, as an SNI callback does to choose a certificate.
    fn set_context(&self, context: &Context) -> Result<()>;

    /// The pointer that was stored on the connection; NULL at first.
    fn userdata(&self) -> *mut c_void;

    /// The socket or object itself.
    fn as_any(&self) -> &dyn Any;
}

/// The owner of an engine: a socket or an object. The engine holds it weakly and does not keep it alive.
pub(crate) trait Owner: Send + Sync {
    /// Gives `call` a handle on the connection, for the time of that call.
    fn lend(self: Arc<Self>, call: &mut dyn FnMut(&dyn Connection));

    /// The port of the peer; None if nobody can tell.
    fn port(&self) -> Option<u16>;
}
