//! By which alert a peer learns why its certificate was refused.

const HANDSHAKE_FAILURE: u8 = 40;
const BAD_CERTIFICATE: u8 = 42;
const UNSUPPORTED_CERTIFICATE: u8 = 43;
const CERTIFICATE_REVOKED: u8 = 44;
const CERTIFICATE_EXPIRED: u8 = 45;
const CERTIFICATE_UNKNOWN: u8 = 46;
const UNKNOWN_CA: u8 = 48;
const DECRYPT_ERROR: u8 = 51;
const INTERNAL_ERROR: u8 = 80;

/// OpenSSL's alert for one of its codes.
pub fn alert_of(code: i32) -> u8 {
    match code {
        // APPLICATION_VERIFICATION
        50 => HANDSHAKE_FAILURE,
        // What cannot be decrypted, decoded or read, has not begun, is not trusted or rejected, is for another name or too weak.
        4..=6 | 9 | 11 | 13..=16 | 27 | 28 | 62..=68 | 94 => BAD_CERTIFICATE,
        // INVALID_PURPOSE
        26 => UNSUPPORTED_CERTIFICATE,
        // CERT_REVOKED
        23 => CERTIFICATE_REVOKED,
        // CERT_HAS_EXPIRED, CRL_HAS_EXPIRED
        10 | 12 => CERTIFICATE_EXPIRED,
        // What leads to nobody who is known: no issuer or list, no authority or one too many.
        2 | 3 | 18..=22 | 25 | 33 | 79 => UNKNOWN_CA,
        // CERT_SIGNATURE_FAILURE, CRL_SIGNATURE_FAILURE
        7 | 8 => DECRYPT_ERROR,
        // UNSPECIFIED, OUT_OF_MEM, INVALID_CALL, STORE_LOOKUP
        1 | 17 | 69 | 70 => INTERNAL_ERROR,
        _ => CERTIFICATE_UNKNOWN,
    }
}
