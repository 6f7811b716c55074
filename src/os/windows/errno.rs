//! The error numbers that the layers above use by name: Winsock's if it has one, otherwise Windows' own.

use windows_sys::Win32::Foundation as windows;
use windows_sys::Win32::Networking::WinSock;

/// No such file or directory.
pub const NOENT: i32 = windows::ERROR_FILE_NOT_FOUND as i32;
/// Not allowed.
pub const ACCESS: i32 = windows::ERROR_ACCESS_DENIED as i32;
/// The file is too large.
pub const FBIG: i32 = windows::ERROR_FILE_TOO_LARGE as i32;
/// The socket is not connected.
pub const NOTCONN: i32 = WinSock::WSAENOTCONN;
/// The call is invalid for this socket.
pub const INVAL: i32 = WinSock::WSAEINVAL;
/// Nothing is available now.
pub const AGAIN: i32 = WinSock::WSAEWOULDBLOCK;
/// The connect has begun. Winsock uses the same number as for "nothing is available now".
pub const INPROGRESS: i32 = WinSock::WSAEWOULDBLOCK;
/// The connect is still in progress.
pub const ALREADY: i32 = WinSock::WSAEALREADY;
/// The socket is connected.
pub const ISCONN: i32 = WinSock::WSAEISCONN;
/// The address family is not supported.
pub const AFNOSUPPORT: i32 = WinSock::WSAEAFNOSUPPORT;
/// The deadline passed.
pub const TIMEDOUT: i32 = WinSock::WSAETIMEDOUT;
/// Reading or writing failed.
pub const IO: i32 = windows::ERROR_IO_DEVICE as i32;
/// The system does not have this function.
pub const NOSYS: i32 = windows::ERROR_CALL_NOT_IMPLEMENTED as i32;
/// Nothing can be sent any more.
pub const PIPE: i32 = WinSock::WSAESHUTDOWN;
/// Not an open descriptor.
pub const BADF: i32 = WinSock::WSAENOTSOCK;
/// A blocking call was cancelled.
pub const INTR: i32 = WinSock::WSAEINTR;
/// The peer has reset the connection.
pub const CONNRESET: i32 = WinSock::WSAECONNRESET;
