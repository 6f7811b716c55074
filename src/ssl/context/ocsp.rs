//! OCSP responses that a server sends with its certificate (stapling).

use super::{Context, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use crate::openssl::ocsp::{Answer, Standing};
use crate::openssl::x509::X509;
use crate::ssl::error::{Error, Result};
use crate::ssl::identity::Staple;
use std::sync::Arc;

/// What a client demands of a server's OCSP response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ocsp {
    /// Nothing: it asks for none.
    #[default]
    Ignore,
    /// It asks for one. One that comes must be valid and say that the certificate is good.
    Request,
    /// A valid one must come.
    Require,
}

impl Ocsp {
    /// Checks a number from outside.
    pub fn from_number(number: i32) -> Result<Ocsp> {
        match number {
            0 => Ok(Ocsp::Ignore),
            1 => Ok(Ocsp::Request),
            2 => Ok(Ocsp::Require),
            other => Err(Error::value(format_args!(
                "mode {other} is not one of OCSP_IGNORE, _REQUEST and _REQUIRE"
            ))),
        }
    }
}

/// What the OCSP response says of a server's certificate. Times are seconds since 1970, and 0 where there is none.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OcspStatus {
    /// One of `TLSOCK_OCSP_STATUS_*`.
    pub status: i32,
    /// Why it was revoked, by RFC 5280, section 5.3.1; -1 if that is not told, 0 if it was not revoked.
    pub reason: i32,
    /// When it was revoked.
    pub revocation_time: i64,
    /// When the response became valid.
    pub this_update: i64,
    /// When the next response is due, if that is told.
    pub next_update: i64,
}

impl OcspStatus {
    pub(crate) fn of(answer: &Answer) -> OcspStatus {
        let (status, reason, revocation_time) = match answer.standing {
            Standing::Good => (1, 0, 0),
            Standing::Revoked { at, reason } => (2, reason, at),
            Standing::Unknown => (3, 0, 0),
        };
        let next_update = answer.next_update.unwrap_or(0);
        OcspStatus { status, reason, revocation_time, this_update: answer.this_update, next_update }
    }
}

impl Context {
    /// The demand on the OCSP responses of servers.
    pub fn ocsp(&self) -> Ocsp {
        self.0.ocsp.get()
    }

    /// Sets the demand on the OCSP responses of servers, for connections made from now on.
    pub fn set_ocsp(&self, mode: Ocsp) -> Result<()> {
        if self.protocol() == PROTOCOL_TLS_SERVER {
            return Err(Error::value(
                "OCSP responses are requested by clients, and this is a PROTOCOL_TLS_SERVER context",
            ));
        }
        self.0.ocsp.set(mode);
        Ok(())
    }

    /// Sets the OCSP response, as DER, that a server sends with the certificate that it is for. Empty: removes all.
    pub fn set_ocsp_response(&self, response: &[u8]) -> Result<()> {
        if self.protocol() == PROTOCOL_TLS_CLIENT {
            return Err(Error::value(
                "OCSP responses are sent by servers, and this is a PROTOCOL_TLS_CLIENT context",
            ));
        }
        if response.is_empty() {
            self.0.staples.set(Arc::new([]));
            return Ok(());
        }
        self.keep_staple(&Arc::new(self.staple(response)?));
        Ok(())
    }

    fn staple(&self, der: &[u8]) -> Result<Staple> {
        let identities = self.0.state.lock().ctx.identities().to_vec();
        Staple::among(
            der,
            identities.iter().map(|identity| &**identity),
            "this context: load the certificate first",
        )
    }

    /// Keeps the response of an identity that is used from now on, instead of the one for the same certificate.
    pub(super) fn keep_staple(&self, new: &Arc<Staple>) {
        self.0.staples.update(|old| {
            let others = old.iter().filter(|known| !known.is_for(new.leaf())).cloned();
            others.chain([Arc::clone(new)]).collect()
        });
    }

    /// The response to send with a certificate. One that has expired stays here.
    pub(crate) fn staple_for(&self, leaf: &X509) -> Option<Vec<u8>> {
        let staples = self.0.staples.get();
        staples.iter().find_map(|staple| staple.response_for(leaf))
    }
}
