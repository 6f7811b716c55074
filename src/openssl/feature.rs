//! What a backend may lack.

use super::backend;

/// Something that not every backend has, or not every version of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Timestamps that come with certificates (RFC 6962).
    CertificateTimestamps,
    /// Encrypted ClientHello (RFC 9849).
    Ech,
    /// Key exchange by Diffie-Hellman in finite fields, with parameters of the program's.
    FiniteFieldDh,
    /// Asking a client of TLS 1.3 for a certificate after the handshake.
    PostHandshakeAuth,
    /// Pre-shared keys of the program's in TLS 1.3.
    PskTls13,
    /// Limits of what signatures this side makes as a client.
    ClientSigalgs,
    /// Notes in the sessions of servers and in their tickets.
    SessionNotes,
    /// Private keys that are elsewhere.
    Signers,
    /// Certificates and keys under the URIs of providers.
    Stores,
}

impl Feature {
    /// What it is called in an error.
    pub fn name(self) -> &'static str {
        match self {
            Feature::CertificateTimestamps => "certificate timestamps in handshakes",
            Feature::Ech => "Encrypted ClientHello",
            Feature::FiniteFieldDh => "Diffie-Hellman in finite fields",
            Feature::PostHandshakeAuth => "post-handshake authentication",
            Feature::PskTls13 => "pre-shared keys in TLS 1.3",
            Feature::ClientSigalgs => "setting for the signatures of clients",
            Feature::SessionNotes => "notes in sessions",
            Feature::Signers => "private keys that are elsewhere",
            Feature::Stores => "stores of providers",
        }
    }
}

/// Tells whether the library in use has it.
pub fn has(feature: Feature) -> bool {
    backend::feature::has(feature)
}
