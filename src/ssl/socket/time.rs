//! Waiting and timeouts. As in Python, a socket has no timeout, or never waits, or has the seconds that one operation may take.

use super::Socket;
use super::operation::Operation;
use super::state::State;
use crate::os::{self, Deadline, Ready};
use crate::ssl::error::{Error, Phase, Result};
use crate::ssl::interrupt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long a call may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Timeout {
    /// Without a limit.
    Never,
    /// The call does not wait: it reports what it would wait for.
    NonBlocking,
    /// This long, retries included.
    After(Duration),
}

impl Timeout {
    /// Converts seconds: negative means none, 0 non-blocking.
    pub fn from_seconds(seconds: f64) -> Result<Timeout> {
        if seconds.is_nan() {
            return Err(Error::value("timeout must be a number of seconds, not NaN"));
        }
        if seconds < 0.0 {
            return Ok(Timeout::Never);
        }
        if seconds == 0.0 {
            return Ok(Timeout::NonBlocking);
        }
        // A time that is too long for the clock counts as no timeout.
        Ok(Duration::try_from_secs_f64(seconds).map_or(Timeout::Never, |time| match time.is_zero() {
            true => Timeout::After(Duration::from_nanos(1)),
            false => Timeout::After(time),
        }))
    }

    /// The timeout in seconds: negative for none, 0 for non-blocking.
    pub fn seconds(self) -> f64 {
        match self {
            Timeout::Never => -1.0,
            Timeout::NonBlocking => 0.0,
            Timeout::After(time) => time.as_secs_f64(),
        }
    }

    /// The deadline of an operation that begins now; None for non-blocking.
    pub fn deadline(self) -> Option<Deadline> {
        match self {
            Timeout::Never => Some(Deadline::NEVER),
            Timeout::NonBlocking => None,
            Timeout::After(time) => Some(Deadline::after(time)),
        }
    }
}

/// A timeout that any thread may change.
pub(super) struct Cell(AtomicU64);

const NEVER: u64 = u64::MAX;

impl Cell {
    pub fn new(timeout: Timeout) -> Cell {
        let cell = Cell(AtomicU64::new(NEVER));
        cell.set(timeout);
        cell
    }

    pub fn get(&self) -> Timeout {
        match self.0.load(Ordering::Acquire) {
            NEVER => Timeout::Never,
            0 => Timeout::NonBlocking,
            nanos => Timeout::After(Duration::from_nanos(nanos)),
        }
    }

    pub fn set(&self, timeout: Timeout) {
        let value = match timeout {
            Timeout::Never => NEVER,
            Timeout::NonBlocking => 0,
            Timeout::After(time) => u64::try_from(time.as_nanos()).unwrap_or(NEVER),
        };
        self.0.store(value, Ordering::Release);
    }
}

impl Socket {
    /// Waits until the descriptor is ready for what a call wanted.
    pub fn wait(&self, ready: Ready, timeout: Timeout) -> Result<()> {
        if self.engine().is_some_and(|engine| engine.open_question().is_some()) {
            return Err(Error::want_callback());
        }
        if ready == Ready::Read && self.is_readable() {
            return Ok(());
        }
        let deadline = timeout.deadline().unwrap_or_else(|| Deadline::after(Duration::ZERO));
        if let State::Wrapping(engine) = &**self.state.load() {
            self.await_wrapping(engine, Operation::read(Some(deadline)).plain())?;
        }
        let fd = self.fd()?;
        let wait = || os::wait(os::lend(&fd), ready, deadline);
        match interrupt::asking(Phase::None, wait)?.map_err(Error::os)? {
            true => fd.check_plain(),
            false => Err(Error::timeout("timed out")),
        }
    }

    /// Python: `gettimeout()`
    pub fn gettimeout(&self) -> Timeout {
        self.timeout.get()
    }

    /// Python: `settimeout(value)`, `setblocking(flag)`. Takes effect for calls that begin later.
    pub fn settimeout(&self, timeout: Timeout) -> Result<()> {
        os::set_nonblocking(os::lend(&*self.fd()?), timeout != Timeout::Never).map_err(Error::os)?;
        self.timeout.set(timeout);
        Ok(())
    }
}
