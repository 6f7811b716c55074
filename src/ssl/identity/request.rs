//! What the peer of a handshake wants of this side's certificate, and the answer.

use super::Identity;
use crate::lock::Slot;
use crate::openssl::lent::Lent;
use crate::ssl::error::Result;
use crate::ssl::text::text;
use std::ffi::{CStr, CString};

/// What is known when this side has to choose its identity. Good for the time of the callback.
pub struct IdentityRequest {
    server_side: bool,
    server_name: Option<CString>,
    signature_algorithms: Vec<u16>,
    ca_names: Vec<CaName>,
    answer: Slot<Option<Identity>>,
}

/// The name of an authority of which the peer wants certificates.
#[derive(Debug)]
pub struct CaName {
    /// The DER of the name.
    pub der: Vec<u8>,
    /// The name in one line (RFC 2253), for people to read.
    pub text: CString,
}

impl IdentityRequest {
    pub(crate) fn of(ssl: &Lent<'_>) -> Result<IdentityRequest> {
        let names = ssl.peer_authorities()?.into_iter();
        let ca_names = names.map(|name| CaName { der: name.der, text: text(name.text) });
        Ok(IdentityRequest {
            server_side: ssl.is_server(),
            server_name: ssl.server_name(),
            signature_algorithms: ssl.peer_signature_algorithms(),
            ca_names: ca_names.collect(),
            answer: Slot::default(),
        })
    }

    /// Tells whether this is a server, which a client wants a certificate of.
    pub fn server_side(&self) -> bool {
        self.server_side
    }

    /// The name of the server, as the client has sent it.
    pub fn server_name(&self) -> Option<&CStr> {
        self.server_name.as_deref()
    }

    /// The signature algorithms that the peer takes, in its order, by their numbers in TLS ("SignatureScheme").
    pub fn signature_algorithms(&self) -> &[u16] {
        &self.signature_algorithms
    }

    /// The authorities of which the peer wants certificates. None is any.
    pub fn ca_names(&self) -> &[CaName] {
        &self.ca_names
    }

    /// Answers with an identity, or with None. The last answer counts; without any it is None.
    pub fn answer(&self, identity: Option<Identity>) {
        self.answer.set(identity);
    }

    pub(crate) fn answered(&self) -> Option<Identity> {
        self.answer.get()
    }
}
