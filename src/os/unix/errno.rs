//! The error numbers that the layers above use by name.

use rustix::io::Errno;

/// No such file or directory.
pub const NOENT: i32 = Errno::NOENT.raw_os_error();
/// Not allowed.
pub const ACCESS: i32 = Errno::ACCESS.raw_os_error();
/// The file is too large.
pub const FBIG: i32 = Errno::FBIG.raw_os_error();
/// The socket is not connected.
pub const NOTCONN: i32 = Errno::NOTCONN.raw_os_error();
/// The call is invalid for this socket.
pub const INVAL: i32 = Errno::INVAL.raw_os_error();
/// Nothing is available now.
pub const AGAIN: i32 = Errno::AGAIN.raw_os_error();
/// The connect has begun.
pub const INPROGRESS: i32 = Errno::INPROGRESS.raw_os_error();
/// The connect is still in progress.
pub const ALREADY: i32 = Errno::ALREADY.raw_os_error();
/// The socket is connected.
pub const ISCONN: i32 = Errno::ISCONN.raw_os_error();
/// The address family is not supported.
pub const AFNOSUPPORT: i32 = Errno::AFNOSUPPORT.raw_os_error();
/// The deadline passed.
pub const TIMEDOUT: i32 = Errno::TIMEDOUT.raw_os_error();
/// Reading or writing failed.
pub const IO: i32 = Errno::IO.raw_os_error();
/// The system does not have this function.
pub const NOSYS: i32 = Errno::NOSYS.raw_os_error();
/// The connection was aborted.
pub const CONNABORTED: i32 = Errno::CONNABORTED.raw_os_error();
/// Not an open descriptor.
pub const BADF: i32 = Errno::BADF.raw_os_error();
/// The peer has closed the connection and accepts no more bytes.
pub const PIPE: i32 = Errno::PIPE.raw_os_error();
/// A signal came.
pub const INTR: i32 = Errno::INTR.raw_os_error();
/// The peer has reset the connection.
pub const CONNRESET: i32 = Errno::CONNRESET.raw_os_error();
