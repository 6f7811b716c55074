//! The connection a callback is about, lent for the time of the call.

use super::context::Context;
use super::error::Result;
use std::any::Any;
use std::ffi::c_void;
use std::sync::Arc;

/// The connection a callback is about: a [`Socket`](super::Socket) or an [`Object`](super::Object), whose `of` tells
/// which. It works also while the call that makes the connection has not returned yet. Reading, writing and shaking
/// hands are refused on it.
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

/// Who owns an engine. Engines hold it weakly: they do not keep their connection alive.
pub(crate) trait Owner: Send + Sync {
    /// Lends a handle for one call.
    fn lend(self: Arc<Self>, call: &mut dyn FnMut(&dyn Connection));
}
