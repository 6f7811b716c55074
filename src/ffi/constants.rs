//! The numbers of the header. They are literals, written as C shall see them: the generator of the header leaves out a
//! constant that refers to another crate's, and prints hexadecimal as decimal. `tests/constants.rs` and
//! `tests/header/openssl_values.c` compare them with OpenSSL's own.
//!
//! A `// ----` line is the banner of a group; it goes into the header before the constant that follows it.
#![allow(dead_code)] // Most are used only in C.
#![allow(missing_docs)] // They have the names of Python and OpenSSL.

use std::ffi::c_int;

// ---- version: compare with tlsock_version_number() to detect a header of another library ----

pub const TLSOCK_VERSION_MAJOR: c_int = 0;
pub const TLSOCK_VERSION_MINOR: c_int = 1;
pub const TLSOCK_VERSION_PATCH: c_int = 0;
/// (major << 16) | (minor << 8) | patch
pub const TLSOCK_VERSION_NUMBER: u32 = 256;

// ---- Python: ssl.PROTOCOL_* (deprecated ones exist only where OpenSSL still has them) ----

pub const TLSOCK_PROTOCOL_SSLV3: c_int = 1;
pub const TLSOCK_PROTOCOL_TLS: c_int = 2;
pub const TLSOCK_PROTOCOL_SSLV23: c_int = 2;
pub const TLSOCK_PROTOCOL_TLSV1: c_int = 3;
pub const TLSOCK_PROTOCOL_TLSV1_1: c_int = 4;
pub const TLSOCK_PROTOCOL_TLSV1_2: c_int = 5;
pub const TLSOCK_PROTOCOL_TLS_CLIENT: c_int = 16;
pub const TLSOCK_PROTOCOL_TLS_SERVER: c_int = 17;

// ---- Python: ssl.Purpose (the numbers are OpenSSL's NIDs, see tlsock_nid2obj) ----

pub const TLSOCK_PURPOSE_SERVER_AUTH: c_int = 129;
pub const TLSOCK_PURPOSE_CLIENT_AUTH: c_int = 130;

// ---- Python: ssl.VerifyMode ----

pub const TLSOCK_CERT_NONE: c_int = 0;
pub const TLSOCK_CERT_OPTIONAL: c_int = 1;
pub const TLSOCK_CERT_REQUIRED: c_int = 2;

// ---- Python: ssl.VerifyFlags ----

pub const TLSOCK_VERIFY_DEFAULT: u64 = 0;
pub const TLSOCK_VERIFY_CRL_CHECK_LEAF: u64 = 1u64 << 2;
pub const TLSOCK_VERIFY_CRL_CHECK_CHAIN: u64 = (1u64 << 2) | (1u64 << 3);
pub const TLSOCK_VERIFY_X509_STRICT: u64 = 1u64 << 5;
pub const TLSOCK_VERIFY_ALLOW_PROXY_CERTS: u64 = 1u64 << 6;
pub const TLSOCK_VERIFY_X509_TRUSTED_FIRST: u64 = 1u64 << 15;
pub const TLSOCK_VERIFY_X509_PARTIAL_CHAIN: u64 = 1u64 << 19;

// ---- Python: ssl.TLSVersion ----

pub const TLSOCK_TLS_VERSION_MINIMUM_SUPPORTED: c_int = -2;
pub const TLSOCK_TLS_VERSION_MAXIMUM_SUPPORTED: c_int = -1;
pub const TLSOCK_TLS_VERSION_SSLV3: c_int = 768;
pub const TLSOCK_TLS_VERSION_TLSV1: c_int = 769;
pub const TLSOCK_TLS_VERSION_TLSV1_1: c_int = 770;
pub const TLSOCK_TLS_VERSION_TLSV1_2: c_int = 771;
pub const TLSOCK_TLS_VERSION_TLSV1_3: c_int = 772;

// ---- Python: ssl.Options (0 where OpenSSL no longer has an effect) ----

pub const TLSOCK_OP_ALL: u64 = (1u64 << 31) | (1u64 << 6) | (1u64 << 4);
pub const TLSOCK_OP_LEGACY_SERVER_CONNECT: u64 = 1u64 << 2;
pub const TLSOCK_OP_ENABLE_KTLS: u64 = 1u64 << 3;
pub const TLSOCK_OP_IGNORE_UNEXPECTED_EOF: u64 = 1u64 << 7;
pub const TLSOCK_OP_NO_TICKET: u64 = 1u64 << 14;
pub const TLSOCK_OP_NO_COMPRESSION: u64 = 1u64 << 17;
pub const TLSOCK_OP_ENABLE_MIDDLEBOX_COMPAT: u64 = 1u64 << 20;
pub const TLSOCK_OP_CIPHER_SERVER_PREFERENCE: u64 = 1u64 << 22;
pub const TLSOCK_OP_NO_SSLV2: u64 = 0;
pub const TLSOCK_OP_NO_SSLV3: u64 = 1u64 << 25;
pub const TLSOCK_OP_NO_TLSV1: u64 = 1u64 << 26;
pub const TLSOCK_OP_NO_TLSV1_2: u64 = 1u64 << 27;
pub const TLSOCK_OP_NO_TLSV1_1: u64 = 1u64 << 28;
pub const TLSOCK_OP_NO_TLSV1_3: u64 = 1u64 << 29;
pub const TLSOCK_OP_NO_RENEGOTIATION: u64 = 1u64 << 30;
pub const TLSOCK_OP_SINGLE_DH_USE: u64 = 0;
pub const TLSOCK_OP_SINGLE_ECDH_USE: u64 = 0;

// ---- Python: ssl.HAS_*: questions for tlsock_has() ----

pub const TLSOCK_HAS_ALPN: c_int = 1;
pub const TLSOCK_HAS_NEVER_CHECK_COMMON_NAME: c_int = 2;
pub const TLSOCK_HAS_ECDH: c_int = 3;
pub const TLSOCK_HAS_SNI: c_int = 4;
pub const TLSOCK_HAS_NPN: c_int = 5;
pub const TLSOCK_HAS_SSLV2: c_int = 6;
pub const TLSOCK_HAS_SSLV3: c_int = 7;
pub const TLSOCK_HAS_TLSV1: c_int = 8;
pub const TLSOCK_HAS_TLSV1_1: c_int = 9;
pub const TLSOCK_HAS_TLSV1_2: c_int = 10;
pub const TLSOCK_HAS_TLSV1_3: c_int = 11;
pub const TLSOCK_HAS_PSK: c_int = 12;
/// Post-handshake authentication. Extension: HAS_PHA of Python 3.14
pub const TLSOCK_HAS_PHA: c_int = 13;
/// Pre-shared keys in TLS 1.3. Extension: HAS_PSK_TLS13 of Python 3.15
pub const TLSOCK_HAS_PSK_TLS13: c_int = 14;
/// Encrypted ClientHello (RFC 9849): since OpenSSL 4.0, and with AWS-LC. Extension
pub const TLSOCK_HAS_ECH: c_int = 15;
/// Diffie-Hellman in finite fields, with parameters of the program's. Extension
pub const TLSOCK_HAS_DH: c_int = 16;
/// Limits for the signatures of clients. Extension
pub const TLSOCK_HAS_CLIENT_SIGALGS: c_int = 17;
/// Identities under the URIs of providers. Extension
pub const TLSOCK_HAS_STORES: c_int = 18;
/// Further handshakes of TLS 1.2 and below. Extension
pub const TLSOCK_HAS_RENEGOTIATION: c_int = 19;

// ---- Python: ssl.SSLErrorNumber: what tlsock_error_code() gives after I/O ----

pub const TLSOCK_SSL_ERROR_SSL: c_int = 1;
pub const TLSOCK_SSL_ERROR_WANT_READ: c_int = 2;
pub const TLSOCK_SSL_ERROR_WANT_WRITE: c_int = 3;
pub const TLSOCK_SSL_ERROR_WANT_X509_LOOKUP: c_int = 4;
pub const TLSOCK_SSL_ERROR_SYSCALL: c_int = 5;
pub const TLSOCK_SSL_ERROR_ZERO_RETURN: c_int = 6;
pub const TLSOCK_SSL_ERROR_WANT_CONNECT: c_int = 7;
pub const TLSOCK_SSL_ERROR_EOF: c_int = 8;
pub const TLSOCK_SSL_ERROR_INVALID_ERROR_CODE: c_int = 10;

// ---- Python: ssl.AlertDescription ----

pub const TLSOCK_ALERT_DESCRIPTION_CLOSE_NOTIFY: c_int = 0;
pub const TLSOCK_ALERT_DESCRIPTION_UNEXPECTED_MESSAGE: c_int = 10;
pub const TLSOCK_ALERT_DESCRIPTION_BAD_RECORD_MAC: c_int = 20;
pub const TLSOCK_ALERT_DESCRIPTION_RECORD_OVERFLOW: c_int = 22;
pub const TLSOCK_ALERT_DESCRIPTION_DECOMPRESSION_FAILURE: c_int = 30;
pub const TLSOCK_ALERT_DESCRIPTION_HANDSHAKE_FAILURE: c_int = 40;
pub const TLSOCK_ALERT_DESCRIPTION_BAD_CERTIFICATE: c_int = 42;
pub const TLSOCK_ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE: c_int = 43;
pub const TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_REVOKED: c_int = 44;
pub const TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_EXPIRED: c_int = 45;
pub const TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN: c_int = 46;
pub const TLSOCK_ALERT_DESCRIPTION_ILLEGAL_PARAMETER: c_int = 47;
pub const TLSOCK_ALERT_DESCRIPTION_UNKNOWN_CA: c_int = 48;
pub const TLSOCK_ALERT_DESCRIPTION_ACCESS_DENIED: c_int = 49;
pub const TLSOCK_ALERT_DESCRIPTION_DECODE_ERROR: c_int = 50;
pub const TLSOCK_ALERT_DESCRIPTION_DECRYPT_ERROR: c_int = 51;
pub const TLSOCK_ALERT_DESCRIPTION_PROTOCOL_VERSION: c_int = 70;
pub const TLSOCK_ALERT_DESCRIPTION_INSUFFICIENT_SECURITY: c_int = 71;
pub const TLSOCK_ALERT_DESCRIPTION_INTERNAL_ERROR: c_int = 80;
pub const TLSOCK_ALERT_DESCRIPTION_USER_CANCELLED: c_int = 90;
pub const TLSOCK_ALERT_DESCRIPTION_NO_RENEGOTIATION: c_int = 100;
pub const TLSOCK_ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION: c_int = 110;
pub const TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE: c_int = 111;
pub const TLSOCK_ALERT_DESCRIPTION_UNRECOGNIZED_NAME: c_int = 112;
pub const TLSOCK_ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE: c_int = 113;
pub const TLSOCK_ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE: c_int = 114;
pub const TLSOCK_ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY: c_int = 115;

// ---- flags of tlsock_context_wrap_socket, _wrap_bio, _create_server: 0 = Python's defaults ----

/// Act as the server. Python: server_side=True
pub const TLSOCK_WRAP_SERVER_SIDE: u32 = 1u32 << 0;
/// Leave the handshake to do_handshake or the first read or write (sockets only; objects always do).
/// Python: do_handshake_on_connect=False
pub const TLSOCK_WRAP_NO_HANDSHAKE: u32 = 1u32 << 1;
/// Report an end of stream without close_notify as TLSOCK_EOF (sockets only; objects always do).
/// Python: suppress_ragged_eofs=False
pub const TLSOCK_WRAP_REPORT_RAGGED_EOFS: u32 = 1u32 << 2;
/// Allow an object without a host name although its context checks host names: no name is checked then.
/// Python: what wrap_bio does by default
pub const TLSOCK_WRAP_INSECURE_NO_HOSTNAME: u32 = 1u32 << 3;
/// Ask the client for a certificate, and go on even if it does not verify: tlsock_object_verify_result gives the reason.
/// Only for objects, on servers, under CERT_NONE; the certificate never counts as verified. If an SNI callback sets a
/// context that verifies, the certificate is verified. Extension: node's rejectUnauthorized: false
pub const TLSOCK_WRAP_REPORT_VERIFICATION: u32 = 1u32 << 4;

// ---- flags of tlsock_context_set_verify_callback ----

/// Ask the callback also about a peer that the check has refused, and accept it if the callback does. Extension.
pub const TLSOCK_VERIFY_CALLBACK_INSECURE_OVERRIDE: u32 = 1u32 << 0;

// ---- flags of tlsock_identity_new_signer ----

/// The callback may have no answer yet when it is asked: TLSOCK_WANT_CALLBACK. Extension.
pub const TLSOCK_SIGNER_MAY_WAIT: u32 = 1u32 << 0;

// ---- modes of tlsock_context_set_ocsp ----

/// Ask for no OCSP response. Extension.
pub const TLSOCK_OCSP_IGNORE: c_int = 0;
/// Ask for one, and check it if it comes. Extension.
pub const TLSOCK_OCSP_REQUEST: c_int = 1;
/// Refuse servers without a good one. Extension.
pub const TLSOCK_OCSP_REQUIRE: c_int = 2;

// ---- status of tlsock_ocsp_status ----

/// No response, or none that was checked and is valid. Extension.
pub const TLSOCK_OCSP_STATUS_NONE: c_int = 0;
/// The certificate is not revoked. Extension.
pub const TLSOCK_OCSP_STATUS_GOOD: c_int = 1;
/// The certificate was revoked. Extension.
pub const TLSOCK_OCSP_STATUS_REVOKED: c_int = 2;
/// The issuer does not know the certificate. Extension.
pub const TLSOCK_OCSP_STATUS_UNKNOWN: c_int = 3;

// ---- what has become of Encrypted ClientHello: see tlsock_socket_ech_status ----

/// There was none, or it is not known yet. Extension.
pub const TLSOCK_ECH_STATUS_NONE: c_int = 0;
/// A client has sent something that looks like it; a server got something that none of its keys could decrypt. Extension.
pub const TLSOCK_ECH_STATUS_GREASE: c_int = 1;
/// The server has decrypted it. Extension.
pub const TLSOCK_ECH_STATUS_ACCEPTED: c_int = 2;
/// The server has not, so this client has ended the connection. Extension.
pub const TLSOCK_ECH_STATUS_REJECTED: c_int = 3;
/// This server got what another one has decrypted. Extension.
pub const TLSOCK_ECH_STATUS_BACKEND: c_int = 4;

// ---- formats of tlsock_context_load_ticket_keys ----

/// One key in each file, as nginx's ssl_session_ticket_key has it. Extension.
pub const TLSOCK_TICKET_KEYS_NGINX: c_int = 1;
/// One key in base64 on each line, as in the file of HAProxy's tls-ticket-keys. Extension.
pub const TLSOCK_TICKET_KEYS_HAPROXY: c_int = 2;

// ---- flags of tlsock_object_pump ----

/// No more ciphertext will follow ciphertext_in: the transport has ended. Python: MemoryBIO.write_eof()
pub const TLSOCK_PUMP_EOF: u32 = 1u32 << 0;
/// Send close_notify once plaintext_in is encrypted. Reading stays possible. Extension: see _close_write
pub const TLSOCK_PUMP_CLOSE_WRITE: u32 = 1u32 << 1;

/// The most plaintext in one TLS record, and the most that encrypting it adds, in bytes: a ciphertext_out of
/// n * (TLSOCK_RECORD_SIZE + TLSOCK_RECORD_OVERHEAD) always has room for n full records.
pub const TLSOCK_RECORD_SIZE: usize = 16384;
pub const TLSOCK_RECORD_OVERHEAD: usize = 512;

// ---- for tlsock_message_callback (Python's private _msg_callback) ----

pub const TLSOCK_MESSAGE_READ: c_int = 0;
pub const TLSOCK_MESSAGE_WRITE: c_int = 1;
pub const TLSOCK_CONTENT_TYPE_CHANGE_CIPHER_SPEC: c_int = 20;
pub const TLSOCK_CONTENT_TYPE_ALERT: c_int = 21;
pub const TLSOCK_CONTENT_TYPE_HANDSHAKE: c_int = 22;
pub const TLSOCK_CONTENT_TYPE_APPLICATION_DATA: c_int = 23;
pub const TLSOCK_CONTENT_TYPE_HEADER: c_int = 256;
pub const TLSOCK_CONTENT_TYPE_INNER_CONTENT_TYPE: c_int = 257;
