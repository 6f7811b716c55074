//! Sessions as bytes, which can be stored and used in another process.
//!
//! The bytes are: a heading with the library's version and the format's and the backend, the digest of what the connection asked of its
//! peer, whether that was proved (1 byte), until when (8 bytes, big-endian, as those that follow), how many names it was
//! checked for (2 bytes), the length of each (2 bytes) and the name, the session as OpenSSL writes it, and a digest of
//! all this, which finds damage. It is no seal: a program that can write the bytes can also write a digest, as it could
//! write any other file that this process trusts.

use super::heading::{Headed, Heading};
use super::{Asked, Record, Session, Trust};
use crate::openssl::session::SslSession;
use crate::openssl::x509::digest;
use crate::ssl::context::{Context, KeyMark};
use crate::ssl::error::{Error, Result};
use std::ffi::CString;
use std::sync::Arc;

const HEADING: Heading = Heading(concat!("tlsock session ", env!("CARGO_PKG_VERSION"), " 4"));
const DIGEST: usize = 32;

impl Session {
    /// The session as bytes, for [`Session::from_data`]. They are secret: anyone who has them can resume as this client.
    pub fn data(&self) -> Result<Vec<u8>> {
        let trust = self.trust();
        let asked = digest_of(&trust.asked, trust.key)?.ok_or_else(|| {
            Error::value("session cannot be kept as bytes: its context has a verify callback, finds revocation lists in a directory, or was changed during the handshake")
        })?;
        let mut data = Vec::new();
        HEADING.write(&mut data);
        data.extend(asked);
        data.push(u8::from(trust.proved_until.is_some()));
        data.extend(trust.proved_until.unwrap_or_default().to_be_bytes());
        let names = trust.asked.names();
        data.extend(length(names.len())?);
        for name in names {
            data.extend(length(name.to_bytes().len())?);
            data.extend(name.to_bytes());
        }
        // One more for the NUL of C: what is secret is never copied to a larger place.
        self.0.session.append_der(&mut data, DIGEST + 1)?;
        let sum = sum(&data)?;
        data.extend(sum);
        Ok(data)
    }

    /// Makes a session of bytes that [`Session::data`] gave, for this context, which must trust and verify the same as the
    /// context that the session was made with.
    pub fn from_data(context: &Context, data: &[u8]) -> Result<Session> {
        let rest = match HEADING.read(data) {
            Headed::Ours(rest) => rest,
            Headed::Of(other, this) => {
                return Err(Error::value(format_args!(
                    "data is a session of {other}, which {this} cannot read"
                )));
            }
            Headed::Unknown => {
                return Err(Error::value("data is not a session of this version of the library"));
            }
        };
        let damaged = || Error::value("data is damaged");
        let (body, found) = data.split_last_chunk::<DIGEST>().ok_or_else(damaged)?;
        if sum(body)? != found {
            return Err(damaged());
        }
        let rest = rest.strip_suffix(found).ok_or_else(damaged)?;
        let kept = Kept::read(rest).ok_or_else(damaged)?;
        let other =
            || Error::value("data is a session of a context that trusts or checks other than this one");
        let asked = context.would_ask(kept.names)?.ok_or_else(other)?;
        let is_by = |key: &Option<KeyMark>| -> Result<bool> {
            Ok(digest_of(&asked, *key)?.as_deref() == Some(kept.asked_digest))
        };
        // Proved by a certificate, or else by the key that the context has.
        let key = match (is_by(&None)?, asked.key()) {
            (true, _) => None,
            (false, key @ Some(_)) if is_by(&key)? => key,
            _ => return Err(other()),
        };
        let session = SslSession::from_der(kept.session)?;
        let trust = Arc::new(Trust { asked, key, proved_until: kept.proved_until });
        Ok(Session::new(session, Record { context: context.id(), trust }))
    }
}

/// What was asked, and by which pre-shared key that was proved, if by one: its mark is of this process alone.
fn digest_of(asked: &Asked, key: Option<KeyMark>) -> Result<Option<Vec<u8>>> {
    let (Some(digest), Some(key)) = (asked.digest()?, key) else { return asked.digest() };
    Ok(Some(sum(&[&digest[..], &key.bytes()].concat())?))
}

/// The part between the heading and the digest at the end.
struct Kept<'a> {
    asked_digest: &'a [u8],
    proved_until: Option<i64>,
    names: Vec<CString>,
    session: &'a [u8],
}

impl Kept<'_> {
    fn read(data: &[u8]) -> Option<Kept<'_>> {
        let (asked_digest, rest) = data.split_first_chunk::<DIGEST>()?;
        let (proved, rest) = rest.split_first()?;
        let (until, rest) = rest.split_first_chunk::<8>()?;
        let (count, mut session) = rest.split_first_chunk::<2>()?;
        let mut names = Vec::new();
        for _ in 0..u16::from_be_bytes(*count) {
            let (len, rest) = session.split_first_chunk::<2>()?;
            let (name, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
            names.push(CString::new(name).ok()?);
            session = rest;
        }
        let until = i64::from_be_bytes(*until);
        let proved_until = match (proved, until) {
            (0, 0) => None,
            (1, until) => Some(until),
            _ => return None,
        };
        Some(Kept { asked_digest, proved_until, names, session })
    }
}

fn length(len: usize) -> Result<[u8; 2]> {
    let len = u16::try_from(len).map_err(|_| Error::value("the expected names are too long to be kept"))?;
    Ok(len.to_be_bytes())
}

fn sum(data: &[u8]) -> Result<Vec<u8>> {
    Ok(digest(c"SHA256", data)?)
}
