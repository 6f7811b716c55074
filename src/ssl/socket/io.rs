//! Moving bytes between the engine's pipes and the descriptor, and all the waiting. No lock of the engine is
//! held here, so that a blocked reader never stops a writer, nor the other way round.

use super::Socket;
use crate::os::{self, Deadline, Ready};
use crate::ssl::engine::Engine;
use crate::ssl::error::{Error, Phase, Result, Status};
use parking_lot::MutexGuard;
use std::cell::RefCell;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How much is received at once: several records.
const RECEIVE: usize = 64 * 1024;
/// How much is encrypted before it is sent: several records for one system call.
const CHUNK: usize = 64 * 1024;

thread_local! {
    /// Where a thread receives. It belongs to the thread, so that idle connections own none.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// One call of a socket's: until when it may take, and what to say when it takes longer.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    /// None: not to wait at all.
    deadline: Option<Deadline>,
    late: &'static str,
    phase: Phase,
}

impl Operation {
    pub fn handshake(deadline: Option<Deadline>) -> Operation {
        Operation { deadline, late: "The handshake operation timed out", phase: Phase::Handshake }
    }

    pub fn read(deadline: Option<Deadline>) -> Operation {
        Operation { deadline, late: "The read operation timed out", phase: Phase::Read }
    }

    pub fn write(deadline: Option<Deadline>) -> Operation {
        Operation { deadline, late: "The write operation timed out", phase: Phase::Write }
    }

    pub fn shutdown(deadline: Option<Deadline>) -> Operation {
        Operation { phase: Phase::Shutdown, ..Operation::read(deadline) }
    }

    fn timeout(&self) -> Error {
        Error::timeout(self.late).in_phase(self.phase)
    }

    fn failed(&self, errno: i32) -> Error {
        Error::os(errno).in_phase(self.phase)
    }
}

/// A send that was interrupted: the same bytes have to be sent again, and these are done already.
#[derive(Default)]
pub(super) struct Writing {
    interrupted: Option<Interrupted>,
}

struct Interrupted {
    len: usize,
    done: usize,
    last: Vec<u8>,
}

impl Writing {
    /// How much of the data an interrupted send has taken.
    fn resume(&mut self, data: &[u8]) -> Result<usize> {
        let Some(old) = &self.interrupted else { return Ok(0) };
        let same = old.len == data.len() && data[..old.done].ends_with(&old.last);
        if !same {
            return Err(Error::value(
                "bad write retry: a send that returned WANT_WRITE must be repeated with the same bytes",
            ));
        }
        Ok(old.done)
    }

    fn interrupt(&mut self, data: &[u8], done: usize) {
        const MARK: usize = 32;
        let last = data[done.saturating_sub(MARK)..done].to_vec();
        self.interrupted = Some(Interrupted { len: data.len(), done, last });
    }
}

impl Socket {
    /// Repeats a step of the engine's until it is done or fails, moving bytes in between.
    pub(super) fn drive<T>(
        &self,
        engine: &Engine,
        operation: Operation,
        mut step: impl FnMut(&Engine) -> Result<T>,
    ) -> Result<T> {
        loop {
            let seen = engine.incoming.fills();
            match step(engine) {
                Ok(value) => {
                    self.flush(engine, operation)?;
                    return Ok(value);
                }
                Err(error) if error.status() == Status::WantRead => {
                    self.flush_some(engine, operation)?;
                    self.fill(engine, seen, operation)?;
                }
                Err(error) => {
                    // An alert may be waiting; the failure itself is what counts.
                    let _ = self.flush_some(engine, operation);
                    return Err(error);
                }
            }
        }
    }

    /// Sends what there is room for.
    fn flush_some(&self, engine: &Engine, operation: Operation) -> Result<()> {
        if engine.outgoing.pending() == 0 {
            return Ok(());
        }
        let fd = self.open_fd()?;
        match engine.outgoing.drain(|bytes| os::send(os::lend(&fd), bytes)) {
            Ok(()) | Err(os::errno::AGAIN) => Ok(()),
            Err(errno) => Err(operation.failed(errno)),
        }
    }

    /// Sends everything: what a call has encrypted is the system's before it returns.
    fn flush(&self, engine: &Engine, operation: Operation) -> Result<()> {
        loop {
            self.flush_some(engine, operation)?;
            if engine.outgoing.pending() == 0 {
                return Ok(());
            }
            let deadline = operation.deadline.ok_or_else(Error::want_write)?;
            let fd = self.open_fd()?;
            if !os::wait(os::lend(&fd), Ready::Write, deadline).map_err(|errno| operation.failed(errno))? {
                return Err(operation.timeout());
            }
            self.check_open(&fd)?;
        }
    }

    /// Receives once, unless somebody has since `seen`. One thread at a time does it; the others find what it
    /// has brought.
    fn fill(&self, engine: &Engine, seen: u64, operation: Operation) -> Result<()> {
        let _turn = match operation.deadline {
            None => self.reading.try_lock().ok_or_else(Error::want_read)?,
            Some(deadline) => self.wait_turn(deadline).ok_or_else(|| operation.timeout())?,
        };
        if engine.incoming.fills() != seen {
            return Ok(());
        }
        BUFFER.with_borrow_mut(|buffer| {
            buffer.resize(RECEIVE, 0);
            match self.receive(engine, buffer, operation)? {
                None => {}
                Some(0) => engine.incoming.mark_eof(),
                Some(count) => engine.incoming.write(&buffer[..count]),
            }
            Ok(())
        })
    }

    fn wait_turn(&self, deadline: Deadline) -> Option<MutexGuard<'_, ()>> {
        match deadline.left() {
            None => Some(self.reading.lock()),
            Some(left) => self.reading.try_lock_for(left),
        }
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
        let unsent = engine.outgoing.pending() > 0;
        let blocking = !deadline.is_some() && !unsent;
        if !blocking && (unsent || self.drained.load(Ordering::Relaxed)) {
            let ready = if unsent { Ready::Both } else { Ready::Read };
            if !os::wait(os::lend(&fd), ready, deadline).map_err(|errno| operation.failed(errno))? {
                return Err(operation.timeout());
            }
            self.check_open(&fd)?;
            self.flush_some(engine, operation)?;
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
        fd: &Arc<OwnedFd>,
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
        fd: &Arc<OwnedFd>,
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
    fn open_fd(&self) -> Result<Arc<OwnedFd>> {
        self.descriptor.read().clone().ok_or_else(closed)
    }

    /// Notices that another thread has closed or detached the socket.
    fn check_open(&self, fd: &Arc<OwnedFd>) -> Result<()> {
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
        match self.drive(engine, operation, |engine| engine.read(buffer)) {
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

    fn recv_plain(&self, buffer: &mut [u8]) -> Result<usize> {
        let ahead = self.take_ahead(buffer);
        if ahead > 0 || buffer.is_empty() || self.ended.load(Ordering::Acquire) {
            return Ok(ahead);
        }
        let operation = Operation::read(self.timeout.get().deadline());
        let fd = self.fd()?;
        loop {
            match (os::recv(os::lend(&fd), buffer, false), operation.deadline) {
                (Err(os::errno::AGAIN), None) => return Err(Error::want_read()),
                (Err(os::errno::AGAIN), Some(deadline)) => self.wait_plain(&fd, Ready::Read, deadline)?,
                (result, _) => return result.map_err(|errno| operation.failed(errno)),
            }
        }
    }

    fn wait_plain(&self, fd: &Arc<OwnedFd>, ready: Ready, deadline: Deadline) -> Result<()> {
        if !os::wait(os::lend(fd), ready, deadline).map_err(Error::os)? {
            return Err(Error::timeout("timed out"));
        }
        self.check_open(fd)
    }

    fn take_ahead(&self, buffer: &mut [u8]) -> usize {
        let mut ahead = self.ahead.lock();
        let count = ahead.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ahead[..count]);
        ahead.drain(..count);
        count
    }

    /// Python: `send(data)`: all of it under TLS, perhaps a part without.
    pub fn send(&self, data: &[u8]) -> Result<usize> {
        match self.engine() {
            Some(engine) => self.write_tls(&engine, data),
            None => self.send_plain(data),
        }
    }

    /// Python: `write(data)`
    pub fn write(&self, data: &[u8]) -> Result<usize> {
        let engine = self.engine().ok_or_else(|| Error::value("Write on closed or unwrapped SSL socket."))?;
        self.write_tls(&engine, data)
    }

    /// Python: `sendall(data)`
    pub fn sendall(&self, data: &[u8]) -> Result<()> {
        let Some(engine) = self.engine() else { return self.sendall_plain(data) };
        if data.is_empty() {
            return Ok(());
        }
        self.write_tls(&engine, data).map(|_| ())
    }

    fn write_tls(&self, engine: &Engine, data: &[u8]) -> Result<usize> {
        engine.check_reentry()?;
        let operation = Operation::write(self.timeout.get().deadline());
        let mut writing = match operation.deadline {
            None => self.writing.try_lock().ok_or_else(Error::want_write)?,
            Some(deadline) => match deadline.left() {
                None => self.writing.lock(),
                Some(left) => self.writing.try_lock_for(left).ok_or_else(|| operation.timeout())?,
            },
        };
        let mut done = writing.resume(data)?;
        let result = self.write_chunks(engine, data, &mut done, operation);
        match &result {
            Err(error) if error.is_want() && done > 0 => writing.interrupt(data, done),
            _ => writing.interrupted = None,
        }
        result.map(|()| data.len())
    }

    fn write_chunks(
        &self,
        engine: &Engine,
        data: &[u8],
        done: &mut usize,
        operation: Operation,
    ) -> Result<()> {
        self.flush(engine, operation)?;
        if data.is_empty() {
            return self.drive(engine, operation, |engine| engine.write(data)).map(|_| ());
        }
        while *done < data.len() {
            let chunk = &data[*done..data.len().min(*done + CHUNK)];
            self.drive(engine, operation, |engine| {
                let count = engine.write(chunk)?;
                *done += count;
                Ok(())
            })?;
        }
        Ok(())
    }

    fn send_plain(&self, data: &[u8]) -> Result<usize> {
        let operation = Operation::write(self.timeout.get().deadline());
        let fd = self.fd()?;
        loop {
            match (os::send(os::lend(&fd), data), operation.deadline) {
                (Err(os::errno::AGAIN), None) => return Err(Error::want_write()),
                (Err(os::errno::AGAIN), Some(deadline)) => self.wait_plain(&fd, Ready::Write, deadline)?,
                (result, _) => return result.map_err(|errno| operation.failed(errno)),
            }
        }
    }

    fn sendall_plain(&self, data: &[u8]) -> Result<()> {
        let mut rest = data;
        while !rest.is_empty() {
            rest = &rest[self.send_plain(rest)?..];
        }
        Ok(())
    }

    /// Python: `unwrap()`. Returns the plain bytes that came behind the peer's close_notify.
    pub fn unwrap(&self) -> Result<Vec<u8>> {
        let engine = self.engine().ok_or_else(|| Error::value("No SSL wrapper around this socket"))?;
        let operation = Operation::shutdown(self.timeout.get().deadline());
        self.drive(&engine, operation, Engine::shutdown)?;
        *self.engine.write() = None;
        Ok(engine.incoming.take())
    }

    /// Keeps plain bytes in front of the next recv.
    pub fn keep_ahead(&self, bytes: Vec<u8>) {
        self.ahead.lock().extend(bytes);
    }

    /// Sends close_notify; reading goes on.
    pub fn close_write(&self) -> Result<()> {
        let engine = self.engine().ok_or_else(|| Error::value("No SSL wrapper around this socket"))?;
        let operation =
            Operation { phase: Phase::Shutdown, ..Operation::write(self.timeout.get().deadline()) };
        self.drive(&engine, operation, Engine::close_write)
    }
}

fn closed() -> Error {
    Error::ssl("Underlying socket has been closed.")
}
