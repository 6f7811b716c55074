//! A server's session as bytes, for a cache outside of this process.
//!
//! The bytes are: a heading with the library's version and the format's and the backend, the session as OpenSSL writes it, and a digest of
//! both, which finds damage. What it may be resumed for is in the session: its ID context, and until when the
//! client's certificate holds.

use super::heading::{Headed, Heading};
use crate::openssl::session::SslSession;
use crate::openssl::x509::digest;
use crate::ssl::error::{Error, Result};

const HEADING: Heading = Heading(concat!("tlsock server session ", env!("CARGO_PKG_VERSION"), " 2"));
const DIGEST: usize = 32;

/// Bytes that are wiped when they are dropped.
pub(crate) struct Stored(Vec<u8>);

impl Stored {
    /// Writes a session.
    pub fn write(session: &SslSession) -> Result<Stored> {
        let mut stored = Stored(Vec::new());
        HEADING.write(&mut stored.0);
        session.append_der(&mut stored.0, DIGEST)?;
        let sum = digest(c"SHA256", &stored.0)?;
        stored.0.extend(sum);
        Ok(stored)
    }

    /// Room for a session of this size.
    pub fn buffer(size: usize) -> Result<Stored> {
        let mut buffer = Vec::new();
        buffer.try_reserve_exact(size).map_err(|_| Error::no_memory())?;
        buffer.resize(size, 0);
        Ok(Stored(buffer))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The room there is.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// Reads the session of this id from the first `len` bytes; None for what is damaged, or another's.
    pub fn read(&self, len: usize, id: &[u8]) -> Result<Option<SslSession>> {
        let Some(data) = self.0.get(..len) else {
            return Err(Error::value(format_args!("a session cannot be longer than {} bytes", self.0.len())));
        };
        let Some((body, sum)) = data.split_last_chunk::<DIGEST>() else { return Ok(None) };
        if digest(c"SHA256", body)? != sum {
            return Ok(None);
        }
        let Headed::Ours(der) = HEADING.read(body) else { return Ok(None) };
        Ok(SslSession::from_der(der).ok().filter(|session| session.id() == id))
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        crate::ssl::wipe(&mut self.0);
    }
}
