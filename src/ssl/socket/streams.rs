//! `Read` and `Write` of Rust's standard library, with the meaning that it gives them: an end of the stream is a clean one,
//! and after a write that failed nothing was taken. They are also implemented for `&Socket`, so that one thread can read
//! while another writes.

use super::Socket;
use crate::ssl::error::{Error, Phase, Status};
use crate::ssl::outcome;
use std::io::{self, Read, Write};

impl Read for &Socket {
    /// Like `recv`, but an end without close_notify is always `UnexpectedEof`, as is a close_notify before the end of the
    /// handshake, and any read after a handshake that has failed is an error: `read_to_end` would otherwise take a truncated
    /// stream for a complete one.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.recv(buffer)? {
            0 if buffer.is_empty() => Ok(0),
            0 if self.ragged_eof() => Err(outcome::cut_off(Phase::Read).into()),
            0 if self.engine().is_some_and(|engine| !engine.has_shaken_hands()) => {
                Err(outcome::closed(Phase::Handshake).into())
            }
            count => Ok(count),
        }
    }
}

impl Write for &Socket {
    /// Like `send`, but if the time is up or there is no room, it returns how much was taken, so that no call has to be
    /// repeated with the same bytes, but for one that finds no memory: what it has begun comes first. Only if the connection has failed, or the interrupt callback has ended the call, may
    /// bytes have been taken although an error is returned.
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        Ok(self.send_some(data)?)
    }

    /// Sends what writes have taken but could not send yet.
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

/// Uses the kind that is nearest; the error itself is inside. A call that was ended because of a signal is not
/// `Interrupted`, which means "try again".
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
