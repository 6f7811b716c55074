//! OpenSSL's flags, by its own names. Verify flags have 64 bits here on every system; a C `long` has 32 on Windows.

use super::backend;

/// What verification does. `X509_V_FLAG_*`
#[allow(clippy::unnecessary_cast)] // c_ulong has 32 bits on Windows
pub mod verify {
    use crate::openssl::sys;

    pub const USE_CHECK_TIME: u64 = sys::X509_V_FLAG_USE_CHECK_TIME as u64;
    pub const CRL_CHECK: u64 = sys::X509_V_FLAG_CRL_CHECK as u64;
    pub const CRL_CHECK_ALL: u64 = sys::X509_V_FLAG_CRL_CHECK_ALL as u64;
    /// Either of the two: revocation lists are checked.
    pub const CRL_CHECKS: u64 = CRL_CHECK | CRL_CHECK_ALL;
    pub const IGNORE_CRITICAL: u64 = sys::X509_V_FLAG_IGNORE_CRITICAL as u64;
    pub const STRICT: u64 = sys::X509_V_FLAG_X509_STRICT as u64;
    pub const ALLOW_PROXY_CERTS: u64 = sys::X509_V_FLAG_ALLOW_PROXY_CERTS as u64;
    pub const TRUSTED_FIRST: u64 = sys::X509_V_FLAG_TRUSTED_FIRST as u64;
    pub const PARTIAL_CHAIN: u64 = sys::X509_V_FLAG_PARTIAL_CHAIN as u64;
    pub const NO_CHECK_TIME: u64 = sys::X509_V_FLAG_NO_CHECK_TIME as u64;

    const POLICIES: u64 = (sys::X509_V_FLAG_POLICY_CHECK
        | sys::X509_V_FLAG_EXPLICIT_POLICY
        | sys::X509_V_FLAG_INHIBIT_ANY
        | sys::X509_V_FLAG_INHIBIT_MAP
        | sys::X509_V_FLAG_NOTIFY_POLICY) as u64;
    const LISTS: u64 = (sys::X509_V_FLAG_EXTENDED_CRL_SUPPORT | sys::X509_V_FLAG_USE_DELTAS) as u64;
    const SIGNATURES: u64 = (sys::X509_V_FLAG_CHECK_SS_SIGNATURE | sys::X509_V_FLAG_SUITEB_128_LOS) as u64;

    /// The flags whose effect depends only on the certificates, the store and the time: not those that set a time of their
    /// own, or that use what was stapled to the handshake.
    pub const DEPEND_ON_STORE_AND_TIME: u64 = CRL_CHECKS
        | IGNORE_CRITICAL
        | STRICT
        | ALLOW_PROXY_CERTS
        | POLICIES
        | LISTS
        | SIGNATURES
        | TRUSTED_FIRST
        | PARTIAL_CHAIN
        | sys::X509_V_FLAG_NO_ALT_CHAINS as u64
        | NO_CHECK_TIME;
}

/// Whether a peer's certificate is requested, and must verify. `SSL_VERIFY_*`
pub mod mode {
    use crate::openssl::sys;

    pub const PEER: i32 = sys::SSL_VERIFY_PEER;
    pub const FAIL_IF_NO_PEER_CERT: i32 = sys::SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    pub const POST_HANDSHAKE: i32 = sys::SSL_VERIFY_POST_HANDSHAKE;
}

/// The options, of these, that the library in use would keep without any effect.
pub fn options_without_effect(options: u64) -> u64 {
    backend::settings::unknown_options(options)
}

/// The verify flags, of these, that it would keep without any effect.
pub fn verify_flags_without_effect(flags: u64) -> u64 {
    backend::settings::unknown_verify_flags(flags)
}

/// The kernel may encrypt. `SSL_OP_ENABLE_KTLS`
pub const OP_ENABLE_KTLS: u64 = 1 << 3;

#[cfg(test)]
mod tests {
    /// The chain cache was reviewed with these bits.
    #[test]
    fn no_flag_slips_in() {
        assert_eq!(super::verify::DEPEND_ON_STORE_AND_TIME, 0x3B_FFFC);
    }
}
