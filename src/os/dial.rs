//! Connecting to a host that has several addresses, as in RFC 8305 ("Happy Eyeballs"). An address that does not answer
//! delays the next one by a quarter of a second; it does not use up the deadline.

use super::errno;
use super::system::{set_nonblocking, start_connect, tcp_socket};
use super::{Deadline, OwnedSocket, Ready, Result, lend, socket, wait_any};
use rustix::io::Errno;
use std::net::SocketAddr;
use std::time::Duration;

/// How long one address may take before the next one is tried as well.
const HEAD_START: Duration = Duration::from_millis(250);

/// Why no address could be connected.
#[derive(Debug)]
pub struct Unconnected {
    /// The addresses in the order in which they were tried, each with its error number; None if it had not answered.
    pub attempts: Vec<(SocketAddr, Option<i32>)>,
    /// The deadline passed.
    pub timed_out: bool,
}

/// Connects to the first address that answers, within a deadline. The socket is in non-blocking mode; those of the other
/// attempts are closed. When a signal comes, `stop` decides whether to give up.
pub fn dial(
    addresses: &[SocketAddr],
    deadline: Deadline,
    mut stop: impl FnMut() -> bool,
) -> std::result::Result<OwnedSocket, Unconnected> {
    let mut race = Race { waiting: Vec::new(), failed: Vec::new() };
    let mut next = interleaved(addresses).into_iter();
    let mut untried = next.next();
    while untried.is_some() || !race.waiting.is_empty() {
        if let Some(address) = untried.take() {
            if let Some(winner) = race.start(address) {
                return Ok(winner);
            }
            untried = next.next();
        }
        // If all attempts so far have failed at once, there is nothing to wait for.
        if race.waiting.is_empty() {
            continue;
        }
        let turn = untried.map_or(Deadline::NEVER, |_| Deadline::after(HEAD_START));
        let until = deadline.earlier(turn);
        let winner = loop {
            match race.wait(until) {
                Ok(winner) => break winner,
                Err(Interrupted) if stop() => return Err(race.lost(false)),
                Err(Interrupted) => {}
            }
        };
        if let Some(winner) = winner {
            return Ok(winner);
        }
        if deadline.is_over() {
            return Err(race.lost(true));
        }
    }
    Err(race.lost(false))
}

/// Tells whether an error number means that this machine has no route to an address, so that it says nothing about the
/// host.
pub fn is_no_route(errno: i32) -> bool {
    let none = [Errno::NETUNREACH, Errno::ADDRNOTAVAIL, Errno::AFNOSUPPORT];
    none.map(Errno::raw_os_error).contains(&errno)
}

/// The addresses with alternating families, beginning with the resolver's first choice.
fn interleaved(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = addresses.first() else { return Vec::new() };
    let of_family = |v4: bool| addresses.iter().copied().filter(move |address| address.is_ipv4() == v4);
    let (mut one, mut other) = (of_family(first.is_ipv4()), of_family(!first.is_ipv4()));
    let mut ordered = Vec::with_capacity(addresses.len());
    while ordered.len() < addresses.len() {
        ordered.extend(one.next());
        ordered.extend(other.next());
    }
    ordered
}

/// A signal came during the wait.
struct Interrupted;

/// The attempts in progress, and those that have failed.
struct Race {
    waiting: Vec<(SocketAddr, OwnedSocket)>,
    failed: Vec<(SocketAddr, Option<i32>)>,
}

impl Race {
    /// Begins an attempt. Gives its socket if it is connected at once.
    fn start(&mut self, address: SocketAddr) -> Option<OwnedSocket> {
        match begin(&address) {
            Ok((fd, true)) => return Some(fd),
            Ok((fd, false)) => self.waiting.push((address, fd)),
            Err(errno) => self.failed.push((address, Some(errno))),
        }
        None
    }

    /// Waits until an attempt succeeds or fails, or the deadline passes. Gives the socket that is connected, if any.
    fn wait(&mut self, deadline: Deadline) -> std::result::Result<Option<OwnedSocket>, Interrupted> {
        let fds: Vec<_> = self.waiting.iter().map(|(_, fd)| lend(fd)).collect();
        let done = wait_any(&fds, Ready::Write, deadline);
        if done == Err(errno::INTR) {
            return Err(Interrupted);
        }
        // If poll itself fails, its error becomes the result of every attempt.
        let (done, failure) =
            done.map_or_else(|errno| ((0..fds.len()).collect(), Err(errno)), |done| (done, Ok(())));
        for index in done.into_iter().rev() {
            let (address, fd) = self.waiting.remove(index);
            match failure.and_then(|()| socket::outcome(lend(&fd))) {
                Ok(()) => return Ok(Some(fd)),
                Err(errno) => self.failed.push((address, Some(errno))),
            }
        }
        Ok(None)
    }

    fn lost(self, timed_out: bool) -> Unconnected {
        let silent = self.waiting.into_iter().map(|(address, _)| (address, None));
        Unconnected { attempts: self.failed.into_iter().chain(silent).collect(), timed_out }
    }
}

/// Begins to connect; true if it is connected already.
fn begin(address: &SocketAddr) -> Result<(OwnedSocket, bool)> {
    let fd = tcp_socket(address)?;
    set_nonblocking(lend(&fd), true)?;
    match start_connect(lend(&fd), &(*address).into()) {
        Err(errno::INPROGRESS) => Ok((fd, false)),
        done => done.map(|()| (fd, true)),
    }
}

#[cfg(all(test, unix))]
mod tests;
