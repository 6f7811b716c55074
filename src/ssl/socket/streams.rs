//! The traits of Rust's standard library. A socket is read and written through `&Socket` too, so that one thread can
//! read while another writes.

use super::Socket;
use crate::ssl::error::{Error, Status};
use std::io::{self, Read, Write};

impl Read for &Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(self.recv(buffer)?)
    }
}

impl Write for &Socket {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        Ok(self.send(data)?)
    }

    /// Nothing waits here: a send that returned has given all it took to the system.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
