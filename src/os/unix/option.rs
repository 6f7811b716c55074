//! Socket options by number, for which rustix has no function.

use crate::os::{LentSocket, Result, errno};
use rustix::fd::AsRawFd;
use std::ffi::{c_int, c_void};

unsafe extern "C" {
    fn getsockopt(fd: c_int, level: c_int, name: c_int, value: *mut c_void, len: *mut u32) -> c_int;
    fn setsockopt(fd: c_int, level: c_int, name: c_int, value: *const c_void, len: u32) -> c_int;
}

/// Gets an option. Returns the length of its value in bytes.
pub fn get_option(fd: LentSocket<'_>, level: i32, name: i32, value: &mut [u8]) -> Result<usize> {
    let mut len = u32::try_from(value.len()).unwrap_or(u32::MAX);
    // SAFETY: pointer and length are those of one buffer.
    let result = unsafe { getsockopt(fd.as_raw_fd(), level, name, value.as_mut_ptr().cast(), &mut len) };
    if result == 0 { Ok(len as usize) } else { Err(last_error()) }
}

/// Sets an option.
pub fn set_option(fd: LentSocket<'_>, level: i32, name: i32, value: &[u8]) -> Result<()> {
    let len = u32::try_from(value.len()).map_err(|_| errno::INVAL)?;
    // SAFETY: pointer and length are those of one slice.
    let result = unsafe { setsockopt(fd.as_raw_fd(), level, name, value.as_ptr().cast(), len) };
    if result == 0 { Ok(()) } else { Err(last_error()) }
}

fn last_error() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(errno::IO)
}
