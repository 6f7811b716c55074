//! Reading, waiting, and moving bytes between the engine's pipes and the descriptor. The engine's lock is not held during
//! any wait here, so a blocked reader never stops a writer, nor a blocked writer a reader.

use super::descriptor::Open;
use super::operation::Operation;
use super::receive::Received;
use super::state::{Carrier, State};
use super::{Socket, ktls};
use crate::os::{self, Ready};
use crate::ssl::engine::{Engine, Turn};
use crate::ssl::error::{Error, Phase, Result, Status};
use crate::ssl::interrupt;
use crate::ssl::outcome;
use std::sync::atomic::Ordering;

impl Socket {
    /// Repeats a step of the engine until it is done or fails, moving bytes in between.
    pub(super) fn drive<T>(
        &self,
        engine: &Engine,
        operation: Operation,
        step: impl FnMut(&Turn<'_>) -> Result<T>,
    ) -> Result<T> {
        self.check_directions(Some(engine), operation)?;
        let (operation, stopped) = self.paused.resume(operation)?;
        let result = self.repeat(engine, operation, step);
        // A call that is refused in between, such as one that ends TLS, asks nobody.
        let stops = |error: &Error| error.waits() || stopped.is_some() && engine.open_question().is_some();
        if result.as_ref().is_err_and(stops) {
            self.paused.note(operation, stopped.as_ref());
        }
        result.map_err(|error| self.with_last_alert(engine, operation, error))
    }

    /// Refuses what may have to receive where a thread of the parent receives for ever, or sends: what it has not sent yet would go
    /// out twice. A write receives only in a handshake.
    pub(super) fn check_directions(&self, engine: Option<&Engine>, operation: Operation) -> Result<()> {
        let only_sends = |engine: &Engine| engine.is_ours() || engine.is_handshake_done();
        if operation.phase == Phase::Write && engine.is_none_or(only_sends) {
            return Ok(());
        }
        Operation::check_free(&self.reading)?;
        Operation::check_free(&self.writing)
    }

    fn repeat<T>(
        &self,
        engine: &Engine,
        operation: Operation,
        mut step: impl FnMut(&Turn<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut late = false;
        let mut received: Option<Received<'_>> = None;
        loop {
            let mut seen = engine.incoming.fills();
            let at_hand = match received.take() {
                None if operation.receives_at_once() => self.receiving_at_hand(),
                received => received,
            };
            // A call that never waits has then learned from the system that nothing is there.
            let heard = at_hand.is_some() && operation.never_waits();
            let result = match at_hand {
                Some(received) => received.run_step(engine, operation, &mut seen, &mut step),
                None => engine.turn().and_then(|turn| step(&turn)),
            };
            match result {
                Ok(value) => {
                    self.flush_after(engine, operation)?;
                    return Ok(value);
                }
                Err(error) if error.status() == Status::WantRead => {
                    self.flush_meanwhile(engine, operation)?;
                    self.make_room(engine, operation)?;
                    if operation.never_waits() && self.owes(engine, operation) {
                        return Err(Error::want_write());
                    }
                    if heard {
                        return Err(error);
                    }
                    // A peer that sends a few bytes at a time must not hold the call beyond the deadline.
                    if late {
                        return Err(operation.timeout());
                    }
                    received = match self.fill(engine, seen, operation) {
                        // The lock for receiving is free again: the interrupt callback must run without it.
                        Err(error) if is_interruption(&error) => {
                            interrupt::ask(operation.phase)?;
                            None
                        }
                        result => result?,
                    };
                    late = operation.is_late();
                }
                Err(error) => {
                    // An alert may wait to be sent, but the failure is what is returned. If it can never be sent, drop it.
                    if self.flush_some(engine, operation).is_err_and(|failed| !is_passing(&failed)) {
                        engine.outgoing.discard();
                    }
                    return Err(error);
                }
            }
        }
    }

    /// If the peer is gone, adds the alert that it sent before, which waits in the receive buffer. The next read reports
    /// the alert too.
    pub(super) fn with_last_alert(&self, engine: &Engine, operation: Operation, error: Error) -> Error {
        if operation.only_reads() || !is_gone(&error) {
            return error;
        }
        // Only if bytes are there: the end of the stream adds nothing, and would be consumed before the next read.
        let is_there =
            self.open_fd().is_ok_and(|fd| os::peek(os::lend(&fd), &mut [0]).is_ok_and(|count| count > 0));
        let Some(received) = self.receiving_at_hand().filter(|_| is_there) else { return error };
        let look = |turn: &Turn<'_>| {
            let Err(failure) = turn.peek() else { return Ok(None) };
            let alert = alert_of(&failure);
            // The next read reports a close_notify correctly by itself.
            if alert.is_some() && failure.status() != Status::ZeroReturn {
                turn.keep_failure(failure);
            }
            Ok(alert)
        };
        let alert = received.run_step(engine, Operation::read(None), &mut 0, look).ok().flatten();
        error.with(|detail| detail.alert_received = alert)
    }

    /// Sends what a successful step has left to send, including bytes of earlier calls. If that fails in a read, the bytes
    /// that were read are returned nevertheless.
    fn flush_after(&self, engine: &Engine, operation: Operation) -> Result<()> {
        if engine.outgoing.pending() == 0 {
            return Ok(());
        }
        if operation.only_reads() {
            let _ = self.flush_some(engine, operation);
            return Ok(());
        }
        match self.flush(engine, operation) {
            Err(error)
                if operation.phase == Phase::Handshake && is_gone(&error) && !engine.owes_handshake() =>
            {
                Ok(())
            }
            result => result,
        }
    }

    /// Sends what a step that needs more bytes has left to send. A read ignores a failure here: receiving reports the
    /// state of the connection.
    pub(super) fn flush_meanwhile(&self, engine: &Engine, operation: Operation) -> Result<()> {
        let result = self.flush_some(engine, operation);
        if operation.only_reads() { Ok(()) } else { result }
    }

    /// Sends as much as the system takes.
    fn flush_some(&self, engine: &Engine, operation: Operation) -> Result<()> {
        if engine.outgoing.pending() == 0 {
            return Ok(());
        }
        let fd = self.open_fd()?;
        match engine.outgoing.drain(|bytes, record_type| ktls::send(&fd, bytes, record_type)) {
            Ok(()) | Err(os::errno::AGAIN) => Ok(()),
            Err(errno) => Err(self.cannot_send(engine, &fd, errno, operation)),
        }
    }

    /// The error for a send that the system refuses.
    pub(super) fn cannot_send(&self, engine: &Engine, fd: &Open, errno: i32, operation: Operation) -> Error {
        self.send_failed.store(true, Ordering::Relaxed);
        if let Err(closed) = fd.check_open() {
            return closed;
        }
        let error = operation.failed(errno);
        // As libssl does: after a read has reported the peer's close_notify, the error is that the connection is closed.
        let is_over = engine.has_told_end() && operation.phase != Phase::Handshake && is_gone(&error);
        if is_over { outcome::closed(operation.phase).caused_by(Some(error)) } else { error }
    }

    /// Sends everything: what a call has encrypted is handed to the system before it returns.
    pub(super) fn flush(&self, engine: &Engine, operation: Operation) -> Result<()> {
        loop {
            self.flush_some(engine, operation)?;
            if engine.outgoing.pending() == 0 {
                return Ok(());
            }
            self.wait_for_room(operation)?;
        }
    }

    pub(super) fn wait_for_room(&self, operation: Operation) -> Result<()> {
        let deadline = operation.deadline.ok_or_else(Error::want_write)?;
        operation.in_time()?;
        let fd = self.open_fd()?;
        operation.wait(&fd, Ready::Write, deadline)?;
        fd.check_open()
    }

    /// Python: `recv(bufsize)`
    pub fn recv(&self, buffer: &mut [u8]) -> Result<usize> {
        let operation = Operation::read(self.timeout.get().deadline());
        let state = self.settled(operation)?;
        match state.carrier() {
            Ok(Carrier::Tls(engine)) => self.read_tls(engine, buffer, operation),
            Ok(Carrier::Plain) => self.recv_plain(buffer, operation.plain()),
            Err(_) if matches!(**state, State::Shut) => Ok(0),
            Err(errno) => Err(operation.failed(errno)),
        }
    }

    /// Python: `read(len)`
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        let operation = Operation::read(self.timeout.get().deadline());
        let engine = self.tls(operation, "Read on closed or unwrapped SSL socket.")?;
        self.read_tls(&engine, buffer, operation)
    }

    fn read_tls(&self, engine: &Engine, buffer: &mut [u8], operation: Operation) -> Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        match self.drive(engine, operation, |turn| turn.read(buffer)) {
            Err(error) if error.status() == Status::Eof && self.suppresses_ragged_eofs() => {
                self.ragged.store(true, Ordering::Release);
                Ok(0)
            }
            result => result,
        }
    }

    /// Tells whether bytes of this operation wait to be sent, for which the peer may be waiting. A read ignores what a
    /// writer could not send, and anything after a send has failed.
    fn owes(&self, engine: &Engine, operation: Operation) -> bool {
        match operation.only_reads() {
            true => engine.has_unsent_answers() && !self.send_failed.load(Ordering::Relaxed),
            false => engine.outgoing.pending() > 0,
        }
    }

    fn suppresses_ragged_eofs(&self) -> bool {
        !self.flags.has(super::WrapFlags::REPORT_RAGGED_EOFS)
    }
}

fn alert_of(error: &Error) -> Option<u8> {
    error.detail().and_then(|detail| detail.alert_received)
}

/// Tells whether a signal ended the wait.
fn is_interruption(error: &Error) -> bool {
    error.status() == Status::Os && error.os_errno() == os::errno::INTR
}

/// Tells whether the system may take bytes later that it refuses now. Then they stay in the pipe, because the peer needs
/// them.
fn is_passing(error: &Error) -> bool {
    error.status() == Status::Os && !is_gone(error)
}

/// Tells whether the peer accepts no more bytes.
fn is_gone(error: &Error) -> bool {
    error.status() == Status::Os && matches!(error.os_errno(), os::errno::PIPE | os::errno::CONNRESET)
}
