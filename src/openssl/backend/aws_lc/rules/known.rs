//! Options and verify flags, of which AWS-LC stores any and heeds some. Those that it heeds are passed on, those that ask for what
//! it does anyway are taken, and all others are refused: a flag that is stored and does nothing would be a promise that is not kept.

/// Verify flags with an effect: revocation, critical extensions, policies, signatures of roots, how chains are built, the time.
const VERIFY_PASSED: u64 = USE_CHECK_TIME
    | CRL_CHECK
    | CRL_CHECK_ALL
    | IGNORE_CRITICAL
    | POLICY_CHECK
    | EXPLICIT_POLICY
    | INHIBIT_ANY
    | INHIBIT_MAP
    | CHECK_SS_SIGNATURE
    | TRUSTED_FIRST
    | PARTIAL_CHAIN
    | NO_ALT_CHAINS
    | NO_CHECK_TIME;
/// What the rules here are for.
const VERIFY_TAKEN: u64 = X509_STRICT;

const USE_CHECK_TIME: u64 = 1 << 1;
const CRL_CHECK: u64 = 1 << 2;
const CRL_CHECK_ALL: u64 = 1 << 3;
const IGNORE_CRITICAL: u64 = 1 << 4;
const X509_STRICT: u64 = 1 << 5;
const POLICY_CHECK: u64 = 1 << 7;
const EXPLICIT_POLICY: u64 = 1 << 8;
const INHIBIT_ANY: u64 = 1 << 9;
const INHIBIT_MAP: u64 = 1 << 10;
const CHECK_SS_SIGNATURE: u64 = 1 << 14;
const TRUSTED_FIRST: u64 = 1 << 15;
const PARTIAL_CHAIN: u64 = 1 << 19;
const NO_ALT_CHAINS: u64 = 1 << 20;
const NO_CHECK_TIME: u64 = 1 << 21;

/// The verify flags, of these, that cannot be set.
pub fn unknown_bits_of_verify_flags(wanted: u64) -> u64 {
    wanted & !(VERIFY_PASSED | VERIFY_TAKEN)
}

/// Options with an effect, by the bits that AWS-LC has for them too.
pub const OPTIONS_PASSED: u64 = IGNORE_UNEXPECTED_EOF
    | NO_TICKET
    | CIPHER_SERVER_PREFERENCE
    | NO_TLS1
    | NO_TLS1_1
    | NO_TLS1_2
    | NO_TLS1_3;
/// What AWS-LC does or leaves out anyway: it has no SSL 3.0, no compression, no renegotiation and no encrypt-then-MAC, hides TLS 1.3
/// from middleboxes, compresses certificates only by what it is given for that, and has no need of the workarounds of `OP_ALL`.
const OPTIONS_TAKEN: u64 = LEGACY_SERVER_CONNECT
    | TLSEXT_PADDING
    | SAFARI_ECDHE_ECDSA_BUG
    | NO_RESUMPTION_ON_RENEGOTIATION
    | NO_COMPRESSION
    | NO_ENCRYPT_THEN_MAC
    | ENABLE_MIDDLEBOX_COMPAT
    | NO_SSL3
    | NO_RENEGOTIATION
    | CRYPTOPRO_TLSEXT_BUG
    | NO_TX_CERTIFICATE_COMPRESSION
    | NO_RX_CERTIFICATE_COMPRESSION;

const LEGACY_SERVER_CONNECT: u64 = 1 << 2;
const TLSEXT_PADDING: u64 = 1 << 4;
const SAFARI_ECDHE_ECDSA_BUG: u64 = 1 << 6;
const IGNORE_UNEXPECTED_EOF: u64 = 1 << 7;
const NO_TICKET: u64 = 1 << 14;
const NO_RESUMPTION_ON_RENEGOTIATION: u64 = 1 << 16;
const NO_COMPRESSION: u64 = 1 << 17;
const NO_ENCRYPT_THEN_MAC: u64 = 1 << 19;
const ENABLE_MIDDLEBOX_COMPAT: u64 = 1 << 20;
const CIPHER_SERVER_PREFERENCE: u64 = 1 << 22;
const NO_SSL3: u64 = 1 << 25;
const NO_TLS1: u64 = 1 << 26;
const NO_TLS1_2: u64 = 1 << 27;
const NO_TLS1_1: u64 = 1 << 28;
const NO_TLS1_3: u64 = 1 << 29;
const NO_RENEGOTIATION: u64 = 1 << 30;
const CRYPTOPRO_TLSEXT_BUG: u64 = 1 << 31;
const NO_TX_CERTIFICATE_COMPRESSION: u64 = 1 << 32;
const NO_RX_CERTIFICATE_COMPRESSION: u64 = 1 << 33;

/// The options, of these, that cannot be set.
pub fn unknown_bits_of_options(wanted: u64) -> u64 {
    wanted & !(OPTIONS_PASSED | OPTIONS_TAKEN)
}
