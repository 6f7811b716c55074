// The constants, with Python's values, which constants.js reads from the library.

export const VERSION: string;
/** The library that does the work: 'openssl', or 'aws-lc' in a build with that in its place. */
export const BACKEND: 'openssl' | 'aws-lc';
export const OPENSSL_VERSION: string;
export const OPENSSL_VERSION_INFO: readonly number[];
export const OPENSSL_VERSION_NUMBER: number;
export const CHANNEL_BINDING_TYPES: readonly string[];

export const PROTOCOL_SSLv3: number;
export const PROTOCOL_TLS: number;
export const PROTOCOL_SSLv23: number;
export const PROTOCOL_TLSv1: number;
export const PROTOCOL_TLSv1_1: number;
export const PROTOCOL_TLSv1_2: number;
export const PROTOCOL_TLS_CLIENT: number;
export const PROTOCOL_TLS_SERVER: number;
export const CERT_NONE: number;
export const CERT_OPTIONAL: number;
export const CERT_REQUIRED: number;
export const VERIFY_DEFAULT: number;
export const VERIFY_CRL_CHECK_LEAF: number;
export const VERIFY_CRL_CHECK_CHAIN: number;
export const VERIFY_X509_STRICT: number;
export const VERIFY_ALLOW_PROXY_CERTS: number;
export const VERIFY_X509_TRUSTED_FIRST: number;
export const VERIFY_X509_PARTIAL_CHAIN: number;
export const OCSP_IGNORE: number;
export const OCSP_REQUEST: number;
export const OCSP_REQUIRE: number;
export const OCSP_STATUS_GOOD: number;
export const OCSP_STATUS_REVOKED: number;
export const OCSP_STATUS_UNKNOWN: number;
export const TICKET_KEYS_NGINX: number;
export const TICKET_KEYS_HAPROXY: number;
export const SSL_ERROR_SSL: number;
export const SSL_ERROR_WANT_READ: number;
export const SSL_ERROR_WANT_WRITE: number;
export const SSL_ERROR_WANT_X509_LOOKUP: number;
export const SSL_ERROR_SYSCALL: number;
export const SSL_ERROR_ZERO_RETURN: number;
export const SSL_ERROR_WANT_CONNECT: number;
export const SSL_ERROR_EOF: number;
export const SSL_ERROR_INVALID_ERROR_CODE: number;
export const ALERT_DESCRIPTION_CLOSE_NOTIFY: number;
export const ALERT_DESCRIPTION_UNEXPECTED_MESSAGE: number;
export const ALERT_DESCRIPTION_BAD_RECORD_MAC: number;
export const ALERT_DESCRIPTION_RECORD_OVERFLOW: number;
export const ALERT_DESCRIPTION_DECOMPRESSION_FAILURE: number;
export const ALERT_DESCRIPTION_HANDSHAKE_FAILURE: number;
export const ALERT_DESCRIPTION_BAD_CERTIFICATE: number;
export const ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE: number;
export const ALERT_DESCRIPTION_CERTIFICATE_REVOKED: number;
export const ALERT_DESCRIPTION_CERTIFICATE_EXPIRED: number;
export const ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN: number;
export const ALERT_DESCRIPTION_ILLEGAL_PARAMETER: number;
export const ALERT_DESCRIPTION_UNKNOWN_CA: number;
export const ALERT_DESCRIPTION_ACCESS_DENIED: number;
export const ALERT_DESCRIPTION_DECODE_ERROR: number;
export const ALERT_DESCRIPTION_DECRYPT_ERROR: number;
export const ALERT_DESCRIPTION_PROTOCOL_VERSION: number;
export const ALERT_DESCRIPTION_INSUFFICIENT_SECURITY: number;
export const ALERT_DESCRIPTION_INTERNAL_ERROR: number;
export const ALERT_DESCRIPTION_USER_CANCELLED: number;
export const ALERT_DESCRIPTION_NO_RENEGOTIATION: number;
export const ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION: number;
export const ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE: number;
export const ALERT_DESCRIPTION_UNRECOGNIZED_NAME: number;
export const ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE: number;
export const ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE: number;
export const ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY: number;
export const OP_ALL: bigint;
export const OP_LEGACY_SERVER_CONNECT: bigint;
export const OP_ENABLE_KTLS: bigint;
export const OP_IGNORE_UNEXPECTED_EOF: bigint;
export const OP_NO_TICKET: bigint;
export const OP_NO_COMPRESSION: bigint;
export const OP_ENABLE_MIDDLEBOX_COMPAT: bigint;
export const OP_CIPHER_SERVER_PREFERENCE: bigint;
export const OP_NO_SSLv2: bigint;
export const OP_NO_SSLv3: bigint;
export const OP_NO_TLSv1: bigint;
export const OP_NO_TLSv1_2: bigint;
export const OP_NO_TLSv1_1: bigint;
export const OP_NO_TLSv1_3: bigint;
export const OP_NO_RENEGOTIATION: bigint;
export const OP_SINGLE_DH_USE: bigint;
export const OP_SINGLE_ECDH_USE: bigint;
export const HAS_ALPN: boolean;
export const HAS_NEVER_CHECK_COMMON_NAME: boolean;
export const HAS_ECDH: boolean;
export const HAS_SNI: boolean;
export const HAS_NPN: boolean;
export const HAS_SSLv2: boolean;
export const HAS_SSLv3: boolean;
export const HAS_TLSv1: boolean;
export const HAS_TLSv1_1: boolean;
export const HAS_TLSv1_2: boolean;
export const HAS_TLSv1_3: boolean;
export const HAS_PSK: boolean;
/** Authentication after the handshake. Python 3.14: HAS_PHA */
export const HAS_PHA: boolean;
/** Pre-shared keys in TLS 1.3. Python 3.15: HAS_PSK_TLS13 */
export const HAS_PSK_TLS13: boolean;
/** Encrypted ClientHello (RFC 9849): since OpenSSL 4.0. */
export const HAS_ECH: boolean;
/** Diffie-Hellman in finite fields, with parameters of the program's. */
export const HAS_DH: boolean;
/** Limits for the signatures of clients. */
export const HAS_CLIENT_SIGALGS: boolean;
/** Identities under the URIs of providers. */
export const HAS_STORES: boolean;
/** Identities whose private key is elsewhere. */
export const HAS_SIGNERS: boolean;
/** Certificate timestamps in handshakes (RFC 6962). */
export const HAS_SCTS: boolean;
/** Chains that were verified once need not be verified again. */
export const HAS_CHAIN_CACHE: boolean;
/** Further handshakes of TLS 1.2 and below. */
export const HAS_RENEGOTIATION: boolean;

export const Purpose: {
  readonly SERVER_AUTH: number;
  readonly CLIENT_AUTH: number;
};
export const VerifyMode: {
  readonly CERT_NONE: number;
  readonly CERT_OPTIONAL: number;
  readonly CERT_REQUIRED: number;
};
export const VerifyFlags: {
  readonly VERIFY_DEFAULT: number;
  readonly VERIFY_CRL_CHECK_LEAF: number;
  readonly VERIFY_CRL_CHECK_CHAIN: number;
  readonly VERIFY_X509_STRICT: number;
  readonly VERIFY_ALLOW_PROXY_CERTS: number;
  readonly VERIFY_X509_TRUSTED_FIRST: number;
  readonly VERIFY_X509_PARTIAL_CHAIN: number;
};
export const Options: {
  readonly OP_ALL: bigint;
  readonly OP_LEGACY_SERVER_CONNECT: bigint;
  readonly OP_ENABLE_KTLS: bigint;
  readonly OP_IGNORE_UNEXPECTED_EOF: bigint;
  readonly OP_NO_TICKET: bigint;
  readonly OP_NO_COMPRESSION: bigint;
  readonly OP_ENABLE_MIDDLEBOX_COMPAT: bigint;
  readonly OP_CIPHER_SERVER_PREFERENCE: bigint;
  readonly OP_NO_SSLv2: bigint;
  readonly OP_NO_SSLv3: bigint;
  readonly OP_NO_TLSv1: bigint;
  readonly OP_NO_TLSv1_2: bigint;
  readonly OP_NO_TLSv1_1: bigint;
  readonly OP_NO_TLSv1_3: bigint;
  readonly OP_NO_RENEGOTIATION: bigint;
  readonly OP_SINGLE_DH_USE: bigint;
  readonly OP_SINGLE_ECDH_USE: bigint;
};
export const TLSVersion: {
  readonly MINIMUM_SUPPORTED: number;
  readonly MAXIMUM_SUPPORTED: number;
  readonly SSLv3: number;
  readonly TLSv1: number;
  readonly TLSv1_1: number;
  readonly TLSv1_2: number;
  readonly TLSv1_3: number;
};
export const AlertDescription: {
  readonly CLOSE_NOTIFY: number;
  readonly UNEXPECTED_MESSAGE: number;
  readonly BAD_RECORD_MAC: number;
  readonly RECORD_OVERFLOW: number;
  readonly DECOMPRESSION_FAILURE: number;
  readonly HANDSHAKE_FAILURE: number;
  readonly BAD_CERTIFICATE: number;
  readonly UNSUPPORTED_CERTIFICATE: number;
  readonly CERTIFICATE_REVOKED: number;
  readonly CERTIFICATE_EXPIRED: number;
  readonly CERTIFICATE_UNKNOWN: number;
  readonly ILLEGAL_PARAMETER: number;
  readonly UNKNOWN_CA: number;
  readonly ACCESS_DENIED: number;
  readonly DECODE_ERROR: number;
  readonly DECRYPT_ERROR: number;
  readonly PROTOCOL_VERSION: number;
  readonly INSUFFICIENT_SECURITY: number;
  readonly INTERNAL_ERROR: number;
  readonly USER_CANCELLED: number;
  readonly NO_RENEGOTIATION: number;
  readonly UNSUPPORTED_EXTENSION: number;
  readonly CERTIFICATE_UNOBTAINABLE: number;
  readonly UNRECOGNIZED_NAME: number;
  readonly BAD_CERTIFICATE_STATUS_RESPONSE: number;
  readonly BAD_CERTIFICATE_HASH_VALUE: number;
  readonly UNKNOWN_PSK_IDENTITY: number;
};
export const SSLErrorNumber: {
  readonly SSL: number;
  readonly WANT_READ: number;
  readonly WANT_WRITE: number;
  readonly WANT_X509_LOOKUP: number;
  readonly SYSCALL: number;
  readonly ZERO_RETURN: number;
  readonly WANT_CONNECT: number;
  readonly EOF: number;
  readonly INVALID_ERROR_CODE: number;
};
