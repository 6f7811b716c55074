//! What a caller wants of a socket: the phase, and until when it may take.

use super::descriptor::Open;
use crate::lock::{Mutex, MutexGuard};
use crate::os::{self, Deadline, Ready};
use crate::ssl::error::{Error, Phase, Result};
use crate::ssl::inherited::Inherited;
use crate::ssl::interrupt;

/// One call on a socket: its deadline, and the message for when the deadline passes.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    /// None: the call must not wait at all.
    pub deadline: Option<Deadline>,
    late: &'static str,
    pub phase: Phase,
}

impl Operation {
    fn new(deadline: Option<Deadline>, phase: Phase, late: &'static str) -> Operation {
        Operation { deadline, late, phase }
    }

    pub fn handshake(deadline: Option<Deadline>) -> Operation {
        Operation::new(deadline, Phase::Handshake, "The handshake operation timed out")
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
        Operation { phase: Phase::Shutdown, ..Operation::read(deadline) }
    }

    /// The same, with the message of a plain socket.
    pub fn plain(self) -> Operation {
        Operation { late: "timed out", ..self }
    }

    /// The same operation, with this deadline if it is the earlier one. A call that does not wait has no deadline.
    pub fn until(self, deadline: Deadline) -> Operation {
        Operation { deadline: self.deadline.map(|own| own.earlier(deadline)), ..self }
    }

    pub fn timeout(&self) -> Error {
        Error::timeout(self.late).in_phase(self.phase)
    }

    pub fn failed(&self, errno: i32) -> Error {
        Error::os(errno).in_phase(self.phase)
    }

    /// Takes a lock within the deadline. A call that never waits gets `want` instead. Inside the interrupt callback the
    /// thread may hold the lock itself, so the call is refused instead of waiting.
    pub fn turn<'a, T, const RANK: u8>(
        &self,
        lock: &'a Inherited<Mutex<T, RANK>>,
        want: fn() -> Error,
    ) -> Result<MutexGuard<'a, T>> {
        if let Some(first) = lock.first(|lock, time| lock.try_lock_for(time))? {
            return Ok(first);
        }
        let Some(deadline) = self.deadline else { return lock.try_lock().ok_or_else(want) };
        if interrupt::is_asking() {
            return lock.try_lock().ok_or_else(interrupt::refused);
        }
        match deadline.left() {
            None => Ok(lock.lock()),
            Some(left) => lock.try_lock_for(left).ok_or_else(|| self.timeout()),
        }
    }

    /// Refuses to use a connection, before this process takes it over, with a lock that a thread of the parent holds for ever.
    pub fn check_free<T, const RANK: u8>(lock: &Inherited<Mutex<T, RANK>>) -> Result<()> {
        lock.first(|lock, time| lock.try_lock_for(time)).map(drop)
    }

    /// Waits until the descriptor is ready or the deadline passes.
    pub fn wait(&self, fd: &Open, ready: Ready, deadline: Deadline) -> Result<()> {
        let wait = || os::wait(os::lend(fd), ready, deadline);
        match interrupt::asking(self.phase, wait)?.map_err(|errno| self.failed(errno))? {
            true => Ok(()),
            false => Err(self.timeout()),
        }
    }

    pub fn is_late(&self) -> bool {
        self.deadline.and_then(Deadline::left).is_some_and(|left| left.is_zero())
    }

    /// Fails once the deadline has passed. A wait alone never times out if the peer always sends a little in time.
    pub fn in_time(&self) -> Result<()> {
        if self.is_late() { Err(self.timeout()) } else { Ok(()) }
    }

    /// A read never waits for room to send: that is a writer's task, and one may be at it.
    pub fn only_reads(&self) -> bool {
        self.phase == Phase::Read
    }

    /// Tells whether the call must not wait: then it receives only within the step.
    pub fn never_waits(&self) -> bool {
        self.deadline.is_none()
    }

    /// Tells whether to try to receive before waiting. Reads and writes that may wait usually find nothing there.
    pub fn receives_at_once(&self) -> bool {
        self.never_waits() || matches!(self.phase, Phase::Handshake | Phase::Shutdown)
    }
}
