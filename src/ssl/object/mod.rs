//! A TLS connection in memory, which never waits. Python: `SSLObject`

mod pump;

pub use pump::{Pump, PumpResult, RECORD_OVERHEAD, RECORD_SIZE};

use super::bio::MemoryBio;
use super::connection::{Connection, Owner};
use super::context::Context;
use super::engine::Engine;
use super::error::Result;
use super::hostname;
use super::session::Session;
use std::any::Any;
use std::ffi::c_void;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

/// A handle on a connection in memory. Its getters are those of every connection.
#[derive(Clone)]
pub struct Object(pub(crate) Arc<Shared>);

/// What all handles on an object share.
pub(crate) struct Shared {
    engine: Engine,
    userdata: AtomicPtr<c_void>,
    /// The pump has seen the handshake finished. After a fatal error libssl is in a handshake again.
    finished: AtomicBool,
}

impl Object {
    pub(crate) fn new(
        context: &Context,
        server_side: bool,
        server_hostname: Option<&str>,
        session: Option<&Session>,
        bios: Option<(&MemoryBio, &MemoryBio)>,
    ) -> Result<Object> {
        let pipes = match bios {
            Some((incoming, outgoing)) => (incoming.pipe(), outgoing.pipe()),
            None => Default::default(),
        };
        let hostname = server_hostname.map(|name| hostname::checked("server_hostname", name)).transpose()?;
        let engine = Engine::new(context, server_side, hostname, session, pipes)?;
        let finished = AtomicBool::new(false);
        let shared = Arc::new(Shared { engine, userdata: AtomicPtr::default(), finished });
        shared.engine.belong_to(&shared);
        Ok(Object(shared))
    }

    /// The object, if a callback is about one.
    pub fn of(connection: &dyn Connection) -> Option<&Object> {
        connection.as_any().downcast_ref()
    }

    /// The pointer that was stored; NULL at first.
    pub fn userdata(&self) -> *mut c_void {
        self.0.userdata.load(Ordering::Acquire)
    }

    /// Stores a pointer that is never followed.
    pub fn set_userdata(&self, userdata: *mut c_void) {
        self.0.userdata.store(userdata, Ordering::Release);
    }

    /// Python: `SSLObject.unwrap()`
    pub fn unwrap(&self) -> Result<()> {
        self.0.engine.shutdown()
    }
}

impl Deref for Object {
    type Target = Engine;
    fn deref(&self) -> &Engine {
        &self.0.engine
    }
}

impl Connection for Object {
    fn context(&self) -> Context {
        self.0.engine.context()
    }

    fn set_context(&self, context: &Context) -> Result<()> {
        self.0.engine.set_context(context)
    }

    fn userdata(&self) -> *mut c_void {
        self.userdata()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Owner for Shared {
    fn lend(self: Arc<Self>, call: &mut dyn FnMut(&dyn Connection)) {
        call(&Object(self));
    }

    fn port(&self) -> Option<u16> {
        None
    }
}
