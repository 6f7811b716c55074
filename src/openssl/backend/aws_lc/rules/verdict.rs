//! What is wrong with a chain, by OpenSSL's codes, and which of two failures OpenSSL would have met first.

use super::facts::CertificateFacts;

/// What the rules complain of. `X509_V_ERR_*`, with OpenSSL's numbers, of which AWS-LC gives some to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Complaint {
    PathLengthExceeded = 25,
    InvalidExtension = 41,
    EeKeyTooSmall = 66,
    CaKeyTooSmall = 67,
    CaMdTooWeak = 68,
    SignatureAlgorithmInconsistency = 78,
    InvalidCa = 79,
    PathlenInvalidForNonCa = 80,
    PathlenWithoutKuKeyCertSign = 81,
    KuKeyCertSignInvalidForNonCa = 82,
    IssuerNameEmpty = 83,
    SubjectNameEmpty = 84,
    MissingAuthorityKeyIdentifier = 85,
    MissingSubjectKeyIdentifier = 86,
    EmptySubjectAltName = 87,
    EmptySubjectSanNotCritical = 88,
    CaBconsNotCritical = 89,
    CaCertMissingKeyUsage = 92,
    ExtensionsRequireVersion3 = 93,
    EcKeyExplicitParams = 94,
    EmptyAuthorityKeyIdentifier = 102,
    AkidIssuerSerialNotPaired = 103,
}

/// All of them.
const COMPLAINTS: [Complaint; 22] = [
    Complaint::PathLengthExceeded,
    Complaint::InvalidExtension,
    Complaint::EeKeyTooSmall,
    Complaint::CaKeyTooSmall,
    Complaint::CaMdTooWeak,
    Complaint::SignatureAlgorithmInconsistency,
    Complaint::InvalidCa,
    Complaint::PathlenInvalidForNonCa,
    Complaint::PathlenWithoutKuKeyCertSign,
    Complaint::KuKeyCertSignInvalidForNonCa,
    Complaint::IssuerNameEmpty,
    Complaint::SubjectNameEmpty,
    Complaint::MissingAuthorityKeyIdentifier,
    Complaint::MissingSubjectKeyIdentifier,
    Complaint::EmptySubjectAltName,
    Complaint::EmptySubjectSanNotCritical,
    Complaint::CaBconsNotCritical,
    Complaint::CaCertMissingKeyUsage,
    Complaint::ExtensionsRequireVersion3,
    Complaint::EcKeyExplicitParams,
    Complaint::EmptyAuthorityKeyIdentifier,
    Complaint::AkidIssuerSerialNotPaired,
];

impl Complaint {
    /// What a code of OpenSSL's stands for; None for what no rule complains of.
    pub fn of(code: i32) -> Option<Complaint> {
        COMPLAINTS.into_iter().find(|complaint| complaint.code() == code)
    }

    /// OpenSSL's code.
    pub fn code(self) -> i32 {
        self as i32
    }

    /// OpenSSL's text.
    pub fn text(self) -> &'static str {
        match self {
            Complaint::PathLengthExceeded => "path length constraint exceeded",
            Complaint::InvalidExtension => "invalid or inconsistent certificate extension",
            Complaint::EeKeyTooSmall => "EE certificate key too weak",
            Complaint::CaKeyTooSmall => "CA certificate key too weak",
            Complaint::CaMdTooWeak => "CA signature digest algorithm too weak",
            Complaint::SignatureAlgorithmInconsistency => {
                "cert info signature and signature algorithm mismatch"
            }
            Complaint::InvalidCa => "invalid CA certificate",
            Complaint::PathlenInvalidForNonCa => "Path length invalid for non-CA cert",
            Complaint::PathlenWithoutKuKeyCertSign => "Path length given without key usage keyCertSign",
            Complaint::KuKeyCertSignInvalidForNonCa => "Key usage keyCertSign invalid for non-CA cert",
            Complaint::IssuerNameEmpty => "Issuer name empty",
            Complaint::SubjectNameEmpty => "Subject name empty",
            Complaint::MissingAuthorityKeyIdentifier => "Missing Authority Key Identifier",
            Complaint::MissingSubjectKeyIdentifier => "Missing Subject Key Identifier",
            Complaint::EmptySubjectAltName => "Empty Subject Alternative Name extension",
            Complaint::EmptySubjectSanNotCritical => {
                "Subject empty and Subject Alt Name extension not critical"
            }
            Complaint::CaBconsNotCritical => "Basic Constraints of CA cert not marked critical",
            Complaint::CaCertMissingKeyUsage => "CA cert does not include key usage extension",
            Complaint::ExtensionsRequireVersion3 => "Using cert extension requires at least X509v3",
            Complaint::EcKeyExplicitParams => "Certificate public key has explicit ECC parameters",
            Complaint::EmptyAuthorityKeyIdentifier => "Empty Authority Key Identifier",
            Complaint::AkidIssuerSerialNotPaired => {
                "Authority Key Identifier issuer and serial number must be paired"
            }
        }
    }
}

/// What is wrong, and with which certificate of the chain: the peer's own is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainFailure {
    pub complaint: Complaint,
    pub depth: u32,
}

impl ChainFailure {
    /// The first complaint along a chain.
    pub(super) fn first(
        chain: &[CertificateFacts],
        complaint: impl Fn(usize, &CertificateFacts) -> Option<Complaint>,
    ) -> Option<ChainFailure> {
        chain.iter().enumerate().find_map(|(depth, facts)| {
            complaint(depth, facts).map(|complaint| ChainFailure { complaint, depth: depth as u32 })
        })
    }
}
