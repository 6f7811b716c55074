//! Sockets of Windows. No call can be told not to wait, and nobody can ask in which mode a socket is: so they are
//! non-blocking while they are ours, and waiting is always done by poll.

use crate::os::{Endpoint, LentSocket, OwnedSocket, Result, retried};
use rustix::fd::AsRawFd;
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketAddrAny, SocketType};
use std::net::SocketAddr;
use std::sync::Once;
use windows_sys::Win32::Foundation::{HANDLE, HANDLE_FLAG_INHERIT, SetHandleInformation};

/// What a socket needs while it is ours.
pub fn adopt(fd: LentSocket<'_>) {
    let _ = ioctl_fionbio(fd, true);
}

/// Closes a descriptor.
pub fn close(fd: OwnedSocket) {
    drop(fd);
}

/// Undoes what its owner would be surprised by.
pub fn give_back(fd: LentSocket<'_>, nonblocking: bool) {
    let _ = ioctl_fionbio(fd, nonblocking);
}

/// Nobody can know: a socket counts as one that waits.
pub fn is_nonblocking(_: LentSocket<'_>) -> Result<bool> {
    Ok(false)
}

/// Makes a socket one that does not wait. The other way round is `give_back`.
pub fn set_nonblocking(fd: LentSocket<'_>, on: bool) -> Result<()> {
    if on { retried(|| ioctl_fionbio(fd, true)) } else { Ok(()) }
}

/// Receives; `AGAIN` says that there is nothing now, whatever `_blocking` allows.
pub fn recv(fd: LentSocket<'_>, buffer: &mut [u8], _blocking: bool) -> Result<usize> {
    retried(|| net::recv(fd, &mut *buffer, RecvFlags::empty()).map(|(count, _)| count))
}

/// Receives bytes that are there without taking them.
pub fn peek(fd: LentSocket<'_>, buffer: &mut [u8]) -> Result<usize> {
    retried(|| net::recv(fd, &mut *buffer, RecvFlags::PEEK).map(|(count, _)| count))
}

/// Sends what there is room for. Never waits.
pub fn send(fd: LentSocket<'_>, data: &[u8]) -> Result<usize> {
    retried(|| net::send(fd, data, SendFlags::empty()))
}

/// Makes a TCP socket for an address, not inherited by children.
pub fn tcp_socket(address: &SocketAddr) -> Result<OwnedSocket> {
    static WINSOCK: Once = Once::new();
    WINSOCK.call_once(|| {
        let _ = net::wsa_startup();
    });
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    retried(|| net::socket(family, SocketType::STREAM, None)).map(keep_from_children)
}

/// Accepts a connection; `AGAIN` when there is none.
pub fn accept(fd: LentSocket<'_>) -> Result<OwnedSocket> {
    retried(|| net::accept(fd)).map(keep_from_children)
}

fn keep_from_children(fd: OwnedSocket) -> OwnedSocket {
    // SAFETY: a socket is a handle of the kernel's, and open.
    let _ = unsafe { SetHandleInformation(fd.as_raw_fd() as HANDLE, HANDLE_FLAG_INHERIT, 0) };
    fd
}

/// Connects as far as can be done without waiting.
pub fn start_connect(fd: LentSocket<'_>, address: &Endpoint) -> Result<()> {
    // What became of an attempt before this one: connecting again would begin another.
    retried(|| net::sockopt::socket_error(fd))?.map_err(Errno::raw_os_error)?;
    retried(|| net::connect(fd, address.as_any()))
}

/// Keeps an address to its listener. What Unix calls reusing an address would let anybody steal it here, and what
/// Unix needs it for Windows does by itself.
pub fn reuse_address(_: &OwnedSocket) -> Result<()> {
    Ok(())
}

/// There is none: rustix knows no local sockets here.
pub fn local_path(_: &SocketAddrAny) -> Option<String> {
    None
}
