//! Descriptors: owned, lent, and as numbers for C. The only file that names the system's types.

use rustix::fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd};
pub use rustix::fd::{BorrowedFd as LentSocket, OwnedFd as OwnedSocket, RawFd as RawSocket};

/// The type of a descriptor in C: an int, or a SOCKET on Windows.
#[cfg(not(windows))]
pub type Number = std::ffi::c_int;
#[cfg(windows)]
pub type Number = usize;

/// Lends a descriptor to one call.
pub fn lend(fd: &OwnedSocket) -> LentSocket<'_> {
    fd.as_fd()
}

/// The system's number of a descriptor.
pub fn number(fd: &OwnedSocket) -> RawSocket {
    fd.as_raw_fd()
}

/// Gives a descriptor away as C's number.
pub fn release(fd: OwnedSocket) -> Number {
    fd.into_raw_fd() as Number
}

/// Takes a descriptor over from C.
///
/// # Safety
/// It must be open, and no other code may use it from now on.
pub unsafe fn own(number: Number) -> OwnedSocket {
    // SAFETY: the caller's promise.
    unsafe { OwnedSocket::from_raw_fd(number as RawSocket) }
}
