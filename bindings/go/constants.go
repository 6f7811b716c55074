package tlsock

// #include <tlsock.h>
import "C"

// Protocol is Python's ssl.PROTOCOL_*.
type Protocol int

// The protocols. Use ProtocolTLSClient and ProtocolTLSServer; the others are deprecated.
const (
	ProtocolSSLv3     Protocol = C.TLSOCK_PROTOCOL_SSLV3
	ProtocolTLS       Protocol = C.TLSOCK_PROTOCOL_TLS
	ProtocolSSLv23    Protocol = C.TLSOCK_PROTOCOL_SSLV23
	ProtocolTLSv1     Protocol = C.TLSOCK_PROTOCOL_TLSV1
	ProtocolTLSv11    Protocol = C.TLSOCK_PROTOCOL_TLSV1_1
	ProtocolTLSv12    Protocol = C.TLSOCK_PROTOCOL_TLSV1_2
	ProtocolTLSClient Protocol = C.TLSOCK_PROTOCOL_TLS_CLIENT
	ProtocolTLSServer Protocol = C.TLSOCK_PROTOCOL_TLS_SERVER
)

// String is Python's name, such as "PROTOCOL_TLS".
func (p Protocol) String() string { return C.GoString(C.tlsock_get_protocol_name(C.int(p))) }

// Purpose is the use that certificates are verified for. Python: ssl.Purpose
type Purpose int

// The purposes: PurposeServerAuth is for clients, PurposeClientAuth for servers.
const (
	PurposeServerAuth Purpose = C.TLSOCK_PURPOSE_SERVER_AUTH
	PurposeClientAuth Purpose = C.TLSOCK_PURPOSE_CLIENT_AUTH
)

// VerifyMode is Python's ssl.VerifyMode.
type VerifyMode int

// Whether the peer must have a valid certificate.
const (
	CertNone     VerifyMode = C.TLSOCK_CERT_NONE
	CertOptional VerifyMode = C.TLSOCK_CERT_OPTIONAL
	CertRequired VerifyMode = C.TLSOCK_CERT_REQUIRED
)

// VerifyFlags is Python's ssl.VerifyFlags.
type VerifyFlags uint64

// The verify flags.
const (
	VerifyDefault          VerifyFlags = C.TLSOCK_VERIFY_DEFAULT
	VerifyCRLCheckLeaf     VerifyFlags = C.TLSOCK_VERIFY_CRL_CHECK_LEAF
	VerifyCRLCheckChain    VerifyFlags = C.TLSOCK_VERIFY_CRL_CHECK_CHAIN
	VerifyX509Strict       VerifyFlags = C.TLSOCK_VERIFY_X509_STRICT
	VerifyAllowProxyCerts  VerifyFlags = C.TLSOCK_VERIFY_ALLOW_PROXY_CERTS
	VerifyX509TrustedFirst VerifyFlags = C.TLSOCK_VERIFY_X509_TRUSTED_FIRST
	VerifyX509PartialChain VerifyFlags = C.TLSOCK_VERIFY_X509_PARTIAL_CHAIN
)

// TLSVersion is Python's ssl.TLSVersion. The numbers are those of crypto/tls.
type TLSVersion int

// The versions.
const (
	TLSVersionMinimumSupported TLSVersion = C.TLSOCK_TLS_VERSION_MINIMUM_SUPPORTED
	TLSVersionMaximumSupported TLSVersion = C.TLSOCK_TLS_VERSION_MAXIMUM_SUPPORTED
	TLSVersionSSLv3            TLSVersion = C.TLSOCK_TLS_VERSION_SSLV3
	TLSVersionTLSv1            TLSVersion = C.TLSOCK_TLS_VERSION_TLSV1
	TLSVersionTLSv11           TLSVersion = C.TLSOCK_TLS_VERSION_TLSV1_1
	TLSVersionTLSv12           TLSVersion = C.TLSOCK_TLS_VERSION_TLSV1_2
	TLSVersionTLSv13           TLSVersion = C.TLSOCK_TLS_VERSION_TLSV1_3
)

// Options is Python's ssl.Options.
type Options uint64

// The options; 0 where OpenSSL no longer has an effect.
const (
	OpAll                    Options = C.TLSOCK_OP_ALL
	OpLegacyServerConnect    Options = C.TLSOCK_OP_LEGACY_SERVER_CONNECT
	OpEnableKTLS             Options = C.TLSOCK_OP_ENABLE_KTLS
	OpIgnoreUnexpectedEOF    Options = C.TLSOCK_OP_IGNORE_UNEXPECTED_EOF
	OpNoTicket               Options = C.TLSOCK_OP_NO_TICKET
	OpNoCompression          Options = C.TLSOCK_OP_NO_COMPRESSION
	OpEnableMiddleboxCompat  Options = C.TLSOCK_OP_ENABLE_MIDDLEBOX_COMPAT
	OpCipherServerPreference Options = C.TLSOCK_OP_CIPHER_SERVER_PREFERENCE
	OpNoSSLv2                Options = C.TLSOCK_OP_NO_SSLV2
	OpNoSSLv3                Options = C.TLSOCK_OP_NO_SSLV3
	OpNoTLSv1                Options = C.TLSOCK_OP_NO_TLSV1
	OpNoTLSv11               Options = C.TLSOCK_OP_NO_TLSV1_1
	OpNoTLSv12               Options = C.TLSOCK_OP_NO_TLSV1_2
	OpNoTLSv13               Options = C.TLSOCK_OP_NO_TLSV1_3
	OpNoRenegotiation        Options = C.TLSOCK_OP_NO_RENEGOTIATION
	OpSingleDHUse            Options = C.TLSOCK_OP_SINGLE_DH_USE
	OpSingleECDHUse          Options = C.TLSOCK_OP_SINGLE_ECDH_USE
)

// Feature is a question for Has. Python: ssl.HAS_*
type Feature int

// The features.
const (
	HasALPN                 Feature = C.TLSOCK_HAS_ALPN
	HasNeverCheckCommonName Feature = C.TLSOCK_HAS_NEVER_CHECK_COMMON_NAME
	HasECDH                 Feature = C.TLSOCK_HAS_ECDH
	HasSNI                  Feature = C.TLSOCK_HAS_SNI
	HasNPN                  Feature = C.TLSOCK_HAS_NPN
	HasSSLv2                Feature = C.TLSOCK_HAS_SSLV2
	HasSSLv3                Feature = C.TLSOCK_HAS_SSLV3
	HasTLSv1                Feature = C.TLSOCK_HAS_TLSV1
	HasTLSv11               Feature = C.TLSOCK_HAS_TLSV1_1
	HasTLSv12               Feature = C.TLSOCK_HAS_TLSV1_2
	HasTLSv13               Feature = C.TLSOCK_HAS_TLSV1_3
	HasPSK                  Feature = C.TLSOCK_HAS_PSK
	HasPHA                  Feature = C.TLSOCK_HAS_PHA
	HasPSKTLS13             Feature = C.TLSOCK_HAS_PSK_TLS13
	HasECH                  Feature = C.TLSOCK_HAS_ECH
	HasDH                   Feature = C.TLSOCK_HAS_DH
	HasClientSigalgs        Feature = C.TLSOCK_HAS_CLIENT_SIGALGS
	HasStores               Feature = C.TLSOCK_HAS_STORES
	HasRenegotiation        Feature = C.TLSOCK_HAS_RENEGOTIATION
)

// Python: ssl.SSLErrorNumber, the values of Error.Code after I/O.
const (
	SSLErrorSSL              = C.TLSOCK_SSL_ERROR_SSL
	SSLErrorWantRead         = C.TLSOCK_SSL_ERROR_WANT_READ
	SSLErrorWantWrite        = C.TLSOCK_SSL_ERROR_WANT_WRITE
	SSLErrorWantX509Lookup   = C.TLSOCK_SSL_ERROR_WANT_X509_LOOKUP
	SSLErrorSyscall          = C.TLSOCK_SSL_ERROR_SYSCALL
	SSLErrorZeroReturn       = C.TLSOCK_SSL_ERROR_ZERO_RETURN
	SSLErrorWantConnect      = C.TLSOCK_SSL_ERROR_WANT_CONNECT
	SSLErrorEOF              = C.TLSOCK_SSL_ERROR_EOF
	SSLErrorInvalidErrorCode = C.TLSOCK_SSL_ERROR_INVALID_ERROR_CODE
)

// Python: ssl.AlertDescription, the values of Error.AlertSent and Error.AlertReceived.
const (
	AlertCloseNotify                  = C.TLSOCK_ALERT_DESCRIPTION_CLOSE_NOTIFY
	AlertUnexpectedMessage            = C.TLSOCK_ALERT_DESCRIPTION_UNEXPECTED_MESSAGE
	AlertBadRecordMAC                 = C.TLSOCK_ALERT_DESCRIPTION_BAD_RECORD_MAC
	AlertRecordOverflow               = C.TLSOCK_ALERT_DESCRIPTION_RECORD_OVERFLOW
	AlertDecompressionFailure         = C.TLSOCK_ALERT_DESCRIPTION_DECOMPRESSION_FAILURE
	AlertHandshakeFailure             = C.TLSOCK_ALERT_DESCRIPTION_HANDSHAKE_FAILURE
	AlertBadCertificate               = C.TLSOCK_ALERT_DESCRIPTION_BAD_CERTIFICATE
	AlertUnsupportedCertificate       = C.TLSOCK_ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE
	AlertCertificateRevoked           = C.TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_REVOKED
	AlertCertificateExpired           = C.TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_EXPIRED
	AlertCertificateUnknown           = C.TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN
	AlertIllegalParameter             = C.TLSOCK_ALERT_DESCRIPTION_ILLEGAL_PARAMETER
	AlertUnknownCA                    = C.TLSOCK_ALERT_DESCRIPTION_UNKNOWN_CA
	AlertAccessDenied                 = C.TLSOCK_ALERT_DESCRIPTION_ACCESS_DENIED
	AlertDecodeError                  = C.TLSOCK_ALERT_DESCRIPTION_DECODE_ERROR
	AlertDecryptError                 = C.TLSOCK_ALERT_DESCRIPTION_DECRYPT_ERROR
	AlertProtocolVersion              = C.TLSOCK_ALERT_DESCRIPTION_PROTOCOL_VERSION
	AlertInsufficientSecurity         = C.TLSOCK_ALERT_DESCRIPTION_INSUFFICIENT_SECURITY
	AlertInternalError                = C.TLSOCK_ALERT_DESCRIPTION_INTERNAL_ERROR
	AlertUserCancelled                = C.TLSOCK_ALERT_DESCRIPTION_USER_CANCELLED
	AlertNoRenegotiation              = C.TLSOCK_ALERT_DESCRIPTION_NO_RENEGOTIATION
	AlertUnsupportedExtension         = C.TLSOCK_ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION
	AlertCertificateUnobtainable      = C.TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE
	AlertUnrecognizedName             = C.TLSOCK_ALERT_DESCRIPTION_UNRECOGNIZED_NAME
	AlertBadCertificateStatusResponse = C.TLSOCK_ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE
	AlertBadCertificateHashValue      = C.TLSOCK_ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE
	AlertUnknownPSKIdentity           = C.TLSOCK_ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY
)
