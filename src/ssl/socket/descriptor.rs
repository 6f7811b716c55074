//! The descriptor of a socket, which any thread may close or detach while others are inside a call.

use super::Socket;
use super::io::closed;
use crate::os::{self, OwnedSocket};
use crate::ssl::error::{Error, Result};
use arc_swap::Guard;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The descriptor of a connection.
pub(super) struct Descriptor {
    /// None only within `drop`.
    fd: Option<OwnedSocket>,
    /// The kernel encrypts what is sent.
    kernel_sends: AtomicBool,
    /// The socket was closed or detached: only calls that began before that still hold the descriptor.
    taken: AtomicBool,
}

impl Descriptor {
    pub fn new(fd: OwnedSocket) -> Descriptor {
        Descriptor { fd: Some(fd), kernel_sends: AtomicBool::new(false), taken: AtomicBool::new(false) }
    }

    pub fn kernel_sends(&self) -> bool {
        self.kernel_sends.load(Ordering::Acquire)
    }

    /// Notes that the kernel encrypts what is sent, for as long as the descriptor lives.
    pub fn set_kernel_sends(&self) {
        self.kernel_sends.store(true, Ordering::Release);
    }

    /// Fails if another thread has closed or detached the socket.
    pub fn check_open(&self) -> Result<()> {
        if self.taken.load(Ordering::Acquire) { Err(closed()) } else { Ok(()) }
    }

    /// The same, with the error of a plain socket.
    pub fn check_plain(&self) -> Result<()> {
        self.check_open().map_err(|_| Error::os(os::errno::BADF))
    }

    /// Waits until this is the only handle, and gives the descriptor. Calls that still hold it are short.
    pub fn reclaim(shared: Arc<Descriptor>) -> OwnedSocket {
        let mut shared = shared;
        loop {
            match Arc::try_unwrap(shared) {
                Ok(own) => return own.into_inner(),
                Err(still) => shared = still,
            }
            std::thread::yield_now();
        }
    }

    /// Gives the descriptor away.
    pub fn into_inner(mut self) -> OwnedSocket {
        match self.fd.take() {
            Some(fd) => fd,
            None => unreachable!("it is taken out by the owner only"),
        }
    }
}

impl Deref for Descriptor {
    type Target = OwnedSocket;
    fn deref(&self) -> &OwnedSocket {
        match &self.fd {
            Some(fd) => fd,
            None => unreachable!("it is taken out by the owner only"),
        }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        let Some(fd) = self.fd.take() else { return };
        // Closing makes the kernel send the rest of what it encrypts, which raises SIGPIPE if the peer is gone.
        match self.kernel_sends() {
            true => os::without_sigpipe(|| os::close(fd)),
            false => os::close(fd),
        }
    }
}

/// The descriptor during a call: it stays open until the call ends, even if another thread closes the socket.
pub(super) struct Open(Guard<Option<Arc<Descriptor>>>);

impl Deref for Open {
    type Target = Descriptor;
    fn deref(&self) -> &Descriptor {
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

    /// Takes the descriptor away; calls that began earlier still hold it.
    pub(super) fn take_descriptor(&self) -> Option<Arc<Descriptor>> {
        let fd = self.descriptor.swap(None)?;
        fd.taken.store(true, Ordering::Release);
        Some(fd)
    }
}
