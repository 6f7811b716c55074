//! How a socket ends: unwrap, shutdown, detach, close and abort.

use super::descriptor::Descriptor;
use super::operation::Operation;
use super::state::State;
use super::write::Writing;
use super::{Inner, Socket, Timeout, WITHOUT_TLS};
use crate::os::{self, Half, OwnedSocket};
use crate::ssl::error::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The most unread data that `close` discards; most of it is session tickets.
const UNREAD: usize = 256 * 1024;

/// The streams over a socket, which delay its closing. Python: `_io_refs`, `_closed`
#[derive(Default)]
pub(super) struct Streams {
    pub open: usize,
    closing: bool,
}

impl Streams {
    /// Asks for the socket to be closed; true if no stream is open.
    fn close(&mut self) -> bool {
        self.closing = true;
        self.open == 0
    }

    /// Counts a closed stream; true if it was the last one that the closing waited for.
    fn one_less(&mut self) -> bool {
        self.open -= 1;
        self.closing && self.open == 0
    }
}

impl Socket {
    /// Tells whether the stream ended without close_notify but was reported as a normal end.
    pub fn ragged_eof(&self) -> bool {
        self.ragged.load(Ordering::Acquire)
    }

    /// Python: `unwrap()`. Returns the plain bytes that came after the peer's close_notify.
    pub fn unwrap(&self) -> Result<Vec<u8>> {
        let mut after = Vec::new();
        self.unwrap_giving(|bytes| {
            after = bytes;
            Vec::new()
        })?;
        Ok(after)
    }

    /// The same. `give` gets those bytes, and what it gives back the next recv returns: it is there before anybody may receive
    /// plain bytes.
    pub fn unwrap_giving(&self, give: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Result<()> {
        let operation = Operation::unwrap(self.timeout.get().deadline());
        let engine = self.tls(operation, WITHOUT_TLS)?;
        if self.fileno().is_none() {
            return Err(Error::ssl("Underlying socket connection gone"));
        }
        let mut writing = self.writing_turn(Some(&engine), operation)?;
        self.drive(&engine, operation, |turn| turn.shutdown())?;
        // What TLS had begun is not to be repeated without it.
        *writing = Writing::default();
        self.keep_ahead(give(engine.incoming.take()));
        self.change(|now| match now {
            State::Greeting(_) | State::Tls(_) => Some(State::Plain),
            _ => None,
        });
        Ok(())
    }

    /// Sends close_notify; reading stays possible.
    pub fn close_write(&self) -> Result<()> {
        let operation = Operation::close_write(self.timeout.get().deadline());
        let engine = self.tls(operation, WITHOUT_TLS)?;
        let _turn = self.writing_turn(Some(&engine), operation)?;
        self.drive(&engine, operation, |turn| turn.close_write())
    }

    /// Python: `shutdown(how)`. Ours: TLS goes on in the direction that stays open, and ciphertext that arrives after TLS is
    /// over is never given to the caller.
    pub fn shutdown(&self, half: Half) -> Result<()> {
        let fd = self.fd()?;
        if half == Half::Both {
            self.change(State::once_cut);
        }
        os::shutdown(os::lend(&fd), half).map_err(Error::os)?;
        if half == Half::Both {
            self.change(State::once_shut);
        }
        Ok(())
    }

    /// Python: `detach()`. The number stays the same unless another thread is inside a call.
    pub fn detach(&self) -> Option<OwnedSocket> {
        let fd = self.take_descriptor()?;
        self.change(|now| {
            Some(now.engine().map_or(State::Closed, |engine| State::Detached(Arc::clone(engine))))
        });
        os::give_back(os::lend(&fd), self.timeout.get() != Timeout::Never);
        match Arc::try_unwrap(fd) {
            Ok(fd) => Some(fd.into_inner()),
            Err(shared) => shared.try_clone().ok(),
        }
    }

    /// Python: `close()`. Threads blocked in this socket wake; closing twice does nothing. While streams are open over the
    /// socket, it is closed with the last of them.
    pub fn close(&self) -> Result<()> {
        let over = self.streams.lock().close();
        if over {
            self.close_descriptor();
        }
        Ok(())
    }

    /// Counts a closed stream.
    pub(super) fn stream_closed(&self) {
        let over = self.streams.lock().one_less();
        if over {
            self.close_descriptor();
        }
    }

    fn close_descriptor(&self) {
        let ours = self.is_ours();
        let fd = self.take_descriptor();
        let tls = self.state.swap(Arc::new(State::Closed)).engine().is_some();
        if !ours {
            return fd.map_or((), |fd| self.close_copy(fd));
        }
        if let Some(fd) = fd.as_ref().filter(|_| tls) {
            os::discard(os::lend(fd), UNREAD);
        }
        if let Some(shared) = fd.filter(|fd| Arc::strong_count(fd) > 1) {
            // Another call is inside: a shutdown wakes it, and the last one to leave closes the descriptor.
            let _ = os::shutdown(os::lend(&shared), Half::Both);
        }
    }

    /// Resets the connection at once and closes it, even if streams are open.
    pub fn abort(&self) -> Result<()> {
        let ours = self.is_ours();
        let fd = self.take_descriptor();
        self.state.store(Arc::new(State::Closed));
        match fd {
            Some(fd) if ours => os::reset(os::lend(&fd)),
            Some(fd) => self.close_copy(fd),
            None => {}
        }
        Ok(())
    }

    /// Drops the socket. In a forked child, handles that the parent's threads held at the fork are never dropped, so this
    /// process's copy of the descriptor is closed now, unless a stream needs it.
    pub(crate) fn let_go(self) {
        if self.streams.lock().open == 0 {
            self.0.close_if_copy();
        }
    }

    /// Tells whether the connection belongs to this process: a child only closes its copy of what its parent uses.
    fn is_ours(&self) -> bool {
        self.0.is_ours()
    }
}

impl Inner {
    fn is_ours(&self) -> bool {
        self.state.load().engine().map_or_else(|| self.origin.is_here(), |engine| engine.is_ours())
    }

    fn close_if_copy(&self) {
        if !self.is_ours() {
            if let Some(fd) = self.descriptor.swap(None) {
                self.close_copy(fd);
            }
        }
    }

    /// Closes a child's copy of the descriptor. The parent's threads that were inside a call at the fork hold it, but do not
    /// exist in the child. If threads of the child are inside, the last of them closes it.
    fn close_copy(&self, fd: Arc<Descriptor>) {
        if !self.origin.is_used() {
            os::close_copy(fd);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close_if_copy();
    }
}
