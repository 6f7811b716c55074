//! Descriptors, ports and addresses in their C form.

use crate::ffi::boundary::{ask, call, handle, optional, output};
use crate::ssl::socket::{self, Endpoint, Half, LentFile, OwnedSocket, Ready};
use crate::ssl::{Error, Result, Socket, Status};
use std::ffi::{c_char, c_int, c_void};

/// A socket of the system.
pub type Fd = socket::Number;

/// TLSOCK_INVALID_FD
pub(super) const INVALID: Fd = !0;

/// A socket address as text. host is numeric, or the path of a local socket, whose port is -1. An abstract name
/// of Linux, which is not a path, has '@' in place of each NUL, including the first, as ss and /proc/net/unix show
/// it. family is the system's AF_ number. flowinfo and scope_id are those of IPv6, otherwise 0.
#[repr(C)]
pub struct Address {
    pub host: [c_char; 128],
    pub port: c_int,
    pub family: c_int,
    pub flowinfo: u32,
    pub scope_id: u32,
}

impl Address {
    /// Copies an address. Every numeric host and every path of a local socket fits.
    pub fn new(address: &socket::Address) -> Address {
        let mut host = [0; 128];
        for (place, byte) in host[..127].iter_mut().zip(address.host.bytes()) {
            *place = byte as c_char;
        }
        Address {
            host,
            port: address.port,
            family: address.family,
            flowinfo: address.flowinfo,
            scope_id: address.scope_id,
        }
    }
}

/// Takes a descriptor over from C.
pub unsafe fn own(fd: Fd) -> Result<OwnedSocket> {
    if (fd as isize) < 0 {
        return Err(Error::value(format_args!("fd {fd} is no descriptor")));
    }
    Ok(unsafe { socket::own(fd) })
}

/// Borrows a file from C.
pub unsafe fn borrow_file<'a>(file: c_int) -> Result<LentFile<'a>> {
    if file < 0 {
        return Err(Error::value(format_args!("file {file} is no descriptor")));
    }
    // Fails only on Windows: a program may have several C libraries there, each with its own descriptors.
    let refusal = |_| Error::not_implemented("descriptors of a C library mean nothing to others on Windows");
    unsafe { socket::borrow_file(file) }.map_err(refusal)
}

/// Checks a port.
pub fn port_number(port: c_int) -> Result<u16> {
    u16::try_from(port).map_err(|_| Error::value(format_args!("port {port} is not within 0 to 65535")))
}

/// Checks the argument of `shutdown`.
pub fn half(how: c_int) -> Result<Half> {
    match how {
        0 => Ok(Half::Read),
        1 => Ok(Half::Write),
        2 => Ok(Half::Both),
        other => Err(Error::value(format_args!("how {other} is none of SHUT_RD, SHUT_WR and SHUT_RDWR"))),
    }
}

/// Checks the condition to wait for.
pub fn ready(want: c_int) -> Result<Ready> {
    match Status::from_number(want) {
        Some(Status::WantRead) => Ok(Ready::Read),
        Some(Status::WantWrite) => Ok(Ready::Write),
        _ => Err(Error::value(format_args!("want {want} is neither TLSOCK_WANT_READ nor TLSOCK_WANT_WRITE"))),
    }
}

/// Reads a struct sockaddr.
pub unsafe fn endpoint(address: *const c_void, len: usize) -> Result<Endpoint> {
    let bytes = unsafe { crate::ffi::boundary::bytes(address, len, "address") }?;
    Endpoint::read(bytes)
        .ok_or_else(|| Error::value(format_args!("address_len {len} is not that of a socket address")))
}

/// Returns the descriptor, for poll and the like; TLSOCK_INVALID_FD if there is none. Before you wait for it, call
/// tlsock_socket_pending for bytes that can be read without it and tlsock_socket_pending_write for bytes that are
/// still to be sent. The socket keeps the descriptor.
/// Python: SSLSocket.fileno()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_fileno(socket: *const Socket) -> Fd {
    ask(INVALID, || {
        unsafe { optional(socket) }.as_deref().and_then(Socket::fileno).map_or(INVALID, |fd| fd as Fd)
    })
}

/// Gives the address of the peer.
/// Returns: OS.
/// Python: SSLSocket.getpeername()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_getpeername(
    socket: *const Socket,
    address: *mut Address,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(address, "address")?;
        let socket = unsafe { handle(socket, "socket") }?;
        output.set(Address::new(&socket.getpeername()?));
        Ok(())
    })
}

/// Gives the address of this side.
/// Returns: OS.
/// Python: SSLSocket.getsockname()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_getsockname(
    socket: *const Socket,
    address: *mut Address,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(address, "address")?;
        let socket = unsafe { handle(socket, "socket") }?;
        output.set(Address::new(&socket.getsockname()?));
        Ok(())
    })
}
