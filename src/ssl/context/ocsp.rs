//! OCSP responses that a server sends with its certificate (stapling).

use super::{Context, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use crate::openssl::ocsp::{Answer, OcspFault, OcspResponse, Standing};
use crate::openssl::x509::X509;
use crate::ssl::error::{Error, Result};
use crate::ssl::session::seconds_now;
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

/// A response that a server sends with one of its certificates.
pub(crate) struct Staple {
    leaf: X509,
    response: OcspResponse,
    answer: Answer,
}

impl Staple {
    /// Tells whether the response is still valid.
    fn is_current(&self) -> bool {
        self.answer.valid_until() > seconds_now()
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
        let new = Arc::new(self.staple(response)?);
        self.0.staples.update(|old| {
            let others = old.iter().filter(|known| known.leaf != new.leaf).cloned();
            others.chain([Arc::clone(&new)]).collect()
        });
        Ok(())
    }

    fn staple(&self, der: &[u8]) -> Result<Staple> {
        let response = OcspResponse::from_der(der).map_err(refusal)?;
        let identities = self.0.state.lock().ctx.identities().to_vec();
        let found = identities.into_iter().find_map(|identity| {
            Some((response.claim(&identity.leaf, identity.chain.first())?, identity.leaf.clone()))
        });
        let (claim, leaf) = found.ok_or_else(|| refusal(OcspFault::OtherCertificate))?;
        let answer = claim.map_err(refusal)?;
        Ok(Staple { leaf, response, answer })
    }

    /// The response to send with a certificate. One that has expired stays here.
    pub(crate) fn staple_for(&self, leaf: &X509) -> Option<Vec<u8>> {
        let staples = self.0.staples.get();
        let staple = staples.iter().find(|staple| staple.leaf == *leaf && staple.is_current())?;
        Some(staple.response.der().to_vec())
    }
}

/// The error for a response that this side cannot send.
fn refusal(fault: OcspFault) -> Error {
    let words = match fault {
        OcspFault::Malformed => "response is not an OCSP response in DER".to_owned(),
        OcspFault::Critical => "response has a critical extension that is not known here".to_owned(),
        OcspFault::NotAnswered(number) => {
            format!(
                "response says that the responder did not answer (status {number} of RFC 6960, section 4.2.1)"
            )
        }
        OcspFault::OtherCertificate => {
            "response is not for a certificate of this context: load the certificate first".to_owned()
        }
        OcspFault::NotNow => "response is not valid now: fetch a new one".to_owned(),
        OcspFault::WrongSigner | OcspFault::Weak | OcspFault::BadSignature => {
            "response was not signed by the certificate's issuer".to_owned()
        }
    };
    Error::value(words)
}
