//! The ends of a socket: of TLS, of a half, of all.

use super::descriptor::Descriptor;
use super::operation::Operation;
use super::state::State;
use super::{Inner, Socket, Timeout, WITHOUT_TLS};
use crate::os::{self, Half, OwnedSocket};
use crate::ssl::error::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The most that `close` takes in of what nobody has read, tickets for the most part.
const UNREAD: usize = 256 * 1024;

/// The streams over a socket, which put off its end. Python: `_io_refs`, `_closed`
#[derive(Default)]
pub(super) struct Streams {
    pub open: usize,
    closing: bool,
}

impl Streams {
    /// Asks for the end; true if there is nothing to wait for.
    fn close(&mut self) -> bool {
        self.closing = true;
        self.open == 0
    }

    /// Counts a stream out; true if it was the last one that the end waited for.
    fn one_less(&mut self) -> bool {
        self.open -= 1;
        self.closing && self.open == 0
    }
}

impl Socket {
    /// Tells whether the stream ended without close_notify though a plain end was reported.
    pub fn ragged_eof(&self) -> bool {
        self.ragged.load(Ordering::Acquire)
    }

    /// Python: `unwrap()`. Returns the plain bytes that came behind the peer's close_notify.
    pub fn unwrap(&self) -> Result<Vec<u8>> {
        let operation = Operation::unwrap(self.timeout.get().deadline());
        let engine = self.tls(operation, WITHOUT_TLS)?;
        if self.fileno().is_none() {
            return Err(Error::ssl("Underlying socket connection gone"));
        }
        let _turn = self.writing_turn(Some(&engine), operation)?;
        self.drive(&engine, operation, |turn| turn.shutdown())?;
        self.change(|now| match now {
            State::Greeting(_) | State::Tls(_) => Some(State::Plain),
            _ => None,
        });
        Ok(engine.incoming.take())
    }

    /// Sends close_notify; reading goes on.
    pub fn close_write(&self) -> Result<()> {
        let operation = Operation::close_write(self.timeout.get().deadline());
        let engine = self.tls(operation, WITHOUT_TLS)?;
        let _turn = self.writing_turn(Some(&engine), operation)?;
        self.drive(&engine, operation, |turn| turn.close_write())
    }

    /// Python: `shutdown(how)`. Ours: TLS stays for the half that is left, and what comes after it is over is
    /// never handed out: it is ciphertext.
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

    /// Python: `close()`. Threads blocked in this socket wake; closing twice is fine. While there are streams
    /// over the socket it stays, and ends with the last of them.
    pub fn close(&self) -> Result<()> {
        let over = self.streams.lock().close();
        if over {
            self.close_descriptor();
        }
        Ok(())
    }

    /// Counts a stream out.
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
            // Somebody is inside: only a shutdown wakes them, and the last one closes.
            let _ = os::shutdown(os::lend(&shared), Half::Both);
        }
    }

    /// Resets the connection at once and closes it, whatever streams there are.
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

    /// Drops the socket. In a child, what its parent's threads held at the fork is never dropped: this process's copy of
    /// the descriptor is closed now, unless a stream needs it.
    pub(crate) fn let_go(self) {
        if self.streams.lock().open == 0 {
            self.0.close_if_copy();
        }
    }

    /// Tells whether what is done to the connection is this process's business: a child closes its copies of
    /// what its parent goes on with, and no more.
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

    /// The parent's threads that were inside a call at the fork hold the descriptor, but are not in this child.
    /// Where the child has threads inside, the last of them closes.
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
