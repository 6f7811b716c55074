//! Sockets on Unix.

use crate::os::{Endpoint, LentSocket, OwnedSocket, Result, errno, retried, waited};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketAddrAny, SocketAddrUnix, SocketType};
use std::net::SocketAddr;
use std::os::fd::IntoRawFd;

/// Receives. With `blocking` it may wait; otherwise `AGAIN` means that nothing is there now.
pub fn recv(fd: LentSocket<'_>, buffer: &mut [u8], blocking: bool) -> Result<usize> {
    let flags = if blocking { RecvFlags::empty() } else { RecvFlags::DONTWAIT };
    waited(|| net::recv(fd, &mut *buffer, flags).map(|(count, _)| count))
}

/// Receives bytes that have arrived without removing them.
pub fn peek(fd: LentSocket<'_>, buffer: &mut [u8]) -> Result<usize> {
    retried(|| net::recv(fd, &mut *buffer, RecvFlags::DONTWAIT | RecvFlags::PEEK).map(|(count, _)| count))
}

/// Sends as much as there is room for, without raising SIGPIPE. Never waits.
pub fn send(fd: LentSocket<'_>, data: &[u8]) -> Result<usize> {
    // On Apple's systems `adopt` has switched SIGPIPE off.
    #[cfg(target_vendor = "apple")]
    const FLAGS: SendFlags = SendFlags::DONTWAIT;
    #[cfg(not(target_vendor = "apple"))]
    const FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);
    retried(|| net::send(fd, data, FLAGS))
}

/// Prepares a socket for use here: on Apple's systems it must never raise SIGPIPE. Elsewhere each `send` asks for that.
pub fn adopt(fd: LentSocket<'_>) {
    #[cfg(target_vendor = "apple")]
    let _ = net::sockopt::set_socket_nosigpipe(fd, true);
    let _ = fd;
}

/// Closes a descriptor. Dropping it would abort a debug build if the caller has closed it too.
pub fn close(fd: OwnedSocket) {
    // SAFETY: it was ours until now, and nothing else has it.
    unsafe { rustix::io::close(fd.into_raw_fd()) }
}

/// Undoes `adopt` for the owner of the socket; there is nothing to undo.
pub fn give_back(_: LentSocket<'_>, _nonblocking: bool) {}

/// Tells whether a descriptor is in non-blocking mode.
pub fn is_nonblocking(fd: LentSocket<'_>) -> Result<bool> {
    let flags = retried(|| rustix::fs::fcntl_getfl(fd))?;
    Ok(flags.contains(OFlags::NONBLOCK))
}

/// Sets the mode of a descriptor, if it differs.
pub fn set_nonblocking(fd: LentSocket<'_>, on: bool) -> Result<()> {
    let mut flags = retried(|| rustix::fs::fcntl_getfl(fd))?;
    if flags.contains(OFlags::NONBLOCK) == on {
        return Ok(());
    }
    flags.set(OFlags::NONBLOCK, on);
    retried(|| rustix::fs::fcntl_setfl(fd, flags))
}

/// Makes a TCP socket for an address. It is close-on-exec.
pub fn tcp_socket(address: &SocketAddr) -> Result<OwnedSocket> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    retried(|| new_socket(family))
}

/// Accepts a connection; `AGAIN` if a non-blocking listener has none.
pub fn accept(fd: LentSocket<'_>) -> Result<OwnedSocket> {
    retried(|| accept_private(fd))
}

#[cfg(not(target_vendor = "apple"))]
fn new_socket(family: AddressFamily) -> rustix::io::Result<OwnedSocket> {
    net::socket_with(family, SocketType::STREAM, net::SocketFlags::CLOEXEC, None)
}

#[cfg(not(target_vendor = "apple"))]
fn accept_private(fd: LentSocket<'_>) -> rustix::io::Result<OwnedSocket> {
    net::accept_with(fd, net::SocketFlags::CLOEXEC)
}

#[cfg(target_vendor = "apple")]
fn new_socket(family: AddressFamily) -> rustix::io::Result<OwnedSocket> {
    net::socket(family, SocketType::STREAM, None).and_then(close_in_children)
}

/// On Apple's systems the new socket inherits the listener's mode; elsewhere it begins in blocking mode.
#[cfg(target_vendor = "apple")]
fn accept_private(fd: LentSocket<'_>) -> rustix::io::Result<OwnedSocket> {
    net::accept(fd).and_then(close_in_children)
}

#[cfg(target_vendor = "apple")]
fn close_in_children(fd: OwnedSocket) -> rustix::io::Result<OwnedSocket> {
    rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC)?;
    Ok(fd)
}

/// Connects as far as the descriptor's mode allows.
pub fn start_connect(fd: LentSocket<'_>, address: &Endpoint) -> Result<()> {
    let attempt = || net::connect(fd, address.as_any()).map_err(Errno::raw_os_error);
    match attempt() {
        // Linux reports the failure of an earlier attempt once, with this number.
        Err(errno::CONNABORTED) => attempt(),
        first => first,
    }
}

/// Lets a listener use an address that connections of an earlier one still occupy.
pub fn reuse_address(fd: &OwnedSocket) -> Result<()> {
    retried(|| net::sockopt::set_socket_reuseaddr(fd, true))
}

/// The path of a local socket. In an abstract name of Linux, each NUL is shown as `@`, including the first.
pub fn local_path(address: &SocketAddrAny) -> Option<String> {
    let local = SocketAddrUnix::try_from(address.clone()).ok()?;
    let path = local.path().map(|path| path.to_string_lossy().into_owned());
    path.or_else(|| abstract_name(&local))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn abstract_name(local: &SocketAddrUnix) -> Option<String> {
    let name = local.abstract_name().filter(|name| !name.is_empty())?;
    Some(format!("@{}", String::from_utf8_lossy(name).replace('\0', "@")))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn abstract_name(_: &SocketAddrUnix) -> Option<String> {
    None
}
