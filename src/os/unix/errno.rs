//! The error numbers that the layers above ask for by name.

use rustix::io::Errno;

/// No such file or directory.
pub const NOENT: i32 = Errno::NOENT.raw_os_error();
/// Not allowed.
pub const ACCESS: i32 = Errno::ACCESS.raw_os_error();
/// The file is too large.
pub const FBIG: i32 = Errno::FBIG.raw_os_error();
/// The socket is not connected.
pub const NOTCONN: i32 = Errno::NOTCONN.raw_os_error();
/// The socket does not fit the call.
pub const INVAL: i32 = Errno::INVAL.raw_os_error();
/// Nothing to be had now.
pub const AGAIN: i32 = Errno::AGAIN.raw_os_error();
/// The connection is being made.
pub const INPROGRESS: i32 = Errno::INPROGRESS.raw_os_error();
/// The connection is still being made.
pub const ALREADY: i32 = Errno::ALREADY.raw_os_error();
/// The connection is made.
pub const ISCONN: i32 = Errno::ISCONN.raw_os_error();
/// No address of this family.
pub const AFNOSUPPORT: i32 = Errno::AFNOSUPPORT.raw_os_error();
/// The time is up.
pub const TIMEDOUT: i32 = Errno::TIMEDOUT.raw_os_error();
/// Reading or writing failed.
pub const IO: i32 = Errno::IO.raw_os_error();
/// The system has no such thing.
pub const NOSYS: i32 = Errno::NOSYS.raw_os_error();
/// The connection was given up.
pub const CONNABORTED: i32 = Errno::CONNABORTED.raw_os_error();
/// Not an open descriptor.
pub const BADF: i32 = Errno::BADF.raw_os_error();
/// The peer has closed, and takes nothing more.
pub const PIPE: i32 = Errno::PIPE.raw_os_error();
/// A signal came.
pub const INTR: i32 = Errno::INTR.raw_os_error();
/// The peer has reset the connection.
pub const CONNRESET: i32 = Errno::CONNRESET.raw_os_error();
