//! Socket options by number, for which rustix has no function.

use crate::os::{LentSocket, Result, errno};
use rustix::fd::AsRawFd;
use windows_sys::Win32::Networking::WinSock::{SOCKET, WSAGetLastError, getsockopt, setsockopt};

/// Gets an option. Returns the length of its value in bytes.
pub fn get_option(fd: LentSocket<'_>, level: i32, name: i32, value: &mut [u8]) -> Result<usize> {
    let mut len = i32::try_from(value.len()).unwrap_or(i32::MAX);
    let socket = fd.as_raw_fd() as SOCKET;
    // SAFETY: pointer and length are those of one buffer.
    done(unsafe { getsockopt(socket, level, name, value.as_mut_ptr(), &mut len) })?;
    Ok(len as usize)
}

/// Sets an option.
pub fn set_option(fd: LentSocket<'_>, level: i32, name: i32, value: &[u8]) -> Result<()> {
    let len = i32::try_from(value.len()).map_err(|_| errno::INVAL)?;
    let socket = fd.as_raw_fd() as SOCKET;
    // SAFETY: pointer and length are those of one slice.
    done(unsafe { setsockopt(socket, level, name, value.as_ptr(), len) })
}

fn done(result: i32) -> Result<()> {
    if result == 0 {
        return Ok(());
    }
    // SAFETY: no preconditions.
    Err(unsafe { WSAGetLastError() })
}
