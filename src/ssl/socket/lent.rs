//! The socket as its callbacks get it.

use super::{Inner, Socket};
use crate::os;
use crate::ssl::connection::{Connection, Owner};
use crate::ssl::context::Context;
use crate::ssl::error::Result;
use std::any::Any;
use std::ffi::c_void;
use std::sync::Arc;

impl Socket {
    /// The socket that a callback is called for, if it is one.
    pub fn of(connection: &dyn Connection) -> Option<&Socket> {
        connection.as_any().downcast_ref()
    }
}

impl Connection for Socket {
    fn context(&self) -> Context {
        self.context()
    }

    fn set_context(&self, context: &Context) -> Result<()> {
        self.set_context(context)
    }

    fn userdata(&self) -> *mut c_void {
        self.userdata()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Owner for Inner {
    fn lend(self: Arc<Self>, call: &mut dyn FnMut(&dyn Connection)) {
        call(&Socket(self));
    }

    fn port(&self) -> Option<u16> {
        let fd = self.descriptor.load_full()?;
        u16::try_from(os::peer_address(os::lend(&fd)).ok()?.port).ok()
    }
}
