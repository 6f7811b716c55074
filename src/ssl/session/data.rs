//! Sessions as bytes, which can be stored and used in another process.
//!
//! The bytes are: a mark with the version of the library and of the format; the digest of what the connection demanded of
//! its peer; whether that was proved (1 byte) and until when (8 bytes, big-endian like the other numbers); the length of
//! the name that was checked (2 bytes, 0xFFFF for none) and that name; the session as OpenSSL encodes it; and a digest of
//! all this, which detects damage. The digest does not authenticate: anyone who can write the bytes can also compute it,
//! and could as well change any other file that this process trusts.

use super::{Record, Session, Trust};
use crate::openssl::session::SslSession;
use crate::openssl::x509::digest;
use crate::ssl::context::Context;
use crate::ssl::error::{Error, Result};
use std::ffi::CString;
use std::sync::Arc;

const MARK: &[u8] = concat!("tlsock session ", env!("CARGO_PKG_VERSION"), " 2\n").as_bytes();
const DIGEST: usize = 32;
const NO_NAME: u16 = u16::MAX;

impl Session {
    /// The session as bytes, for [`Session::from_data`]. They are secret: anyone who has them can resume as this client.
    pub fn data(&self) -> Result<Vec<u8>> {
        let trust = self.trust();
        let asked = trust.asked.digest()?.ok_or_else(|| {
            Error::value("session cannot be kept as bytes: its context finds revocation lists in a directory, or was changed during the handshake")
        })?;
        let name = trust.asked.name().map(|name| name.to_bytes());
        let name_len = match name {
            Some(name) => u16::try_from(name.len()).ok().filter(|len| *len < NO_NAME),
            None => Some(NO_NAME),
        };
        let name_len = name_len.ok_or_else(|| Error::value("server_hostname is too long to be kept"))?;
        let mut data = MARK.to_vec();
        data.extend(asked);
        data.push(u8::from(trust.proved_until.is_some()));
        data.extend(trust.proved_until.unwrap_or_default().to_be_bytes());
        data.extend(name_len.to_be_bytes());
        data.extend(name.unwrap_or_default());
        // One byte more for C's NUL, so that the secret is never copied to a larger allocation.
        self.0.session.append_der(&mut data, DIGEST + 1)?;
        let sum = sum(&data)?;
        data.extend(sum);
        Ok(data)
    }

    /// Makes a session of bytes that [`Session::data`] gave, for this context, which must trust and verify the same as the
    /// context that the session was made with.
    pub fn from_data(context: &Context, data: &[u8]) -> Result<Session> {
        let unknown = || Error::value("data is not a session of this version of the library");
        let Some(rest) = data.strip_prefix(MARK) else { return Err(unknown()) };
        let damaged = || Error::value("data is damaged");
        let (body, found) = data.split_last_chunk::<DIGEST>().ok_or_else(damaged)?;
        if sum(body)? != found {
            return Err(damaged());
        }
        let rest = rest.strip_suffix(found).ok_or_else(damaged)?;
        let kept = Kept::read(rest).ok_or_else(damaged)?;
        let other =
            || Error::value("data is a session of a context that trusts or checks other than this one");
        let asked = context.would_ask(kept.name)?.ok_or_else(other)?;
        if asked.digest()?.as_deref() != Some(kept.asked_digest) {
            return Err(other());
        }
        let session = SslSession::from_der(kept.session)?;
        let trust = Arc::new(Trust { asked, proved_until: kept.proved_until });
        Ok(Session::new(session, Record { context: context.id(), trust }))
    }
}

/// The part between the mark and the digest at the end.
struct Kept<'a> {
    asked_digest: &'a [u8],
    proved_until: Option<i64>,
    name: Option<CString>,
    session: &'a [u8],
}

impl Kept<'_> {
    fn read(data: &[u8]) -> Option<Kept<'_>> {
        let (asked_digest, rest) = data.split_first_chunk::<DIGEST>()?;
        let (proved, rest) = rest.split_first()?;
        let (until, rest) = rest.split_first_chunk::<8>()?;
        let (name_len, rest) = rest.split_first_chunk::<2>()?;
        let (name, session) = match u16::from_be_bytes(*name_len) {
            NO_NAME => (None, rest),
            len => {
                let (name, session) = rest.split_at_checked(usize::from(len))?;
                (Some(CString::new(name).ok()?), session)
            }
        };
        let until = i64::from_be_bytes(*until);
        let proved_until = match (proved, until) {
            (0, 0) => None,
            (1, until) => Some(until),
            _ => return None,
        };
        Some(Kept { asked_digest, proved_until, name, session })
    }
}

fn sum(data: &[u8]) -> Result<Vec<u8>> {
    Ok(digest(c"SHA256", data)?)
}
