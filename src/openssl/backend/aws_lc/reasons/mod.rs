//! Numbers of errors. AWS-LC numbers its libraries and reasons otherwise than OpenSSL, but calls many reasons the same: those get
//! OpenSSL's numbers here, and the others numbers that no reason of OpenSSL has.

mod certificate;
mod crypto;
mod ssl;

use crate::openssl::reason::{COMMON_FLAG, LIB_SYS};
use crate::openssl::sys;
use std::collections::TryReserveError;
use std::ffi::CStr;
use std::os::raw::{c_int, c_ulong};

/// OpenSSL's number of a library, the name of a reason, and OpenSSL's number of it.
type Reason = (c_int, &'static str, c_int);

const TABLES: [&[Reason]; 3] = [ssl::REASONS, certificate::REASONS, crypto::REASONS];

/// What AWS-LC calls otherwise: OpenSSL's number of the library, AWS-LC's name, OpenSSL's name.
const RENAMED: [(c_int, &str, &str); 14] = [
    (20, "APPLICATION_DATA_ON_SHUTDOWN", "APPLICATION_DATA_AFTER_CLOSE_NOTIFY"),
    (20, "CONNECTION_REJECTED", "CALLBACK_FAILED"),
    (20, "ECH_REJECTED", "ECH_REQUIRED"),
    (20, "HANDSHAKE_FAILURE_ON_CLIENT_HELLO", "SSLV3_ALERT_HANDSHAKE_FAILURE"),
    (20, "NO_COMMON_SIGNATURE_ALGORITHMS", "NO_SUITABLE_SIGNATURE_ALGORITHM"),
    (20, "NO_SUPPORTED_VERSIONS_ENABLED", "NO_PROTOCOLS_AVAILABLE"),
    (20, "OCSP_CB_ERROR", "INVALID_STATUS_RESPONSE"),
    (20, "TLSV1_ALERT_BAD_CERTIFICATE_HASH_VALUE", "TLSV1_BAD_CERTIFICATE_HASH_VALUE"),
    (20, "TLSV1_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE", "TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE"),
    (20, "TLSV1_ALERT_CERTIFICATE_REQUIRED", "TLSV13_ALERT_CERTIFICATE_REQUIRED"),
    (20, "TLSV1_ALERT_CERTIFICATE_UNOBTAINABLE", "TLSV1_CERTIFICATE_UNOBTAINABLE"),
    (20, "TLSV1_ALERT_UNRECOGNIZED_NAME", "TLSV1_UNRECOGNIZED_NAME"),
    (20, "TLSV1_ALERT_UNSUPPORTED_EXTENSION", "TLSV1_UNSUPPORTED_EXTENSION"),
    (35, "INCORRECT_PASSWORD", "MAC_VERIFY_FAILURE"),
];

/// OpenSSL's numbers of AWS-LC's libraries from 12 on. Those before have the same.
const LIBRARIES: [(c_int, c_int); 32] = [
    (12, 13),  // ASN1
    (13, 14),  // CONF
    (14, 15),  // CRYPTO
    (15, 16),  // EC
    (16, 20),  // SSL
    (17, 32),  // BIO
    (18, 33),  // PKCS7
    (19, 35),  // PKCS8, which reads PKCS#12 too
    (20, 34),  // X509V3
    (21, 36),  // RAND
    (22, 38),  // ENGINE
    (23, 39),  // OCSP
    (24, 40),  // UI
    (25, 41),  // COMP
    (26, 42),  // ECDSA
    (27, 43),  // ECDH
    (28, 48),  // HMAC
    (29, 6),   // DIGEST: EVP
    (30, 6),   // CIPHER: EVP
    (31, 52),  // HKDF: KDF
    (32, 128), // TRUST_TOKEN: USER
    (33, 128), // USER
    (35, 35),  // PKCS12
    (36, 37),  // DSO
    (37, 44),  // OSSL_STORE
    (38, 45),  // FIPS
    (39, 46),  // CMS
    (40, 47),  // TS
    (41, 50),  // CT
    (42, 51),  // ASYNC
    (43, 52),  // KDF
    (44, 53),  // SM2
];

const OWN_CRYPTO: c_int = 14;
const OWN_MALLOC_FAILURE: c_int = 65;
/// Reasons that all libraries have: the name of another library, or one of a few.
const COMMON: std::ops::RangeInclusive<c_int> = 1..=69;
const FATAL: c_int = 64;
const FATAL_FLAG: c_int = 0x1 << 18;
/// In OpenSSL they follow this number.
const FIRST_FATAL: c_int = 255;
/// The bit beside AWS-LC's library and reason where OpenSSL has no such reason.
const ALONE: c_int = 0x10_0000;

/// The library and the reason in a number of the queue, as OpenSSL numbers them.
pub fn numbers(queued: c_ulong) -> (c_int, c_int) {
    let (own, reason) = ((queued >> 24 & 0xFF) as c_int, (queued & 0xFFF) as c_int);
    let library = library(own);
    if own == LIB_SYS {
        return (LIB_SYS, reason);
    }
    if COMMON.contains(&reason) {
        return (library, common(reason));
    }
    let known = name(queued).and_then(|name| number(library, name));
    (library, known.unwrap_or(ALONE | own << 12 | reason))
}

fn library(own: c_int) -> c_int {
    LIBRARIES.iter().find(|(here, _)| *here == own).map_or(own, |(_, there)| *there)
}

fn common(reason: c_int) -> c_int {
    match reason & FATAL {
        0 => COMMON_FLAG | library(reason),
        _ => COMMON_FLAG | FATAL_FLAG | (FIRST_FATAL + (reason & !FATAL)),
    }
}

fn number(library: c_int, name: &str) -> Option<c_int> {
    let renamed = RENAMED.iter().find(|(lib, own, _)| (*lib, *own) == (library, name));
    let name = renamed.map_or(name, |(_, _, name)| name);
    TABLES.iter().find_map(|table| {
        let found = table.binary_search_by_key(&(library, name), |(lib, name, _)| (*lib, *name)).ok()?;
        Some(table[found].2)
    })
}

/// What AWS-LC calls a reason.
fn name(queued: c_ulong) -> Option<&'static str> {
    // SAFETY: any number is allowed.
    let name = unsafe { sys::ERR_reason_error_string(queued as u32) };
    if name.is_null() {
        return None;
    }
    // SAFETY: static text that ends in NUL.
    unsafe { CStr::from_ptr(name) }.to_str().ok()
}

/// The text for a reason of a library, by OpenSSL's numbers: for most its name in small letters.
pub fn text(library: c_int, reason: c_int) -> Result<Option<String>, TryReserveError> {
    let Some(name) = name_of(library, reason) else { return Ok(None) };
    let mut copy = String::new();
    copy.try_reserve_exact(name.len())?;
    if reason & COMMON_FLAG != 0 || library == LIB_SYS {
        copy.push_str(name);
        return Ok(Some(copy));
    }
    copy.extend(name.chars().map(|letter| if letter == '_' { ' ' } else { letter.to_ascii_lowercase() }));
    Ok(Some(copy))
}

fn name_of(library: c_int, reason: c_int) -> Option<&'static str> {
    if library == LIB_SYS {
        return name((LIB_SYS as c_ulong) << 24 | reason as c_ulong & 0xFFF);
    }
    if reason & COMMON_FLAG != 0 {
        return COMMON_NAMES.iter().find(|(number, _)| *number == reason & 0xFFFF).map(|(_, name)| *name);
    }
    if reason & ALONE != 0 {
        let alone = reason & !ALONE;
        return name((alone as c_ulong >> 12) << 24 | alone as c_ulong & 0xFFF);
    }
    let mut all = TABLES.iter().flat_map(|table| table.iter());
    all.find(|(lib, _, number)| (*lib, *number) == (library, reason)).map(|(_, name, _)| *name)
}

const COMMON_NAMES: [(c_int, &str); 10] = [
    (256, "malloc failure"),
    (257, "called a function you should not call"),
    (258, "passed a null parameter"),
    (259, "internal error"),
    (268, "unsupported"),
    (9, "PEM lib"),
    (11, "X509 lib"),
    (13, "ASN1 lib"),
    (6, "EVP lib"),
    (32, "BIO lib"),
];

/// OpenSSL's number for both.
pub fn packed(library: c_int, reason: c_int) -> c_ulong {
    (library as c_ulong) << 23 | reason as c_ulong
}

/// Puts an entry for a failed allocation on the queue.
pub fn raise_memory() {
    // SAFETY: no preconditions; the name of the file is static text.
    unsafe { sys::ERR_put_error(OWN_CRYPTO, 0, OWN_MALLOC_FAILURE, c"".as_ptr(), 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        for table in TABLES {
            assert!(table.is_sorted_by(|one, next| (one.0, one.1) < (next.0, next.1)));
        }
    }

    #[test]
    fn reasons_of_the_same_name_have_openssls_number() {
        let queued = |library: c_ulong, reason: c_ulong| library << 24 | reason;
        assert_eq!(numbers(queued(16, 125)), (20, 134), "CERTIFICATE_VERIFY_FAILED");
        assert_eq!(text(20, 134).unwrap().as_deref(), Some("certificate verify failed"));
        assert_eq!(numbers(queued(16, 1040)), (20, 1040));
        let (library, alone) = numbers(queued(16, 137));
        assert!(library == 20 && alone & ALONE != 0, "{alone}");
        assert_eq!(text(library, alone).unwrap().as_deref(), Some("decode error"));
        assert_eq!(numbers(queued(14, 65)), (15, 256 | 0x3 << 18));
        assert_eq!(numbers(queued(2, 5)), (2, 5));
    }
}
