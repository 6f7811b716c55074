//! Moving bytes between the engine's pipes and the descriptor, all the waiting, and reading. No lock of the
//! engine is held here, so that a blocked reader never stops a writer, nor the other way round.

use super::Socket;
use crate::openssl::pool;
use crate::os::{self, Deadline, OwnedSocket, Ready};
use crate::ssl::engine::{Engine, Turn};
use crate::ssl::error::{Error, Phase, Result, Status};
use parking_lot::{Mutex, MutexGuard};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How much is received at once: several records.
const RECEIVE: usize = 64 * 1024;
const RECORD_HEAD: usize = 5;
/// More than any writer leaves in the pipe: a peer that reads no answers has asked for them all the same.
const ANSWERS: usize = 256 * 1024;

/// One call of a socket's: until when it may take, and what to say when it takes longer.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    /// None: not to wait at all.
    pub deadline: Option<Deadline>,
    late: &'static str,
    phase: Phase,
    /// To receive no byte that libssl does not ask for: what follows belongs to somebody else, or the owner of a
    /// socket that never waits asks the descriptor whether there is more.
    exact: bool,
}

impl Operation {
    fn new(deadline: Option<Deadline>, phase: Phase, late: &'static str) -> Operation {
        Operation { deadline, late, phase, exact: deadline.is_none() }
    }

    pub fn handshake(deadline: Option<Deadline>) -> Operation {
        let operation = Operation::new(deadline, Phase::Handshake, "The handshake operation timed out");
        Operation { exact: true, ..operation }
    }

    pub fn read(deadline: Option<Deadline>) -> Operation {
        Operation::new(deadline, Phase::Read, "The read operation timed out")
    }

    pub fn write(deadline: Option<Deadline>) -> Operation {
        Operation::new(deadline, Phase::Write, "The write operation timed out")
    }

    pub fn close_write(deadline: Option<Deadline>) -> Operation {
        Operation { phase: Phase::Shutdown, ..Operation::write(deadline) }
    }

    pub fn unwrap(deadline: Option<Deadline>) -> Operation {
        Operation { phase: Phase::Shutdown, exact: true, ..Operation::read(deadline) }
    }

    /// The same in the words of a plain socket.
    pub fn plain(self) -> Operation {
        Operation { late: "timed out", ..self }
    }

    pub fn timeout(&self) -> Error {
        Error::timeout(self.late).in_phase(self.phase)
    }

    pub fn failed(&self, errno: i32) -> Error {
        Error::os(errno).in_phase(self.phase)
    }

    /// Takes a lock; None when the time is up first. To those that never wait it is up at once.
    pub fn turn<'a, T>(&self, lock: &'a Mutex<T>) -> Option<MutexGuard<'a, T>> {
        match self.deadline.map(Deadline::left) {
            None => lock.try_lock(),
            Some(None) => Some(lock.lock()),
            Some(Some(left)) => lock.try_lock_for(left),
        }
    }

    fn is_late(&self) -> bool {
        self.deadline.and_then(Deadline::left).is_some_and(|left| left.is_zero())
    }

    /// Fails once the time is up. Waiting alone would not tell a peer that is never quite too slow.
    pub fn in_time(&self) -> Result<()> {
        if self.is_late() { Err(self.timeout()) } else { Ok(()) }
    }

    /// What reads never waits for room to send: that is a writer's business, who may be at work.
    fn only_reads(&self) -> bool {
        self.phase == Phase::Read
    }
}

/// What a thread has received and nobody else may get in front of.
struct Received<'a> {
    _turn: MutexGuard<'a, ()>,
    buffer: Vec<u8>,
    count: usize,
}

impl Received<'_> {
    /// Does a step with these bytes, which libssl reads where they are. What it leaves waits in the pipe.
    fn lend<T>(self, engine: &Engine, step: impl FnOnce(&Turn<'_>) -> Result<T>) -> Result<T> {
        let turn = match engine.turn() {
            Ok(turn) => turn,
            Err(refused) => {
                engine.incoming.put(self.buffer, 0..self.count);
                return Err(refused);
            }
        };
        let (result, used) = turn.lend(&self.buffer[..self.count], || step(&turn));
        engine.incoming.put(self.buffer, used..self.count);
        result
    }
}

impl Socket {
    /// Repeats a step of the engine's until it is done or fails, moving bytes in between.
    pub(super) fn drive<T>(
        &self,
        engine: &Engine,
        operation: Operation,
        mut step: impl FnMut(&Turn<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut late = false;
        let mut received: Option<Received<'_>> = None;
        loop {
            let seen = engine.incoming.fills();
            let result = match received.take() {
                Some(received) => received.lend(engine, &mut step),
                None => engine.turn().and_then(|turn| step(&turn)),
            };
            match result {
                Ok(value) => {
                    self.flush_after(engine, operation)?;
                    return Ok(value);
                }
                Err(error) if error.status() == Status::WantRead => {
                    self.flush_meanwhile(engine, operation)?;
                    // A peer that sends drop by drop must not keep us beyond the deadline.
                    if late {
                        return Err(operation.timeout());
                    }
                    received = self.fill(engine, seen, operation)?;
                    late = operation.is_late();
                }
                Err(error) => {
                    // An alert may be waiting; the failure itself is what counts. If it cannot be sent, nothing can.
                    if self.flush_some(engine, operation).is_err() {
                        engine.outgoing.take();
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Sends what a step that succeeded has left. What was read is never lost because something cannot be sent.
    fn flush_after(&self, engine: &Engine, operation: Operation) -> Result<()> {
        if engine.outgoing.pending() == 0 {
            return Ok(());
        }
        if operation.only_reads() {
            let _ = self.flush_some(engine, operation);
            return Ok(());
        }
        self.flush(engine, operation)
    }

    /// Sends what a step that needs more bytes has left. A reader hears from receiving what became of the
    /// connection.
    fn flush_meanwhile(&self, engine: &Engine, operation: Operation) -> Result<()> {
        let result = self.flush_some(engine, operation);
        if operation.only_reads() { Ok(()) } else { result }
    }

    /// Sends what there is room for.
    fn flush_some(&self, engine: &Engine, operation: Operation) -> Result<()> {
        if engine.outgoing.pending() == 0 {
            return Ok(());
        }
        let fd = self.open_fd()?;
        match engine.outgoing.drain(|bytes| os::send(os::lend(&fd), bytes)) {
            Ok(()) | Err(os::errno::AGAIN) => Ok(()),
            Err(errno) => Err(self.cannot_send(&fd, errno, operation)),
        }
    }

    pub(super) fn cannot_send(&self, fd: &Arc<OwnedSocket>, errno: i32, operation: Operation) -> Error {
        self.mute.store(true, Ordering::Relaxed);
        self.check_open(fd).err().unwrap_or_else(|| operation.failed(errno))
    }

    /// Sends everything: what a call has encrypted is the system's before it returns.
    pub(super) fn flush(&self, engine: &Engine, operation: Operation) -> Result<()> {
        loop {
            self.flush_some(engine, operation)?;
            if engine.outgoing.pending() == 0 {
                return Ok(());
            }
            let deadline = operation.deadline.ok_or_else(Error::want_write)?;
            operation.in_time()?;
            let fd = self.open_fd()?;
            if !os::wait(os::lend(&fd), Ready::Write, deadline).map_err(|errno| operation.failed(errno))? {
                return Err(operation.timeout());
            }
            self.check_open(&fd)?;
        }
    }

    /// Receives once, unless somebody has since `seen`. One thread at a time does it; the others find what it
    /// has brought.
    fn fill<'a>(&'a self, engine: &Engine, seen: u64, operation: Operation) -> Result<Option<Received<'a>>> {
        self.make_room(engine, operation)?;
        let turn = operation.turn(&self.reading);
        let _turn =
            turn.ok_or_else(|| operation.deadline.map_or(Error::want_read(), |_| operation.timeout()))?;
        if engine.incoming.fills() != seen {
            return Ok(None);
        }
        let mut buffer = pool::take(RECEIVE);
        let size = match (operation.exact, engine.incoming.wanted()) {
            (false, _) => RECEIVE,
            // The engine did not trouble libssl, which would have asked for the head of a record.
            (true, 0) => RECORD_HEAD,
            (true, wanted) => wanted.min(RECEIVE),
        };
        match self.receive(engine, &mut buffer[..size], operation) {
            Ok(Some(count)) if count > 0 => Ok(Some(Received { _turn, buffer, count })),
            other => {
                pool::give_back(buffer);
                if other? == Some(0) {
                    engine.incoming.mark_eof();
                }
                Ok(None)
            }
        }
    }

    /// Receives no more from a peer that lets its answers pile up, before it takes some.
    fn make_room(&self, engine: &Engine, operation: Operation) -> Result<()> {
        while engine.outgoing.pending() > ANSWERS {
            if self.mute.load(Ordering::Relaxed) {
                engine.outgoing.take();
                return Ok(());
            }
            let deadline = operation.deadline.ok_or_else(Error::want_write)?;
            operation.in_time()?;
            let fd = self.open_fd()?;
            if !os::wait(os::lend(&fd), Ready::Write, deadline).map_err(|errno| operation.failed(errno))? {
                return Err(operation.timeout());
            }
            self.check_open(&fd)?;
            self.flush_meanwhile(engine, operation)?;
        }
        Ok(())
    }

    /// Receives; None when something was sent instead, which may be all that the peer waits for.
    fn receive(&self, engine: &Engine, buffer: &mut [u8], operation: Operation) -> Result<Option<usize>> {
        let fd = self.open_fd()?;
        let Some(deadline) = operation.deadline else {
            return match os::recv(os::lend(&fd), buffer, false) {
                Err(os::errno::AGAIN) => Err(Error::want_read()),
                result => self.received(&fd, result, buffer.len(), operation),
            };
        };
        let unsent = engine.outgoing.pending() > 0 && !self.mute.load(Ordering::Relaxed);
        let blocking = !deadline.is_some() && !unsent;
        if !blocking && (unsent || self.drained.load(Ordering::Relaxed)) {
            let ready = if unsent { Ready::Both } else { Ready::Read };
            if !os::wait(os::lend(&fd), ready, deadline).map_err(|errno| operation.failed(errno))? {
                return Err(operation.timeout());
            }
            self.check_open(&fd)?;
            self.flush_meanwhile(engine, operation)?;
        }
        match os::recv(os::lend(&fd), buffer, blocking) {
            Err(os::errno::AGAIN) => {
                self.drained.store(true, Ordering::Relaxed);
                self.wait_if_nonblocking(&fd, blocking, operation, deadline)
            }
            result => self.received(&fd, result, buffer.len(), operation),
        }
    }

    /// The descriptor may be in non-blocking mode though this socket is not: others can hold it too.
    fn wait_if_nonblocking(
        &self,
        fd: &Arc<OwnedSocket>,
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
        fd: &Arc<OwnedSocket>,
        result: os::Result<usize>,
        size: usize,
        operation: Operation,
    ) -> Result<Option<usize>> {
        self.check_open(fd)?;
        let count = result.map_err(|errno| operation.failed(errno))?;
        self.drained.store(count < size, Ordering::Relaxed);
        Ok(Some(count))
    }

    /// The descriptor, for a call that has begun.
    pub(super) fn open_fd(&self) -> Result<Arc<OwnedSocket>> {
        self.descriptor.read().clone().ok_or_else(closed)
    }

    /// Notices that another thread has closed or detached the socket.
    pub(super) fn check_open(&self, fd: &Arc<OwnedSocket>) -> Result<()> {
        let same = self.descriptor.read().as_ref().is_some_and(|own| Arc::ptr_eq(own, fd));
        if same { Ok(()) } else { Err(closed()) }
    }

    /// Python: `recv(bufsize)`
    pub fn recv(&self, buffer: &mut [u8]) -> Result<usize> {
        match self.engine() {
            Some(engine) => self.read_tls(&engine, buffer),
            None => self.recv_plain(buffer),
        }
    }

    /// Python: `read(len)`
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        let engine = self.engine().ok_or_else(|| Error::value("Read on closed or unwrapped SSL socket."))?;
        self.read_tls(&engine, buffer)
    }

    fn read_tls(&self, engine: &Engine, buffer: &mut [u8]) -> Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let operation = Operation::read(self.timeout.get().deadline());
        match self.drive(engine, operation, |turn| turn.read(buffer)) {
            Err(error) if error.status() == Status::Eof && self.suppresses_ragged_eofs() => {
                self.ragged.store(true, Ordering::Release);
                Ok(0)
            }
            result => result,
        }
    }

    fn suppresses_ragged_eofs(&self) -> bool {
        !self.flags.has(crate::ssl::WrapFlags::REPORT_RAGGED_EOFS)
    }
}

fn closed() -> Error {
    Error::ssl("Underlying socket has been closed.")
}
