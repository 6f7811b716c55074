//! Sockets on Windows. There is no flag to make one call not wait, and no way to ask for a socket's mode. So sockets are
//! non-blocking while they are ours, and all waiting is done by poll.

use crate::os::{Endpoint, LentSocket, OwnedSocket, Result, retried};
use rustix::fd::AsRawFd;
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketAddrAny, SocketType};
use std::net::SocketAddr;
use std::sync::Once;
use windows_sys::Win32::Foundation::{HANDLE, HANDLE_FLAG_INHERIT, SetHandleInformation};

/// Prepares a socket for use here: makes it non-blocking.
pub fn adopt(fd: LentSocket<'_>) {
    let _ = ioctl_fionbio(fd, true);
}

/// Closes a descriptor.
pub fn close(fd: OwnedSocket) {
    drop(fd);
}

/// Gives a socket the mode that its owner expects.
pub fn give_back(fd: LentSocket<'_>, nonblocking: bool) {
    let _ = ioctl_fionbio(fd, nonblocking);
}

/// There is no way to ask: a socket counts as blocking.
pub fn is_nonblocking(_: LentSocket<'_>) -> Result<bool> {
    Ok(false)
}

/// Makes a socket non-blocking. `give_back` does the reverse.
pub fn set_nonblocking(fd: LentSocket<'_>, on: bool) -> Result<()> {
    if on { retried(|| ioctl_fionbio(fd, true)) } else { Ok(()) }
}

/// Receives; `AGAIN` means that nothing is there now. It never waits, even with `_blocking`.
pub fn recv(fd: LentSocket<'_>, buffer: &mut [u8], _blocking: bool) -> Result<usize> {
    retried(|| net::recv(fd, &mut *buffer, RecvFlags::empty()).map(|(count, _)| count))
}

/// Receives bytes that have arrived without removing them.
pub fn peek(fd: LentSocket<'_>, buffer: &mut [u8]) -> Result<usize> {
    retried(|| net::recv(fd, &mut *buffer, RecvFlags::PEEK).map(|(count, _)| count))
}

/// Sends as much as there is room for. Never waits.
pub fn send(fd: LentSocket<'_>, data: &[u8]) -> Result<usize> {
    retried(|| net::send(fd, data, SendFlags::empty()))
}

/// Makes a TCP socket for an address. Child processes do not inherit it.
pub fn tcp_socket(address: &SocketAddr) -> Result<OwnedSocket> {
    static WINSOCK: Once = Once::new();
    WINSOCK.call_once(|| {
        let _ = net::wsa_startup();
    });
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    retried(|| net::socket(family, SocketType::STREAM, None)).map(keep_from_children)
}

/// Accepts a connection; `AGAIN` if there is none.
pub fn accept(fd: LentSocket<'_>) -> Result<OwnedSocket> {
    retried(|| net::accept(fd)).map(keep_from_children)
}

fn keep_from_children(fd: OwnedSocket) -> OwnedSocket {
    // SAFETY: a socket is a kernel handle, and it is open.
    let _ = unsafe { SetHandleInformation(fd.as_raw_fd() as HANDLE, HANDLE_FLAG_INHERIT, 0) };
    fd
}

/// Begins to connect, without waiting.
pub fn start_connect(fd: LentSocket<'_>, address: &Endpoint) -> Result<()> {
    // Report the result of an earlier attempt first: connecting again would begin a new one.
    retried(|| net::sockopt::socket_error(fd))?.map_err(Errno::raw_os_error)?;
    retried(|| net::connect(fd, address.as_any()))
}

/// Does nothing. Unix's option to reuse an address would let any program take the address over on Windows, which does by
/// itself what Unix needs it for.
pub fn reuse_address(_: &OwnedSocket) -> Result<()> {
    Ok(())
}

/// None: rustix has no local sockets on Windows.
pub fn local_path(_: &SocketAddrAny) -> Option<String> {
    None
}
