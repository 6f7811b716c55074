//! An OCSP response that a server sends with a certificate (stapling).

use crate::openssl::cert_and_key::CertAndKey;
use crate::openssl::ocsp::{Answer, OcspFault, OcspResponse};
use crate::openssl::x509::X509;
use crate::ssl::error::{Error, Result};
use crate::ssl::seconds_now;

/// A response and the certificate that it is for.
pub(crate) struct Staple {
    leaf: X509,
    response: OcspResponse,
    answer: Answer,
}

impl Staple {
    /// Reads a response in DER, which has to be for one of these identities. place: what they are in, for the message.
    pub fn among<'a>(
        der: &[u8],
        mut identities: impl Iterator<Item = &'a CertAndKey>,
        place: &str,
    ) -> Result<Staple> {
        let refused = |fault| refusal(fault, place);
        let response = OcspResponse::from_der(der).map_err(refused)?;
        let found = identities.find_map(|identity| {
            Some((response.claim(&identity.leaf, identity.chain.first())?, identity.leaf.clone()))
        });
        let (claim, leaf) = found.ok_or_else(|| refused(OcspFault::OtherCertificate))?;
        let answer = claim.map_err(refused)?;
        Ok(Staple { leaf, response, answer })
    }

    /// The certificate.
    pub fn leaf(&self) -> &X509 {
        &self.leaf
    }

    pub fn is_for(&self, leaf: &X509) -> bool {
        self.leaf == *leaf
    }

    /// The bytes to send with a certificate; None if they are for another one, or not valid any more.
    pub fn response_for(&self, leaf: &X509) -> Option<Vec<u8>> {
        let counts = self.is_for(leaf) && self.answer.valid_until() > seconds_now();
        counts.then(|| self.response.der().to_vec())
    }
}

/// The error for a response that this side cannot send. place: what its certificate is not in.
fn refusal(fault: OcspFault, place: &str) -> Error {
    let words = match fault {
        OcspFault::Malformed => "response is not an OCSP response in DER".to_owned(),
        OcspFault::Critical => "response has a critical extension that is not known here".to_owned(),
        OcspFault::NotAnswered(number) => {
            format!(
                "response says that the responder did not answer (status {number} of RFC 6960, section 4.2.1)"
            )
        }
        OcspFault::OtherCertificate => format!("response is not for a certificate of {place}"),
        OcspFault::NotNow => "response is not valid now: fetch a new one".to_owned(),
        OcspFault::WrongSigner | OcspFault::Weak | OcspFault::BadSignature => {
            "response was not signed by the certificate's issuer".to_owned()
        }
        OcspFault::NoMemory => return Error::no_memory(),
    };
    Error::value(words)
}
