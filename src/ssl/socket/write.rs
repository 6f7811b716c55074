//! Writing through TLS.

use super::Socket;
use super::io::Operation;
use super::parts::Parts;
use super::state::Carrier;
use crate::lock::MutexGuard;
use crate::os;
use crate::ssl::engine::{Engine, Turn};
use crate::ssl::error::{Error, Result, Status};

/// A send that was interrupted: it must be repeated with the same bytes at the front, of which `done` were sent.
#[derive(Default)]
pub(super) struct Writing {
    interrupted: Option<Interrupted>,
}

struct Interrupted {
    done: usize,
    last: [u8; MARK],
}

/// How many of the last bytes are kept to recognize the data of an interrupted send.
const MARK: usize = 32;

impl Writing {
    /// How much of the data an interrupted send has taken.
    fn resume(&mut self, data: &Parts<'_>) -> Result<usize> {
        let Some(old) = &self.interrupted else { return Ok(0) };
        if data.len() < old.done || data.before(old.done) != old.last {
            return Err(Error::value(
                "bad write retry: a send that returned WANT_WRITE must be repeated with the same bytes in front",
            ));
        }
        Ok(old.done)
    }

    /// Refuses a call that would send between the two parts of an interrupted send.
    pub fn check_whole(&self) -> Result<()> {
        match self.interrupted {
            None => Ok(()),
            Some(_) => {
                Err(Error::value("bad write retry: a send that returned WANT_WRITE must be repeated first"))
            }
        }
    }

    fn interrupt(&mut self, data: &Parts<'_>, done: usize) {
        self.interrupted = Some(Interrupted { done, last: data.before(done) });
    }
}

impl Socket {
    pub(super) fn writing_operation(&self) -> Operation {
        Operation::write(self.timeout.get().deadline())
    }

    /// Python: `send(data)`: sends all of it with TLS, possibly only a part without.
    pub fn send(&self, data: &[u8]) -> Result<usize> {
        let operation = self.writing_operation();
        let state = self.settled(operation)?;
        match state.carrier().map_err(|errno| operation.failed(errno))? {
            Carrier::Tls(engine) => self.write_tls(engine, &[data], operation),
            Carrier::Plain => self.send_plain(data, operation.plain()),
        }
    }

    /// Python: `write(data)`
    pub fn write(&self, data: &[u8]) -> Result<usize> {
        let operation = self.writing_operation();
        let engine = self.tls(operation, "Write on closed or unwrapped SSL socket.")?;
        self.write_tls(&engine, &[data], operation)
    }

    /// Python: `sendall(data)`
    pub fn sendall(&self, data: &[u8]) -> Result<()> {
        let operation = self.writing_operation();
        let state = self.settled(operation)?;
        match state.carrier().map_err(|errno| operation.failed(errno))? {
            Carrier::Plain => self.sendall_plain(data, &mut 0, operation.plain()),
            Carrier::Tls(_) if data.is_empty() => Ok(()),
            Carrier::Tls(engine) => self.write_tls(engine, &[data], operation).map(|_| ()),
        }
    }

    /// Sends the parts in order, as one piece of data.
    pub fn sendv(&self, parts: &[&[u8]]) -> Result<usize> {
        let operation = self.writing_operation();
        let state = self.settled(operation)?;
        match state.carrier().map_err(|errno| operation.failed(errno))? {
            Carrier::Tls(engine) => self.write_tls(engine, parts, operation),
            Carrier::Plain => {
                let mut joined = Vec::new();
                self.send_plain(Parts::new(parts)?.chunk(0, &mut joined), operation.plain())
            }
        }
    }

    /// Sends as much as possible within the deadline, and tells how much was taken; what waits in the pipe is sent before
    /// the next bytes. It returns "not done yet" or a timeout only if nothing was taken.
    pub(super) fn send_some(&self, data: &[u8]) -> Result<usize> {
        let operation = self.writing_operation();
        let state = self.settled(operation)?;
        let engine = match state.carrier().map_err(|errno| operation.failed(errno))? {
            Carrier::Tls(engine) => engine,
            Carrier::Plain => return self.send_plain(data, operation.plain()),
        };
        let writing = self.writing_turn(Some(engine), operation)?;
        writing.check_whole()?;
        let mut done = 0;
        match self.write_chunks(engine, &Parts::new(&[data])?, &mut done, operation) {
            Err(error) if done > 0 && (error.is_want() || error.status() == Status::Timeout) => Ok(done),
            result => result.map(|()| done),
        }
    }

    /// Sends what waits in the pipe.
    pub(super) fn send_rest(&self) -> Result<()> {
        if self.pending_write() == 0 {
            return Ok(());
        }
        let operation = self.writing_operation();
        let Some(engine) = self.engine() else { return Ok(()) };
        let _turn = self.writing_turn(Some(&engine), operation)?;
        self.flush(&engine, operation)
    }

    /// Waits until no other thread writes.
    pub(super) fn writing_turn(
        &self,
        engine: Option<&Engine>,
        operation: Operation,
    ) -> Result<MutexGuard<'_, Writing>> {
        // A callback's thread may hold the lock already: the call is refused, because it would deadlock.
        engine.map_or(Ok(()), Engine::check_reentry)?;
        operation.turn(&self.writing, Error::want_write)
    }

    fn write_tls(&self, engine: &Engine, parts: &[&[u8]], operation: Operation) -> Result<usize> {
        let data = Parts::new(parts)?;
        let mut writing = self.writing_turn(Some(engine), operation)?;
        let mut done = writing.resume(&data)?;
        let result = self.write_chunks(engine, &data, &mut done, operation);
        match &result {
            Err(error) if is_unfinished(error) && done > 0 => writing.interrupt(&data, done),
            _ => writing.interrupted = None,
        }
        result.map(|()| data.len())
    }

    pub(super) fn write_chunks(
        &self,
        engine: &Engine,
        data: &Parts<'_>,
        done: &mut usize,
        operation: Operation,
    ) -> Result<()> {
        // Bytes that an earlier call could not send go first.
        self.flush(engine, operation)?;
        if data.len() == 0 {
            return self.drive(engine, operation, |turn| turn.write(&[])).map(|_| ());
        }
        let mut joined = Vec::new();
        while *done < data.len() {
            let chunk = data.chunk(*done, &mut joined);
            self.drive(engine, operation, |turn| {
                *done += self.encrypt(engine, turn, chunk, operation)?;
                Ok(())
            })?;
            if *done < data.len() {
                operation.in_time()?;
            }
        }
        Ok(())
    }
}

impl Socket {
    /// Encrypts a chunk and sends each record from libssl's buffer as far as the system takes it; the rest waits in the
    /// pipe. Collecting the records first would save system calls, but the copy costs more.
    fn encrypt(&self, engine: &Engine, turn: &Turn<'_>, chunk: &[u8], operation: Operation) -> Result<usize> {
        // Sending here holds the connection's lock, for which a thread that reads would have to wait.
        if self.reading.is_locked() {
            return turn.write(chunk);
        }
        let fd = self.open_fd()?;
        let mut failed = None;
        let mut send = |bytes: &[u8]| match os::send(os::lend(&fd), bytes) {
            Ok(count) => count,
            Err(errno) => {
                failed = Some(errno).filter(|errno| *errno != os::errno::AGAIN);
                0
            }
        };
        let written = turn.lend_sink(&mut send, || turn.write(chunk))?;
        match failed {
            None => Ok(written),
            Some(errno) => Err(self.cannot_send(engine, &fd, errno, operation)),
        }
    }
}

/// Tells whether a repeated send can still finish what this one began.
fn is_unfinished(error: &Error) -> bool {
    error.is_want() || matches!(error.status(), Status::Timeout | Status::Interrupted)
}
