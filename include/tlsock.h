// tlsock 0.1 - Python 3.13's ssl module for C: TLS clients and servers over OpenSSL.
//
//     tlsock_context *context = NULL;
//     tlsock_socket *socket = NULL;
//     tlsock_error *error = NULL;
//     if (tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, NULL, NULL, NULL, 0,
//                                       &context, &error) ||
//         tlsock_context_create_connection(context, "example.org", 443, 10.0, &socket, &error) ||
//         tlsock_socket_sendall(socket, request, request_len, &error))
//         fprintf(stderr, "%s\n", tlsock_error_message(error));
//
// The certificate and the host name have been checked by then. Nothing needs initialising.
//
// CONVENTIONS, stated once and true of every call below
//
// Calls.      A call that can fail returns a tlsock_status (0 = TLSOCK_OK) and takes, last, a
//             `tlsock_error **error` that may be NULL. A getter that cannot fail returns its value.
//             Parameters: the handle, inputs, outputs, error. A pointer to an output must not be
//             NULL unless the call says so. On failure no output is touched.
// Errors.     *error is written when a call fails, and only then; it is never read, so start it as
//             NULL and free what you get. WANT_READ, WANT_WRITE and the end of a stream allocate
//             nothing and leave *error alone. Nor does the error of NO_MEMORY: it is a lasting one,
//             which to free does nothing. There is no "last error" per thread: the call that fails
//             tells.
//             Any fallible call may return VALUE (NULL handle, NULL input or output, unknown
//             constant or flag, text that is not UTF-8, a length beyond its limit), NO_MEMORY and
//             PANIC (a defect of ours, caught at this border). The comments below name only what
//             comes in addition.
// NULL.       A NULL handle gives VALUE, or the neutral answer (NULL, 0, false) from a getter.
//             _free ignores NULL. A NULL buffer is fine when its length is 0.
// Handles.    What a call stores in an output is yours: free it with the _free of its type. What a
//             getter returns as a `const` pointer is lent. Handles may be freed in any order: a
//             connection keeps its context alive. Two handles may name one object (see
//             tlsock_context_same). Free a handle when no call on it runs, in another thread or
//             around a callback: such a call would go on to its end and find nothing missing, but
//             no other may begin. A debug build, or one with the feature `checked`, gives VALUE for
//             a handle that was freed or is of another kind, and a warning where a call cannot fail
//             or still runs.
// Memory.     What OpenSSL cannot allocate is NO_MEMORY, and so are bytes, files, certificates with
//             their fields and JSON text, chains and sessions for which there is no room. Rust's
//             standard library ends the process (SIGABRT) when an allocation of its own fails, and
//             cannot be told not to: texts that callers pass, short names that a peer sends, lists
//             of ciphers and CAs and fixed parts of new objects, mostly of some hundred bytes.
//             There are some of these in most calls that make something, none where bytes move on a
//             connection that is made.
// Text.       In: NUL-terminated UTF-8; file paths as the system spells them (UTF-8 on Windows).
//             Out: lent by the handle it was asked from, unchanged until that handle is freed; or
//             static. Text that a peer chose comes as tlsock_text, with its length: it may hold
//             NULs.
// Bytes.      In: pointer and length. Out: into your buffer, or an owned tlsock_bytes (_free it).
// Numbers.    Enumerations and flags go in as plain integers and are checked: never undefined
//             behaviour. A flags word of 0 means Python's defaults. Times are seconds in a double.
// Time.       A timeout is negative for none, 0 for non-blocking, else the deadline of one whole
//             operation, handshake and retries included: what expires returns TIMEOUT.
// Threads.    Each type is one of three. Immutable: any thread, any time. Shared: any thread, any
//             time, changes included. Duplex (sockets and objects): one thread may read while
//             another writes, and neither waits for the other; more threads than that queue up;
//             getters, close, abort and free of other handles never wait for the network.
// Fork.       Contexts, listeners and connections work in parent and child. Of one connection only
//             the process that uses it first after the fork can go on; the other one gets VALUE,
//             and sends nothing. What a child does not use it can close, abort and free: that
//             closes its copy of the descriptor and disturbs nothing.
// I/O status. "I/O statuses" below means: WANT_READ, WANT_WRITE (non-blocking: wait for that
//             direction, then repeat the call with the same arguments; a write may want to read and
//             the reverse), TIMEOUT, ZERO_RETURN, EOF, CERT_VERIFICATION, SSL, OS.
// End.        A clean end of stream is TLSOCK_OK with 0 bytes, as Python's b"". An end without
//             close_notify looks the same on a socket unless TLSOCK_WRAP_REPORT_RAGGED_EOFS was
//             given (Python's default; tlsock_socket_ragged_eof tells them apart) and is EOF on an
//             object.
// Callbacks.  (function, userdata, free_userdata): userdata comes back as first argument and is
//             freed, when free_userdata is not NULL, exactly once, after the last call. The library
//             owns it only if the setter returned OK. A NULL function clears the callback.
//             A callback looks like a call of ours: it returns a status and may store a
//             tlsock_error (tlsock_error_new) for the library to own. One that fails within a
//             handshake always aborts it: the operation fails with the callback's words in its
//             message and its error as tlsock_error_cause, and the connection sends and receives
//             nothing more. It runs on the thread, and inside the call, that shakes hands, reads or
//             writes.
//             Allowed in a callback: any call, on any handle, also with OpenSSL itself, whose error
//             queue is put back afterwards. But reading, writing and shaking hands on the
//             callback's own connection are VALUE; and the handles that are lent to it, or that the
//             call under way was made with, must not be freed there. Only that connection is held
//             meanwhile: others that use it wait, and so must not be waited for.
//             Never allowed: to leave a callback or free_userdata in any way but by returning. A
//             C++ exception that leaves one ends the process; catch it inside. A longjmp out of one
//             skips OpenSSL and this library half-way: the connection can only be freed then, and
//             memory is lost. The same goes for pthread_exit.
//             free_userdata runs when the last that can call the callback is gone: at the end of
//             the call that replaces it, or of any call that ends or frees a context or a
//             connection or gives a connection another context, on whatever thread makes that call.
//             The library holds no lock then, unless the call is made in a callback: it may do what
//             a callback may.
// Growth.     Within one major version symbols, numbers and structs never change. Structs here are
//             closed facts; what may grow is a handle. New statuses stay in their range (see
//             below).
// Manners.    The library prints nothing, ends nothing, raises no signal (no SIGPIPE), reads no
//             terminal.
// Comments.   "Python:" names the original, "Extension:" what Python lacks, "Ours:" a deviation.

#ifndef TLSOCK_H
#define TLSOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#if defined(_WIN32) && !defined(TLSOCK_STATIC)
#define TLSOCK_API __declspec(dllimport)
#elif defined(__GNUC__)
#define TLSOCK_API __attribute__((visibility("default")))
#else
#define TLSOCK_API
#endif

// A socket of the system: a descriptor, or a SOCKET on Windows.
#if defined(_WIN32)
typedef uintptr_t tlsock_fd;
#else
typedef int tlsock_fd;
#endif
#define TLSOCK_INVALID_FD ((tlsock_fd)-1)

#define TLSOCK_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

// ================================= HANDLES =================================

// How threads may use each is in its word; see "Threads" above.

// What failed and why. Immutable. Freed by tlsock_error_free.
typedef struct tlsock_error tlsock_error;
// Python: SSLContext. Shared: every setter is legal at any time, also while connections use it. A
// connection keeps the certificate, verify mode and flags, versions, options and client ALPN list
// it was made with; it sees later CAs, callbacks, the server's ALPN list and, until its handshake
// starts, the TLS 1.2 ciphers.
typedef struct tlsock_context tlsock_context;
// Python: MemoryBIO. Shared.
typedef struct tlsock_bio tlsock_bio;
// Python: SSLObject, a TLS connection in memory that never waits. Duplex.
typedef struct tlsock_object tlsock_object;
// Python: SSLSocket, a TLS connection or listener over a socket of the system. Duplex.
typedef struct tlsock_socket tlsock_socket;
// Python: SSLSession. Immutable.
typedef struct tlsock_session tlsock_session;
// One X.509 certificate. Immutable.
typedef struct tlsock_certificate tlsock_certificate;
// A list of certificates, as it was when asked for. Immutable.
typedef struct tlsock_certificate_list tlsock_certificate_list;
// A list of ciphers, as it was when asked for. Immutable.
typedef struct tlsock_cipher_list tlsock_cipher_list;
// The entries of a Windows certificate store. Immutable.
typedef struct tlsock_store_list tlsock_store_list;
// Python: DefaultVerifyPaths. Immutable.
typedef struct tlsock_verify_paths tlsock_verify_paths;

// ================================ CONSTANTS ================================

// ---- version: compare with tlsock_version_number() to detect a header of another library ----

#define TLSOCK_VERSION_MAJOR 0
#define TLSOCK_VERSION_MINOR 1
#define TLSOCK_VERSION_PATCH 0
// (major << 16) | (minor << 8) | patch
#define TLSOCK_VERSION_NUMBER 256

// ---- Python: ssl.PROTOCOL_* (deprecated ones exist only where OpenSSL still has them) ----

#define TLSOCK_PROTOCOL_SSLV3 1
#define TLSOCK_PROTOCOL_TLS 2
#define TLSOCK_PROTOCOL_SSLV23 2
#define TLSOCK_PROTOCOL_TLSV1 3
#define TLSOCK_PROTOCOL_TLSV1_1 4
#define TLSOCK_PROTOCOL_TLSV1_2 5
#define TLSOCK_PROTOCOL_TLS_CLIENT 16
#define TLSOCK_PROTOCOL_TLS_SERVER 17

// ---- Python: ssl.Purpose (the numbers are OpenSSL's NIDs, see tlsock_nid2obj) ----

#define TLSOCK_PURPOSE_SERVER_AUTH 129
#define TLSOCK_PURPOSE_CLIENT_AUTH 130

// ---- Python: ssl.VerifyMode ----

#define TLSOCK_CERT_NONE 0
#define TLSOCK_CERT_OPTIONAL 1
#define TLSOCK_CERT_REQUIRED 2

// ---- Python: ssl.VerifyFlags ----

#define TLSOCK_VERIFY_DEFAULT 0
#define TLSOCK_VERIFY_CRL_CHECK_LEAF (1ull << 2)
#define TLSOCK_VERIFY_CRL_CHECK_CHAIN ((1ull << 2) | (1ull << 3))
#define TLSOCK_VERIFY_X509_STRICT (1ull << 5)
#define TLSOCK_VERIFY_ALLOW_PROXY_CERTS (1ull << 6)
#define TLSOCK_VERIFY_X509_TRUSTED_FIRST (1ull << 15)
#define TLSOCK_VERIFY_X509_PARTIAL_CHAIN (1ull << 19)

// ---- Python: ssl.TLSVersion ----

#define TLSOCK_TLS_VERSION_MINIMUM_SUPPORTED -2
#define TLSOCK_TLS_VERSION_MAXIMUM_SUPPORTED -1
#define TLSOCK_TLS_VERSION_SSLV3 768
#define TLSOCK_TLS_VERSION_TLSV1 769
#define TLSOCK_TLS_VERSION_TLSV1_1 770
#define TLSOCK_TLS_VERSION_TLSV1_2 771
#define TLSOCK_TLS_VERSION_TLSV1_3 772

// ---- Python: ssl.Options (0 where OpenSSL no longer has an effect) ----

#define TLSOCK_OP_ALL (((1ull << 31) | (1ull << 6)) | (1ull << 4))
#define TLSOCK_OP_LEGACY_SERVER_CONNECT (1ull << 2)
#define TLSOCK_OP_ENABLE_KTLS (1ull << 3)
#define TLSOCK_OP_IGNORE_UNEXPECTED_EOF (1ull << 7)
#define TLSOCK_OP_NO_TICKET (1ull << 14)
#define TLSOCK_OP_NO_COMPRESSION (1ull << 17)
#define TLSOCK_OP_ENABLE_MIDDLEBOX_COMPAT (1ull << 20)
#define TLSOCK_OP_CIPHER_SERVER_PREFERENCE (1ull << 22)
#define TLSOCK_OP_NO_SSLV2 0
#define TLSOCK_OP_NO_SSLV3 (1ull << 25)
#define TLSOCK_OP_NO_TLSV1 (1ull << 26)
#define TLSOCK_OP_NO_TLSV1_2 (1ull << 27)
#define TLSOCK_OP_NO_TLSV1_1 (1ull << 28)
#define TLSOCK_OP_NO_TLSV1_3 (1ull << 29)
#define TLSOCK_OP_NO_RENEGOTIATION (1ull << 30)
#define TLSOCK_OP_SINGLE_DH_USE 0
#define TLSOCK_OP_SINGLE_ECDH_USE 0

// ---- Python: ssl.HAS_*: questions for tlsock_has() ----

#define TLSOCK_HAS_ALPN 1
#define TLSOCK_HAS_NEVER_CHECK_COMMON_NAME 2
#define TLSOCK_HAS_ECDH 3
#define TLSOCK_HAS_SNI 4
#define TLSOCK_HAS_NPN 5
#define TLSOCK_HAS_SSLV2 6
#define TLSOCK_HAS_SSLV3 7
#define TLSOCK_HAS_TLSV1 8
#define TLSOCK_HAS_TLSV1_1 9
#define TLSOCK_HAS_TLSV1_2 10
#define TLSOCK_HAS_TLSV1_3 11
#define TLSOCK_HAS_PSK 12

// ---- Python: ssl.SSLErrorNumber: what tlsock_error_code() gives after I/O ----

#define TLSOCK_SSL_ERROR_SSL 1
#define TLSOCK_SSL_ERROR_WANT_READ 2
#define TLSOCK_SSL_ERROR_WANT_WRITE 3
#define TLSOCK_SSL_ERROR_WANT_X509_LOOKUP 4
#define TLSOCK_SSL_ERROR_SYSCALL 5
#define TLSOCK_SSL_ERROR_ZERO_RETURN 6
#define TLSOCK_SSL_ERROR_WANT_CONNECT 7
#define TLSOCK_SSL_ERROR_EOF 8
#define TLSOCK_SSL_ERROR_INVALID_ERROR_CODE 10

// ---- Python: ssl.AlertDescription ----

#define TLSOCK_ALERT_DESCRIPTION_CLOSE_NOTIFY 0
#define TLSOCK_ALERT_DESCRIPTION_UNEXPECTED_MESSAGE 10
#define TLSOCK_ALERT_DESCRIPTION_BAD_RECORD_MAC 20
#define TLSOCK_ALERT_DESCRIPTION_RECORD_OVERFLOW 22
#define TLSOCK_ALERT_DESCRIPTION_DECOMPRESSION_FAILURE 30
#define TLSOCK_ALERT_DESCRIPTION_HANDSHAKE_FAILURE 40
#define TLSOCK_ALERT_DESCRIPTION_BAD_CERTIFICATE 42
#define TLSOCK_ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE 43
#define TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_REVOKED 44
#define TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_EXPIRED 45
#define TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN 46
#define TLSOCK_ALERT_DESCRIPTION_ILLEGAL_PARAMETER 47
#define TLSOCK_ALERT_DESCRIPTION_UNKNOWN_CA 48
#define TLSOCK_ALERT_DESCRIPTION_ACCESS_DENIED 49
#define TLSOCK_ALERT_DESCRIPTION_DECODE_ERROR 50
#define TLSOCK_ALERT_DESCRIPTION_DECRYPT_ERROR 51
#define TLSOCK_ALERT_DESCRIPTION_PROTOCOL_VERSION 70
#define TLSOCK_ALERT_DESCRIPTION_INSUFFICIENT_SECURITY 71
#define TLSOCK_ALERT_DESCRIPTION_INTERNAL_ERROR 80
#define TLSOCK_ALERT_DESCRIPTION_USER_CANCELLED 90
#define TLSOCK_ALERT_DESCRIPTION_NO_RENEGOTIATION 100
#define TLSOCK_ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION 110
#define TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE 111
#define TLSOCK_ALERT_DESCRIPTION_UNRECOGNIZED_NAME 112
#define TLSOCK_ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE 113
#define TLSOCK_ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE 114
#define TLSOCK_ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY 115

// ---- flags of tlsock_context_wrap_socket, _wrap_bio, _create_server: 0 = Python's defaults ----

// Take the server's part. Python: server_side=True
#define TLSOCK_WRAP_SERVER_SIDE (1u << 0)
// Leave the handshake to do_handshake or the first read or write (sockets only; objects always do).
// Python: do_handshake_on_connect=False
#define TLSOCK_WRAP_NO_HANDSHAKE (1u << 1)
// Report an end of stream without close_notify as TLSOCK_EOF (sockets only; objects always do).
// Python: suppress_ragged_eofs=False
#define TLSOCK_WRAP_REPORT_RAGGED_EOFS (1u << 2)
// Allow an object without a host name though its context checks host names: nobody is then checked.
// Python: what wrap_bio does unasked
#define TLSOCK_WRAP_INSECURE_NO_HOSTNAME (1u << 3)
// Ask the client for a certificate and go on whatever it shows: tlsock_object_verify_result tells
// what is wrong with it. Objects only, on servers only, under CERT_NONE only; the certificate never
// counts as verified. An SNI callback that sets a context which verifies has it verified.
// Extension: node's rejectUnauthorized: false
#define TLSOCK_WRAP_REPORT_VERIFICATION (1u << 4)

// ---- flags of tlsock_object_pump ----

// No ciphertext will follow ciphertext_in: the transport has ended. Python: MemoryBIO.write_eof()
#define TLSOCK_PUMP_EOF (1u << 0)
// Send close_notify once plaintext_in is encrypted. Reading goes on. Extension: see _close_write
#define TLSOCK_PUMP_CLOSE_WRITE (1u << 1)
// Plaintext in one TLS record at most, and the most that encrypting one adds: a ciphertext_out of
// n * (TLSOCK_RECORD_SIZE + TLSOCK_RECORD_OVERHEAD) always takes n full records.
#define TLSOCK_RECORD_SIZE 16384
#define TLSOCK_RECORD_OVERHEAD 512

// ---- for tlsock_message_callback (Python's private _msg_callback) ----

#define TLSOCK_MESSAGE_READ 0
#define TLSOCK_MESSAGE_WRITE 1
#define TLSOCK_CONTENT_TYPE_CHANGE_CIPHER_SPEC 20
#define TLSOCK_CONTENT_TYPE_ALERT 21
#define TLSOCK_CONTENT_TYPE_HANDSHAKE 22
#define TLSOCK_CONTENT_TYPE_APPLICATION_DATA 23
#define TLSOCK_CONTENT_TYPE_HEADER 256
#define TLSOCK_CONTENT_TYPE_INNER_CONTENT_TYPE 257

// ================================== TYPES ==================================

// The outcome of a call: one value per Python exception class. Ranges tell the kind of a value that
// a later version adds: 1-9 not done yet, 10-19 TLS (Python's SSLError and its children), 20-29 the
// system (OSError), 30-39 the caller, 40-49 the library.
typedef enum tlsock_status {
  // Done.
  TLSOCK_OK = 0,
  // Wait until the transport is readable, then repeat. Python: SSLWantReadError, BlockingIOError
  TLSOCK_WANT_READ = 1,
  // Wait until the transport is writable, then repeat. Python: SSLWantWriteError, BlockingIOError
  TLSOCK_WANT_WRITE = 2,
  // Reserved: the handshake waits for an answer of the application. Never returned by 0.1.
  TLSOCK_WANT_CALLBACK = 3,
  // TLS failed; library and reason say how. Python: SSLError
  TLSOCK_SSL = 10,
  // Both directions are closed by close_notify. Python: SSLZeroReturnError
  TLSOCK_ZERO_RETURN = 11,
  // The transport ended without close_notify: truncation. Python: SSLEOFError
  TLSOCK_EOF = 12,
  // Never returned, as in Python 3.13: system errors are TLSOCK_OS. Python: SSLSyscallError
  TLSOCK_SYSCALL = 13,
  // The peer's certificate or name was refused. Python: SSLCertVerificationError (CertificateError)
  TLSOCK_CERT_VERIFICATION = 14,
  // The system failed; tlsock_error_os_errno says how. Python: OSError
  TLSOCK_OS = 20,
  // The deadline passed. Python: TimeoutError
  TLSOCK_TIMEOUT = 21,
  // A signal came, and the interrupt callback ended the call. Python: what the signal's handler
  // raised
  TLSOCK_INTERRUPTED = 22,
  // Wrong argument or wrong state. Python: ValueError, OverflowError, UnicodeError
  TLSOCK_VALUE = 30,
  // Wrong kind of argument. Python: TypeError
  TLSOCK_TYPE = 31,
  // Not in this build, platform or OpenSSL. Python: NotImplementedError
  TLSOCK_NOT_IMPLEMENTED = 32,
  // Python: MemoryError
  TLSOCK_NO_MEMORY = 33,
  // A defect of this library; the handles involved stay valid to free.
  TLSOCK_PANIC = 40,
} tlsock_status;

// What a connection was doing when an error came. Extension.
typedef enum tlsock_phase {
  TLSOCK_PHASE_NONE = 0,
  TLSOCK_PHASE_CONFIGURE = 1,
  TLSOCK_PHASE_RESOLVE = 2,
  TLSOCK_PHASE_CONNECT = 3,
  TLSOCK_PHASE_ACCEPT = 4,
  TLSOCK_PHASE_HANDSHAKE = 5,
  TLSOCK_PHASE_READ = 6,
  TLSOCK_PHASE_WRITE = 7,
  TLSOCK_PHASE_SHUTDOWN = 8,
} tlsock_phase;

// Borrowed text that a peer chose: UTF-8, or the bytes that stand in a certificate where it should.
// NUL-terminated, but it may hold more NULs before, so compare all len bytes. data is NULL where
// there is none.
typedef struct tlsock_text {
  const char *data;
  size_t len;
} tlsock_text;

// Owned bytes, freed by tlsock_bytes_free. One NUL that len does not count follows them, so text
// can be printed. data is NULL for Python's None; empty bytes have data and len 0. What is wiped
// and freed does not go by len.
typedef struct tlsock_bytes {
  uint8_t *data;
  size_t len;
} tlsock_bytes;

// The connection a callback is about: one of socket and object is NULL. The handles are lent for
// the time of the call, and need not be the pointers you hold. userdata: see
// tlsock_socket_set_userdata.
typedef struct tlsock_connection {
  tlsock_socket *socket;
  tlsock_object *object;
  void *userdata;
} tlsock_connection;

// Takes one line of key log, without its newline. Secret: whoever has it reads the connection. A
// failure ends the handshake; after that it is returned by the operation under way, after it is
// done; by the next read, where a read has bytes to give. Extension.
typedef int (*tlsock_keylog_callback)(void *userdata, const tlsock_connection *connection,
                                      const char *line, tlsock_error **error);

// Frees the userdata of a callback.
typedef void (*tlsock_free_userdata)(void *userdata);

// Sees one protocol message, never application data. direction: TLSOCK_MESSAGE_*; version: a
// TLSVersion number; content_type: TLSOCK_CONTENT_TYPE_*; msg_type: the alert or handshake type by
// its number, -1 if none. A failure ends the handshake; after that it is returned by the operation
// under way, after it is done; by the next read, where a read has bytes to give.
// Python: the callable of SSLContext._msg_callback
typedef int (*tlsock_message_callback)(void *userdata, const tlsock_connection *connection,
                                       int direction, int version, int content_type, int msg_type,
                                       const uint8_t *data, size_t len, tlsock_error **error);

// Gives a client's identity and key for the server's hint (NULL: none, always so in TLS 1.3). Write
// NUL-terminated text into identity (at most 255 bytes) and the key into psk. *psk_len left at 0
// declines: TLS 1.3 may then go on with certificates. Return a status; not OK aborts.
// Python: the callable of set_psk_client_callback
typedef int (*tlsock_psk_client_callback)(void *userdata, const tlsock_connection *connection,
                                          const char *hint, char *identity, size_t identity_size,
                                          uint8_t *psk, size_t psk_size, size_t *psk_len,
                                          tlsock_error **error);

// Gives the key for a client's identity (NULL: empty). *psk_len left at 0 declines. Return a
// status; not OK aborts. Python: the callable of set_psk_server_callback
typedef int (*tlsock_psk_server_callback)(void *userdata, const tlsock_connection *connection,
                                          const char *identity, uint8_t *psk, size_t psk_size,
                                          size_t *psk_len, tlsock_error **error);

// Takes a session that can now be resumed: in TLS 1.3 each ticket as it arrives, during a read. The
// session is the callback's to keep and free, whatever it returns. A failure ends the handshake,
// where the session comes within it (TLS 1.2); else it is returned by the operation under way,
// after it is done; by the next read, where a read has bytes to give. Extension.
typedef int (*tlsock_session_callback)(void *userdata, const tlsock_connection *connection,
                                       tlsock_session *session, tlsock_error **error);

// Chooses the answer to a ClientHello. server_name is ASCII as sent (A-labels), NULL when the
// client named none. context is the one the callback was set on; give the connection another one
// with tlsock_socket_set_context or tlsock_object_set_context. Return 0 to go on, an alert number
// (TLSOCK_ALERT_DESCRIPTION_*) to refuse with it, 256 to refuse with that of number 0, -1 to fail
// with handshake_failure; any other value sends internal_error. Python: the callable of
// sni_callback
typedef int (*tlsock_sni_callback)(void *userdata, const tlsock_connection *connection,
                                   const char *server_name, tlsock_context *context,
                                   tlsock_error **error);

// Gives the password of a private key: up to size bytes into buffer and their number into *len
// (more than size is VALUE). Return a status. Python: the callable of load_cert_chain(password=)
typedef int (*tlsock_password_callback)(void *userdata, uint8_t *buffer, size_t size, size_t *len,
                                        tlsock_error **error);

// Python: `SSLContext.session_stats()`
typedef struct tlsock_session_stats {
  int64_t number;
  int64_t connect;
  int64_t connect_good;
  int64_t connect_renegotiate;
  int64_t accept;
  int64_t accept_good;
  int64_t accept_renegotiate;
  int64_t hits;
  int64_t misses;
  int64_t timeouts;
  int64_t cache_full;
} tlsock_session_stats;

// Python: `SSLContext.cert_store_stats()`
typedef struct tlsock_cert_store_stats {
  // Certificates.
  size_t x509;
  // Revocation lists.
  size_t crl;
  // Certificates of authorities.
  size_t x509_ca;
} tlsock_cert_store_stats;

// Python: the triple of SSLSocket.cipher(); static text, NULL where OpenSSL has none.
typedef struct tlsock_cipher {
  const char *name;
  const char *protocol;
  int secret_bits;
} tlsock_cipher;

// Python: an entry of SSLContext.get_ciphers(). The text is the list's; digest is NULL for AEAD.
typedef struct tlsock_cipher_info {
  const char *name;
  const char *protocol;
  const char *description;
  const char *symmetric;
  const char *digest;
  const char *kea;
  const char *auth;
  uint32_t id;
  int strength_bits;
  int alg_bits;
  bool aead;
} tlsock_cipher_info;

// What the pump did.
typedef struct tlsock_pump_result {
  // Taken of ciphertext_in: pass the rest again, first.
  size_t ciphertext_used;
  // Taken of plaintext_in.
  size_t plaintext_used;
  // Put into plaintext_out.
  size_t plaintext_len;
  // Put into ciphertext_out: send it, whatever the status.
  size_t ciphertext_len;
  // Ciphertext that waits inside for room in a ciphertext_out.
  size_t ciphertext_pending;
  // Decrypted bytes that wait inside for room in a plaintext_out.
  size_t plaintext_pending;
  // The handshake is finished.
  bool handshake_done;
  // The peer's close_notify was read: no more plaintext will come.
  bool peer_closed;
  // A failure waits for the next call that has room in plaintext_out: bytes came before it.
  bool failure_pending;
} tlsock_pump_result;

// A socket address as text. host is numeric, or the path of a local socket; port is -1 for those. A
// name that is no path (Linux's abstract ones) has '@' for each NUL, the one it begins with
// included, as ss and /proc/net/unix show it. family is the system's AF_ number. flowinfo and
// scope_id are those of IPv6, else 0.
typedef struct tlsock_address {
  char host[128];
  int port;
  int family;
  uint32_t flowinfo;
  uint32_t scope_id;
} tlsock_address;

// One part of a gathered send.
typedef struct tlsock_part {
  const void *data;
  size_t len;
} tlsock_part;

// Borrowed bytes.
typedef struct tlsock_slice {
  const uint8_t *data;
  size_t len;
} tlsock_slice;

// Python: a (name, value) pair of a certificate's subject or issuer. Pairs with the same rdn form
// one relative distinguished name; rdn counts from 0. binary: the value is bytes (a BIT STRING,
// or what is no text), not text.
typedef struct tlsock_name_pair {
  const char *name;
  tlsock_text value;
  size_t rdn;
  bool binary;
} tlsock_name_pair;

// Python: an entry of subjectAltName. type is Python's word: "DNS", "IP Address", "email", "URI",
// "DirName", "Registered ID", "othername", "X400Name", "EdiPartyName". A DirName's value is in RFC
// 2253 form (tlsock_certificate_json has it in full). A name that is no UTF-8 is given as its
// bytes; tlsock_certificate_json fails on it, as Python does.
typedef struct tlsock_alt_name {
  const char *type;
  tlsock_text value;
} tlsock_alt_name;

// Python: OPENSSL_VERSION_INFO
typedef struct tlsock_version_info {
  int major;
  int minor;
  int fix;
  int patch;
  int status;
} tlsock_version_info;

// Is asked when a signal has interrupted a call that waits, in the thread of that call and outside
// the signal's handler, so that everything may be done. Return OK to go on with what is left of the
// timeout, anything else to end the call with INTERRUPTED; *error, from tlsock_error_new, is the
// error's cause (tlsock_error_cause).
typedef int (*tlsock_interrupt_callback)(void *userdata, tlsock_error **error);

// Python: the record behind Purpose. All text is static. oid is NULL for the few names that have
// none.
typedef struct tlsock_asn1_object {
  int nid;
  const char *shortname;
  const char *longname;
  const char *oid;
} tlsock_asn1_object;

// Python: an entry of enum_certificates() or enum_crls(). encoding is "x509_asn", "pkcs_7_asn" or a
// number in text. trusted_for_all: Python's True; else tlsock_store_list_trust_at lists the OIDs.
typedef struct tlsock_store_entry {
  tlsock_slice data;
  const char *encoding;
  size_t trust_count;
  bool trusted_for_all;
} tlsock_store_entry;

// Sees a warning. category is Python's class, "DeprecationWarning" or "RuntimeWarning". Return OK
// to go on, anything else to make the call fail with VALUE and nothing changed.
typedef int (*tlsock_warning_callback)(void *userdata, const char *category, const char *message);

// ================================ FUNCTIONS ================================

// ----------------------------- version, status -----------------------------

// Returns the version of the library that runs, such as "0.1.0". Static.
// Extension: the counterpart of TLSOCK_VERSION.
TLSOCK_API const char *tlsock_version(void);

// Returns the version of the library that runs as (major << 16) | (minor << 8) | patch. A program
// is compatible when the major agrees and this is not below its TLSOCK_VERSION_NUMBER.
// Extension: the counterpart of TLSOCK_VERSION_NUMBER.
TLSOCK_API uint32_t tlsock_version_number(void);

// Names a status by Python's class: "SSLWantReadError", "OSError", "ValueError"; "OK" for 0.
// An unknown number gives the class of its range. Static, never NULL.
// Extension: Python has type(error).__name__.
TLSOCK_API const char *tlsock_status_name(int status);

// --------------------------------- handle ----------------------------------

// Returns how many handles this process was given and has not freed yet: of every kind, with
// errors, lists and owned bytes. 0 once all is freed: for tests that look for leaks.
// Extension: Python's objects free themselves.
TLSOCK_API size_t tlsock_handle_count(void);

// ---------------------------------- error ----------------------------------

// Makes an error for a callback to return. status is any but OK; the message is copied.
// Returns NULL when memory is short or an argument is wrong.
// Extension: in Python a callback raises.
TLSOCK_API tlsock_error *tlsock_error_new(int status, const char *message);

// Frees an error. NULL is ignored.
TLSOCK_API void tlsock_error_free(tlsock_error *error);

// Returns the status the call returned; OK for NULL.
// Python: the class of the exception
TLSOCK_API tlsock_status tlsock_error_status(const tlsock_error *error);

// Returns the message, such as "[SSL: WRONG_VERSION_NUMBER] wrong version number". Never NULL; ""
// for a NULL error.
// Python: str(error)
TLSOCK_API const char *tlsock_error_message(const tlsock_error *error);

// Returns OpenSSL's part that failed, such as "SSL", "X509" or "PEM"; NULL if unknown.
// Python: SSLError.library
TLSOCK_API const char *tlsock_error_library(const tlsock_error *error);

// Returns the mnemonic of the reason, such as "CERTIFICATE_VERIFY_FAILED"; NULL if there is none.
// Python: SSLError.reason
TLSOCK_API const char *tlsock_error_reason(const tlsock_error *error);

// Returns the number behind the error: a TLSOCK_SSL_ERROR_* after I/O, else OpenSSL's reason
// number; 0 if there is none.
// Python: SSLError.errno
TLSOCK_API int64_t tlsock_error_code(const tlsock_error *error);

// Returns OpenSSL's verify code, such as 62 for a wrong host name, of a CERT_VERIFICATION; else 0.
// Python: SSLCertVerificationError.verify_code
TLSOCK_API int tlsock_error_verify_code(const tlsock_error *error);

// Returns the text of the verify code; NULL unless the status is CERT_VERIFICATION.
// Python: SSLCertVerificationError.verify_message
TLSOCK_API const char *tlsock_error_verify_message(const tlsock_error *error);

// Returns the system's error number of an OS error (errno, or the Winsock number); else 0.
// Python: OSError.errno (OSError.winerror)
TLSOCK_API int tlsock_error_os_errno(const tlsock_error *error);

// Returns the file the error is about (a DH file or key log); NULL if none.
// Python: OSError.filename
TLSOCK_API const char *tlsock_error_filename(const tlsock_error *error);

// Returns what the connection was doing: an ACCEPT error is the listener's, a HANDSHAKE error that
// of one peer.
// Extension: Python leaves it to the traceback.
TLSOCK_API tlsock_phase tlsock_error_phase(const tlsock_error *error);

// Returns the number of the alert we sent the peer with this error; -1 if none.
// Extension: TLSOCK_ALERT_DESCRIPTION_* or a newer number.
TLSOCK_API int tlsock_error_alert_sent(const tlsock_error *error);

// Returns the number of the alert the peer sent us; -1 if none.
// Extension: TLSOCK_ALERT_DESCRIPTION_* or a newer number.
TLSOCK_API int tlsock_error_alert_received(const tlsock_error *error);

// Returns how deep in the chain verification failed: 0 = the peer's own certificate; -1 if unknown.
// Extension.
TLSOCK_API int tlsock_error_depth(const tlsock_error *error);

// Returns the certificate that verification refused, lent by the error; NULL if none.
// Extension.
TLSOCK_API const tlsock_certificate *tlsock_error_certificate(const tlsock_error *error);

// Returns the host name or address that was to be found in the certificate; NULL if none.
// Extension.
TLSOCK_API const char *tlsock_error_expected_name(const tlsock_error *error);

// Returns how many names the peer's certificate offered instead of the expected one.
// Extension.
TLSOCK_API size_t tlsock_error_offered_name_count(const tlsock_error *error);

// Returns one of the names the certificate offered; data is NULL past the end.
// Extension.
TLSOCK_API tlsock_text tlsock_error_offered_name_at(const tlsock_error *error, size_t index);

// Returns the verify flag without which the chain would have passed: VERIFY_X509_STRICT,
// VERIFY_CRL_CHECK_LEAF or VERIFY_CRL_CHECK_CHAIN; 0 if no single one made the difference.
// Extension.
TLSOCK_API uint64_t tlsock_error_verify_flag(const tlsock_error *error);

// Returns the error of the callback that made the operation fail, lent by this one; NULL if none.
// Python: error.__context__
TLSOCK_API const tlsock_error *tlsock_error_cause(const tlsock_error *error);

// ---------------------------------- bytes ----------------------------------

// Wipes and frees owned bytes and sets data to NULL and len to 0. NULL and freed bytes are ignored.
TLSOCK_API void tlsock_bytes_free(tlsock_bytes *bytes);

// --------------------------------- context ---------------------------------

// Makes a context of one TLSOCK_PROTOCOL_*. A TLS_CLIENT context requires and checks certificates
// and host names; it trusts nobody until CAs are loaded. tlsock_create_default_context does both.
// Ours: what the system's openssl.cnf says of versions, ciphers and the security level is never
// weakened by our defaults, which Python sets in its place: the stricter one counts. A setter
// counts as it is.
// Returns: VALUE for a protocol this OpenSSL lacks, SSL.
// Python: SSLContext(protocol)
// OpenSSL: SSL_CTX_new
TLSOCK_API tlsock_status tlsock_context_new(int protocol, tlsock_context **context,
                                            tlsock_error **error);

// Frees a handle on a context; connections made from it go on. NULL is ignored.
TLSOCK_API void tlsock_context_free(tlsock_context *context);

// Tells whether two handles name the same context.
// Python: a is b
TLSOCK_API bool tlsock_context_same(const tlsock_context *context, const tlsock_context *other);

// Returns the TLSOCK_PROTOCOL_* the context was made with.
// Python: SSLContext.protocol
TLSOCK_API int tlsock_context_protocol(const tlsock_context *context);

// Tells whether TLS 1.3 post-handshake authentication is on.
// Python: SSLContext.post_handshake_auth
TLSOCK_API bool tlsock_context_post_handshake_auth(const tlsock_context *context);

// Sets whether a client offers, and a server uses, TLS 1.3 post-handshake authentication.
// Python: SSLContext.post_handshake_auth = on
// OpenSSL: SSL_set_post_handshake_auth
TLSOCK_API tlsock_status tlsock_context_set_post_handshake_auth(tlsock_context *context, bool on,
                                                                tlsock_error **error);

// Returns OpenSSL's security level. `@SECLEVEL=n` in set_ciphers changes it.
// Python: SSLContext.security_level
TLSOCK_API int tlsock_context_security_level(const tlsock_context *context);

// Sets the application protocols to offer (client) or to choose from in this order (server). Each
// is ASCII of 1 to 255 bytes. No overlap leaves both sides without one. Nothing changes on failure.
// Returns: SSL for a wrong length.
// Python: SSLContext.set_alpn_protocols(protocols)
// OpenSSL: SSL_CTX_set_alpn_protos, SSL_CTX_set_alpn_select_cb
TLSOCK_API tlsock_status tlsock_context_set_alpn_protocols(tlsock_context *context,
                                                           const char *const *protocols,
                                                           size_t count, tlsock_error **error);

// Checks its arguments and fails: NPN is gone from TLS.
// Returns: SSL for a wrong length, else NOT_IMPLEMENTED.
// Python: SSLContext.set_npn_protocols(protocols)
TLSOCK_API tlsock_status tlsock_context_set_npn_protocols(tlsock_context *context,
                                                          const char *const *protocols,
                                                          size_t count, tlsock_error **error);

// Copies the path of the key log into owned bytes; data is NULL if there is none.
// Python: SSLContext.keylog_filename
TLSOCK_API tlsock_status tlsock_context_keylog_filename(const tlsock_context *context,
                                                        tlsock_bytes *filename,
                                                        tlsock_error **error);

// Appends the secrets of all connections to a file, for debugging; NULL stops it. The old file is
// closed first, also when opening the new one fails. Ours: a file that is made is its owner's alone
// (mode 0600). A line that cannot be written is returned as OS by the
// operation under way, after it is done: it ends no connection. A pipe is opened once it has a
// reader, and connections that log to it wait while it is full, beyond their deadlines; others
// never do.
// Returns: OS (with filename).
// Python: SSLContext.keylog_filename = filename
// OpenSSL: SSL_CTX_set_keylog_callback
TLSOCK_API tlsock_status tlsock_context_set_keylog_filename(tlsock_context *context,
                                                            const char *filename,
                                                            tlsock_error **error);

// Hands each key log line to a callback, beside any key log file.
// Extension.
// OpenSSL: SSL_CTX_set_keylog_callback
TLSOCK_API tlsock_status tlsock_context_set_keylog_callback(tlsock_context *context,
                                                            tlsock_keylog_callback callback,
                                                            void *userdata,
                                                            tlsock_free_userdata free_userdata,
                                                            tlsock_error **error);

// Shows every protocol message to a callback, for debugging.
// Python: SSLContext._msg_callback = callback
// OpenSSL: SSL_CTX_set_msg_callback
TLSOCK_API tlsock_status tlsock_context_set_message_callback(tlsock_context *context,
                                                             tlsock_message_callback callback,
                                                             void *userdata,
                                                             tlsock_free_userdata free_userdata,
                                                             tlsock_error **error);

// Sets who gives a client its pre-shared key. With CERT_NONE a server that declines the key in TLS
// 1.3 is not authenticated at all.
// Ours: a callback that fails aborts the handshake; a key of length 0 declines.
// Returns: SSL on a TLS_SERVER context, NOT_IMPLEMENTED without PSK.
// Python: SSLContext.set_psk_client_callback(callback)
// OpenSSL: SSL_CTX_set_psk_client_callback
TLSOCK_API tlsock_status tlsock_context_set_psk_client_callback(tlsock_context *context,
                                                                tlsock_psk_client_callback callback,
                                                                void *userdata,
                                                                tlsock_free_userdata free_userdata,
                                                                tlsock_error **error);

// Sets who gives a server the key of an identity, and the hint sent to clients of TLS 1.2 (at most
// 256 bytes; NULL for none). A NULL callback clears both.
// Ours: a callback that fails aborts the handshake; a key of length 0 declines.
// Returns: SSL on a TLS_CLIENT context, VALUE for a long hint, NOT_IMPLEMENTED without PSK.
// Python: SSLContext.set_psk_server_callback(callback, identity_hint)
// OpenSSL: SSL_CTX_set_psk_server_callback, SSL_CTX_use_psk_identity_hint
TLSOCK_API tlsock_status tlsock_context_set_psk_server_callback(tlsock_context *context,
                                                                tlsock_psk_server_callback callback,
                                                                const char *identity_hint,
                                                                void *userdata,
                                                                tlsock_free_userdata free_userdata,
                                                                tlsock_error **error);

// Hands over each resumable session as it arrives; the way to resume TLS 1.3 without guessing when.
// The first callback counts for connections made after it was set.
// Extension: CPython's session attribute is empty until tickets were read.
// OpenSSL: SSL_CTX_sess_set_new_cb
TLSOCK_API tlsock_status tlsock_context_set_session_callback(tlsock_context *context,
                                                             tlsock_session_callback callback,
                                                             void *userdata,
                                                             tlsock_free_userdata free_userdata,
                                                             tlsock_error **error);

// Sets who answers a ClientHello: see tlsock_sni_callback. Called also when the client named no
// server.
// Ours: it is called before a session is looked for, which is resumed only for the name, the
// context and the trust it was made with.
// Returns: VALUE on a TLS_CLIENT context.
// Python: SSLContext.sni_callback = callback
// OpenSSL: SSL_CTX_set_tlsext_servername_callback
TLSOCK_API tlsock_status tlsock_context_set_sni_callback(tlsock_context *context,
                                                         tlsock_sni_callback callback,
                                                         void *userdata,
                                                         tlsock_free_userdata free_userdata,
                                                         tlsock_error **error);

// Does what set_sni_callback does; a name that is no valid host name fails the handshake.
// Returns: VALUE on a TLS_CLIENT context.
// Python: SSLContext.set_servername_callback(callback)
TLSOCK_API tlsock_status tlsock_context_set_servername_callback(tlsock_context *context,
                                                                tlsock_sni_callback callback,
                                                                void *userdata,
                                                                tlsock_free_userdata free_userdata,
                                                                tlsock_error **error);

// Loads this side's certificate chain and private key from PEM files; keyfile NULL: the key is in
// certfile. password NULL asks the password callback, and an encrypted key without either fails; no
// terminal is ever read. Once per key type (RSA, ECDSA): both kinds are then served.
// Keys: traditional, PKCS#8, and PKCS#8 v2 with the public key beside it (RFC 5958), which is not
// looked at.
// Ours: it reads no terminal, and on failure nothing has changed.
// Returns: OS (EFBIG beyond 256 MiB, as for any file), SSL ("[SSL] PEM lib", "[X509:
// KEY_VALUES_MISMATCH]"), or the callback's failure. After Python's words the message tells which
// file it is, also in tlsock_error_filename, and what is wrong: no certificate or key in it, a
// wrong password, encryption that OpenSSL has not, a key of another certificate; tlsock_error_cause
// has what OpenSSL found first.
// Python: SSLContext.load_cert_chain(certfile, keyfile, password)
// OpenSSL: SSL_CTX_use_certificate_chain_file, SSL_CTX_use_PrivateKey_file
TLSOCK_API tlsock_status tlsock_context_load_cert_chain(tlsock_context *context,
                                                        const char *certfile, const char *keyfile,
                                                        const char *password, tlsock_error **error);

// Loads chain and key from memory, PEM (any number of certificates) or DER (one); key NULL with
// key_len 0: the key is in cert. Otherwise as load_cert_chain.
// Extension: CPython issue 60691.
TLSOCK_API tlsock_status tlsock_context_load_cert_chain_data(tlsock_context *context,
                                                             const void *cert, size_t cert_len,
                                                             const void *key, size_t key_len,
                                                             const char *password,
                                                             tlsock_error **error);

// Does what load_cert_chain does, and asks for the password of an encrypted key by a callback of
// this call: it is called before the call returns, on this thread, and not kept. Threads that load
// into one context at the same time are each asked for their own. A NULL callback is VALUE.
// Python: SSLContext.load_cert_chain(certfile, keyfile, password=callable)
TLSOCK_API tlsock_status tlsock_context_load_cert_chain_asking(tlsock_context *context,
                                                               const char *certfile,
                                                               const char *keyfile,
                                                               tlsock_password_callback password,
                                                               void *userdata,
                                                               tlsock_error **error);

// Does what load_cert_chain_data does, with a callback as load_cert_chain_asking has it.
// Extension: CPython issue 60691.
TLSOCK_API tlsock_status tlsock_context_load_cert_chain_data_asking(
    tlsock_context *context, const void *cert, size_t cert_len, const void *key, size_t key_len,
    tlsock_password_callback password, void *userdata, tlsock_error **error);

// Sets who is asked for the password of an encrypted key when a loading call passes none.
// Python: load_cert_chain(password=callable)
// OpenSSL: SSL_CTX_set_default_passwd_cb
TLSOCK_API tlsock_status tlsock_context_set_password_callback(tlsock_context *context,
                                                              tlsock_password_callback callback,
                                                              void *userdata,
                                                              tlsock_free_userdata free_userdata,
                                                              tlsock_error **error);

// Tells whether the context keeps chains that were verified.
// Extension: see tlsock_context_set_chain_cache.
TLSOCK_API bool tlsock_context_chain_cache(const tlsock_context *context);

// Sets whether connections made from now on keep the peer's chain once it was verified, and do not
// verify the signatures of the same certificates again. Off by default; switching it off forgets
// what was kept. The verdict counts only while all that it came from is the same: every certificate
// shown and their order, the CAs and CRLs that are trusted, the name or address, the side, verify
// flags and security level. Dates are looked at each time. A change of trust, or any doubt, means
// verifying as ever. Only successes are kept. Where CRLs are checked and may come from a hashed
// directory, every chain is verified. What it saves, of the processor time that both ends spend on
// a full handshake with a server that was seen before: about a sixth for P-256, a twentieth for
// RSA. What it costs: memory for up to 64 chains, and that somebody who can measure may learn
// whether a chain was seen before.
// Returns: SSL.
// Extension: Python verifies every chain anew.
// OpenSSL: SSL_CTX_set_cert_verify_callback
TLSOCK_API tlsock_status tlsock_context_set_chain_cache(tlsock_context *context, bool enabled,
                                                        tlsock_error **error);

// Returns how many chains did not have to be verified again since the context was made; 0 for NULL.
// Extension: see tlsock_context_set_chain_cache.
TLSOCK_API uint64_t tlsock_context_chain_cache_hits(const tlsock_context *context);

// Sets the ciphers of TLS 1.2 and below from an OpenSSL cipher list. Those of TLS 1.3 stay.
// Ours: a list that is refused changes nothing.
// Returns: SSL "No cipher can be selected.", VALUE beyond 64 KiB.
// Python: SSLContext.set_ciphers(ciphers)
// OpenSSL: SSL_CTX_set_cipher_list
TLSOCK_API tlsock_status tlsock_context_set_ciphers(tlsock_context *context, const char *ciphers,
                                                    tlsock_error **error);

// Lists the enabled ciphers, best first, TLS 1.3 before the rest; read it with _info_at.
// Python: SSLContext.get_ciphers()
// OpenSSL: SSL_CTX_get_ciphers
TLSOCK_API tlsock_status tlsock_context_get_ciphers(const tlsock_context *context,
                                                    tlsock_cipher_list **ciphers,
                                                    tlsock_error **error);

// Sets the ciphers of TLS 1.3 by their names, with colons between: "TLS_AES_256_GCM_SHA384". "" for
// none: then nothing newer than TLS 1.2 may be offered. tlsock_context_set_ciphers leaves them
// alone, and this leaves those of TLS 1.2 alone.
// Returns: SSL for a name that OpenSSL refuses, VALUE for a list that is too long.
// Extension: SSLContext.set_ciphersuites() of Python 3.15
// OpenSSL: SSL_CTX_set_ciphersuites
TLSOCK_API tlsock_status tlsock_context_set_ciphersuites(tlsock_context *context,
                                                         const char *ciphersuites,
                                                         tlsock_error **error);

// Sets the groups for key exchange by OpenSSL's names, the preferred one first and with colons
// between: "X25519:P-256". It replaces what tlsock_context_set_ecdh_curve has set.
// Returns: SSL for a name that is no group, VALUE for a list that is too long.
// Extension: SSLContext.set_groups() of Python 3.15
// OpenSSL: SSL_CTX_set1_groups_list
TLSOCK_API tlsock_status tlsock_context_set_groups(tlsock_context *context, const char *groups,
                                                   tlsock_error **error);

// Sets the one group for key exchange, by OpenSSL's short name: "prime256v1", "X25519".
// Returns: VALUE for an unknown name, SSL for a name that is no group.
// Python: SSLContext.set_ecdh_curve(curve_name)
// OpenSSL: SSL_CTX_set1_groups
TLSOCK_API tlsock_status tlsock_context_set_ecdh_curve(tlsock_context *context,
                                                       const char *curve_name,
                                                       tlsock_error **error);

// Loads Diffie-Hellman parameters for TLS 1.2 and below from a PEM file.
// Returns: OS (with filename), SSL.
// Python: SSLContext.load_dh_params(dhfile)
// OpenSSL: SSL_CTX_set0_tmp_dh_pkey
TLSOCK_API tlsock_status tlsock_context_load_dh_params(tlsock_context *context, const char *dhfile,
                                                       tlsock_error **error);

// Returns the TLSOCK_OP_* bits, unknown ones included.
// Python: SSLContext.options
TLSOCK_API uint64_t tlsock_context_options(const tlsock_context *context);

// Sets exactly these TLSOCK_OP_* bits; start from the getter to add one. OP_ENABLE_KTLS lets the
// kernel encrypt what sockets send, where it can: see tlsock_socket_ktls_send.
// Python: SSLContext.options = options
// OpenSSL: SSL_CTX_set_options, SSL_CTX_clear_options
TLSOCK_API tlsock_status tlsock_context_set_options(tlsock_context *context, uint64_t options,
                                                    tlsock_error **error);

// Returns the lowest TLSOCK_TLS_VERSION_* offered; MINIMUM_SUPPORTED if unbounded.
// Python: SSLContext.minimum_version
TLSOCK_API int tlsock_context_minimum_version(const tlsock_context *context);

// Sets the lowest TLSOCK_TLS_VERSION_* to accept. The default is TLSV1_2, or
// what openssl.cnf says if that is higher.
// Returns: VALUE for an unknown version, one OpenSSL refuses, or a context of one fixed version.
// Python: SSLContext.minimum_version = version
// OpenSSL: SSL_CTX_set_min_proto_version
TLSOCK_API tlsock_status tlsock_context_set_minimum_version(tlsock_context *context, int version,
                                                            tlsock_error **error);

// Returns the highest TLSOCK_TLS_VERSION_* offered; MAXIMUM_SUPPORTED if unbounded.
// Python: SSLContext.maximum_version
TLSOCK_API int tlsock_context_maximum_version(const tlsock_context *context);

// Sets the highest TLSOCK_TLS_VERSION_* to accept. The default is what openssl.cnf says.
// Returns: VALUE as for the minimum. A range that is empty fails in the handshake.
// Python: SSLContext.maximum_version = version
// OpenSSL: SSL_CTX_set_max_proto_version
TLSOCK_API tlsock_status tlsock_context_set_maximum_version(tlsock_context *context, int version,
                                                            tlsock_error **error);

// Returns how many TLS 1.3 tickets a server sends after a handshake.
// Python: SSLContext.num_tickets
TLSOCK_API int tlsock_context_num_tickets(const tlsock_context *context);

// Sets how many TLS 1.3 tickets a server sends after a handshake; 0 for none. The default is 2.
// Returns: VALUE for a negative count or any but a TLS_SERVER context.
// Python: SSLContext.num_tickets = count
// OpenSSL: SSL_CTX_set_num_tickets
TLSOCK_API tlsock_status tlsock_context_set_num_tickets(tlsock_context *context, int count,
                                                        tlsock_error **error);

// Returns the counters of handshakes and resumptions; all 0 for NULL.
// Python: SSLContext.session_stats()
TLSOCK_API tlsock_session_stats tlsock_context_session_stats(const tlsock_context *context);

// Trusts more CAs: a PEM file (its CRLs count too), a hashed directory, and PEM or DER in memory.
// Each may be NULL, not all. The memory is loaded first; what was loaded before a failure stays.
// A file that cannot be read in full fails and adds nothing; tlsock_error_cause names the entry and
// its line.
// Ours: a file beyond 256 MiB is EFBIG. Of several CAs with one name the one counts that has
// signed, in whatever order they are loaded; OpenSSL takes the first whose key identifier fits or
// is not asked for.
// Returns: TYPE when all three are NULL, OS, SSL.
// Python: SSLContext.load_verify_locations(cafile, capath, cadata)
// OpenSSL: X509_STORE_add_cert, SSL_CTX_load_verify_locations
TLSOCK_API tlsock_status tlsock_context_load_verify_locations(tlsock_context *context,
                                                              const char *cafile,
                                                              const char *capath,
                                                              const void *cadata, size_t cadata_len,
                                                              tlsock_error **error);

// Adds certificate revocation lists from memory, PEM or DER. They count once verify_flags has a
// CRL_CHECK bit.
// Returns: SSL.
// Extension: Python reads CRLs from files only, by load_verify_locations.
TLSOCK_API tlsock_status tlsock_context_load_crl_data(tlsock_context *context, const void *crl,
                                                      size_t crl_len, tlsock_error **error);

// Trusts the system's CAs for a purpose (TLSOCK_PURPOSE_*, or another OID's number), as
// tlsock_context_set_default_verify_paths does.
// Returns: SSL.
// Python: SSLContext.load_default_certs(purpose)
TLSOCK_API tlsock_status tlsock_context_load_default_certs(tlsock_context *context, int purpose,
                                                           tlsock_error **error);

// Trusts OpenSSL's default file and directory, or those SSL_CERT_FILE and SSL_CERT_DIR name; they
// need not exist. Ours: what of the file cannot be read is left out with a RuntimeWarning, once it
// is needed, which no callback can refuse; the rest counts (Python leaves out all of it).
// Returns: SSL.
// Python: SSLContext.set_default_verify_paths()
// OpenSSL: SSL_CTX_set_default_verify_paths
TLSOCK_API tlsock_status tlsock_context_set_default_verify_paths(tlsock_context *context,
                                                                 tlsock_error **error);

// Counts what the trust store holds.
// Python: SSLContext.cert_store_stats()
TLSOCK_API tlsock_status tlsock_context_cert_store_stats(const tlsock_context *context,
                                                         tlsock_cert_store_stats *stats,
                                                         tlsock_error **error);

// Lists the CA certificates in the trust store. A hashed directory shows only what was used so far.
// Python: SSLContext.get_ca_certs(binary_form)
TLSOCK_API tlsock_status tlsock_context_get_ca_certs(const tlsock_context *context,
                                                     tlsock_certificate_list **certificates,
                                                     tlsock_error **error);

// Returns TLSOCK_CERT_NONE, _OPTIONAL or _REQUIRED.
// Python: SSLContext.verify_mode
TLSOCK_API int tlsock_context_verify_mode(const tlsock_context *context);

// Sets whether the peer must show a valid certificate. On a client OPTIONAL is REQUIRED.
// Ours: a server that begins to ask for certificates resumes no session from before.
// Returns: VALUE for CERT_NONE while host names are checked.
// Python: SSLContext.verify_mode = mode
// OpenSSL: SSL_CTX_set_verify
TLSOCK_API tlsock_status tlsock_context_set_verify_mode(tlsock_context *context, int mode,
                                                        tlsock_error **error);

// Tells whether the peer's certificate must be for the server_hostname.
// Python: SSLContext.check_hostname
TLSOCK_API bool tlsock_context_check_hostname(const tlsock_context *context);

// Sets whether host names are checked. Switching it on raises a verify mode of NONE to REQUIRED.
// Python: SSLContext.check_hostname = check
TLSOCK_API tlsock_status tlsock_context_set_check_hostname(tlsock_context *context, bool check,
                                                           tlsock_error **error);

// Tells whether the common name counts when a certificate names no DNS name.
// Python: SSLContext.hostname_checks_common_name
TLSOCK_API bool tlsock_context_hostname_checks_common_name(const tlsock_context *context);

// Sets whether the common name counts when a certificate names no DNS name. Default true.
// Python: SSLContext.hostname_checks_common_name = check
TLSOCK_API tlsock_status tlsock_context_set_hostname_checks_common_name(tlsock_context *context,
                                                                        bool check,
                                                                        tlsock_error **error);

// Returns the TLSOCK_VERIFY_* bits, unknown ones included.
// Python: SSLContext.verify_flags
TLSOCK_API uint64_t tlsock_context_verify_flags(const tlsock_context *context);

// Sets exactly these TLSOCK_VERIFY_* bits; start from the getter to add one.
// Returns: SSL.
// Python: SSLContext.verify_flags = flags
// OpenSSL: X509_VERIFY_PARAM_set_flags, X509_VERIFY_PARAM_clear_flags
TLSOCK_API tlsock_status tlsock_context_set_verify_flags(tlsock_context *context, uint64_t flags,
                                                         tlsock_error **error);

// Wraps a stream socket of the system and, if it is connected, does the handshake, unless
// TLSOCK_WRAP_NO_HANDSHAKE. A non-blocking fd starts with timeout 0, any other with none, as does
// each on Windows, where nobody can tell. Ours: a blocking fd with SO_RCVTIMEO or SO_SNDTIMEO
// starts with the shorter one as its timeout, which then covers a whole operation; changed later,
// they do nothing. server_hostname: the name or address to send and check, IDNA-encoded here; NULL
// on servers. Ours: a dot at its end and the zone of an address are neither sent nor compared; what
// resolvers may take for another IPv4 address (127.0.0.010, 127.1, 0x7f.1) is VALUE. session: one
// to resume, or NULL. The socket owns fd from success on. Ours: on every failure fd stays open and
// yours (Python closes it halfway through), and what a callback has kept of the socket is closed.
// Ours: where fd is not connected yet, TLS begins with the first call that moves bytes after it is,
// whoever connects it. Until then such calls give WANT_WRITE, or wait, while a connect is under
// way, and else OS (ENOTCONN, or why the connect failed). Nothing is plain before unwrap (in Python
// all of it is).
// Returns: I/O statuses, VALUE (a name is to be checked but not given, ...), NOT_IMPLEMENTED (no
// stream).
// Python: SSLContext.wrap_socket(sock, server_side, do_handshake_on_connect, suppress_ragged_eofs,
// server_hostname, session)
TLSOCK_API tlsock_status tlsock_context_wrap_socket(tlsock_context *context, tlsock_fd fd,
                                                    uint32_t flags, const char *server_hostname,
                                                    const tlsock_session *session,
                                                    tlsock_socket **socket, tlsock_error **error);

// Makes a TLS connection in memory: what the peer sent is read from incoming, what to send appears
// in outgoing. Both NULL: the ciphertext goes through tlsock_object_pump only. Nothing happens yet.
// Ours: a context that checks host names refuses a client without one, unless the flag
// TLSOCK_WRAP_INSECURE_NO_HOSTNAME is given (Python would connect unchecked).
// Returns: VALUE, SSL (role does not fit the context).
// Python: SSLContext.wrap_bio(incoming, outgoing, server_side, server_hostname, session)
TLSOCK_API tlsock_status tlsock_context_wrap_bio(tlsock_context *context, tlsock_bio *incoming,
                                                 tlsock_bio *outgoing, uint32_t flags,
                                                 const char *server_hostname,
                                                 const tlsock_session *session,
                                                 tlsock_object **object, tlsock_error **error);

// Connects to a host (name or address) and port and does the handshake with host as
// server_hostname. Ours: the host's addresses are tried in turn, IPv6 and IPv4 alternating, the
// next one 250 ms after one that has not answered (RFC 8305); the first that answers is taken. One
// deadline covers it all, the look-up included; the new socket keeps the timeout for its later
// calls.
// Returns: I/O statuses, VALUE (also for what resolvers may take for another IPv4 address, such as
// 127.0.0.010). A failed look-up is OS or TIMEOUT with phase RESOLVE, a failed connect OS or
// TIMEOUT with phase CONNECT; the message tells what each address came to, and
// tlsock_error_os_errno is the most telling one's.
// Extension: socket.create_connection() and wrap_socket() in one.
TLSOCK_API tlsock_status tlsock_context_create_connection(tlsock_context *context, const char *host,
                                                          int port, double timeout,
                                                          tlsock_socket **socket,
                                                          tlsock_error **error);

// Listens on a host (NULL: all addresses) and port (0: any, see getsockname) and makes a listener
// whose accept does handshakes as a server; flags are those of wrap_socket and pass to accepted
// sockets. backlog 0 is the system's choice.
// Returns: OS, VALUE.
// Extension: socket.create_server() and wrap_socket() in one.
TLSOCK_API tlsock_status tlsock_context_create_server(tlsock_context *context, const char *host,
                                                      int port, int backlog, uint32_t flags,
                                                      tlsock_socket **socket, tlsock_error **error);

// --------------------------------- cipher ----------------------------------

// Returns how many ciphers a list has.
TLSOCK_API size_t tlsock_cipher_list_count(const tlsock_cipher_list *ciphers);

// Fills the triple of one cipher. Returns false, and touches nothing, past the end.
// Python: an entry of SSLSocket.shared_ciphers()
TLSOCK_API bool tlsock_cipher_list_at(const tlsock_cipher_list *ciphers, size_t index,
                                      tlsock_cipher *cipher);

// Fills all that is known of one cipher; its text is the list's. Returns false past the end.
// Python: an entry of SSLContext.get_ciphers()
TLSOCK_API bool tlsock_cipher_list_info_at(const tlsock_cipher_list *ciphers, size_t index,
                                           tlsock_cipher_info *info);

// Frees a list of ciphers. NULL is ignored.
TLSOCK_API void tlsock_cipher_list_free(tlsock_cipher_list *ciphers);

// ----------------------------------- bio -----------------------------------

// Makes an empty memory buffer for wrap_bio. One buffer may be one side's outgoing and the other
// side's incoming.
// Python: MemoryBIO()
TLSOCK_API tlsock_status tlsock_bio_new(tlsock_bio **bio, tlsock_error **error);

// Frees a handle on a buffer; objects made over it go on. NULL is ignored.
TLSOCK_API void tlsock_bio_free(tlsock_bio *bio);

// Returns how many bytes wait to be read.
// Python: MemoryBIO.pending
TLSOCK_API size_t tlsock_bio_pending(const tlsock_bio *bio);

// Tells whether write_eof was called and all is read.
// Python: MemoryBIO.eof
TLSOCK_API bool tlsock_bio_eof(const tlsock_bio *bio);

// Takes up to size bytes out of the buffer; *len is 0 when it is empty.
// Python: MemoryBIO.read(n)
TLSOCK_API tlsock_status tlsock_bio_read(tlsock_bio *bio, void *buffer, size_t size, size_t *len,
                                         tlsock_error **error);

// Appends bytes, all of them.
// Returns: SSL after write_eof, VALUE beyond INT_MAX bytes.
// Python: MemoryBIO.write(data)
TLSOCK_API tlsock_status tlsock_bio_write(tlsock_bio *bio, const void *data, size_t len,
                                          tlsock_error **error);

// Marks the end: an object that finds the buffer empty then sees EOF instead of WANT_READ.
// Python: MemoryBIO.write_eof()
TLSOCK_API tlsock_status tlsock_bio_write_eof(tlsock_bio *bio, tlsock_error **error);

// --------------------------------- object ----------------------------------

// Frees the object; its buffers and context go on. NULL is ignored.
TLSOCK_API void tlsock_object_free(tlsock_object *object);

// Does the handshake, or goes on with it; once finished it succeeds at once. Reading and writing do
// it unasked.
// Returns: I/O statuses.
// Python: SSLObject.do_handshake()
// OpenSSL: SSL_do_handshake
TLSOCK_API tlsock_status tlsock_object_do_handshake(tlsock_object *object, tlsock_error **error);

// Reads up to size decrypted bytes; *len is 0 at the clean end of the stream, or when size is 0.
// Returns: I/O statuses.
// Python: SSLObject.read(len, buffer)
// OpenSSL: SSL_read_ex
TLSOCK_API tlsock_status tlsock_object_read(tlsock_object *object, void *buffer, size_t size,
                                            size_t *len, tlsock_error **error);

// Encrypts and puts out all of data, or fails. After WANT_READ or WANT_WRITE repeat with the same
// bytes (at any address). written may be NULL: on success it is data_len.
// Ours: with other bytes it is VALUE, and the connection lives on.
// Returns: I/O statuses.
// Python: SSLObject.write(data)
// OpenSSL: SSL_write_ex
TLSOCK_API tlsock_status tlsock_object_write(tlsock_object *object, const void *data,
                                             size_t data_len, size_t *written,
                                             tlsock_error **error);

// Returns how many decrypted bytes can be read without the transport.
// Python: SSLObject.pending()
// OpenSSL: SSL_pending
TLSOCK_API size_t tlsock_object_pending(const tlsock_object *object);

// Sends close_notify and takes the peer's. WANT_READ: the peer's is still to come. Bytes after it
// stay in the incoming buffer.
// Returns: I/O statuses.
// Python: SSLObject.unwrap()
// OpenSSL: SSL_shutdown
TLSOCK_API tlsock_status tlsock_object_unwrap(tlsock_object *object, tlsock_error **error);

// Sends close_notify and keeps reading possible: the peer sees the end of our data, and its answer
// is still read to its end. Further writes fail.
// Returns: I/O statuses.
// Extension: the half of unwrap that needs no answer.
// OpenSSL: SSL_shutdown
TLSOCK_API tlsock_status tlsock_object_close_write(tlsock_object *object, tlsock_error **error);

// Moves bytes both ways in one call: for event loops and bindings. Each of the four buffers may be
// NULL with length 0. In this order: the ciphertext that waits goes out, the handshake goes on,
// plaintext_in is encrypted, ciphertext_in is decrypted. Of two threads one may write, without
// ciphertext_in, and the other read, without ciphertext_out, and have the first send what
// tlsock_pump_result tells to be pending.
// Returns: OK: the handshake is finished, plaintext_in is used up and, if plaintext_out has room,
// it got bytes or the peer closed (plaintext_len 0). WANT_READ: pass more ciphertext; plaintext_in
// may be left over, as nothing can be encrypted in the middle of a handshake message. WANT_WRITE:
// ciphertext_out was too small, in a handshake too: send what it got and call again. Else an I/O
// status but TIMEOUT and OS. Whatever it is, *done is filled: first send what ciphertext_out got
// (after a failure, the alert).
// Extension: MemoryBIO.write, SSLObject.write, SSLObject.read and MemoryBIO.read in one.
TLSOCK_API tlsock_status tlsock_object_pump(tlsock_object *object, uint32_t flags,
                                            const void *ciphertext_in, size_t ciphertext_in_len,
                                            const void *plaintext_in, size_t plaintext_in_len,
                                            void *plaintext_out, size_t plaintext_out_size,
                                            void *ciphertext_out, size_t ciphertext_out_size,
                                            tlsock_pump_result *done, tlsock_error **error);

// Gives a new handle on the context in use.
// Python: SSLObject.context
TLSOCK_API tlsock_status tlsock_object_context(const tlsock_object *object,
                                               tlsock_context **context, tlsock_error **error);

// Switches to another context's certificate and callbacks, as an SNI callback does to choose a
// certificate. Options, versions, ciphers and verification stay. Ours: a server asks its client for
// no less than the context it has when the ClientHello is there: of the two verify modes and of
// each verify flag the stricter counts.
// Inside this connection's own callbacks only an SNI callback can do so.
// Returns: VALUE inside any other callback of this connection.
// Python: SSLObject.context = context
// OpenSSL: SSL_set_SSL_CTX
TLSOCK_API tlsock_status tlsock_object_set_context(tlsock_object *object, tlsock_context *context,
                                                   tlsock_error **error);

// Tells whether this is the server's end.
// Python: SSLObject.server_side
TLSOCK_API bool tlsock_object_server_side(const tlsock_object *object);

// Returns the name the peer must prove, as ASCII (A-labels), lent by the object; NULL for none.
// Python: SSLObject.server_hostname
TLSOCK_API const char *tlsock_object_server_hostname(const tlsock_object *object);

// Returns the pointer set_userdata stored; NULL at first.
// Extension: any attribute of a Python object.
TLSOCK_API void *tlsock_object_userdata(const tlsock_object *object);

// Stores a pointer of yours, which the library hands to callbacks and never follows or frees.
// Extension: any attribute of a Python object.
TLSOCK_API void tlsock_object_set_userdata(tlsock_object *object, void *userdata);

// Fills the cipher in use. Returns false, and touches nothing, while there is none.
// Python: SSLObject.cipher()
// OpenSSL: SSL_get_current_cipher
TLSOCK_API bool tlsock_object_cipher(const tlsock_object *object, tlsock_cipher *cipher);

// Lists the ciphers both sides have, in the server's order; read it with _at. *ciphers is NULL on a
// client and before the handshake.
// Python: SSLObject.shared_ciphers()
// OpenSSL: SSL_get_client_ciphers
TLSOCK_API tlsock_status tlsock_object_shared_ciphers(const tlsock_object *object,
                                                      tlsock_cipher_list **ciphers,
                                                      tlsock_error **error);

// Returns "TLSv1.3", "TLSv1.2", ..., static; NULL before the end of the handshake.
// Python: SSLObject.version()
TLSOCK_API const char *tlsock_object_version(const tlsock_object *object);

// Returns the group of the key exchange, such as "x25519", lent by the object; NULL before the end
// of the handshake and where there was none.
// Extension.
// OpenSSL: `SSL_get_negotiated_group`, `SSL_group_to_name`
TLSOCK_API const char *tlsock_object_group(const tlsock_object *object);

// Returns the name of the compression in use, static; NULL for none, as ever by default.
// Python: SSLObject.compression()
TLSOCK_API const char *tlsock_object_compression(const tlsock_object *object);

// Returns the application protocol agreed on, lent by the object; NULL for none.
// Python: SSLObject.selected_alpn_protocol()
// OpenSSL: SSL_get0_alpn_selected
TLSOCK_API const char *tlsock_object_selected_alpn_protocol(const tlsock_object *object);

// Returns NULL: NPN is gone from TLS.
// Python: SSLObject.selected_npn_protocol()
TLSOCK_API const char *tlsock_object_selected_npn_protocol(const tlsock_object *object);

// Gives the bytes of the last Finished message that this side sent, or the peer's if not own; data
// is NULL before the end of the handshake.
// Returns: NO_MEMORY.
// Extension: node's socket.getFinished() and getPeerFinished()
// OpenSSL: SSL_get_finished, SSL_get_peer_finished
TLSOCK_API tlsock_status tlsock_object_finished(const tlsock_object *object, bool own,
                                                tlsock_bytes *finished, tlsock_error **error);

// Gives the bytes that bind an outer login, SCRAM for one, to this connection; data is NULL before
// the handshake is finished. type NULL is "tls-unique". Python has no other; "tls-exporter" (RFC
// 9266, 32 bytes) and "tls-server-end-point" (RFC 5929, the digest of the server's certificate; a
// server that has resumed a session does not know it). Ours: where a type is not defined it is
// refused: tls-unique over TLS 1.3, tls-exporter over TLS 1.2 without the extended master secret or
// where renegotiation is allowed.
// Returns: VALUE for a type not in tlsock_channel_binding_types, or not defined for this
// connection; SSL.
// Python: SSLObject.get_channel_binding(cb_type)
// OpenSSL: SSL_get_finished, SSL_get_peer_finished, SSL_export_keying_material
TLSOCK_API tlsock_status tlsock_object_get_channel_binding(const tlsock_object *object,
                                                           const char *type, tlsock_bytes *binding,
                                                           tlsock_error **error);

// Fills out with keys made of the connection's secrets for a use of their own, the same on both
// ends (RFC 5705; RFC 8446, 7.5). label is text of your protocol, such as "EXPORTER-my-protocol";
// context are bytes of it that count too, NULL for none: over TLS 1.2 that differs from no bytes.
// On failure out is not touched. Secret.
// Returns: VALUE before the end of the handshake, for out_len 0 and over TLS 1.2 without the
// extended master secret (RFC 7627); SSL for a label that is TLS's own, or an out_len beyond what
// the hash can give.
// Extension.
// OpenSSL: SSL_export_keying_material
TLSOCK_API tlsock_status tlsock_object_export_keying_material(const tlsock_object *object,
                                                              const char *label,
                                                              const void *context,
                                                              size_t context_len, void *out,
                                                              size_t out_len, tlsock_error **error);

// Returns the name by which the client has asked for the server (RFC 6066, server_name), as it was
// sent, lent by the object; NULL for none, and before it is known. On both ends.
// Extension.
// OpenSSL: SSL_get_servername
TLSOCK_API const char *tlsock_object_server_name(const tlsock_object *object);

// Asks a TLS 1.3 client for its certificate after the handshake. The request goes out with the next
// write, the answer comes in with a later read.
// Returns: SSL (not TLS 1.3, not a server, not offered, ...).
// Python: SSLObject.verify_client_post_handshake()
// OpenSSL: SSL_verify_client_post_handshake
TLSOCK_API tlsock_status tlsock_object_verify_client_post_handshake(tlsock_object *object,
                                                                    tlsock_error **error);

// Gives the peer's certificate if it was verified. *certificate is NULL when the peer showed none
// (Python's None) and when the context does not verify (Python's {}): see peer_certificate for
// those.
// Returns: VALUE before the end of the handshake.
// Python: SSLObject.getpeercert()
// OpenSSL: SSL_get1_peer_certificate
TLSOCK_API tlsock_status tlsock_object_getpeercert(const tlsock_object *object,
                                                   tlsock_certificate **certificate,
                                                   tlsock_error **error);

// Gives the peer's certificate, verified or not; *certificate is NULL when the peer showed none.
// Check tlsock_certificate_verified before trusting a word of it; tlsock_certificate_der has its
// bytes.
// Returns: VALUE before the end of the handshake.
// Python: SSLObject.getpeercert(binary_form=True)
TLSOCK_API tlsock_status tlsock_object_peer_certificate(const tlsock_object *object,
                                                        tlsock_certificate **certificate,
                                                        tlsock_error **error);

// Gives what verification said of the peer's certificate, also where it need not pass: 0 for
// nothing wrong (there may be no certificate), otherwise OpenSSL's X509_V_ERR_* number.
// Returns: VALUE before the end of the handshake.
// Extension: node's socket.authorizationError
// OpenSSL: SSL_get_verify_result
TLSOCK_API tlsock_status tlsock_object_verify_result(const tlsock_object *object, int *result,
                                                     tlsock_error **error);

// Lists the chain as verification built it, the peer first and the trust anchor last; empty if
// there is none or the session was resumed.
// Python: SSLObject.get_verified_chain()
// OpenSSL: SSL_get0_verified_chain
TLSOCK_API tlsock_status tlsock_object_get_verified_chain(const tlsock_object *object,
                                                          tlsock_certificate_list **chain,
                                                          tlsock_error **error);

// Lists the chain of a peer that was verified, which is built and checked again with what is
// trusted now, the peer first: for a session that was resumed, whose chain nobody keeps (the
// certificates between are those that the session has: in a server's ticket none). Empty if the
// peer was not verified, or does not pass now.
// Extension.
// OpenSSL: X509_verify_cert
TLSOCK_API tlsock_status tlsock_object_verify_again(const tlsock_object *object,
                                                    tlsock_certificate_list **chain,
                                                    tlsock_error **error);

// Lists the certificates exactly as the peer sent them; empty if it sent none or the session was
// resumed.
// Python: SSLObject.get_unverified_chain()
// OpenSSL: SSL_get_peer_cert_chain
TLSOCK_API tlsock_status tlsock_object_get_unverified_chain(const tlsock_object *object,
                                                            tlsock_certificate_list **chain,
                                                            tlsock_error **error);

// Gives a new handle on the current session; *session is NULL if there is none. Ours: there is none
// before the end of the handshake. A TLS 1.3 client gets one that resumes only after it has read
// something: see tlsock_context_set_session_callback.
// Python: SSLObject.session
// OpenSSL: SSL_get1_session
TLSOCK_API tlsock_status tlsock_object_session(const tlsock_object *object,
                                               tlsock_session **session, tlsock_error **error);

// Offers a session for resumption; it must come from the same context. Ours: it vouches for what
// its handshake has proved. If more or other than that is asked when this handshake begins (CAs,
// revocation lists, flags, the security level), or a certificate has expired since, the handshake
// is a full one.
// Returns: VALUE for another context's session, one made without verifying or for another name
// where this connection checks it, on a server, and once the handshake has begun; SSL.
// Python: SSLObject.session = session
// OpenSSL: SSL_set_session
TLSOCK_API tlsock_status tlsock_object_set_session(tlsock_object *object,
                                                   const tlsock_session *session,
                                                   tlsock_error **error);

// Tells whether the handshake resumed a session, or used a key shared before.
// Python: SSLObject.session_reused
// OpenSSL: SSL_session_reused
TLSOCK_API bool tlsock_object_session_reused(const tlsock_object *object);

// --------------------------------- socket ----------------------------------

// Frees the socket, closing its descriptor if it still has one. NULL is ignored.
TLSOCK_API void tlsock_socket_free(tlsock_socket *socket);

// Does the handshake, or goes on with it; once finished it succeeds at once. Reading and writing do
// it unasked.
// Ours: without a TLS layer it is VALUE.
// Returns: I/O statuses, among them OS (ENOTCONN) before connect; VALUE without TLS.
// Python: SSLSocket.do_handshake()
// OpenSSL: SSL_do_handshake
TLSOCK_API tlsock_status tlsock_socket_do_handshake(tlsock_socket *socket, tlsock_error **error);

// Reads up to size decrypted bytes; *len is 0 at the clean end of the stream, or when size is 0.
// Returns: I/O statuses, VALUE once TLS is over (after unwrap recv reads plainly).
// Python: SSLSocket.read(len, buffer)
// OpenSSL: SSL_read_ex
TLSOCK_API tlsock_status tlsock_socket_read(tlsock_socket *socket, void *buffer, size_t size,
                                            size_t *len, tlsock_error **error);

// Encrypts and sends all of data, or fails. After WANT_READ or WANT_WRITE repeat with the same
// bytes in front (at any address; more or fewer may follow, as long as they cover what was taken).
// written may be NULL: on success it is data_len.
// Returns: I/O statuses, VALUE once TLS is over (after unwrap send writes plainly).
// Python: SSLSocket.write(data)
// OpenSSL: SSL_write_ex
TLSOCK_API tlsock_status tlsock_socket_write(tlsock_socket *socket, const void *data,
                                             size_t data_len, size_t *written,
                                             tlsock_error **error);

// Returns how many decrypted bytes can be read without the transport: ask this before you wait for
// the descriptor. Together they say all that there is, unless tlsock_socket_set_read_ahead is on.
// Python: SSLSocket.pending()
// OpenSSL: SSL_pending
TLSOCK_API size_t tlsock_socket_pending(const tlsock_socket *socket);

// Returns how many bytes are encrypted and could not be sent yet, because the system took only a
// part: wait for room to send too, then call again. Calls in either direction send them. Their own
// handshake, unwrap or answer to the peer makes them say WANT_WRITE; of a send's rest recv says
// WANT_READ. A loop that wants to receive waits for bytes whichever of the two recv says: where
// both sides only wait for room, both wait for ever, as with OpenSSL.
// Extension.
// OpenSSL: BIO_wpending(SSL_get_wbio(ssl))
TLSOCK_API size_t tlsock_socket_pending_write(const tlsock_socket *socket);

// Receives up to size bytes; *len is 0 at the end of the stream, or when size is 0. After unwrap it
// receives plainly, and never before.
// Returns: I/O statuses.
// Python: SSLSocket.recv(bufsize), SSLSocket.recv_into(buffer, nbytes)
TLSOCK_API tlsock_status tlsock_socket_recv(tlsock_socket *socket, void *buffer, size_t size,
                                            size_t *len, tlsock_error **error);

// Sends bytes, all of them under TLS; *sent (may be NULL) counts them. After unwrap it sends
// plainly, perhaps a part, and never before. After WANT_READ or WANT_WRITE repeat as for
// tlsock_socket_write.
// Ours: with other bytes in front it is VALUE, and the connection lives on.
// Returns: I/O statuses. Once recv has told the peer's goodbye, a send that the system refuses is
// ZERO_RETURN, with the system's error as its cause; before, it is OS.
// Python: SSLSocket.send(data)
TLSOCK_API tlsock_status tlsock_socket_send(tlsock_socket *socket, const void *data,
                                            size_t data_len, size_t *sent, tlsock_error **error);

// Sends all of data. After WANT_READ or WANT_WRITE under TLS repeat as for tlsock_socket_write.
// Returns: I/O statuses.
// Python: SSLSocket.sendall(data)
TLSOCK_API tlsock_status tlsock_socket_sendall(tlsock_socket *socket, const void *data,
                                               size_t data_len, tlsock_error **error);

// Sends close_notify, waits for the peer's and leaves TLS: the socket is plain from then on. What
// follows the peer's close_notify stays in the descriptor; only after reads with read_ahead on may
// some of it have been received: that goes to leftover, and leftover NULL keeps it in front of this
// socket's next recv. On failure TLS stays. Ours: data of the peer's that nobody has read fail the
// call, as in Python, but can still be read: read to the end, then call again.
// Ours: a socket for which the kernel encrypts gives no plain socket to send on.
// Returns: I/O statuses, SSL (APPLICATION_DATA_AFTER_CLOSE_NOTIFY), VALUE without TLS.
// Python: SSLSocket.unwrap()
// OpenSSL: SSL_shutdown
TLSOCK_API tlsock_status tlsock_socket_unwrap(tlsock_socket *socket, tlsock_bytes *leftover,
                                              tlsock_error **error);

// Sends close_notify and keeps reading possible: the peer sees the end of our data, and its answer
// is still read to its end. Further writes fail.
// Returns: I/O statuses.
// Extension: the half of unwrap that needs no answer.
// OpenSSL: SSL_shutdown
TLSOCK_API tlsock_status tlsock_socket_close_write(tlsock_socket *socket, tlsock_error **error);

// Gives a new handle on the context in use.
// Python: SSLSocket.context
TLSOCK_API tlsock_status tlsock_socket_context(const tlsock_socket *socket,
                                               tlsock_context **context, tlsock_error **error);

// Switches to another context's certificate and callbacks, as an SNI callback does to choose a
// certificate. Options, versions, ciphers and verification stay. Ours: a server asks its client for
// no less than the context it has when the ClientHello is there: of the two verify modes and of
// each verify flag the stricter counts.
// Inside this connection's own callbacks only an SNI callback can do so.
// Returns: VALUE inside any other callback of this connection.
// Python: SSLSocket.context = context
// OpenSSL: SSL_set_SSL_CTX
TLSOCK_API tlsock_status tlsock_socket_set_context(tlsock_socket *socket, tlsock_context *context,
                                                   tlsock_error **error);

// Tells whether this is the server's end.
// Python: SSLSocket.server_side
TLSOCK_API bool tlsock_socket_server_side(const tlsock_socket *socket);

// Returns the name the peer must prove, as ASCII (A-labels), lent by the socket; NULL for none.
// Python: SSLSocket.server_hostname
TLSOCK_API const char *tlsock_socket_server_hostname(const tlsock_socket *socket);

// Returns the pointer set_userdata stored; NULL at first.
// Extension: any attribute of a Python object.
TLSOCK_API void *tlsock_socket_userdata(const tlsock_socket *socket);

// Stores a pointer of yours, which the library hands to callbacks and never follows or frees.
// Extension: any attribute of a Python object.
TLSOCK_API void tlsock_socket_set_userdata(tlsock_socket *socket, void *userdata);

// Returns the descriptor, for poll and the like; TLSOCK_INVALID_FD if there is none. Bytes may be
// ready in tlsock_socket_pending though the descriptor is not, and in tlsock_socket_pending_write
// to be sent.
// Python: SSLSocket.fileno()
TLSOCK_API tlsock_fd tlsock_socket_fileno(const tlsock_socket *socket);

// Gives the address of the peer.
// Returns: OS.
// Python: SSLSocket.getpeername()
TLSOCK_API tlsock_status tlsock_socket_getpeername(const tlsock_socket *socket,
                                                   tlsock_address *address, tlsock_error **error);

// Gives the address of this end.
// Returns: OS.
// Python: SSLSocket.getsockname()
TLSOCK_API tlsock_status tlsock_socket_getsockname(const tlsock_socket *socket,
                                                   tlsock_address *address, tlsock_error **error);

// Connects to a host (name or address) and port within the socket's timeout, then does the
// handshake unless TLSOCK_WRAP_NO_HANDSHAKE. A non-blocking socket returns WANT_WRITE, later
// WANT_READ: repeat the call. A failed connect may be repeated, a failed handshake not. Ours: TLS
// stays when the handshake fails, so that nothing is sent unprotected (Python leaves a plain
// socket).
// Ours: a host that resolvers may take for another IPv4 address (127.0.0.010, 127.1) is VALUE.
// Returns: I/O statuses, VALUE on a server's socket or one already connected.
// Python: SSLSocket.connect((host, port))
TLSOCK_API tlsock_status tlsock_socket_connect(tlsock_socket *socket, const char *host, int port,
                                               tlsock_error **error);

// Does what connect does, to a struct sockaddr of the system.
// Python: SSLSocket.connect(address)
TLSOCK_API tlsock_status tlsock_socket_connect_address(tlsock_socket *socket, const void *address,
                                                       size_t address_len, tlsock_error **error);

// Connects, but reports the system's failures as a number: *os_errno is 0 when connected,
// EINPROGRESS when a non-blocking socket should wait for writing and then call do_handshake, EAGAIN
// (WSAEWOULDBLOCK on Windows) when the timeout passed first. All of these return OK.
// Returns: as connect, for a failed look-up (OS or TIMEOUT with phase RESOLVE) and a failed
// handshake.
// Python: SSLSocket.connect_ex((host, port))
TLSOCK_API tlsock_status tlsock_socket_connect_ex(tlsock_socket *socket, const char *host, int port,
                                                  int *os_errno, tlsock_error **error);

// Does what connect_ex does, to a struct sockaddr of the system.
// Python: SSLSocket.connect_ex(address)
TLSOCK_API tlsock_status tlsock_socket_connect_ex_address(tlsock_socket *socket,
                                                          const void *address, size_t address_len,
                                                          int *os_errno, tlsock_error **error);

// Accepts a connection, with the listener's context and flags, as a new blocking socket, and does
// the handshake unless TLSOCK_WRAP_NO_HANDSHAKE (a server should set it, and do_handshake in the
// peer's own thread: otherwise one silent peer holds up all). address may be NULL. A peer that
// fails leaves the listener working: tlsock_error_phase is HANDSHAKE then, ACCEPT when the listener
// itself failed.
// Ours: the listener's timeout covers the handshake too. Without one, or on a non-blocking
// listener, the handshake waits for as long as the peer likes.
// With TLSOCK_WRAP_NO_HANDSHAKE it returns once a peer is connected. A busy server then gives each
// peer a deadline (settimeout), does its handshake in a thread of its own, and limits how many
// handshakes are under way: others wait in the backlog, at no cost. bindings/c/server.c does all of
// it.
// Returns: I/O statuses; WANT_READ when a non-blocking listener has no peer; OS (EINVAL) on what
// does not listen.
// Python: SSLSocket.accept()
TLSOCK_API tlsock_status tlsock_socket_accept(tlsock_socket *socket, tlsock_socket **accepted,
                                              tlsock_address *address, tlsock_error **error);

// Binds to an address of this machine (host NULL: all) and a port (0: any).
// Returns: OS.
// Python: SSLSocket.bind((host, port))
TLSOCK_API tlsock_status tlsock_socket_bind(tlsock_socket *socket, const char *host, int port,
                                            tlsock_error **error);

// Binds to a struct sockaddr of the system.
// Returns: OS.
// Python: SSLSocket.bind(address)
TLSOCK_API tlsock_status tlsock_socket_bind_address(tlsock_socket *socket, const void *address,
                                                    size_t address_len, tlsock_error **error);

// Starts listening; backlog 0 is the system's choice.
// Returns: OS.
// Python: SSLSocket.listen(backlog)
TLSOCK_API tlsock_status tlsock_socket_listen(tlsock_socket *socket, int backlog,
                                              tlsock_error **error);

// Shuts the transport down without close_notify: how is SHUT_RD, SHUT_WR or SHUT_RDWR of the system
// (0, 1, 2). A thread blocked in this socket wakes. SHUT_RDWR drops TLS. To end only your own data,
// and say so, use close_write. Ours: after SHUT_WR recv goes on through TLS (Python's gives
// ciphertext), and after SHUT_RDWR it gives nothing.
// Returns: OS.
// Python: SSLSocket.shutdown(how)
TLSOCK_API tlsock_status tlsock_socket_shutdown(tlsock_socket *socket, int how,
                                                tlsock_error **error);

// Closes the descriptor, without close_notify (unwrap or close_write send it), once all streams of
// makefile are closed. A thread blocked in this socket wakes with an error. Closing twice is fine,
// and what the system says to a close changes nothing: it is not returned.
// Ours: up to 256 KiB that have arrived unread, tickets for one, are taken in first: else the
// system would reset the connection, and the peer could lose what it has not read. What arrives
// later still does that: a client that must be sure calls close_write and reads to the end.
// Python: SSLSocket.close()
TLSOCK_API tlsock_status tlsock_socket_close(tlsock_socket *socket, tlsock_error **error);

// Resets the transport at once, unsent data lost, and closes it. Threads blocked in this socket
// wake with an error. For giving up on a peer, from any thread.
// Extension.
TLSOCK_API tlsock_status tlsock_socket_abort(tlsock_socket *socket, tlsock_error **error);

// Gives the descriptor up to the caller, still open; TLSOCK_INVALID_FD if there is none.
// Ours: TLS on this socket is over.
// Python: SSLSocket.detach()
TLSOCK_API tlsock_fd tlsock_socket_detach(tlsock_socket *socket);

// Tells whether the stream ended without close_notify though recv reported a plain end: what was
// received may be cut short.
// Extension.
TLSOCK_API bool tlsock_socket_ragged_eof(const tlsock_socket *socket);

// Sends the parts one after the other as one piece of data, filling records across their borders.
// Otherwise as send.
// Returns: I/O statuses.
// Extension: SSLSocket.sendmsg() is not allowed in Python.
TLSOCK_API tlsock_status tlsock_socket_sendv(tlsock_socket *socket, const tlsock_part *parts,
                                             size_t count, size_t *sent, tlsock_error **error);

// Sends count bytes of a file from offset on; count 0 is to its end. file is a descriptor of the C
// library, opened in binary; it is left behind the last byte sent. *sent is filled on failure too.
// Ours: offset 0 is the start of the file, and one deadline covers all of it. After TIMEOUT or
// INTERRUPTED go on at offset + *sent: what is counted but not sent yet goes out first.
// Returns: I/O statuses, VALUE on a non-blocking socket, NOT_IMPLEMENTED on Windows.
// Python: SSLSocket.sendfile(file, offset, count)
TLSOCK_API tlsock_status tlsock_socket_sendfile(tlsock_socket *socket, int file, uint64_t offset,
                                                uint64_t count, uint64_t *sent,
                                                tlsock_error **error);

// Opens a C stream over the connection. mode is as for fopen, without "a". The descriptor is closed
// when the socket and all its streams are; fclose the stream first for its buffered output.
// Returns: NOT_IMPLEMENTED where the C library has no custom streams.
// Python: SSLSocket.makefile(mode)
TLSOCK_API tlsock_status tlsock_socket_makefile(tlsock_socket *socket, const char *mode,
                                                FILE **file, tlsock_error **error);

// Waits until the descriptor is ready for what a call wanted: want is TLSOCK_WANT_READ or
// TLSOCK_WANT_WRITE (a connect that is under way too). timeout as in settimeout. Bytes in
// tlsock_socket_pending end it at once.
// Returns: TIMEOUT, OS.
// Extension: select.select() on one socket.
TLSOCK_API tlsock_status tlsock_socket_wait(tlsock_socket *socket, int want, double timeout,
                                            tlsock_error **error);

// Returns the timeout in seconds: negative for none, 0 for non-blocking.
// Python: SSLSocket.gettimeout()
TLSOCK_API double tlsock_socket_gettimeout(const tlsock_socket *socket);

// Sets the deadline of each later call, in seconds from its start: negative for none, 0 for
// non-blocking.
// Returns: OS, VALUE for NaN.
// Python: SSLSocket.settimeout(value)
TLSOCK_API tlsock_status tlsock_socket_settimeout(tlsock_socket *socket, double seconds,
                                                  tlsock_error **error);

// Sets no timeout (true) or non-blocking (false).
// Returns: OS.
// Python: SSLSocket.setblocking(flag)
TLSOCK_API tlsock_status tlsock_socket_setblocking(tlsock_socket *socket, bool blocking,
                                                   tlsock_error **error);

// Gets an option of the socket by the system's numbers into value; *len (may be NULL) is its size.
// Returns: OS.
// Python: SSLSocket.getsockopt(level, optname, buflen)
TLSOCK_API tlsock_status tlsock_socket_getsockopt(const tlsock_socket *socket, int level,
                                                  int optname, void *value, size_t size,
                                                  size_t *len, tlsock_error **error);

// Sets an option of the socket by the system's numbers.
// Returns: OS.
// Python: SSLSocket.setsockopt(level, optname, value)
TLSOCK_API tlsock_status tlsock_socket_setsockopt(tlsock_socket *socket, int level, int optname,
                                                  const void *value, size_t value_len,
                                                  tlsock_error **error);

// Tells whether reads that may wait receive ahead. Off at first.
// OpenSSL: SSL_get_read_ahead
TLSOCK_API bool tlsock_socket_read_ahead(const tlsock_socket *socket);

// Lets reads that may wait receive up to 64 KiB at once, which saves system calls: one for each
// read instead of two, and one for several records. Whole records may then wait inside, and poll on
// the descriptor does not tell of them; a close_notify among them not even tlsock_socket_pending
// does. Without it nothing is received that the call does not take. For programs that wait in recv
// and nowhere else. A non-blocking socket never receives ahead.
// OpenSSL: SSL_set_read_ahead
TLSOCK_API tlsock_status tlsock_socket_set_read_ahead(tlsock_socket *socket, bool on,
                                                      tlsock_error **error);

// Tells whether the kernel encrypts what the socket sends: the context has TLSOCK_OP_ENABLE_KTLS,
// and kernel, OpenSSL, version and cipher can. It is decided in the handshake. sendfile then moves
// no byte through the process. A peer that asks for new keys, or in TLS 1.2 for a renegotiation,
// ends such a connection; and after unwrap, or on a descriptor that was detached, the kernel still
// encrypts: only closing ends that.
// Extension.
// OpenSSL: BIO_get_ktls_send
TLSOCK_API bool tlsock_socket_ktls_send(const tlsock_socket *socket);

// Tells whether the kernel decrypts what the socket receives. Never, so far: a peer may change its
// keys at any time, which the kernel does not follow.
// Extension.
// OpenSSL: BIO_get_ktls_recv
TLSOCK_API bool tlsock_socket_ktls_recv(const tlsock_socket *socket);

// Fills the cipher in use. Returns false, and touches nothing, while there is none.
// Python: SSLSocket.cipher()
// OpenSSL: SSL_get_current_cipher
TLSOCK_API bool tlsock_socket_cipher(const tlsock_socket *socket, tlsock_cipher *cipher);

// Lists the ciphers both sides have, in the server's order; read it with _at. *ciphers is NULL on a
// client and before the handshake.
// Python: SSLSocket.shared_ciphers()
// OpenSSL: SSL_get_client_ciphers
TLSOCK_API tlsock_status tlsock_socket_shared_ciphers(const tlsock_socket *socket,
                                                      tlsock_cipher_list **ciphers,
                                                      tlsock_error **error);

// Returns "TLSv1.3", "TLSv1.2", ..., static; NULL before the end of the handshake.
// Python: SSLSocket.version()
TLSOCK_API const char *tlsock_socket_version(const tlsock_socket *socket);

// Returns the group of the key exchange, such as "x25519", lent by the socket; NULL before the end
// of the handshake and where there was none.
// Extension.
// OpenSSL: `SSL_get_negotiated_group`, `SSL_group_to_name`
TLSOCK_API const char *tlsock_socket_group(const tlsock_socket *socket);

// Returns the name of the compression in use, static; NULL for none, as ever by default.
// Python: SSLSocket.compression()
TLSOCK_API const char *tlsock_socket_compression(const tlsock_socket *socket);

// Returns the application protocol agreed on, lent by the socket; NULL for none.
// Python: SSLSocket.selected_alpn_protocol()
// OpenSSL: SSL_get0_alpn_selected
TLSOCK_API const char *tlsock_socket_selected_alpn_protocol(const tlsock_socket *socket);

// Returns NULL: NPN is gone from TLS.
// Python: SSLSocket.selected_npn_protocol()
TLSOCK_API const char *tlsock_socket_selected_npn_protocol(const tlsock_socket *socket);

// Gives the bytes of the last Finished message that this side sent, or the peer's if not own; data
// is NULL before the end of the handshake.
// Returns: NO_MEMORY.
// Extension: node's socket.getFinished() and getPeerFinished()
// OpenSSL: SSL_get_finished, SSL_get_peer_finished
TLSOCK_API tlsock_status tlsock_socket_finished(const tlsock_socket *socket, bool own,
                                                tlsock_bytes *finished, tlsock_error **error);

// Gives the bytes that bind an outer login, SCRAM for one, to this connection; data is NULL before
// the handshake is finished. type NULL is "tls-unique". Python has no other; "tls-exporter" (RFC
// 9266, 32 bytes) and "tls-server-end-point" (RFC 5929, the digest of the server's certificate; a
// server that has resumed a session does not know it). Ours: where a type is not defined it is
// refused: tls-unique over TLS 1.3, tls-exporter over TLS 1.2 without the extended master secret or
// where renegotiation is allowed.
// Returns: VALUE for a type not in tlsock_channel_binding_types, or not defined for this
// connection; SSL.
// Python: SSLSocket.get_channel_binding(cb_type)
// OpenSSL: SSL_get_finished, SSL_get_peer_finished, SSL_export_keying_material
TLSOCK_API tlsock_status tlsock_socket_get_channel_binding(const tlsock_socket *socket,
                                                           const char *type, tlsock_bytes *binding,
                                                           tlsock_error **error);

// Fills out with keys made of the connection's secrets for a use of their own, the same on both
// ends (RFC 5705; RFC 8446, 7.5). label is text of your protocol, such as "EXPORTER-my-protocol";
// context are bytes of it that count too, NULL for none: over TLS 1.2 that differs from no bytes.
// On failure out is not touched. Secret.
// Returns: VALUE before the end of the handshake, for out_len 0 and over TLS 1.2 without the
// extended master secret (RFC 7627), OS (ENOTCONN) before connect; SSL for a label that is TLS's
// own, or an out_len beyond what the hash can give.
// Extension.
// OpenSSL: SSL_export_keying_material
TLSOCK_API tlsock_status tlsock_socket_export_keying_material(const tlsock_socket *socket,
                                                              const char *label,
                                                              const void *context,
                                                              size_t context_len, void *out,
                                                              size_t out_len, tlsock_error **error);

// Returns the name by which the client has asked for the server (RFC 6066, server_name), as it was
// sent, lent by the socket; NULL for none, and before it is known. On both ends.
// Extension.
// OpenSSL: SSL_get_servername
TLSOCK_API const char *tlsock_socket_server_name(const tlsock_socket *socket);

// Asks a TLS 1.3 client for its certificate after the handshake. The request goes out with the next
// write, the answer comes in with a later read.
// Returns: SSL (not TLS 1.3, not a server, not offered, ...), VALUE without TLS.
// Python: SSLSocket.verify_client_post_handshake()
// OpenSSL: SSL_verify_client_post_handshake
TLSOCK_API tlsock_status tlsock_socket_verify_client_post_handshake(tlsock_socket *socket,
                                                                    tlsock_error **error);

// Gives the peer's certificate if it was verified. *certificate is NULL when the peer showed none
// (Python's None) and when the context does not verify (Python's {}): see peer_certificate for
// those.
// Returns: VALUE before the end of the handshake, OS (ENOTCONN) before connect.
// Python: SSLSocket.getpeercert()
// OpenSSL: SSL_get1_peer_certificate
TLSOCK_API tlsock_status tlsock_socket_getpeercert(const tlsock_socket *socket,
                                                   tlsock_certificate **certificate,
                                                   tlsock_error **error);

// Gives the peer's certificate, verified or not; *certificate is NULL when the peer showed none.
// Check tlsock_certificate_verified before trusting a word of it; tlsock_certificate_der has its
// bytes.
// Returns: VALUE before the end of the handshake, OS (ENOTCONN) before connect.
// Python: SSLSocket.getpeercert(binary_form=True)
TLSOCK_API tlsock_status tlsock_socket_peer_certificate(const tlsock_socket *socket,
                                                        tlsock_certificate **certificate,
                                                        tlsock_error **error);

// Gives what verification said of the peer's certificate, also where it need not pass: 0 for
// nothing wrong (there may be no certificate), otherwise OpenSSL's X509_V_ERR_* number.
// Returns: VALUE before the end of the handshake, OS (ENOTCONN) before connect.
// Extension: node's socket.authorizationError
// OpenSSL: SSL_get_verify_result
TLSOCK_API tlsock_status tlsock_socket_verify_result(const tlsock_socket *socket, int *result,
                                                     tlsock_error **error);

// Lists the chain as verification built it, the peer first and the trust anchor last; empty if
// there is none or the session was resumed.
// Returns: OS before the socket is connected (ENOTCONN) and after close (EBADF), VALUE without TLS.
// Python: SSLSocket.get_verified_chain()
// OpenSSL: SSL_get0_verified_chain
TLSOCK_API tlsock_status tlsock_socket_get_verified_chain(const tlsock_socket *socket,
                                                          tlsock_certificate_list **chain,
                                                          tlsock_error **error);

// Lists the chain of a peer that was verified, which is built and checked again with what is
// trusted now, the peer first: for a session that was resumed, whose chain nobody keeps (the
// certificates between are those that the session has: in a server's ticket none). Empty if the
// peer was not verified, or does not pass now.
// Returns: as get_verified_chain.
// Extension.
// OpenSSL: X509_verify_cert
TLSOCK_API tlsock_status tlsock_socket_verify_again(const tlsock_socket *socket,
                                                    tlsock_certificate_list **chain,
                                                    tlsock_error **error);

// Lists the certificates exactly as the peer sent them; empty if it sent none or the session was
// resumed.
// Returns: as get_verified_chain.
// Python: SSLSocket.get_unverified_chain()
// OpenSSL: SSL_get_peer_cert_chain
TLSOCK_API tlsock_status tlsock_socket_get_unverified_chain(const tlsock_socket *socket,
                                                            tlsock_certificate_list **chain,
                                                            tlsock_error **error);

// Gives a new handle on the current session; *session is NULL if there is none. Ours: there is none
// before the end of the handshake. A TLS 1.3 client gets one that resumes only after it has read
// something: see tlsock_context_set_session_callback.
// Python: SSLSocket.session
// OpenSSL: SSL_get1_session
TLSOCK_API tlsock_status tlsock_socket_session(const tlsock_socket *socket,
                                               tlsock_session **session, tlsock_error **error);

// Offers a session for resumption; it must come from the same context. Ours: it vouches for what
// its handshake has proved. If more or other than that is asked when this handshake begins (CAs,
// revocation lists, flags, the security level), or a certificate has expired since, the handshake
// is a full one.
// Returns: VALUE for another context's session, one made without verifying or for another name
// where this connection checks it, on a server, and once the handshake has begun; SSL.
// Python: SSLSocket.session = session
// OpenSSL: SSL_set_session
TLSOCK_API tlsock_status tlsock_socket_set_session(tlsock_socket *socket,
                                                   const tlsock_session *session,
                                                   tlsock_error **error);

// Tells whether the handshake resumed a session, or used a key shared before.
// Python: SSLSocket.session_reused
// OpenSSL: SSL_session_reused
TLSOCK_API bool tlsock_socket_session_reused(const tlsock_socket *socket);

// --------------------------------- session ---------------------------------

// Makes a session of the bytes tlsock_session_data gave, for use with this context.
// Returns: VALUE for damaged bytes, those of another library version or of a context with other
// trust (CAs, directories, revocation lists if they are asked, verify mode and flags, security
// level, host name checks), SSL.
// Extension.
TLSOCK_API tlsock_status tlsock_session_new_data(tlsock_context *context, const void *data,
                                                 size_t data_len, tlsock_session **session,
                                                 tlsock_error **error);

// Frees a handle on a session. NULL is ignored.
TLSOCK_API void tlsock_session_free(tlsock_session *session);

// Tells whether two sessions have the same id; two empty ids are the same.
// Python: a == b
TLSOCK_API bool tlsock_session_equal(const tlsock_session *session, const tlsock_session *other);

// Returns the id, up to 32 bytes, lent by the session; len is 0 where only a ticket names it.
// Python: SSLSession.id
TLSOCK_API tlsock_slice tlsock_session_id(const tlsock_session *session);

// Returns when it was made, in seconds since 1970.
// Python: SSLSession.time
TLSOCK_API int64_t tlsock_session_time(const tlsock_session *session);

// Returns for how many seconds it may be resumed.
// Python: SSLSession.timeout
TLSOCK_API int64_t tlsock_session_timeout(const tlsock_session *session);

// Returns the lifetime in seconds the server gave its ticket; 0 without a ticket.
// Python: SSLSession.ticket_lifetime_hint
TLSOCK_API uint64_t tlsock_session_ticket_lifetime_hint(const tlsock_session *session);

// Tells whether there is a ticket.
// Python: SSLSession.has_ticket
TLSOCK_API bool tlsock_session_has_ticket(const tlsock_session *session);

// Gives the session as bytes, to keep beyond this process. Secret: whoever has them is this client.
// Returns: VALUE if nobody can tell what it vouches for: the context finds revocation lists in a
// directory, or was changed during the handshake; SSL.
// Extension.
// OpenSSL: i2d_SSL_SESSION
TLSOCK_API tlsock_status tlsock_session_data(const tlsock_session *session, tlsock_bytes *data,
                                             tlsock_error **error);

// ------------------------------- certificate -------------------------------

// Reads a certificate from DER, or the first of a PEM text. It is not verified.
// Returns: SSL.
// Extension.
TLSOCK_API tlsock_status tlsock_certificate_new_data(const void *data, size_t data_len,
                                                     tlsock_certificate **certificate,
                                                     tlsock_error **error);

// Frees a certificate. NULL is ignored. Never for those a list or an error lends.
TLSOCK_API void tlsock_certificate_free(tlsock_certificate *certificate);

// Tells whether two certificates are the same bytes; NULL is none and equals nothing.
// Extension.
TLSOCK_API bool tlsock_certificate_equal(const tlsock_certificate *certificate,
                                         const tlsock_certificate *other);

// Tells whether it came from a connection that had verified it (and the host name, if that was
// asked).
// Extension: in Python a dict that is not empty.
TLSOCK_API bool tlsock_certificate_verified(const tlsock_certificate *certificate);

// Returns the DER bytes.
// Python: getpeercert(binary_form=True)
TLSOCK_API tlsock_slice tlsock_certificate_der(const tlsock_certificate *certificate);

// Returns the PEM text, as der_cert_to_pem_cert writes it; NULL only for a NULL certificate.
// Extension.
TLSOCK_API const char *tlsock_certificate_pem(const tlsock_certificate *certificate);

// Gives Python's dict as JSON text, keys and values as there (tuples are arrays, bytes are hex).
// json is lent by the certificate.
// Returns: VALUE for names that are not text, SSL.
// Python: getpeercert(), get_ca_certs()
TLSOCK_API tlsock_status tlsock_certificate_json(const tlsock_certificate *certificate,
                                                 const char **json, tlsock_error **error);

// Returns how many name pairs the subject has.
// Python: "subject"
TLSOCK_API size_t tlsock_certificate_subject_count(const tlsock_certificate *certificate);

// Fills one name pair of the subject. Returns false, and touches nothing, past the end.
// Python: "subject"
TLSOCK_API bool tlsock_certificate_subject_at(const tlsock_certificate *certificate, size_t index,
                                              tlsock_name_pair *pair);

// Returns the subject in one line (RFC 2253, escaped), for people to read, not to compare.
// Extension.
TLSOCK_API const char *tlsock_certificate_subject_text(const tlsock_certificate *certificate);

// Returns how many name pairs the issuer has.
// Python: "issuer"
TLSOCK_API size_t tlsock_certificate_issuer_count(const tlsock_certificate *certificate);

// Fills one name pair of the issuer. Returns false, and touches nothing, past the end.
// Python: "issuer"
TLSOCK_API bool tlsock_certificate_issuer_at(const tlsock_certificate *certificate, size_t index,
                                             tlsock_name_pair *pair);

// Returns the issuer in one line (RFC 2253, escaped), for people to read, not to compare.
// Extension.
TLSOCK_API const char *tlsock_certificate_issuer_text(const tlsock_certificate *certificate);

// Returns the X.509 version counted from 1: 3 for nearly all.
// Python: "version"
TLSOCK_API int tlsock_certificate_version(const tlsock_certificate *certificate);

// Returns the serial number in upper-case hex, two digits a byte.
// Python: "serialNumber"
TLSOCK_API const char *tlsock_certificate_serial_number(const tlsock_certificate *certificate);

// Returns the start of validity as text, such as "Jan  5 09:34:43 2018 GMT"; "Bad time value" if
// unreadable, as in Python.
// Python: "notBefore"
TLSOCK_API const char *tlsock_certificate_not_before(const tlsock_certificate *certificate);

// Returns the end of validity as text.
// Python: "notAfter"
TLSOCK_API const char *tlsock_certificate_not_after(const tlsock_certificate *certificate);

// Returns the start of validity in seconds since 1970; INT64_MIN if unreadable.
// Extension: cert_time_to_seconds("notBefore").
TLSOCK_API int64_t tlsock_certificate_not_before_time(const tlsock_certificate *certificate);

// Returns the end of validity in seconds since 1970; INT64_MIN if unreadable.
// Extension: cert_time_to_seconds("notAfter").
TLSOCK_API int64_t tlsock_certificate_not_after_time(const tlsock_certificate *certificate);

// Returns how many alternative names there are.
// Python: "subjectAltName"
TLSOCK_API size_t tlsock_certificate_subject_alt_name_count(const tlsock_certificate *certificate);

// Fills one alternative name. Returns false, and touches nothing, past the end.
// Python: "subjectAltName"
TLSOCK_API bool tlsock_certificate_subject_alt_name_at(const tlsock_certificate *certificate,
                                                       size_t index, tlsock_alt_name *name);

// Returns how many OCSP addresses there are.
// Python: "OCSP"
TLSOCK_API size_t tlsock_certificate_ocsp_count(const tlsock_certificate *certificate);

// Returns one OCSP address; data is NULL past the end.
// Python: "OCSP"
TLSOCK_API tlsock_text tlsock_certificate_ocsp_at(const tlsock_certificate *certificate,
                                                  size_t index);

// Returns how many addresses of the issuer's certificate there are.
// Python: "caIssuers"
TLSOCK_API size_t tlsock_certificate_ca_issuers_count(const tlsock_certificate *certificate);

// Returns one address of the issuer's certificate; data is NULL past the end.
// Python: "caIssuers"
TLSOCK_API tlsock_text tlsock_certificate_ca_issuers_at(const tlsock_certificate *certificate,
                                                        size_t index);

// Returns how many addresses of revocation lists there are.
// Python: "crlDistributionPoints"
TLSOCK_API size_t tlsock_certificate_crl_distribution_points_count(
    const tlsock_certificate *certificate);

// Returns one address of a revocation list; data is NULL past the end.
// Python: "crlDistributionPoints"
TLSOCK_API tlsock_text tlsock_certificate_crl_distribution_points_at(
    const tlsock_certificate *certificate, size_t index);

// Gives the digest of the DER bytes; digest NULL is "sha256".
// Returns: VALUE for a digest OpenSSL lacks.
// Extension: hashlib.new(digest, der).
TLSOCK_API tlsock_status tlsock_certificate_fingerprint(const tlsock_certificate *certificate,
                                                        const char *digest,
                                                        tlsock_bytes *fingerprint,
                                                        tlsock_error **error);

// Returns how many certificates a list has.
TLSOCK_API size_t tlsock_certificate_list_count(const tlsock_certificate_list *certificates);

// Returns one certificate, lent by the list; NULL past the end.
TLSOCK_API const tlsock_certificate *tlsock_certificate_list_at(
    const tlsock_certificate_list *certificates, size_t index);

// Frees a list and the certificates it lends. NULL is ignored.
TLSOCK_API void tlsock_certificate_list_free(tlsock_certificate_list *certificates);

// --------------------------------- module ----------------------------------

// Makes a context with the safe settings of the day. Purpose SERVER_AUTH is for clients:
// certificates and host names are checked against the CAs given here or, when none are, the
// system's. CLIENT_AUTH is for servers: add load_cert_chain. cafile, capath and cadata are as in
// load_verify_locations, each may be NULL. The environment's SSLKEYLOGFILE is obeyed. Ours: a file
// that cannot be written is a RuntimeWarning (see tlsock_set_warning_callback) and no failure.
// Returns: VALUE for another purpose, OS, SSL.
// Python: create_default_context(purpose, cafile, capath, cadata)
TLSOCK_API tlsock_status tlsock_create_default_context(int purpose, const char *cafile,
                                                       const char *capath, const void *cadata,
                                                       size_t cadata_len, tlsock_context **context,
                                                       tlsock_error **error);

// Tells whether variables of the environment count: SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE.
// By default they do, but not in a program with raised privileges (setuid, setgid, capabilities of
// its file), as for OpenSSL with its own variables (OPENSSL_CONF and others, which this does not
// govern). One that is empty counts as unset.
// Ours: Python obeys them in any program, and an empty SSL_CERT_FILE or SSL_CERT_DIR counts as one
// without CAs.
TLSOCK_API bool tlsock_environment_trusted(void);

// Sets whether variables of the environment count, for the whole process and for what is made from
// now on. With true they do in a program with raised privileges too: only for one that chose its
// environment itself.
// Extension.
TLSOCK_API tlsock_status tlsock_set_environment_trusted(bool on, tlsock_error **error);

// Connects to a server and gives its certificate as PEM. ssl_version is TLSOCK_PROTOCOL_TLS_CLIENT
// or another; ca_certs a CA file to verify against, or NULL for no verification. The host name is
// not checked either way. One deadline covers it all. SSLKEYLOGFILE of the environment is obeyed as
// by tlsock_create_default_context.
// Returns: I/O statuses.
// Python: get_server_certificate((host, port), ssl_version, ca_certs, timeout)
TLSOCK_API tlsock_status tlsock_get_server_certificate(const char *host, int port, int ssl_version,
                                                       const char *ca_certs, double timeout,
                                                       tlsock_bytes *pem, tlsock_error **error);

// Tells whether the OpenSSL in use has a feature, one of TLSOCK_HAS_*; false for an unknown one.
// Python: HAS_ALPN, HAS_TLSv1_3, ...
TLSOCK_API bool tlsock_has(int feature);

// Returns the types get_channel_binding knows, a static array that ends with NULL.
// Python: CHANNEL_BINDING_TYPES
TLSOCK_API const char *const *tlsock_channel_binding_types(void);

// Returns the name of a TLSOCK_PROTOCOL_*, such as "PROTOCOL_TLS"; "<unknown>" for others. Static.
// Python: get_protocol_name(protocol_code)
TLSOCK_API const char *tlsock_get_protocol_name(int protocol);

// Returns the version text of the OpenSSL in use. Static.
// Python: OPENSSL_VERSION
TLSOCK_API const char *tlsock_openssl_version(void);

// Returns the version of the OpenSSL in use as five numbers.
// Python: OPENSSL_VERSION_INFO
TLSOCK_API tlsock_version_info tlsock_openssl_version_info(void);

// Returns the version of the OpenSSL in use as one number, such as 0x30000160.
// Python: OPENSSL_VERSION_NUMBER
TLSOCK_API uint64_t tlsock_openssl_version_number(void);

// Sets who is asked, for the whole process, when a signal interrupts a call of a socket that waits
// for the network: languages that run signal handlers between calls run them there. NULL for
// nobody, as it is by default: signals then change nothing. Only handlers without SA_RESTART
// interrupt reliably. A call that was ended leaves the connection as a timeout does: connect,
// accept, recv, do_handshake, close_write and unwrap can be repeated, a send is repeated with the
// same data, a sendfile goes on behind what it has sent. A peer whose handshake accept was doing is
// closed. Inside the callback the socket may be closed or read; a call that would have to wait for
// another one's turn, such as a send where a send was interrupted, is VALUE. What waits for a
// thread or for the look-up of a name is not interrupted.
// Python: PyErr_CheckSignals, which each call that is interrupted makes
TLSOCK_API tlsock_status tlsock_set_interrupt_callback(tlsock_interrupt_callback callback,
                                                       void *userdata,
                                                       tlsock_free_userdata free_userdata,
                                                       tlsock_error **error);

// Looks an object identifier up: "1.3.6.1.5.5.7.3.1", and with name also "serverAuth" or a long
// name.
// Returns: VALUE for an unknown one.
// Python: txt2obj(txt, name)
// OpenSSL: OBJ_txt2obj
TLSOCK_API tlsock_status tlsock_txt2obj(const char *txt, bool name, tlsock_asn1_object *object,
                                        tlsock_error **error);

// Looks an object identifier up by OpenSSL's number.
// Returns: VALUE for an unknown one.
// Python: nid2obj(nid)
// OpenSSL: OBJ_nid2obj
TLSOCK_API tlsock_status tlsock_nid2obj(int nid, tlsock_asn1_object *object, tlsock_error **error);

// Takes a snapshot of where the default CAs are looked for; see tlsock_environment_trusted.
// Python: get_default_verify_paths()
TLSOCK_API tlsock_status tlsock_get_default_verify_paths(tlsock_verify_paths **paths,
                                                         tlsock_error **error);

// Frees the snapshot. NULL is ignored.
TLSOCK_API void tlsock_verify_paths_free(tlsock_verify_paths *paths);

// Returns the CA file in effect, lent by paths; NULL if it does not exist.
// Python: DefaultVerifyPaths.cafile
TLSOCK_API const char *tlsock_verify_paths_cafile(const tlsock_verify_paths *paths);

// Returns the CA directory in effect, lent by paths; NULL if it does not exist.
// Python: DefaultVerifyPaths.capath
TLSOCK_API const char *tlsock_verify_paths_capath(const tlsock_verify_paths *paths);

// Returns the name of the environment variable for the file, "SSL_CERT_FILE".
// Python: DefaultVerifyPaths.openssl_cafile_env
TLSOCK_API const char *tlsock_verify_paths_openssl_cafile_env(const tlsock_verify_paths *paths);

// Returns the file built into OpenSSL.
// Python: DefaultVerifyPaths.openssl_cafile
TLSOCK_API const char *tlsock_verify_paths_openssl_cafile(const tlsock_verify_paths *paths);

// Returns the name of the environment variable for the directory, "SSL_CERT_DIR".
// Python: DefaultVerifyPaths.openssl_capath_env
TLSOCK_API const char *tlsock_verify_paths_openssl_capath_env(const tlsock_verify_paths *paths);

// Returns the directory built into OpenSSL.
// Python: DefaultVerifyPaths.openssl_capath
TLSOCK_API const char *tlsock_verify_paths_openssl_capath(const tlsock_verify_paths *paths);

// Gives the PEM text of DER bytes, which are not looked into.
// Python: DER_cert_to_PEM_cert(der_cert_bytes)
TLSOCK_API tlsock_status tlsock_der_cert_to_pem_cert(const void *der, size_t der_len,
                                                     tlsock_bytes *pem, tlsock_error **error);

// Gives the DER bytes of a PEM text of one certificate.
// Returns: VALUE if it does not begin and end as one, or is no base64.
// Python: PEM_cert_to_DER_cert(pem_cert_string)
TLSOCK_API tlsock_status tlsock_pem_cert_to_der_cert(const char *pem, tlsock_bytes *der,
                                                     tlsock_error **error);

// Fills a buffer with random bytes fit for keys.
// Returns: SSL.
// Python: RAND_bytes(num)
// OpenSSL: RAND_bytes
TLSOCK_API tlsock_status tlsock_rand_bytes(void *buffer, size_t size, tlsock_error **error);

// Tells whether the random generator has been seeded well.
// Python: RAND_status()
// OpenSSL: RAND_status
TLSOCK_API bool tlsock_rand_status(void);

// Mixes data into the random generator; entropy is your lower bound of its worth in bytes.
// Python: RAND_add(bytes, entropy)
// OpenSSL: RAND_add
TLSOCK_API tlsock_status tlsock_rand_add(const void *data, size_t data_len, double entropy,
                                         tlsock_error **error);

// Lists the certificates of a Windows store, "CA" or "ROOT".
// Returns: OS for an unknown store, NOT_IMPLEMENTED but on Windows.
// Python: enum_certificates(store_name)
TLSOCK_API tlsock_status tlsock_enum_certificates(const char *store_name,
                                                  tlsock_store_list **entries,
                                                  tlsock_error **error);

// Lists the revocation lists of a Windows store; their trust is empty.
// Returns: OS for an unknown store, NOT_IMPLEMENTED but on Windows.
// Python: enum_crls(store_name)
TLSOCK_API tlsock_status tlsock_enum_crls(const char *store_name, tlsock_store_list **entries,
                                          tlsock_error **error);

// Returns how many entries a store list has.
TLSOCK_API size_t tlsock_store_list_count(const tlsock_store_list *entries);

// Fills one entry; what it points to is the list's. Returns false, and touches nothing, past the
// end.
TLSOCK_API bool tlsock_store_list_at(const tlsock_store_list *entries, size_t index,
                                     tlsock_store_entry *entry);

// Returns one OID an entry is trusted for; NULL past the end of either.
TLSOCK_API const char *tlsock_store_list_trust_at(const tlsock_store_list *entries, size_t index,
                                                  size_t trust_index);

// Frees a store list. NULL is ignored.
TLSOCK_API void tlsock_store_list_free(tlsock_store_list *entries);

// Reads a certificate's time, such as "Jan  5 09:34:43 2018 GMT", as seconds since 1970.
// Returns: VALUE.
// Python: cert_time_to_seconds(cert_time)
TLSOCK_API tlsock_status tlsock_cert_time_to_seconds(const char *cert_time, int64_t *seconds,
                                                     tlsock_error **error);

// Sets who sees warnings (deprecated protocols and options, and the like), for the whole process.
// Nobody does by default. What is wrong with the
// system's CAs is told when they are first needed: then a refusal changes nothing.
// Python: the warnings module
TLSOCK_API tlsock_status tlsock_set_warning_callback(tlsock_warning_callback callback,
                                                     void *userdata,
                                                     tlsock_free_userdata free_userdata,
                                                     tlsock_error **error);

#ifdef __cplusplus
}
#endif

#endif  /* TLSOCK_H */
