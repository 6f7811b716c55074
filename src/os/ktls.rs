//! Kernel TLS of Linux: the kernel makes the records that are sent.

use super::system::without_sigpipe;
use super::{LentFile, LentSocket, Result, retried, set_option};
use libc::{MSG_DONTWAIT, MSG_NOSIGNAL, cmsghdr, iovec, msghdr};
use rustix::fd::AsRawFd;
use rustix::io::Errno;
use std::mem::zeroed;

const SOL_TLS: i32 = 282;

/// Makes the kernel encrypt everything that is sent from now on. `keys` is the `tls12_crypto_info_...` of `linux/tls.h`.
pub fn encrypt_in_kernel(fd: LentSocket<'_>, keys: &[u8]) -> Result<()> {
    const TCP_ULP: i32 = 31;
    const TLS_TX: i32 = 1;
    const THERE_ALREADY: i32 = Errno::EXIST.raw_os_error();
    match set_option(fd, libc::IPPROTO_TCP, TCP_ULP, b"tls") {
        Ok(()) | Err(THERE_ALREADY) => set_option(fd, SOL_TLS, TLS_TX, keys),
        refused => refused,
    }
}

/// A control message with the type of a record.
#[repr(C)]
struct RecordType {
    head: cmsghdr,
    value: [u8; size_of::<usize>()],
}

/// Sends a record of another type than application data. Never waits.
pub fn send_record(fd: LentSocket<'_>, record_type: u8, data: &[u8]) -> Result<usize> {
    const SET_RECORD_TYPE: i32 = 1;
    // SAFETY: plain numbers, which may all be zero.
    let mut control: RecordType = unsafe { zeroed() };
    control.head.cmsg_level = SOL_TLS;
    control.head.cmsg_type = SET_RECORD_TYPE;
    control.head.cmsg_len = size_of::<cmsghdr>() as _;
    control.head.cmsg_len += 1;
    control.value[0] = record_type;
    let mut part = iovec { iov_base: data.as_ptr().cast_mut().cast(), iov_len: data.len() };
    // SAFETY: numbers and pointers, which may all be zero.
    let mut message: msghdr = unsafe { zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = (&raw mut control).cast();
    message.msg_controllen = size_of::<RecordType>() as _;
    retried(|| {
        // SAFETY: the message and all it points to are alive, and are only read.
        let sent = unsafe { libc::sendmsg(fd.as_raw_fd(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) };
        usize::try_from(sent).map_err(|_| last_error())
    })
}

/// Sends a part of a file; 0 bytes at its end. Waits for room only if the descriptor is in blocking mode.
pub fn send_file(fd: LentSocket<'_>, file: LentFile<'_>, offset: u64, count: usize) -> Result<usize> {
    let mut offset = offset;
    without_sigpipe(|| retried(|| rustix::fs::sendfile(fd, file, Some(&mut offset), count)))
}

fn last_error() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}
