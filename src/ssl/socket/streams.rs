//! The traits of Rust's standard library, as it means them: the end of a stream is a clean one, and who gets an error of
//! a write knows that nothing was taken. A socket is read and written through `&Socket` too, so that one thread can read
//! while another writes.

use super::Socket;
use crate::ssl::error::{Error, Phase, Status};
use crate::ssl::outcome;
use std::io::{self, Read, Write};

impl Read for &Socket {
    /// As `recv`, but an end without close_notify is `UnexpectedEof` whatever the flags: `read_to_end` would take a stream
    /// that somebody has cut for a whole one.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.recv(buffer)? {
            0 if !buffer.is_empty() && self.ragged_eof() => Err(outcome::cut_off(Phase::Read).into()),
            count => Ok(count),
        }
    }
}

impl Write for &Socket {
    /// As `send`, but where the time is up, or there is no room, what was taken counts: no call has to be repeated with
    /// the same bytes. Bytes were taken beside an error only where the connection has failed, or the interrupt callback
    /// has ended the call.
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        Ok(self.send_some(data)?)
    }

    /// Sends what writes have taken and could not send yet.
    fn flush(&mut self) -> io::Result<()> {
        Ok(self.send_rest()?)
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Read::read(&mut &*self, buffer)
    }
}

impl Write for Socket {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        Write::write(&mut &*self, data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut &*self)
    }
}

/// The kind is the nearest that the standard library has; the error itself is inside. One that ended a call because of
/// a signal is not `Interrupted`, which means "try again".
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match error.status() {
            Status::WantRead | Status::WantWrite => io::ErrorKind::WouldBlock,
            Status::Timeout => io::ErrorKind::TimedOut,
            Status::Eof => io::ErrorKind::UnexpectedEof,
            Status::ZeroReturn => io::ErrorKind::ConnectionAborted,
            Status::Os => io::Error::from_raw_os_error(error.os_errno()).kind(),
            Status::Value | Status::Type => io::ErrorKind::InvalidInput,
            Status::NotImplemented => io::ErrorKind::Unsupported,
            Status::NoMemory => io::ErrorKind::OutOfMemory,
            Status::CertVerification => io::ErrorKind::PermissionDenied,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}
