//! Waiting with a deadline.

use super::{LentSocket, Result, errno};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The moment by which an operation must be done; None for no limit.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// No deadline.
    pub const NEVER: Deadline = Deadline(None);

    /// A deadline that long from now. One too far away for the clock means no deadline.
    pub fn after(time: Duration) -> Deadline {
        Deadline(Instant::now().checked_add(time))
    }

    /// The time that is left; None without a deadline.
    pub fn left(self) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// The earlier of the two.
    pub fn earlier(self, other: Deadline) -> Deadline {
        Deadline(self.0.into_iter().chain(other.0).min())
    }

    /// Tells whether it has passed.
    pub fn is_over(self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// Tells whether there is one.
    pub fn is_some(self) -> bool {
        self.0.is_some()
    }
}

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// Bytes, a connection or the end.
    Read,
    /// Room to send.
    Write,
    /// Either.
    Both,
}

static INTERRUPTIBLE: AtomicBool = AtomicBool::new(false);

/// From now on, calls that wait fail with `INTR` when a signal comes. Before this they go on waiting.
pub fn make_interruptible() {
    INTERRUPTIBLE.store(true, Ordering::Release);
}

pub(super) fn is_interruptible() -> bool {
    INTERRUPTIBLE.load(Ordering::Acquire)
}

/// The longest timeout that the poll of every system accepts.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Waits until a descriptor is ready; false if the deadline passed first.
pub fn wait(fd: LentSocket<'_>, ready: Ready, deadline: Deadline) -> Result<bool> {
    let mut fds = [PollFd::from_borrowed_fd(fd, flags(ready))];
    if !poll_until(&mut fds, deadline)? {
        return Ok(false);
    }
    if fds[0].revents().contains(PollFlags::NVAL) { Err(errno::BADF) } else { Ok(true) }
}

/// Waits until a descriptor is ready, and gives the indexes of all that are; empty if the deadline passed first.
pub fn wait_any(fds: &[LentSocket<'_>], ready: Ready, deadline: Deadline) -> Result<Vec<usize>> {
    let mut fds: Vec<PollFd<'_>> = fds.iter().map(|fd| PollFd::from_borrowed_fd(*fd, flags(ready))).collect();
    poll_until(&mut fds, deadline)?;
    let ready = fds.iter().enumerate().filter(|(_, fd)| !fd.revents().is_empty());
    Ok(ready.map(|(index, _)| index).collect())
}

fn flags(ready: Ready) -> PollFlags {
    match ready {
        Ready::Read => PollFlags::IN,
        Ready::Write => PollFlags::OUT,
        Ready::Both => PollFlags::IN | PollFlags::OUT,
    }
}

/// Polls; false if the deadline passed and nothing was ready.
fn poll_until(fds: &mut [PollFd<'_>], deadline: Deadline) -> Result<bool> {
    loop {
        let left = deadline.left();
        let timeout = left.and_then(|left| Timespec::try_from(left.min(LONGEST)).ok());
        match poll(fds, timeout.as_ref()) {
            Ok(0) if left.is_some_and(|left| left <= LONGEST) => return Ok(false),
            Ok(0) => {}
            Err(Errno::INTR) if !is_interruptible() => {}
            Ok(_) => return Ok(true),
            Err(error) => return Err(error.raw_os_error()),
        }
    }
}
