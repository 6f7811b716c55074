//! The names of a server: which one is sent, and of which its certificate must be for one.

use super::{Core, Engine};
use crate::openssl::error::Cause;
use crate::openssl::ssl::Ssl;
use crate::ssl::error::{Error, Result};
use crate::ssl::hostname::{self, Peer};
use crate::ssl::session::NameCheck;
use crate::ssl::text;
use std::ffi::{CStr, CString};

impl Engine {
    /// Has the certificate be for one of these instead of for the `server_hostname`: host names, or one address. Before the
    /// handshake, on a client that checks host names.
    pub fn set_expected_names(&self, names: &[&str]) -> Result<()> {
        let core = self.core()?;
        check_client_before(&core)?;
        let witness = &self.events.witness;
        let old = witness.names();
        if !old.on {
            return Err(Error::value(
                "this connection checks no host name: check_hostname was off when it was made",
            ));
        }
        let names = names.iter().map(|name| hostname::checked("expected name", name));
        let new = NameCheck::new(true, names.collect::<Result<Vec<_>>>()?);
        let expected = Expected::of(new.names())?;
        if let Err(refused) = expected.tell(&core.ssl) {
            // What libssl has taken of them must not count.
            let restored = Expected::of(old.names()).and_then(|old| old.tell(&core.ssl));
            restored.unwrap_or_else(|failure| self.events.abort(&failure));
            return Err(refused);
        }
        witness.expects(new);
        Ok(())
    }

    /// Has the client ask for this name (SNI) instead of its `server_hostname`; None asks for none. What the certificate
    /// must be for stays. Before the handshake.
    pub fn set_server_name(&self, name: Option<&str>) -> Result<()> {
        let core = self.core()?;
        check_client_before(&core)?;
        let Some(name) = name else { return Ok(core.ssl.clear_server_name()?) };
        match hostname::peer(&hostname::checked("server_name", name)?) {
            Peer::Name(name) => Ok(core.ssl.set_server_name(&name)?),
            Peer::Address(_) => {
                Err(Error::value("server_name is an address: names alone are sent (RFC 6066, 3)"))
            }
        }
    }

    /// The name of the server by which the client has asked for it; on both ends, once the handshake has begun.
    pub fn server_name(&self) -> Option<&CStr> {
        self.events.witness.asked_for(|| {
            let core = self.core().ok()?;
            if core.ssl.in_before() { None } else { core.ssl.server_name() }
        })
    }
}

fn check_client_before(core: &Core) -> Result<()> {
    if core.ssl.is_server() {
        return Err(Error::value("a server neither sends a name nor expects one of its clients"));
    }
    if core.is_inside() || !core.ssl.in_before() {
        return Err(Error::value("names cannot be set once the handshake has begun"));
    }
    Ok(())
}

/// What libssl can be told to expect: of several addresses it knows one, and with a name beside it it asks for both.
enum Expected {
    Address(std::net::IpAddr),
    Names(Vec<CString>),
}

impl Expected {
    fn of(names: &[CString]) -> Result<Expected> {
        let peers: Vec<Peer> = names.iter().map(|name| hostname::peer(name)).collect();
        match &peers[..] {
            [] => Err(Error::value("expected names cannot be none: no name would be checked")),
            [Peer::Address(address)] => Ok(Expected::Address(*address)),
            _ => {
                let several = || Error::value("an address can be expected only by itself");
                let name = |peer| match peer {
                    Peer::Name(name) => Ok(name),
                    Peer::Address(_) => Err(several()),
                };
                Ok(Expected::Names(peers.into_iter().map(name).collect::<Result<_>>()?))
            }
        }
    }

    /// Replaces what was expected.
    fn tell(&self, ssl: &Ssl) -> Result<()> {
        ssl.expect_nobody()?;
        match self {
            Expected::Address(address) => Ok(ssl.expect_ip(*address)?),
            Expected::Names(names) => names.iter().try_for_each(|name| expect_host(ssl, name)),
        }
    }
}

/// Has a new connection ask for a name, and its certificate be for it.
pub(super) fn ask_for(ssl: &Ssl, name: &CStr, check: bool) -> Result<()> {
    let peer = hostname::peer(name);
    if let Peer::Name(name) = &peer {
        ssl.set_server_name(name)?;
    }
    match peer {
        Peer::Address(address) if check => Ok(ssl.expect_ip(address)?),
        Peer::Name(name) if check => expect_host(ssl, &name),
        _ => Ok(()),
    }
}

fn expect_host(ssl: &Ssl, name: &CStr) -> Result<()> {
    ssl.expect_host_or(name).map_err(|cause| no_host(name, cause))?;
    if let Some(star) = hostname::starred(name) {
        // An OpenSSL that does not take it is stricter, as it is with the underscore itself.
        let _ = ssl.expect_host_or(&star);
    }
    Ok(())
}

/// The error for a host name that OpenSSL refuses. OpenSSL 4 refuses one that no certificate could hold, and puts no
/// entry on its error queue.
fn no_host(name: &CStr, cause: Cause) -> Error {
    match cause {
        Cause::Told(entry) => Error::openssl(entry),
        Cause::Untold => hostname::unverifiable(text::as_str(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ssl::error::Status;

    #[test]
    fn a_name_that_is_refused_without_a_word_gets_one() {
        let error = no_host(c"a_b", Cause::Untold);
        assert_eq!(error.status(), Status::Value);
        assert!(error.message().starts_with("server_hostname 'a_b' is no name that OpenSSL verifies: "));
    }
}
