//! Receiving. One thread at a time does it, so that bytes cannot get out of order.

use super::Socket;
use super::descriptor::Open;
use super::operation::Operation;
use crate::lock::MutexGuard;
use crate::openssl::pool;
use crate::os::{self, Deadline, Ready};
use crate::ssl::engine::{Engine, Turn};
use crate::ssl::error::{Error, Phase, Result};
use std::sync::atomic::Ordering;

/// How much is received at a time if the socket may receive ahead: several records.
const RECEIVE: usize = 64 * 1024;
const RECORD_HEAD: usize = 5;
/// A record of this length is probably one of many, and the next one is likely to have arrived.
const FULL_RECORD: usize = 16 * 1024;
/// No writer leaves this much in the pipe: these are answers that the peer has caused and does not read.
const ANSWERS: usize = 256 * 1024;
/// How often one call that never waits receives, which is more than any handshake needs. Records without data, such as
/// tickets and key updates, must not keep the call running for as long as the peer sends them.
const RECEIVES: usize = 1024;

/// Bytes that a thread has received, perhaps none, and its right to receive more.
pub(super) struct Received<'a> {
    socket: &'a Socket,
    _turn: MutexGuard<'a, ()>,
    buffer: Vec<u8>,
    count: usize,
}

impl Received<'_> {
    /// Does a step with these bytes, which libssl reads in place. The rest goes into the pipe; `seen` is set to the pipe's
    /// count after that.
    pub fn run_step<T>(
        self,
        engine: &Engine,
        operation: Operation,
        seen: &mut u64,
        step: impl FnOnce(&Turn<'_>) -> Result<T>,
    ) -> Result<T> {
        let turn = match engine.turn() {
            Ok(turn) => turn,
            Err(refused) => {
                engine.incoming.put(self.buffer, 0..self.count);
                return Err(refused);
            }
        };
        let (result, used) =
            turn.lend(&self.buffer[..self.count], || match self.socket.receives_ahead(operation) {
                true => step(&turn),
                false => self.socket.receive_as_asked(engine, &turn, operation, step),
            });
        engine.incoming.put(self.buffer, used..self.count);
        *seen = engine.incoming.fills();
        result
    }
}

impl Socket {
    /// The right to receive what has arrived, if no other thread has it.
    pub(super) fn receiving_at_hand(&self) -> Option<Received<'_>> {
        let turn = self.reading.try_lock()?;
        Some(Received { socket: self, _turn: turn, buffer: Vec::new(), count: 0 })
    }

    /// Does a step that receives, without waiting, exactly what libssl asks for.
    fn receive_as_asked<T>(
        &self,
        engine: &Engine,
        turn: &Turn<'_>,
        operation: Operation,
        step: impl FnOnce(&Turn<'_>) -> Result<T>,
    ) -> Result<T> {
        let fd = self.open_fd()?;
        let may_wait = operation.deadline.is_some();
        let mut failed = None;
        let most = if may_wait { usize::MAX } else { RECEIVES };
        let mut left = most;
        let mut receive = |buffer: &mut [u8]| {
            // A peer that never stops sending must not keep libssl busy beyond the deadline, or pile up answers.
            if engine.outgoing.pending() > ANSWERS || left == 0 {
                return 0;
            }
            // The head and the body of one record that has arrived are read even after the deadline.
            if left < most - 1 && operation.is_late() {
                return 0;
            }
            left -= 1;
            // The peer cannot answer what was not sent yet. A call that never waits receives anyway: only the system can
            // tell it that nothing is there.
            if operation.phase == Phase::Handshake && may_wait && engine.outgoing.pending() > 0 {
                return 0;
            }
            self.nothing_at_hand.store(buffer.len() < FULL_RECORD, Ordering::Relaxed);
            match os::recv(os::lend(&fd), buffer, false) {
                // The end may come from this side: close shuts the descriptor down to wake calls that are inside.
                Ok(0) if fd.check_open().is_err() => failed = Some(os::errno::BADF),
                Ok(0) => engine.incoming.mark_eof(),
                Ok(count) => return count,
                Err(errno) => failed = Some(errno).filter(|errno| *errno != os::errno::AGAIN),
            }
            0
        };
        let result = turn.lend_source(&mut receive, || step(turn));
        match failed {
            None => result,
            Some(errno) => Err(fd.check_open().err().unwrap_or_else(|| operation.failed(errno))),
        }
    }

    /// Receives once, unless another thread has received since `seen`. One thread at a time does it; the others use what it
    /// has received.
    pub(super) fn fill<'a>(
        &'a self,
        engine: &Engine,
        seen: u64,
        operation: Operation,
    ) -> Result<Option<Received<'a>>> {
        let _turn = operation.turn(&self.reading, Error::want_read)?;
        if engine.incoming.fills() != seen {
            return Ok(None);
        }
        let mut buffer = pool::take(RECEIVE).ok_or_else(Error::no_memory)?;
        let size = match (self.receives_ahead(operation), engine.incoming.wanted()) {
            (true, _) => RECEIVE,
            // libssl was not called, and would have asked for the head of a record.
            (false, 0) => RECORD_HEAD,
            (false, wanted) => wanted.min(RECEIVE),
        };
        match self.receive(engine, &mut buffer[..size], operation) {
            Ok(Some(count)) if count > 0 => Ok(Some(Received { socket: self, _turn, buffer, count })),
            other => {
                pool::give_back(buffer);
                if other? == Some(0) {
                    engine.incoming.mark_eof();
                }
                Ok(None)
            }
        }
    }

    /// While too many answers to the peer wait to be sent, sends instead of receiving more.
    pub(super) fn make_room(&self, engine: &Engine, operation: Operation) -> Result<()> {
        while engine.outgoing.pending() > ANSWERS {
            if self.send_failed.load(Ordering::Relaxed) {
                engine.outgoing.discard();
                return Ok(());
            }
            self.wait_for_room(operation)?;
            self.flush_meanwhile(engine, operation)?;
        }
        Ok(())
    }

    /// Receives; None if something was sent instead, for which the peer may have been waiting.
    fn receive(&self, engine: &Engine, buffer: &mut [u8], operation: Operation) -> Result<Option<usize>> {
        let fd = self.open_fd()?;
        let Some(deadline) = operation.deadline else {
            return match os::recv(os::lend(&fd), buffer, false) {
                Err(os::errno::AGAIN) => Err(Error::want_read()),
                result => self.received(&fd, result, buffer.len(), operation),
            };
        };
        let unsent = engine.outgoing.pending() > 0 && !self.send_failed.load(Ordering::Relaxed);
        let blocking = !deadline.is_some() && !unsent;
        if !blocking && (unsent || self.nothing_at_hand.load(Ordering::Relaxed)) {
            let ready = if unsent { Ready::Both } else { Ready::Read };
            if !os::wait(os::lend(&fd), ready, deadline).map_err(|errno| operation.failed(errno))? {
                return Err(operation.timeout());
            }
            fd.check_open()?;
            self.flush_meanwhile(engine, operation)?;
        }
        match os::recv(os::lend(&fd), buffer, blocking) {
            Err(os::errno::AGAIN) => {
                self.nothing_at_hand.store(true, Ordering::Relaxed);
                self.wait_if_nonblocking(&fd, blocking, operation, deadline)
            }
            result => self.received(&fd, result, buffer.len(), operation),
        }
    }

    /// The descriptor may be in non-blocking mode although this socket is blocking: another process or handle can set that.
    fn wait_if_nonblocking(
        &self,
        fd: &Open,
        blocking: bool,
        operation: Operation,
        deadline: Deadline,
    ) -> Result<Option<usize>> {
        if blocking {
            os::wait(os::lend(fd), Ready::Read, deadline).map_err(|errno| operation.failed(errno))?;
        }
        Ok(None)
    }

    fn received(
        &self,
        fd: &Open,
        result: os::Result<usize>,
        size: usize,
        operation: Operation,
    ) -> Result<Option<usize>> {
        fd.check_open()?;
        let count = result.map_err(|errno| operation.failed(errno))?;
        // A full receive of a record's head alone says nothing about what follows.
        if size > RECORD_HEAD {
            self.nothing_at_hand.store(count < size, Ordering::Relaxed);
        }
        Ok(Some(count))
    }
}
