//! The version and features of the OpenSSL in use.

use crate::openssl::feature::{self, Feature};
use crate::openssl::library;
use crate::ssl::error::Result;
use once_cell::sync::OnceCell;
use std::ffi::CStr;
use std::ffi::c_int;

/// Python: `HAS_ALPN`
pub const HAS_ALPN: i32 = 1;
/// Python: `HAS_NEVER_CHECK_COMMON_NAME`
pub const HAS_NEVER_CHECK_COMMON_NAME: i32 = 2;
/// Python: `HAS_ECDH`
pub const HAS_ECDH: i32 = 3;
/// Python: `HAS_SNI`
pub const HAS_SNI: i32 = 4;
/// Python: `HAS_NPN`
pub const HAS_NPN: i32 = 5;
/// Python: `HAS_SSLv2`
pub const HAS_SSLV2: i32 = 6;
/// Python: `HAS_SSLv3`
pub const HAS_SSLV3: i32 = 7;
/// Python: `HAS_TLSv1`
pub const HAS_TLSV1: i32 = 8;
/// Python: `HAS_TLSv1_1`
pub const HAS_TLSV1_1: i32 = 9;
/// Python: `HAS_TLSv1_2`
pub const HAS_TLSV1_2: i32 = 10;
/// Python: `HAS_TLSv1_3`
pub const HAS_TLSV1_3: i32 = 11;
/// Python: `HAS_PSK`
pub const HAS_PSK: i32 = 12;
/// `HAS_PHA` of Python 3.14: post-handshake authentication.
pub const HAS_PHA: i32 = 13;
/// `HAS_PSK_TLS13` of Python 3.15: pre-shared keys in TLS 1.3.
pub const HAS_PSK_TLS13: i32 = 14;

/// Encrypted ClientHello (RFC 9849).
pub const HAS_ECH: i32 = 15;
/// Diffie-Hellman in finite fields, with parameters of the program's.
pub const HAS_DH: i32 = 16;
/// Limits for the signatures of clients.
pub const HAS_CLIENT_SIGALGS: i32 = 17;
/// Identities under the URIs of providers.
pub const HAS_STORES: i32 = 18;
/// Further handshakes of TLS 1.2 and below.
pub const HAS_RENEGOTIATION: i32 = 19;

/// Python: `CHANNEL_BINDING_TYPES`; the last two are ours.
pub const CHANNEL_BINDING_TYPES: [&CStr; 3] = [c"tls-unique", c"tls-exporter", c"tls-server-end-point"];

/// The number of SSL 3.0. The versions up to TLS 1.3 follow it without a gap.
pub(crate) const SSL3: i32 = 0x300;

/// Tells whether the OpenSSL in use has a feature, one of `HAS_*`; false for an unknown one, and if there is no memory to
/// find out.
/// Python: `HAS_ALPN`, `HAS_TLSv1_3`, ...
pub fn has(feature: i32) -> bool {
    match feature {
        // Every OpenSSL that this crate supports has these.
        HAS_ALPN | HAS_NEVER_CHECK_COMMON_NAME | HAS_ECDH | HAS_SNI | HAS_PSK => true,
        HAS_ECH => feature::has(Feature::Ech),
        HAS_DH => feature::has(Feature::FiniteFieldDh),
        HAS_CLIENT_SIGALGS => feature::has(Feature::ClientSigalgs),
        HAS_STORES => feature::has(Feature::Stores),
        HAS_RENEGOTIATION => feature::has(Feature::Renegotiation),
        HAS_PHA => feature::has(Feature::PostHandshakeAuth),
        HAS_PSK_TLS13 => feature::has(Feature::PskTls13),
        HAS_SSLV3..=HAS_TLSV1_3 => versions().is_ok_and(|versions| versions[(feature - HAS_SSLV3) as usize]),
        _ => false,
    }
}

fn versions() -> Result<&'static [bool; 5]> {
    static VERSIONS: OnceCell<[bool; 5]> = OnceCell::new();
    VERSIONS.get_or_try_init(|| {
        let mut speaks = [false; 5];
        for (version, speaks) in (SSL3..).zip(&mut speaks) {
            *speaks = library::speaks(version)?;
        }
        Ok(speaks)
    })
}

/// The name of a `PROTOCOL_*`, such as "PROTOCOL_TLS"; `<unknown>` for others.
/// Python: `get_protocol_name(protocol_code)`
pub fn get_protocol_name(protocol: i32) -> &'static CStr {
    match protocol {
        1 if has(HAS_SSLV3) => c"PROTOCOL_SSLv3",
        2 => c"PROTOCOL_TLS",
        3 => c"PROTOCOL_TLSv1",
        4 => c"PROTOCOL_TLSv1_1",
        5 => c"PROTOCOL_TLSv1_2",
        16 => c"PROTOCOL_TLS_CLIENT",
        17 => c"PROTOCOL_TLS_SERVER",
        _ => c"<unknown>",
    }
}

/// Which library does the work: "openssl" or "aws-lc".
pub fn backend() -> &'static CStr {
    library::BACKEND
}

/// The version text of the OpenSSL in use.
/// Python: `OPENSSL_VERSION`
pub fn openssl_version() -> &'static CStr {
    library::version()
}

/// The version of the OpenSSL in use as one number, such as 0x30000160.
/// Python: `OPENSSL_VERSION_NUMBER`
pub fn openssl_version_number() -> u64 {
    library::version_number()
}

/// Python: OPENSSL_VERSION_INFO
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct VersionInfo {
    pub major: c_int,
    pub minor: c_int,
    pub fix: c_int,
    pub patch: c_int,
    pub status: c_int,
}

/// The version of the OpenSSL in use as five numbers. OpenSSL 3 has its third number in `patch`.
/// Python: `OPENSSL_VERSION_INFO`
pub fn openssl_version_info() -> VersionInfo {
    let number = openssl_version_number();
    let byte = |shift: u32| (number >> shift & 0xFF) as i32;
    VersionInfo {
        major: byte(28),
        minor: byte(20),
        fix: byte(12),
        patch: byte(4),
        status: (number & 0xF) as i32,
    }
}
