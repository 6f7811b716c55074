//! The OCSP response that comes with a server's certificate.

use super::Events;
use super::happened::Refused;
use crate::openssl::lent::Lent;
use crate::openssl::ocsp::{Answer, OcspFault, OcspResponse, Standing};
use crate::ssl::context::Ocsp;
use crate::ssl::error::{Error, Result};
use crate::ssl::seconds_now;

/// The response that a server has sent, and what it says once it was checked.
#[derive(Clone, Debug)]
pub(crate) struct Stapled {
    /// The bytes.
    pub der: Vec<u8>,
    /// What it says of the server's certificate; None if it was not checked, or is not valid.
    pub answer: Option<Answer>,
}

/// `X509_V_ERR_CERT_REVOKED`
const REVOKED: i32 = 23;
/// `X509_V_ERR_OCSP_VERIFY_NEEDED`
const NEEDED: i32 = 73;
/// `X509_V_ERR_OCSP_VERIFY_FAILED`
const FAILED: i32 = 74;
/// `X509_V_ERR_OCSP_CERT_UNKNOWN`
const UNKNOWN: i32 = 75;

impl Events {
    /// The response that a server's certificate comes with.
    pub(super) fn own_staple(&self, ssl: &Lent<'_>) -> Option<Vec<u8>> {
        let leaf = ssl.own_certificate()?;
        let chosen =
            self.seldom(|seldom| &seldom.chosen_staple).and_then(|staple| staple.response_for(&leaf));
        chosen.or_else(|| self.context.get().staple_for(&leaf))
    }

    /// Accepts or refuses a server by the response that it has sent, if it has.
    pub(super) fn accepts_staple(&self, response: Option<&[u8]>, ssl: &Lent<'_>) -> bool {
        let stapled = response.map(|der| Stapled { der: der.to_vec(), answer: None });
        self.set_seldom(|seldom| &seldom.stapled, stapled);
        match self.check(response, ssl) {
            Ok(None) => true,
            Ok(Some(refused)) => {
                self.note().refused = Some(Box::new(refused));
                false
            }
            Err(failure) => {
                // The result of a check that was overridden is not the reason.
                self.note().refused = None;
                self.fail(failure);
                false
            }
        }
    }

    /// Gives what is wrong with the server's response, if anything.
    fn check(&self, response: Option<&[u8]>, ssl: &Lent<'_>) -> Result<Option<Refused>> {
        // A session is resumed only under the same demand, and until the response ends that came with its handshake.
        // A key that both sides had before proves a server that shows no certificate.
        if ssl.is_resumed() || ssl.used_psk() && !ssl.has_peer() {
            return Ok(None);
        }
        // Without verification a chain that happens to be good counts no more than another one.
        let proved = ssl.demands().verifies() && ssl.has_verified_peer();
        let chain = if proved { ssl.verified_chain()? } else { Vec::new() };
        let Some(leaf) = chain.first() else { return self.check_unverified().map(|()| None) };
        let refused = |code, words: String| {
            Ok(Some(Refused { code, depth: 0, certificate: Some(leaf.clone()), words: Some(words), flag: 0 }))
        };
        let Some(der) = response else {
            return match self.ocsp == Ocsp::Require || leaf.must_staple()? {
                true => refused(NEEDED, "the server sent no OCSP response".to_owned()),
                false => Ok(None),
            };
        };
        // The issuer of a certificate that is trusted by itself is not known: it can only speak for itself.
        let issuer = chain.get(1).unwrap_or(leaf);
        let level = ssl.demands().level;
        let answer =
            OcspResponse::from_der(der).and_then(|found| found.answer(leaf, issuer, seconds_now(), level));
        let answer = match answer {
            Ok(answer) => answer,
            Err(OcspFault::NoMemory) => return Err(Error::no_memory()),
            Err(fault) => return refused(FAILED, words(fault)),
        };
        let stapled = Stapled { der: der.to_vec(), answer: Some(answer) };
        self.set_seldom(|seldom| &seldom.stapled, Some(stapled));
        match answer.standing {
            Standing::Good => Ok(None),
            Standing::Revoked { .. } => refused(REVOKED, "by the server's OCSP response".to_owned()),
            Standing::Unknown => refused(UNKNOWN, "by the server's OCSP response".to_owned()),
        }
    }

    /// Without a verified certificate nothing that is said of it can be checked.
    fn check_unverified(&self) -> Result<()> {
        match self.ocsp {
            Ocsp::Require => Err(Error::value(
                "OCSP_REQUIRE needs a verified certificate: this connection does not verify its server, or a callback has accepted what did not verify",
            )),
            Ocsp::Request | Ocsp::Ignore => Ok(()),
        }
    }

    /// The second since 1970 after which the server's response is not valid; the last one there is without a response.
    pub(super) fn stapled_until(&self) -> i64 {
        let answer = self.seldom(|seldom| &seldom.stapled).and_then(|stapled| stapled.answer);
        answer.map_or(i64::MAX, |answer| answer.valid_until())
    }
}

fn words(fault: OcspFault) -> String {
    let words = match fault {
        OcspFault::Malformed => "the server's OCSP response is malformed",
        OcspFault::Critical => "the server's OCSP response has a critical extension that is not known here",
        OcspFault::NotAnswered(number) => {
            return format!("the server sent an OCSP response without an answer (status {number})");
        }
        OcspFault::OtherCertificate => "the server's OCSP response is for another certificate",
        OcspFault::WrongSigner => "the server's OCSP response was not signed by the issuer or for it",
        OcspFault::Weak => "the server's OCSP response is signed more weakly than the security level allows",
        OcspFault::BadSignature => "the signature of the server's OCSP response is bad",
        OcspFault::NotNow => "the server's OCSP response is not valid now",
        OcspFault::NoMemory => "there is no memory to read the server's OCSP response",
    };
    words.to_owned()
}
