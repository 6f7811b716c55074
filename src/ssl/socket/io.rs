//! Moving bytes between the engine's pipes and the descriptor, all the waiting, and reading. No lock of the
//! engine is held here, so that a blocked reader never stops a writer, nor the other way round.

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
    /// Repeats a step of the engine's until it is done or fails, moving bytes in between.
    pub(super) fn drive<T>(
        &self,
        engine: &Engine,
        operation: Operation,
        step: impl FnMut(&Turn<'_>) -> Result<T>,
    ) -> Result<T> {
        let result = self.repeat(engine, operation, step);
        result.map_err(|error| self.with_last_alert(engine, operation, error))
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
            // What never waits has heard from the system already that nothing is there.
            let heard = at_hand.is_some() && operation.never_waits();
            let result = match at_hand {
                Some(received) => received.lend(engine, operation, &mut seen, &mut step),
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
                    // A peer that sends drop by drop must not keep us beyond the deadline.
                    if late {
                        return Err(operation.timeout());
                    }
                    received = match self.fill(engine, seen, operation) {
                        // The turn to receive is free again: the program is asked without it.
                        Err(error) if is_interruption(&error) => {
                            interrupt::ask(operation.phase)?;
                            None
                        }
                        result => result?,
                    };
                    late = operation.is_late();
                }
                Err(error) => {
                    // An alert may be waiting; the failure itself is what counts. If it can never be sent, nothing can.
                    if self.flush_some(engine, operation).is_err_and(|failed| !is_passing(&failed)) {
                        engine.outgoing.take();
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Adds the alert with which the peer went away before it could be sent what it was: it is in the receive buffer.
    /// The next read tells it too.
    pub(super) fn with_last_alert(&self, engine: &Engine, operation: Operation, error: Error) -> Error {
        if operation.only_reads() || !is_gone(&error) {
            return error;
        }
        // Only where something is there: the end alone tells no more, and would be taken from the next read.
        let is_there =
            self.open_fd().is_ok_and(|fd| os::peek(os::lend(&fd), &mut [0]).is_ok_and(|count| count > 0));
        let Some(received) = self.receiving_at_hand().filter(|_| is_there) else { return error };
        let look = |turn: &Turn<'_>| {
            let Err(failure) = turn.peek() else { return Ok(None) };
            let alert = alert_of(&failure);
            // Whether a goodbye is a clean end the next read knows.
            if alert.is_some() && failure.status() != Status::ZeroReturn {
                turn.keep_failure(failure);
            }
            Ok(alert)
        };
        let alert = received.lend(engine, Operation::read(None), &mut 0, look).ok().flatten();
        error.with(|detail| detail.alert_received = alert)
    }

    /// Sends what a step that succeeded has left, of its own or of an earlier call. What was read is never lost because
    /// something cannot be sent.
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

    /// Sends what a step that needs more bytes has left. A reader hears from receiving what became of the
    /// connection.
    pub(super) fn flush_meanwhile(&self, engine: &Engine, operation: Operation) -> Result<()> {
        let result = self.flush_some(engine, operation);
        if operation.only_reads() { Ok(()) } else { result }
    }

    /// Sends what there is room for.
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

    /// What becomes of a send that the system refuses.
    pub(super) fn cannot_send(&self, engine: &Engine, fd: &Open, errno: i32, operation: Operation) -> Error {
        self.send_failed.store(true, Ordering::Relaxed);
        if let Err(closed) = fd.check_open() {
            return closed;
        }
        let error = operation.failed(errno);
        // As libssl has it: who has read the goodbye is told that all is over.
        let is_over = engine.has_told_end() && operation.phase != Phase::Handshake && is_gone(&error);
        if is_over { outcome::closed(operation.phase).caused_by(Some(error)) } else { error }
    }

    /// Sends everything: what a call has encrypted is the system's before it returns.
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

    /// Tells whether bytes of this operation's own wait to be sent: the peer may be waiting for them. What a writer could
    /// not send is no business of a reader's, nor is there room to wait for where the system takes nothing any more.
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

/// Tells whether the system may take later what it does not take now: then bytes stay in their place, for the peer would
/// miss them.
fn is_passing(error: &Error) -> bool {
    error.status() == Status::Os && !is_gone(error)
}

/// Tells whether the peer takes no more bytes.
fn is_gone(error: &Error) -> bool {
    error.status() == Status::Os && matches!(error.os_errno(), os::errno::PIPE | os::errno::CONNRESET)
}
