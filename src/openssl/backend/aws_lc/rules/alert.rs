//! By which alert a peer learns why its certificate was refused.

/// An alert, by its number in TLS.
#[repr(u8)]
enum RefusalAlert {
    HandshakeFailure = 40,
    BadCertificate = 42,
    UnsupportedCertificate = 43,
    CertificateRevoked = 44,
    CertificateExpired = 45,
    CertificateUnknown = 46,
    UnknownCa = 48,
    DecryptError = 51,
    InternalError = 80,
}

/// OpenSSL's alert for one of its codes.
pub fn alert_of(code: i32) -> u8 {
    let alert = match code {
        // APPLICATION_VERIFICATION
        50 => RefusalAlert::HandshakeFailure,
        // What cannot be decrypted, decoded or read, has not begun, is not trusted or rejected, is for another name or too weak.
        4..=6 | 9 | 11 | 13..=16 | 27 | 28 | 62..=68 | 94 => RefusalAlert::BadCertificate,
        // INVALID_PURPOSE
        26 => RefusalAlert::UnsupportedCertificate,
        // CERT_REVOKED
        23 => RefusalAlert::CertificateRevoked,
        // CERT_HAS_EXPIRED, CRL_HAS_EXPIRED
        10 | 12 => RefusalAlert::CertificateExpired,
        // What leads to nobody who is known: no issuer or list, no authority or one too many.
        2 | 3 | 18..=22 | 25 | 33 | 79 => RefusalAlert::UnknownCa,
        // CERT_SIGNATURE_FAILURE, CRL_SIGNATURE_FAILURE
        7 | 8 => RefusalAlert::DecryptError,
        // UNSPECIFIED, OUT_OF_MEM, INVALID_CALL, STORE_LOOKUP
        1 | 17 | 69 | 70 => RefusalAlert::InternalError,
        _ => RefusalAlert::CertificateUnknown,
    };
    alert as u8
}
