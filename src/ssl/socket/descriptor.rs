//! The descriptor of a socket, which any thread may take away while others are inside a call.

use super::Socket;
use super::io::closed;
use crate::os::{self, OwnedSocket};
use crate::ssl::error::{Error, Result};
use arc_swap::Guard;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The descriptor for the time of a call: it stays open that long, whatever other threads do.
pub(super) struct Open(Guard<Option<Arc<OwnedSocket>>>);

impl Deref for Open {
    type Target = OwnedSocket;
    fn deref(&self) -> &OwnedSocket {
        match &*self.0 {
            Some(fd) => fd,
            None => unreachable!("made of a descriptor only"),
        }
    }
}

impl Socket {
    /// The descriptor, for a call that reads or writes.
    pub(super) fn open_fd(&self) -> Result<Open> {
        self.open().ok_or_else(closed)
    }

    /// The descriptor, for every other call.
    pub(super) fn fd(&self) -> Result<Open> {
        self.origin.mark_used();
        self.open().ok_or_else(|| Error::os(os::errno::BADF))
    }

    fn open(&self) -> Option<Open> {
        let fd = self.descriptor.load();
        fd.is_some().then_some(Open(fd))
    }

    /// Notices that another thread has closed or detached the socket.
    pub(super) fn check_open(&self) -> Result<()> {
        if self.gone.load(Ordering::Acquire) { Err(closed()) } else { Ok(()) }
    }

    /// Takes the descriptor away from calls that begin later.
    pub(super) fn take_descriptor(&self) -> Option<Arc<OwnedSocket>> {
        self.gone.store(true, Ordering::Release);
        self.descriptor.swap(None)
    }
}
