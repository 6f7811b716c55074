//! Application protocols (ALPN).

use super::Context;
use crate::ssl::error::{Error, Result};
use crate::ssl::text::abridged;
use crate::ssl::warning::warn;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Joins protocol names as they go over the wire: a length byte before each name.
fn wire_format(protocols: &[&str], kind: &str) -> Result<Vec<u8>> {
    let mut wire = Vec::new();
    wire.try_reserve_exact(protocols.iter().map(|name| 1 + name.len()).sum())?;
    for name in protocols {
        if !name.is_ascii() {
            return Err(Error::value(format_args!("{kind} protocol {} is not ASCII", abridged(name))));
        }
        let len = u8::try_from(name.len()).ok().filter(|len| *len > 0);
        wire.push(
            len.ok_or_else(|| Error::ssl(format_args!("{kind} protocols must be 1 to 255 in length")))?,
        );
        wire.extend_from_slice(name.as_bytes());
    }
    Ok(wire)
}

/// The names in a list that came over the wire, up to the first malformed one.
pub(crate) fn names(mut wire: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (len, rest) = wire.split_first()?;
        let (name, rest) = rest.split_at_checked(usize::from(*len))?;
        wire = rest;
        Some(name)
    })
}

/// A server's choice: the first of its own protocols that the client offered.
pub(crate) fn select<'a>(own: &[u8], offered: &'a [u8]) -> Option<&'a [u8]> {
    names(own).find_map(|name| names(offered).find(|offer| *offer == name))
}

impl Context {
    /// Python: `SSLContext.set_alpn_protocols(protocols)`
    pub fn set_alpn_protocols(&self, protocols: &[&str]) -> Result<()> {
        let wire = wire_format(protocols, "ALPN")?;
        self.0.alpn.set(Arc::from(wire));
        Ok(())
    }

    /// Python: `SSLContext.set_npn_protocols(protocols)`
    pub fn set_npn_protocols(&self, protocols: &[&str]) -> Result<()> {
        warn("DeprecationWarning", "ssl NPN is deprecated, use ALPN instead")?;
        wire_format(protocols, "NPN")?;
        Err(Error::not_implemented("NPN is gone from TLS: use set_alpn_protocols"))
    }

    /// Tells whether a client is refused that offers protocols, but only such as this server does not have.
    pub fn alpn_strict(&self) -> bool {
        self.0.alpn_strict.load(Ordering::Relaxed)
    }

    /// Sets whether a client that offers protocols, none of which this server has, is refused (RFC 7301, section 3.2).
    pub fn set_alpn_strict(&self, strict: bool) -> Result<()> {
        self.check_serves("alpn_strict")?;
        self.0.alpn_strict.store(strict, Ordering::Relaxed);
        Ok(())
    }

    /// The protocols that a client offers, or that a server chooses from, in wire format.
    pub(crate) fn alpn(&self) -> Arc<[u8]> {
        self.0.alpn.get()
    }
}
