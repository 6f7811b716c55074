//! Reading and writing after `unwrap`.

use super::Socket;
use super::descriptor::Open;
use super::operation::Operation;
use crate::os::{self, Deadline, Ready};
use crate::ssl::error::{Error, Result};
use crate::ssl::interrupt;

impl Socket {
    pub(super) fn recv_plain(&self, buffer: &mut [u8], operation: Operation) -> Result<usize> {
        let ahead = self.take_ahead(buffer);
        if ahead > 0 || buffer.is_empty() {
            return Ok(ahead);
        }
        let blocking = operation.deadline.is_some_and(|deadline| !deadline.is_some());
        let fd = self.fd()?;
        loop {
            let result = os::recv(os::lend(&fd), buffer, blocking);
            fd.check_plain()?;
            match (result, operation.deadline) {
                (Err(os::errno::AGAIN), None) => return Err(Error::want_read()),
                (Err(os::errno::AGAIN), Some(_)) => self.wait_plain(&fd, Ready::Read, operation)?,
                (Err(os::errno::INTR), _) => interrupt::ask(operation.phase)?,
                (result, _) => return result.map_err(|errno| operation.failed(errno)),
            }
        }
    }

    fn take_ahead(&self, buffer: &mut [u8]) -> usize {
        let mut ahead = self.ahead.lock();
        let count = ahead.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ahead[..count]);
        ahead.drain(..count);
        count
    }

    /// Keeps the plain bytes that came after TLS had ended, for the next recv. Another call may have kept some before.
    pub(super) fn keep_ahead(&self, bytes: Vec<u8>) {
        let mut ahead = self.ahead.lock();
        match ahead.is_empty() {
            true => *ahead = bytes,
            false => ahead.extend(bytes),
        }
    }

    /// Sends as much as the system takes, but at least one byte.
    pub(super) fn send_plain(&self, data: &[u8], operation: Operation) -> Result<usize> {
        self.check_sends_plain()?;
        let fd = self.fd()?;
        loop {
            match (os::send(os::lend(&fd), data), operation.deadline) {
                (Err(os::errno::AGAIN), None) => return Err(Error::want_write()),
                (Err(os::errno::AGAIN), Some(_)) => self.wait_plain(&fd, Ready::Write, operation)?,
                (Err(errno), _) => {
                    fd.check_plain()?;
                    return Err(operation.failed(errno));
                }
                (Ok(count), _) => return Ok(count),
            }
        }
    }

    /// Sends everything, and counts what was sent even when it fails.
    pub(super) fn sendall_plain(&self, data: &[u8], done: &mut usize, operation: Operation) -> Result<()> {
        while *done < data.len() {
            *done += self.send_plain(&data[*done..], operation)?;
            if *done < data.len() {
                operation.in_time()?;
            }
        }
        Ok(())
    }

    fn wait_plain(&self, fd: &Open, ready: Ready, operation: Operation) -> Result<()> {
        // A descriptor that is ready again and again must not extend the operation beyond the deadline.
        operation.in_time()?;
        let deadline = operation.deadline.unwrap_or(Deadline::NEVER);
        operation.wait(fd, ready, deadline)?;
        fd.check_plain()
    }
}
