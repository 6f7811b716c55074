//! Operations on sockets that are the same on all systems.

use super::system::{recv, reuse_address, tcp_socket};
use super::{Deadline, Endpoint, LentSocket, OwnedSocket, Ready, Result, errno, lend, retried, wait};
use rustix::io::Errno;
use rustix::net::{self, SocketType};
use std::net::SocketAddr;
use std::time::Duration;

/// Tells whether a descriptor is a stream socket.
pub fn is_stream(fd: LentSocket<'_>) -> Result<bool> {
    retried(|| net::sockopt::socket_type(fd)).map(|kind| kind == SocketType::STREAM)
}

/// Tells whether a socket has a peer.
pub fn is_connected(fd: LentSocket<'_>) -> Result<bool> {
    match retried(|| net::getpeername(fd)) {
        Ok(_) => Ok(true),
        Err(errno::NOTCONN) => Ok(false),
        Err(error) => Err(error),
    }
}

/// How long the system lets a blocking call on a socket wait: the shorter of SO_RCVTIMEO and SO_SNDTIMEO; None for no limit.
pub fn blocking_timeout(fd: LentSocket<'_>) -> Option<Duration> {
    let of = |direction| net::sockopt::socket_timeout(fd, direction).ok().flatten();
    of(net::sockopt::Timeout::Recv).into_iter().chain(of(net::sockopt::Timeout::Send)).min()
}

/// Tells whether a socket is a listener; false if the system cannot say.
pub fn is_listening(fd: LentSocket<'_>) -> bool {
    #[cfg(target_vendor = "apple")]
    let known = Ok::<_, Errno>(false);
    #[cfg(not(target_vendor = "apple"))]
    let known = net::sockopt::socket_acceptconn(fd);
    let _ = fd;
    known == Ok(true)
}

/// Which direction of a connection to shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Receiving.
    Read,
    /// Sending.
    Write,
    /// Both.
    Both,
}

/// Shuts a connection down. Threads that wait for it wake up.
pub fn shutdown(fd: LentSocket<'_>, half: Half) -> Result<()> {
    let how = match half {
        Half::Read => net::Shutdown::Read,
        Half::Write => net::Shutdown::Write,
        Half::Both => net::Shutdown::Both,
    };
    retried(|| net::shutdown(fd, how))
}

/// Switches Nagle's algorithm off, which would delay the end of a handshake by 40 ms, and tells whether that changed
/// anything. Sockets that are not TCP do not have it.
pub fn delay_nothing(fd: LentSocket<'_>) -> bool {
    net::sockopt::tcp_nodelay(fd) == Ok(false) && net::sockopt::set_tcp_nodelay(fd, true).is_ok()
}

/// Switches Nagle's algorithm on again.
pub fn delay_again(fd: LentSocket<'_>) {
    let _ = net::sockopt::set_tcp_nodelay(fd, false);
}

/// Waits for a connect in progress. True when connected, false when the deadline passed. A failed attempt is reset, so that
/// another one is possible; after `INTR` the attempt goes on.
pub fn finish_connect(fd: LentSocket<'_>, deadline: Deadline) -> Result<bool> {
    let result = connection_made(fd, deadline);
    if !matches!(result, Ok(true) | Err(errno::INTR)) {
        forget_connect(fd);
    }
    result
}

/// Gives up a connect in progress, so that another attempt is possible.
pub fn forget_connect(fd: LentSocket<'_>) {
    let _ = net::connect_unspec(fd);
    // Linux would report the reset as the error of the next call.
    let _ = outcome(fd);
}

fn connection_made(fd: LentSocket<'_>, deadline: Deadline) -> Result<bool> {
    if !wait(fd, Ready::Write, deadline)? {
        return Ok(false);
    }
    outcome(fd).map(|()| true)
}

/// The result of a connect in progress.
pub(super) fn outcome(fd: LentSocket<'_>) -> Result<()> {
    retried(|| net::sockopt::socket_error(fd))?.map_err(Errno::raw_os_error)
}

/// Makes a listener; `backlog` 0 lets the system choose, `both` accepts IPv4 on an IPv6 socket too.
pub fn listen(address: &SocketAddr, backlog: u32, both: bool) -> Result<OwnedSocket> {
    let fd = tcp_socket(address)?;
    reuse_address(&fd)?;
    if address.is_ipv6() {
        retried(|| net::sockopt::set_ipv6_v6only(&fd, !both))?;
    }
    retried(|| net::bind(&fd, address))?;
    start_listening(lend(&fd), backlog)?;
    Ok(fd)
}

/// Binds a socket.
pub fn bind(fd: LentSocket<'_>, address: &Endpoint) -> Result<()> {
    retried(|| net::bind(fd, address.as_any()))
}

/// Starts listening; `backlog` 0 lets the system choose.
pub fn start_listening(fd: LentSocket<'_>, backlog: u32) -> Result<()> {
    const SYSTEM_CHOICE: i32 = 128;
    let backlog = if backlog == 0 { SYSTEM_CHOICE } else { i32::try_from(backlog).unwrap_or(i32::MAX) };
    retried(|| net::listen(fd, backlog))
}

/// Reads and drops what has arrived, up to `most` bytes: if a socket is closed with unread bytes, the system sends a reset,
/// and the peer then loses data that it has not read yet.
pub fn discard(fd: LentSocket<'_>, most: usize) {
    let mut buffer = [0; 4096];
    let mut left = most;
    while left > 0 {
        let size = left.min(buffer.len());
        match recv(fd, &mut buffer[..size], false) {
            Ok(count) if count > 0 => left -= count,
            _ => return,
        }
    }
}

/// Resets a connection at once: threads that wait for it wake up, and the peer gets a reset. A socket that cannot do this is
/// shut down.
pub fn reset(fd: LentSocket<'_>) {
    let _ = net::sockopt::set_socket_linger(fd, Some(Duration::ZERO));
    if net::connect_unspec(fd).is_err() {
        let _ = net::shutdown(fd, net::Shutdown::Both);
    }
}
