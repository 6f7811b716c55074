//! The first message of a client, as it was sent, and its fingerprints.

mod fingerprint;
mod parse;

pub(crate) use parse::Unread;
use std::ffi::{CStr, CString};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A ClientHello. Immutable. Every list is as it was sent, with the values that a client makes up so that servers learn to
/// ignore the unknown (GREASE, RFC 8701).
pub struct ClientHello {
    message: Arc<Vec<u8>>,
    second: bool,
    legacy_version: u16,
    session_id: Range<usize>,
    server_name: Option<CString>,
    alpn: Vec<Range<usize>>,
    versions: Vec<u16>,
    ciphers: Vec<u16>,
    groups: Vec<u16>,
    signature_algorithms: Vec<u16>,
    point_formats: Range<usize>,
    extensions: Vec<(u16, Range<usize>)>,
    ja3_string: OnceLock<CString>,
    ja3: OnceLock<CString>,
    ja4: OnceLock<CString>,
}

impl ClientHello {
    /// Tells whether it is the second one of its handshake, in answer to a HelloRetryRequest.
    pub fn is_second(&self) -> bool {
        self.second
    }

    /// The version in its head, which TLS 1.3 no longer changes.
    pub fn legacy_version(&self) -> u16 {
        self.legacy_version
    }

    /// The id of the session of TLS 1.2 and below that the client offers; in TLS 1.3 of no meaning.
    pub fn session_id(&self) -> &[u8] {
        self.bytes(&self.session_id)
    }

    /// The name of the server, as it was sent, which is ASCII.
    pub fn server_name(&self) -> Option<&CStr> {
        self.server_name.as_deref()
    }

    /// How many application protocols the client offers (ALPN).
    pub fn alpn_count(&self) -> usize {
        self.alpn.len()
    }

    /// One application protocol, in the client's order; None past the end.
    pub fn alpn_at(&self, index: usize) -> Option<&[u8]> {
        Some(self.bytes(self.alpn.get(index)?))
    }

    /// The versions that the client offers, by their numbers in TLS; without a list of them the one in its head.
    pub fn versions(&self) -> &[u16] {
        &self.versions
    }

    /// The ciphers, by their numbers in TLS.
    pub fn ciphers(&self) -> &[u16] {
        &self.ciphers
    }

    /// The groups for key exchange, by their numbers in TLS.
    pub fn groups(&self) -> &[u16] {
        &self.groups
    }

    /// The signature algorithms, by their numbers in TLS ("SignatureScheme").
    pub fn signature_algorithms(&self) -> &[u16] {
        &self.signature_algorithms
    }

    /// How many extensions there are.
    pub fn extension_count(&self) -> usize {
        self.extensions.len()
    }

    /// The type and the bytes of one extension, in the client's order; None past the end.
    pub fn extension_at(&self, index: usize) -> Option<(u16, &[u8])> {
        let (kind, data) = self.extensions.get(index)?;
        Some((*kind, self.bytes(data)))
    }

    fn bytes(&self, range: &Range<usize>) -> &[u8] {
        &self.message[range.clone()]
    }
}
