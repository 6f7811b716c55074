//! What the peer of a handshake wants of this side's certificate.

use super::backend::identity;
use super::lent::Lent;
use super::x509::name::Name;
use super::{Result, asn1, sys, text_at};
use std::ffi::CString;

/// The name of an authority.
pub struct AuthorityName {
    /// As DER.
    pub der: Vec<u8>,
    /// In one line, as RFC 2253 writes it.
    pub text: Vec<u8>,
}

impl Lent<'_> {
    /// The name of the server that a client has asked for.
    pub fn server_name(&self) -> Option<CString> {
        // SAFETY: the connection is alive.
        let name = unsafe { sys::SSL_get_servername(self.as_ptr(), sys::TLSEXT_NAMETYPE_host_name) };
        // SAFETY: NULL or text of the connection's.
        unsafe { text_at(name) }.map(Into::into)
    }

    /// The signature algorithms that the peer takes, by their numbers in TLS, in its order.
    pub fn peer_signature_algorithms(&self) -> Vec<u16> {
        // SAFETY: the connection is alive.
        unsafe { identity::peer_signature_algorithms(self.as_ptr()) }
    }

    /// The authorities of which a server wants certificates, or a client of TLS 1.3.
    pub fn peer_authorities(&self) -> Result<Vec<AuthorityName>> {
        // SAFETY: the connection is alive.
        let names = unsafe { identity::peer_authorities(self.as_ptr()) };
        // SAFETY: NULL or a list of the connection's.
        let names = unsafe { asn1::items::<sys::X509_NAME>(names) };
        super::try_collect(names.map(|name| {
            // SAFETY: an element of that list.
            let der = asn1::to_der(|out| unsafe { sys::i2d_X509_NAME(name, out) })?;
            // SAFETY: the same.
            let text = unsafe { Name::new(name) }.to_rfc2253()?;
            Ok(AuthorityName { der, text })
        }))
    }
}
