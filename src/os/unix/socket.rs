//! Sockets of Unix.

use crate::os::{Endpoint, LentSocket, OwnedSocket, Result, errno, retried, waited};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketAddrAny, SocketAddrUnix, SocketType};
use std::net::SocketAddr;
use std::os::fd::IntoRawFd;

/// Receives; `blocking` may wait, else `AGAIN` says that there is nothing now.
pub fn recv(fd: LentSocket<'_>, buffer: &mut [u8], blocking: bool) -> Result<usize> {
    let flags = if blocking { RecvFlags::empty() } else { RecvFlags::DONTWAIT };
    waited(|| net::recv(fd, &mut *buffer, flags).map(|(count, _)| count))
}

/// Receives bytes that are there without taking them.
pub fn peek(fd: LentSocket<'_>, buffer: &mut [u8]) -> Result<usize> {
    retried(|| net::recv(fd, &mut *buffer, RecvFlags::DONTWAIT | RecvFlags::PEEK).map(|(count, _)| count))
}

/// Sends what there is room for, without ever raising SIGPIPE. Never waits.
pub fn send(fd: LentSocket<'_>, data: &[u8]) -> Result<usize> {
    // Apple's systems have `adopt` instead.
    #[cfg(target_vendor = "apple")]
    const FLAGS: SendFlags = SendFlags::DONTWAIT;
    #[cfg(not(target_vendor = "apple"))]
    const FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);
    retried(|| net::send(fd, data, FLAGS))
}

/// What a socket needs while it is ours: on Apple's systems, never to raise SIGPIPE. Elsewhere each `send` says so.
pub fn adopt(fd: LentSocket<'_>) {
    #[cfg(target_vendor = "apple")]
    let _ = net::sockopt::set_socket_nosigpipe(fd, true);
    let _ = fd;
}

/// Closes a descriptor. Not by dropping it: in a debug build that ends the process where the caller has closed it too.
pub fn close(fd: OwnedSocket) {
    // SAFETY: ours until now, and nobody has it any more.
    unsafe { rustix::io::close(fd.into_raw_fd()) }
}

/// Undoes what its owner would be surprised by: nothing.
pub fn give_back(_: LentSocket<'_>, _nonblocking: bool) {}

/// Tells whether a descriptor is in non-blocking mode.
pub fn is_nonblocking(fd: LentSocket<'_>) -> Result<bool> {
    let flags = retried(|| rustix::fs::fcntl_getfl(fd))?;
    Ok(flags.contains(OFlags::NONBLOCK))
}

/// Changes the mode of a descriptor, if it has to be.
pub fn set_nonblocking(fd: LentSocket<'_>, on: bool) -> Result<()> {
    let mut flags = retried(|| rustix::fs::fcntl_getfl(fd))?;
    if flags.contains(OFlags::NONBLOCK) == on {
        return Ok(());
    }
    flags.set(OFlags::NONBLOCK, on);
    retried(|| rustix::fs::fcntl_setfl(fd, flags))
}

/// Makes a TCP socket for an address, closed in children.
pub fn tcp_socket(address: &SocketAddr) -> Result<OwnedSocket> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    retried(|| new_socket(family))
}

/// Accepts a connection; `AGAIN` when a non-blocking listener has none.
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

/// Apple's systems let the new socket inherit the listener's mode, where others begin with a blocking one.
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
        // What Linux says once about an attempt before this one that failed.
        Err(errno::CONNABORTED) => attempt(),
        first => first,
    }
}

/// Lets a listener take an address over from connections that are gone.
pub fn reuse_address(fd: &OwnedSocket) -> Result<()> {
    retried(|| net::sockopt::set_socket_reuseaddr(fd, true))
}

/// The path of a local socket. A name of Linux's that is no path has `@` for each NUL, the one it begins with included.
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
