//! Sessions as bytes, to keep beyond this process.
//!
//! The bytes are: a mark with the library's version, the digest of the context's trust, whether the peer was
//! verified, the length of the name it was checked for (2 bytes, big-endian, 0xFFFF for none) and that name, the
//! session as OpenSSL writes it, and a digest of all this, which finds damage. It is no seal: whoever can write
//! the bytes can also write a digest, as they could write any other file that this process trusts.

use super::{Session, Trust};
use crate::openssl::session::SslSession;
use crate::openssl::x509::digest;
use crate::ssl::context::Context;
use crate::ssl::error::{Error, Result};
use std::ffi::CString;

const MARK: &[u8] = concat!("tlsock session ", env!("CARGO_PKG_VERSION"), "\n").as_bytes();
const DIGEST: usize = 32;
const NO_NAME: u16 = u16::MAX;

impl Session {
    /// The session as bytes, for [`Session::from_data`]. Secret: whoever has them is this client.
    pub fn data(&self) -> Result<Vec<u8>> {
        let trust = &self.0.trust;
        let name = trust.hostname.as_ref().map(|name| name.to_bytes());
        let name_len = match name {
            Some(name) => u16::try_from(name.len()).ok().filter(|len| *len < NO_NAME),
            None => Some(NO_NAME),
        };
        let name_len = name_len.ok_or_else(|| Error::value("server_hostname is too long to be kept"))?;
        let mut data = MARK.to_vec();
        data.extend(self.0.beliefs.digest()?);
        data.push(u8::from(trust.verified));
        data.extend(name_len.to_be_bytes());
        data.extend(name.unwrap_or_default());
        // One more for the NUL of C: what is secret is never copied to a larger place.
        self.0.session.append_der(&mut data, DIGEST + 1)?;
        let sum = sum(&data)?;
        data.extend(sum);
        Ok(data)
    }

    /// Makes a session of the bytes [`Session::data`] gave, for use with this context, which must trust as the one
    /// did that the session was made with.
    pub fn from_data(context: &Context, data: &[u8]) -> Result<Session> {
        let unknown = || Error::value("data is no session of this version of the library");
        let Some(rest) = data.strip_prefix(MARK) else { return Err(unknown()) };
        let damaged = || Error::value("data is damaged");
        let (body, found) = data.split_last_chunk::<DIGEST>().ok_or_else(damaged)?;
        if sum(body)? != found {
            return Err(damaged());
        }
        let rest = rest.strip_suffix(found).ok_or_else(damaged)?;
        let kept = Kept::read(rest).ok_or_else(damaged)?;
        if kept.trust_digest != context.beliefs()?.digest()? {
            return Err(Error::value(
                "data is a session of a context that trusts or checks other than this one",
            ));
        }
        let session = SslSession::from_der(kept.session)?;
        Session::new(session, context, kept.trust)
    }
}

/// What is between the mark and the digest at the end.
struct Kept<'a> {
    trust_digest: &'a [u8],
    trust: Trust,
    session: &'a [u8],
}

impl Kept<'_> {
    fn read(data: &[u8]) -> Option<Kept<'_>> {
        let (trust_digest, rest) = data.split_first_chunk::<DIGEST>()?;
        let (verified, rest) = rest.split_first()?;
        let (name_len, rest) = rest.split_first_chunk::<2>()?;
        let (hostname, session) = match u16::from_be_bytes(*name_len) {
            NO_NAME => (None, rest),
            len => {
                let (name, session) = rest.split_at_checked(usize::from(len))?;
                (Some(CString::new(name).ok()?), session)
            }
        };
        let verified = match verified {
            0 => false,
            1 => true,
            _ => return None,
        };
        Some(Kept { trust_digest, trust: Trust { verified, hostname }, session })
    }
}

fn sum(data: &[u8]) -> Result<Vec<u8>> {
    Ok(digest(c"SHA256", data)?)
}
