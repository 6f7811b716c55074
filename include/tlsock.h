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
// At this point the certificate and the host name have been verified. No initialization is needed.
//
// CONVENTIONS, stated once, for every call below
//
// Calls.      A call that can fail returns a tlsock_status (0 = TLSOCK_OK) and takes, last, a
//             `tlsock_error **error` that may be NULL. A getter that cannot fail returns its value.
//             Parameters: the handle, inputs, outputs, error. A pointer to an output must not be
//             NULL unless the call says so. On failure no output is changed.
// Errors.     *error is written when a call fails, and only then; it is never read, so start it as
//             NULL and free what you get. WANT_READ, WANT_WRITE, WANT_CALLBACK and the end of a
//             stream allocate nothing and leave *error alone. NO_MEMORY allocates nothing either:
//             its error is static, and freeing it does nothing. There is no "last error" per
//             thread: each call stores its own error.
//             Any call that can fail may return VALUE (NULL handle, NULL input or output, unknown
//             constant or flag, text that is not UTF-8, a length beyond its limit), NO_MEMORY and
//             PANIC (a defect in this library, caught inside it). The line "Returns:"
//             below names only further statuses.
// NULL.       A NULL handle gives VALUE, or the neutral answer (NULL, 0, false) from a getter.
//             _free ignores NULL. A NULL buffer is allowed if its length is 0.
// Handles.    A handle that a call stores in an output is yours: free it with the _free of its
//             type. One that a getter returns as a `const` pointer is lent. Handles may be freed in
//             any order: a connection keeps its context alive. Two handles may refer to one object
//             (see tlsock_context_same). Free a handle only when no call on it runs, neither in
//             another thread nor around a callback: a call that runs already would still end
//             safely, but no other may begin. A debug build, or one with the feature `checked`,
//             recognizes a handle that was freed or is of another type: the call returns VALUE, or
//             warns if it cannot fail. It also warns of a handle that is freed while a call on it
//             runs.
// Memory.     A call returns NO_MEMORY if OpenSSL cannot allocate, and if there is no memory for
//             bytes, files, certificates with their fields and JSON text, chains or sessions. Other
//             allocations are made by Rust's standard library, which ends the process (SIGABRT)
//             when one fails, and cannot be told not to: texts that callers pass, short names that
//             a peer sends, lists of ciphers and CAs and fixed parts of new objects, mostly of some
//             hundred bytes. Most calls that make something contain some of these; calls that move
//             bytes on an established connection contain none.
// Text.       In: NUL-terminated UTF-8; file paths as the system spells them (UTF-8 on Windows).
//             Out: lent by the handle it was asked from, unchanged until that handle is freed; or
//             static. Text that a peer chose comes as tlsock_text, with its length: it may hold
//             NULs.
// Bytes.      In: pointer and length. Out: into your buffer, or an owned tlsock_bytes (_free it).
//             The buffers of a call must not overlap where the call writes to one of them.
// Numbers.    Enumerations and flags go in as plain integers and are checked: a wrong one is never
//             undefined behaviour. A flags word of 0 means Python's defaults.
// Units.      Lengths and sizes are in bytes, counts in items; a time, a lifetime or a timeout is
//             in seconds, and a point in time counts from 1970-01-01 00:00 UTC.
// Time.       A timeout (a double) is negative for none and 0 for non-blocking; any other is the
//             deadline of one whole operation, handshake and retries included. A call whose
//             deadline passes returns TIMEOUT.
// Threads.    Each type is one of three. Immutable: any thread, any time. Shared: any thread, any
//             time, changes included. Duplex (sockets and objects): one thread may read while
//             another writes, and neither waits for the other; further threads queue up; getters,
//             close, abort and free of other handles never wait for the network.
// Fork.       Contexts, listeners and connections work in parent and child. A connection goes on
//             only in the process that uses it first after the fork: in the other one its calls
//             return VALUE and send nothing. A child can close, abort and free the connections that
//             it does not use: that closes its copy of the descriptor and disturbs nothing.
//             Fork while no other thread is inside a call: what a thread of the parent was doing
//             on a connection, reading, writing or anything else, is VALUE in the child, or
//             without an answer where a getter has no error; the connection stays the parent's.
// I/O status. "I/O statuses" below means: WANT_READ, WANT_WRITE (non-blocking: wait for that
//             direction, then repeat the call with the same arguments; a write may want to read,
//             and a read to write), WANT_CALLBACK (see "Waiting" below), TIMEOUT, ZERO_RETURN, EOF,
//             CERT_VERIFICATION, SSL, OS and, on a socket, INTERRUPTED if the interrupt callback
//             ended the call.
// End.        A clean end of stream is TLSOCK_OK with 0 bytes, as Python's b"". An end without
//             close_notify looks the same on a socket, as it does in Python by default
//             (tlsock_socket_ragged_eof tells them apart); with TLSOCK_WRAP_REPORT_RAGGED_EOFS, and
//             on an object, it is EOF.
// Callbacks.  (function, userdata, free_userdata): userdata comes back as first argument. If
//             free_userdata is not NULL it is called with userdata exactly once, after the last
//             call of the function. The library owns userdata only if the setter returned OK. A
//             NULL function clears the callback.
//             A callback behaves like a call of this library: it returns a status, and may store a
//             tlsock_error (tlsock_error_new), which the library then owns. A callback that fails
//             during a handshake always aborts it: the call fails with the callback's message in
//             its own and the callback's error as tlsock_error_cause, and the connection sends and
//             receives nothing more. A callback runs on the thread, and inside the call, that
//             shakes hands, reads or writes.
//             Allowed in a callback: any call on any handle, and calls of OpenSSL, whose error
//             queue is restored afterwards. But to read, write or shake hands on the callback's own
//             connection is VALUE, and the handles that are lent to the callback, or that the
//             running call was made with, must not be freed there. Meanwhile the library holds that
//             connection only: other threads that use it wait, so a callback must not wait for
//             them.
//             Never allowed: leaving a callback or free_userdata in any way except by returning. A
//             C++ exception that leaves one ends the process; catch it inside. A longjmp out of one
//             skips OpenSSL and this library half-way: the connection can only be freed then, and
//             memory is lost. The same goes for pthread_exit.
//             free_userdata runs once nothing can call the callback any more: at the end of the
//             call that replaces it, or of any call that ends or frees a context or a connection,
//             or gives a connection another context, on the thread of that call. The
//             library holds no lock then, unless that call is made in a callback. So free_userdata
//             may do what a callback may.
// Waiting.    Four callbacks may return WANT_CALLBACK where they have no answer yet: for a
//             ClientHello, for an identity, for the verification of a peer, and signers that were
//             made with TLSOCK_SIGNER_MAY_WAIT. The call that runs them (do_handshake, read, write,
//             pump) then returns WANT_CALLBACK, on a blocking socket too. Nothing is lost, no lock
//             is kept, and no thread but that of a signature: repeat the call, from any thread,
//             once there is an answer. The callback is then asked again, though another was set
//             meanwhile, or none, as are those that were asked before it for the same question.
//             Only the program knows when there is an answer, and the descriptor says nothing of
//             it: do not poll it meanwhile, tlsock_socket_wait returns WANT_CALLBACK. The deadline
//             of a blocking call goes on until it is repeated, which gives TIMEOUT if that is too
//             late. A connection that waits can be closed, aborted, freed and, unless it waits for
//             a signature, given another context. A call that has no handle to give yet
//             (wrap_socket, accept and create_connection with their handshake) fails with VALUE,
//             and names TLSOCK_WRAP_NO_HANDSHAKE as the way. Any other callback that returns
//             WANT_CALLBACK fails with VALUE: OpenSSL does not ask it again. OpenSSL asks a server
//             once for a verdict on its client. Until it is there this library gives OpenSSL
//             nothing more of that client, and no call counts the handshake as done or the client
//             as verified, whatever OpenSSL has done by then: nothing is read, written or kept as a
//             session. A client that is refused then gets an alert if its last messages have
//             arrived: handshake_failure, or internal_error where they came in one record of TLS
//             1.3; none in a further handshake of TLS 1.2. In TLS 1.3 it has taken its handshake
//             for done before, as with any refusal, and reads the alert in place of data.
// Growth.     Within one major version symbols, numbers and structs never change. A struct never
//             gets another member; what may grow is behind a handle. New statuses stay in the range
//             of their kind (see tlsock_status).
// Manners.    The library prints nothing, never calls exit, raises no signal (no SIGPIPE) and reads
//             no terminal.
// Comments.   "Python:" names the original, "Extension" what Python lacks, "OpenSSL:" the calls
//             underneath, "Ours:" a deviation from Python. Functions that only free have no such
//             line. The functions are grouped by task; search for "// ---".

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

// Immutable, Shared and Duplex say how threads may use a type: see "Threads" above.

// What failed and why. Immutable. Freed by tlsock_error_free.
typedef struct tlsock_error tlsock_error;
// Python: SSLContext. Shared: every setter is legal at any time, also while connections use it. A
// connection keeps the certificate, verify mode and flags, versions, options and client ALPN list
// it was made with; it sees later CAs, callbacks, the server's ALPN list and, until its handshake
// starts, the TLS 1.2 ciphers. Of callbacks, one that replaces another counts at once, also in a
// handshake that has begun, and so does NULL; only a question that waits for its answer
// (WANT_CALLBACK) is put to the callback that had it before. The first callback of its kind counts
// for handshakes that begin later; an SNI, ALPN or verify callback counts at once.
typedef struct tlsock_context tlsock_context;
// Python: MemoryBIO. Shared.
typedef struct tlsock_bio tlsock_bio;
// Python: SSLObject, a TLS connection in memory that never waits. Duplex.
typedef struct tlsock_object tlsock_object;
// Python: SSLSocket, a TLS connection or listener over a socket of the system. Duplex.
typedef struct tlsock_socket tlsock_socket;
// Python: SSLSession. Immutable.
typedef struct tlsock_session tlsock_session;
// A certificate chain with its private key. Immutable.
typedef struct tlsock_identity tlsock_identity;
// The first message of a client, as it was sent. Immutable. Lent to a tlsock_client_hello_callback,
// for the time of the call.
typedef struct tlsock_client_hello tlsock_client_hello;
// What the peer of a handshake wants of this side's certificate. Lent to a
// tlsock_identity_callback, for the time of the call and its thread.
typedef struct tlsock_identity_request tlsock_identity_request;
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
// What a verify callback sees of a check. Immutable, and only ever lent: there is nothing to free.
typedef struct tlsock_verification tlsock_verification;

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
// Post-handshake authentication. Extension: HAS_PHA of Python 3.14
#define TLSOCK_HAS_PHA 13
// Pre-shared keys in TLS 1.3. Extension: HAS_PSK_TLS13 of Python 3.15
#define TLSOCK_HAS_PSK_TLS13 14
// Encrypted ClientHello (RFC 9849): since OpenSSL 4.0, and with AWS-LC. Extension
#define TLSOCK_HAS_ECH 15
// Diffie-Hellman in finite fields, with parameters of the program's. Extension
#define TLSOCK_HAS_DH 16
// Limits for the signatures of clients. Extension
#define TLSOCK_HAS_CLIENT_SIGALGS 17
// Identities under the URIs of providers. Extension
#define TLSOCK_HAS_STORES 18
// Further handshakes of TLS 1.2 and below. Extension
#define TLSOCK_HAS_RENEGOTIATION 19

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

// Act as the server. Python: server_side=True
#define TLSOCK_WRAP_SERVER_SIDE (1u << 0)
// Leave the handshake to do_handshake or the first read or write (sockets only; objects always do).
// Python: do_handshake_on_connect=False
#define TLSOCK_WRAP_NO_HANDSHAKE (1u << 1)
// Report an end of stream without close_notify as TLSOCK_EOF (sockets only; objects always do).
// Python: suppress_ragged_eofs=False
#define TLSOCK_WRAP_REPORT_RAGGED_EOFS (1u << 2)
// Allow an object without a host name although its context checks host names: no name is checked
// then.
// Python: what wrap_bio does by default
#define TLSOCK_WRAP_INSECURE_NO_HOSTNAME (1u << 3)
// Ask the client for a certificate, and go on even if it does not verify:
// tlsock_object_verify_result gives the reason. Only for objects, on servers, under CERT_NONE; the
// certificate never counts as verified. If an SNI callback sets a context that verifies, the
// certificate is verified. Extension: node's rejectUnauthorized: false
#define TLSOCK_WRAP_REPORT_VERIFICATION (1u << 4)

// ---- flags of tlsock_context_set_verify_callback ----

// Ask the callback also about a peer that the check has refused, and accept it if the callback
// does. Extension.
#define TLSOCK_VERIFY_CALLBACK_INSECURE_OVERRIDE (1u << 0)

// ---- flags of tlsock_identity_new_signer ----

// The callback may have no answer yet when it is asked: TLSOCK_WANT_CALLBACK. Extension.
#define TLSOCK_SIGNER_MAY_WAIT (1u << 0)

// ---- modes of tlsock_context_set_ocsp ----

// Ask for no OCSP response. Extension.
#define TLSOCK_OCSP_IGNORE 0
// Ask for one, and check it if it comes. Extension.
#define TLSOCK_OCSP_REQUEST 1
// Refuse servers without a good one. Extension.
#define TLSOCK_OCSP_REQUIRE 2

// ---- status of tlsock_ocsp_status ----

// No response, or none that was checked and is valid. Extension.
#define TLSOCK_OCSP_STATUS_NONE 0
// The certificate is not revoked. Extension.
#define TLSOCK_OCSP_STATUS_GOOD 1
// The certificate was revoked. Extension.
#define TLSOCK_OCSP_STATUS_REVOKED 2
// The issuer does not know the certificate. Extension.
#define TLSOCK_OCSP_STATUS_UNKNOWN 3

// ---- what has become of Encrypted ClientHello: see tlsock_socket_ech_status ----

// There was none, or it is not known yet. Extension.
#define TLSOCK_ECH_STATUS_NONE 0
// A client has sent something that looks like it; a server got something that none of its keys
// could decrypt. Extension.
#define TLSOCK_ECH_STATUS_GREASE 1
// The server has decrypted it. Extension.
#define TLSOCK_ECH_STATUS_ACCEPTED 2
// The server has not, so this client has ended the connection. Extension.
#define TLSOCK_ECH_STATUS_REJECTED 3
// This server got what another one has decrypted. Extension.
#define TLSOCK_ECH_STATUS_BACKEND 4

// ---- formats of tlsock_context_load_ticket_keys ----

// One key in each file, as nginx's ssl_session_ticket_key has it. Extension.
#define TLSOCK_TICKET_KEYS_NGINX 1
// One key in base64 on each line, as in the file of HAProxy's tls-ticket-keys. Extension.
#define TLSOCK_TICKET_KEYS_HAPROXY 2

// ---- flags of tlsock_object_pump ----

// No more ciphertext will follow ciphertext_in: the transport has ended. Python:
// MemoryBIO.write_eof()
#define TLSOCK_PUMP_EOF (1u << 0)
// Send close_notify once plaintext_in is encrypted. Reading stays possible. Extension: see
// _close_write
#define TLSOCK_PUMP_CLOSE_WRITE (1u << 1)
// The most plaintext in one TLS record, and the most that encrypting it adds, in bytes: a
// ciphertext_out of n * (TLSOCK_RECORD_SIZE + TLSOCK_RECORD_OVERHEAD) always has room for n full
// records.
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
  // A callback of the handshake has not answered yet: repeat the call when it can. See "Callbacks"
  // above.
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

// What a connection was doing when an error occurred. Extension.
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

// Borrowed text that a peer chose: UTF-8, or the bytes that a certificate has in its place. It ends
// in a NUL but may contain others, so compare all len bytes. data is NULL if there is no text.
typedef struct tlsock_text {
  const char *data;
  size_t len;
} tlsock_text;

// Borrowed bytes.
typedef struct tlsock_slice {
  const uint8_t *data;
  size_t len;
} tlsock_slice;

// Owned bytes, freed by tlsock_bytes_free. One NUL that len does not count follows them, so that
// text can be printed. data is NULL for Python's None; empty bytes have non-NULL data and len 0.
// Changing len has no effect on how many bytes are wiped and freed.
typedef struct tlsock_bytes {
  uint8_t *data;
  size_t len;
} tlsock_bytes;

// The connection that a callback is called for: either socket or object is NULL. The handles are
// lent for the time of the call, and need not be the pointers that you hold. userdata: see
// tlsock_socket_set_userdata.
typedef struct tlsock_connection {
  tlsock_socket *socket;
  tlsock_object *object;
  void *userdata;
} tlsock_connection;

// Chooses one of the application protocols that a client offers. server_name is the name that the
// client has sent, NULL if it sent none. protocols has count names, in the client's order: 1 to 255
// bytes each, which need not be text, and all together less than 64 KiB. They are lent for the time
// of the call. Write the index of one of them to *chosen; it has count before, which means none.
// Return a status: any but OK, and an index beyond count, refuses the client with
// no_application_protocol, and the handshake fails with the callback's error. It cannot wait. See
// "Callbacks" above for what a callback may do and when userdata is freed.
// Extension.
typedef int (*tlsock_alpn_callback)(void *userdata, const tlsock_connection *connection,
                                    const char *server_name, const tlsock_slice *protocols,
                                    size_t count, size_t *chosen, tlsock_error **error);

// Frees the userdata of a callback: once, when the callback can no longer be called. See
// "Callbacks" above for where it is called from and what it may do.
typedef void (*tlsock_free_userdata)(void *userdata);

// Sees a client's first message before anything is chosen: client_hello is lent for the time of the
// call, with all that it gives. To choose certificate, ALPN and the rest, set another context with
// tlsock_socket_set_context or tlsock_object_set_context. Return a status: OK goes on,
// WANT_CALLBACK waits, any other refuses the client with the alert that is in *alert by then
// (TLSOCK_ALERT_DESCRIPTION_*, at first handshake_failure; internal_error for what is no alert).
// See "Callbacks" above for what a callback may do and when userdata is freed.
// Extension.
typedef int (*tlsock_client_hello_callback)(void *userdata, const tlsock_connection *connection,
                                            const tlsock_client_hello *client_hello, int *alert,
                                            tlsock_error **error);

// Chooses this side's identity for one connection, by what its peer wants: on a server when the
// ClientHello is there, on a client when the server asks for a certificate. request is lent for the
// time of the call: read it with tlsock_identity_request_*, and answer with
// tlsock_identity_request_use; without an answer this side shows no certificate. Return a status:
// WANT_CALLBACK waits, any other but OK ends the handshake with internal_error. See "Callbacks"
// above for what a callback may do and when userdata is freed.
// Extension.
typedef int (*tlsock_identity_callback)(void *userdata, const tlsock_connection *connection,
                                        tlsock_identity_request *request, tlsock_error **error);

// Takes one line of the key log, without its newline; line is lent for the time of the call. It is
// secret: anyone who has it can decrypt the connection. A failure during a handshake ends it.
// Later, the call in progress is completed first and then returns the failure; a read that has
// bytes to return leaves it to the next read. See "Callbacks" above for what a callback may do and
// when userdata is freed.
// Extension.
typedef int (*tlsock_keylog_callback)(void *userdata, const tlsock_connection *connection,
                                      const char *line, tlsock_error **error);

// Sees one protocol message, never application data. direction: TLSOCK_MESSAGE_*; version: the
// number of a TLS version as on the wire; content_type: TLSOCK_CONTENT_TYPE_*; msg_type: the number
// of the alert or of the handshake message, -1 if there is none. data is lent for the time of the
// call. A failure during a handshake ends it. Later, the call in progress is completed first and
// then returns the failure; a read that has bytes to return leaves it to the next read. See
// "Callbacks" above for what a callback may do and when userdata is freed.
// Python: the callable of SSLContext._msg_callback
typedef int (*tlsock_message_callback)(void *userdata, const tlsock_connection *connection,
                                       int direction, int version, int content_type, int msg_type,
                                       const uint8_t *data, size_t len, tlsock_error **error);

// Gives a client's identity and key for the server's hint (NULL if there is none, as always in TLS
// 1.3). Write NUL-terminated text into identity (at most 255 bytes), the key into psk and its
// length into *psk_len. To decline, leave *psk_len at 0: TLS 1.3 may then go on with certificates.
// Return a status; any but OK aborts the handshake. See "Callbacks" above for what a callback may
// do and when userdata is freed.
// Python: the callable of set_psk_client_callback
typedef int (*tlsock_psk_client_callback)(void *userdata, const tlsock_connection *connection,
                                          const char *hint, char *identity, size_t identity_size,
                                          uint8_t *psk, size_t psk_size, size_t *psk_len,
                                          tlsock_error **error);

// Gives the key for a client's identity (NULL if it is empty): the key into psk, its length into
// *psk_len. To decline, leave *psk_len at 0. Return a status; any but OK aborts the handshake. See
// "Callbacks" above for what a callback may do and when userdata is freed.
// Python: the callable of set_psk_server_callback
typedef int (*tlsock_psk_server_callback)(void *userdata, const tlsock_connection *connection,
                                          const char *identity, uint8_t *psk, size_t psk_size,
                                          size_t *psk_len, tlsock_error **error);

// Takes a session that can now be resumed: in TLS 1.3 each ticket as it arrives, during a read. The
// callback owns the session and must free it, whatever it returns. A failure ends the handshake if
// the session comes during it (TLS 1.2). Later, the call in progress is completed first and then
// returns the failure; a read that has bytes to return leaves it to the next read. See "Callbacks"
// above for what a callback may do and when userdata is freed.
// Extension.
typedef int (*tlsock_session_callback)(void *userdata, const tlsock_connection *connection,
                                       tlsock_session *session, tlsock_error **error);

// Keeps a session under its id (32 random bytes) for this many seconds. data is up to 65536 bytes,
// and secret: anybody who has them can read the connections that resume it. Return OK also when the
// store cannot be reached: any other status ends the handshake. See "Callbacks" above for what a
// callback may do and when userdata is freed.
// Extension.
typedef int (*tlsock_session_put_callback)(void *userdata, const tlsock_connection *connection,
                                           const uint8_t *id, size_t id_len, const uint8_t *data,
                                           size_t data_len, int64_t seconds, tlsock_error **error);

// Finds the session of an id (32 bytes that a client has sent): writes the bytes that it was kept
// as into data and their length into *data_len, which left at 0 says that there is none. The
// handshake waits for it. Return OK also when the store cannot be reached: any other status ends
// the handshake. See "Callbacks" above for what a callback may do and when userdata is freed.
// Extension.
typedef int (*tlsock_session_get_callback)(void *userdata, const tlsock_connection *connection,
                                           const uint8_t *id, size_t id_len, uint8_t *data,
                                           size_t data_size, size_t *data_len,
                                           tlsock_error **error);

// Forgets the session of an id: it has expired, its bytes are damaged, or a fatal alert has ended
// its connection (RFC 5246, section 7.2.2). Return OK also when the store cannot be reached: any
// other status ends the connection. See "Callbacks" above for what a callback may do and when
// userdata is freed.
// Extension.
typedef int (*tlsock_session_remove_callback)(void *userdata, const tlsock_connection *connection,
                                              const uint8_t *id, size_t id_len,
                                              tlsock_error **error);

// Chooses the answer to a ClientHello. server_name is ASCII as sent (A-labels), NULL if the client
// named no server. context is the one that the callback was set on; to choose another certificate,
// set another context with tlsock_socket_set_context or tlsock_object_set_context. Return 0 to go
// on, an alert number (TLSOCK_ALERT_DESCRIPTION_*) to refuse with that alert, 256 to refuse with
// the alert of number 0, -1 to fail with handshake_failure; any other value sends internal_error,
// and so does TLSOCK_WANT_CALLBACK, which is no alert: this callback cannot wait, but that for the
// ClientHello can. See "Callbacks" above for what a callback may do and when userdata is freed.
// Python: the callable of sni_callback
typedef int (*tlsock_sni_callback)(void *userdata, const tlsock_connection *connection,
                                   const char *server_name, tlsock_context *context,
                                   tlsock_error **error);

// Judges a peer whose certificate was checked; verification tells what was found, and is lent for
// the time of the call with all that it gives. Return a status: WANT_CALLBACK waits; any other but
// OK refuses the peer, which is told by an alert (on a server that has waited: see "Waiting"); the
// operation fails with CERT_VERIFICATION (the verify code is that of the check, or 50, "application
// verification failure", where it had passed), the callback's words in its message and its error as
// tlsock_error_cause. Where verify_mode is CERT_NONE nothing is demanded and the callback is asked
// whatever was found: a refusal then ends the connection without an alert, with the callback's
// status. See "Callbacks" above for what a callback may do and when userdata is freed.
// Extension.
typedef int (*tlsock_verify_callback)(void *userdata, const tlsock_connection *connection,
                                      const tlsock_verification *verification,
                                      tlsock_error **error);

// Gives the password of a private key: writes at most size bytes into buffer and their number into
// *len (more than size is VALUE). Return a status. See "Callbacks" above for what a callback may do
// and when userdata is freed.
// Python: the callable of load_cert_chain(password=)
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
  // CA certificates.
  size_t x509_ca;
} tlsock_cert_store_stats;

// Python: the triple of SSLSocket.cipher(); static text, NULL if OpenSSL has none.
typedef struct tlsock_cipher {
  const char *name;
  const char *protocol;
  int secret_bits;
} tlsock_cipher;

// Python: an entry of SSLContext.get_ciphers(). The text is lent by the list; digest is NULL for
// AEAD.
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

// What the OCSP response says of a server's certificate. Times are seconds since 1970, and 0 where
// there is none.
typedef struct tlsock_ocsp_status {
  // One of `TLSOCK_OCSP_STATUS_*`.
  int32_t status;
  // Why it was revoked, by RFC 5280, section 5.3.1; -1 if that is not told, 0 if it was not
  // revoked.
  int32_t reason;
  // When it was revoked.
  int64_t revocation_time;
  // When the response became valid.
  int64_t this_update;
  // When the next response is due, if that is told.
  int64_t next_update;
} tlsock_ocsp_status;

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

// A socket address as text. host is numeric, or the path of a local socket, whose port is -1. An
// abstract name of Linux, which is not a path, has '@' in place of each NUL, including the first,
// as ss and /proc/net/unix show it. family is the system's AF_ number. flowinfo and scope_id are
// those of IPv6, otherwise 0.
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

// Python: a (name, value) pair of a certificate's subject or issuer. Pairs with the same rdn form
// one relative distinguished name; rdn counts from 0. binary: the value is bytes (a BIT STRING, or
// a value that is not text). name and value are lent by the certificate.
typedef struct tlsock_name_pair {
  const char *name;
  tlsock_text value;
  size_t rdn;
  bool binary;
} tlsock_name_pair;

// Python: an entry of subjectAltName. type is Python's name for it: "DNS", "IP Address", "email",
// "URI", "DirName", "Registered ID", "othername", "X400Name", "EdiPartyName". A DirName's value is
// in RFC 2253 form (tlsock_certificate_json has it in full). A name that is not UTF-8 is given as
// its bytes; tlsock_certificate_json fails on it, as Python does. type is static, value lent by the
// certificate.
typedef struct tlsock_alt_name {
  const char *type;
  tlsock_text value;
} tlsock_alt_name;

// Signs with a private key that is elsewhere: in a key store, in hardware, in another process.
// algorithm is "rsa_pkcs1", "rsa_pss" (MGF1 of the same digest, a salt as long as the digest),
// "ecdsa" (the signature is DER, ECDSA-Sig-Value) or "ed25519". data is the value of the digest of
// this name ("sha256", "sha384", "sha512"; "sha1" and "sha224" only where the security level allows
// them); for ed25519, where digest is NULL, it is the whole message. Write the signature into
// signature, and its length, at most size, into *signature_len. Return a status: WANT_CALLBACK
// waits, if the identity was made with TLSOCK_SIGNER_MAY_WAIT, and is VALUE otherwise; any other
// but OK ends the handshake, and its error is the cause of the handshake's. The callback runs in
// the thread of the call that does the handshake, which waits for it, and so do other calls on this
// one connection; several handshakes may ask at once. A callback that waits is asked again with the
// same bytes. What it gives is verified before it is sent: a signature that is not the key's ends
// the handshake here. See "Callbacks" above for what a callback may do and when userdata is freed.
// Extension.
typedef int (*tlsock_signer_callback)(void *userdata, const char *algorithm, const char *digest,
                                      const uint8_t *data, size_t data_len, uint8_t *signature,
                                      size_t size, size_t *signature_len, tlsock_error **error);

// Python: OPENSSL_VERSION_INFO
typedef struct tlsock_version_info {
  int major;
  int minor;
  int fix;
  int patch;
  int status;
} tlsock_version_info;

// Called when a signal has interrupted a call that waits: in the thread of that call and outside
// the signal handler, so that it may do anything. Return OK to go on with the rest of the timeout,
// anything else to end the call with INTERRUPTED; *error, from tlsock_error_new, becomes the cause
// of its error (tlsock_error_cause). See "Callbacks" above for what a callback may do and when
// userdata is freed.
// Python: PyErr_CheckSignals
typedef int (*tlsock_interrupt_callback)(void *userdata, tlsock_error **error);

// Python: the record behind Purpose. All text is static. oid is NULL for the few objects without a
// number.
typedef struct tlsock_asn1_object {
  int nid;
  const char *shortname;
  const char *longname;
  const char *oid;
} tlsock_asn1_object;

// Python: an entry of enum_certificates() or enum_crls(). encoding is "x509_asn", "pkcs_7_asn" or a
// number in text. trusted_for_all: Python's True; otherwise tlsock_store_list_trust_at lists the
// OIDs. The pointers are lent by the list.
typedef struct tlsock_store_entry {
  tlsock_slice data;
  const char *encoding;
  size_t trust_count;
  bool trusted_for_all;
} tlsock_store_entry;

// Sees a warning. category is the name of Python's class, "DeprecationWarning", "RuntimeWarning" or
// "UserWarning"; category and message are lent for the time of the call. Return OK to go on,
// anything else to make the call fail with VALUE and nothing changed. See "Callbacks" above for
// what a callback may do and when userdata is freed.
// Python: the warnings module
typedef int (*tlsock_warning_callback)(void *userdata, const char *category, const char *message);

// ================================ FUNCTIONS ================================

// --------------------------- version and errors ----------------------------

// Returns the version of the running library, such as "0.1.0". Static.
// Extension: the counterpart of TLSOCK_VERSION.
// Since 0.1.
TLSOCK_API const char *tlsock_version(void);

// Returns the version of the running library as (major << 16) | (minor << 8) | patch. A program is
// compatible if the major numbers are equal and this is not below its TLSOCK_VERSION_NUMBER.
// Extension: the counterpart of TLSOCK_VERSION_NUMBER.
// Since 0.1.
TLSOCK_API uint32_t tlsock_version_number(void);

// Makes an error for a callback to return. status is any except OK; the message is copied. Returns
// NULL if there is no memory or an argument is wrong.
// Extension: in Python a callback raises.
// Since 0.1.
TLSOCK_API tlsock_error *tlsock_error_new(int status, const char *message);

// Frees an error. NULL is ignored.
// Since 0.1.
TLSOCK_API void tlsock_error_free(tlsock_error *error);

// Returns the status the call returned; OK for NULL.
// Python: the class of the exception
// Since 0.1.
TLSOCK_API tlsock_status tlsock_error_status(const tlsock_error *error);

// Returns the message, such as "[SSL: WRONG_VERSION_NUMBER] wrong version number". Never NULL; ""
// for a NULL error.
// Python: str(error)
// Since 0.1.
TLSOCK_API const char *tlsock_error_message(const tlsock_error *error);

// Returns the part of OpenSSL that failed, such as "SSL", "X509" or "PEM"; NULL if unknown.
// Python: SSLError.library
// Since 0.1.
TLSOCK_API const char *tlsock_error_library(const tlsock_error *error);

// Returns OpenSSL's name of the reason, such as "CERTIFICATE_VERIFY_FAILED"; NULL if there is none.
// Python: SSLError.reason
// Since 0.1.
TLSOCK_API const char *tlsock_error_reason(const tlsock_error *error);

// Returns the number of the error: a TLSOCK_SSL_ERROR_* after I/O, otherwise OpenSSL's reason
// number; 0 if there is none.
// Python: SSLError.errno
// Since 0.1.
TLSOCK_API int64_t tlsock_error_code(const tlsock_error *error);

// Returns OpenSSL's verify code of a CERT_VERIFICATION, such as 62 for a wrong host name; 0 for any
// other status.
// Python: SSLCertVerificationError.verify_code
// Since 0.1.
TLSOCK_API int tlsock_error_verify_code(const tlsock_error *error);

// Returns the text of the verify code; NULL unless the status is CERT_VERIFICATION.
// Python: SSLCertVerificationError.verify_message
// Since 0.1.
TLSOCK_API const char *tlsock_error_verify_message(const tlsock_error *error);

// Returns the system's error number of an OS error (errno, or the Winsock number); 0 for any other
// status.
// Python: OSError.errno (OSError.winerror)
// Since 0.1.
TLSOCK_API int tlsock_error_os_errno(const tlsock_error *error);

// Returns the name of the file that the error is about (certificate, key, CA or DH file, or key
// log); NULL if none.
// Python: OSError.filename
// Since 0.1.
TLSOCK_API const char *tlsock_error_filename(const tlsock_error *error);

// Returns what the connection was doing. An ACCEPT error is the listener's, a HANDSHAKE error
// concerns one peer.
// Extension: Python leaves it to the traceback.
// Since 0.1.
TLSOCK_API tlsock_phase tlsock_error_phase(const tlsock_error *error);

// Returns the number of the alert that we sent to the peer with this error; -1 if none.
// Extension: TLSOCK_ALERT_DESCRIPTION_* or a newer number.
// Since 0.1.
TLSOCK_API int tlsock_error_alert_sent(const tlsock_error *error);

// Returns the number of the alert that the peer sent to us; -1 if none.
// Extension: TLSOCK_ALERT_DESCRIPTION_* or a newer number.
// Since 0.1.
TLSOCK_API int tlsock_error_alert_received(const tlsock_error *error);

// Returns at which depth of the chain verification failed: 0 is the peer's own certificate; -1 if
// unknown.
// Extension.
// Since 0.1.
TLSOCK_API int tlsock_error_depth(const tlsock_error *error);

// Returns the certificate that verification refused, lent by the error; NULL if none.
// Extension.
// Since 0.1.
TLSOCK_API const tlsock_certificate *tlsock_error_certificate(const tlsock_error *error);

// Returns the host name or address that the certificate should have named, several with ", " in
// between; NULL if none.
// Extension.
// Since 0.1.
TLSOCK_API const char *tlsock_error_expected_name(const tlsock_error *error);

// Returns the number of names in the peer's certificate, none of which matched the expected one.
// Extension.
// Since 0.1.
TLSOCK_API size_t tlsock_error_offered_name_count(const tlsock_error *error);

// Returns one of the names in the peer's certificate; data is NULL past the end.
// Extension.
// Since 0.1.
TLSOCK_API tlsock_text tlsock_error_offered_name_at(const tlsock_error *error, size_t index);

// Returns the verify flag without which the chain would have passed: VERIFY_X509_STRICT,
// VERIFY_CRL_CHECK_LEAF or VERIFY_CRL_CHECK_CHAIN; 0 if no single flag decided.
// Extension.
// Since 0.1.
TLSOCK_API uint64_t tlsock_error_verify_flag(const tlsock_error *error);

// Returns the ECHConfigList that the server has sent as it rejected an Encrypted ClientHello
// (reason ECH_REQUIRED) and proved to be the one with the public name, lent by the error: for
// tlsock_context_set_ech_configs and one more try. len is 0 and data is not NULL if it has proved
// that and sent none: it does without. data is NULL otherwise.
// Extension.
// OpenSSL: SSL_ech_get1_retry_config
// Since 0.2.
TLSOCK_API tlsock_slice tlsock_error_ech_retry_configs(const tlsock_error *error);

// Returns the error that led to this one, such as that of a callback that made the call fail, lent
// by this one; NULL if none.
// Python: error.__context__
// Since 0.1.
TLSOCK_API const tlsock_error *tlsock_error_cause(const tlsock_error *error);

// Names a status by Python's class: "SSLWantReadError", "OSError", "ValueError"; "OK" for 0.
// An unknown number gives the class of its range. Static, never NULL.
// Extension: Python has type(error).__name__.
// Since 0.1.
TLSOCK_API const char *tlsock_status_name(int status);

// Wipes and frees owned bytes and sets data to NULL and len to 0. NULL and freed bytes are ignored.
// Since 0.1.
TLSOCK_API void tlsock_bytes_free(tlsock_bytes *bytes);

// Returns how many handles this process was given and has not freed yet, of every type, errors,
// lists and owned bytes included. 0 once all are freed: for tests that look for leaks.
// Extension: Python's objects free themselves.
// Since 0.1.
TLSOCK_API size_t tlsock_handle_count(void);

// ---------------------------- create a context -----------------------------

// Makes a context with Python's recommended settings. Purpose SERVER_AUTH is for clients:
// certificates and host names are verified with the CAs given here or, if none are given, the
// system's. CLIENT_AUTH is for servers: add load_cert_chain. cafile, capath and cadata are as in
// load_verify_locations, and each may be NULL. Keys are logged to the file named by the environment
// variable SSLKEYLOGFILE. Ours: if that file cannot be written, there is a RuntimeWarning (see
// tlsock_set_warning_callback) and no failure.
// Returns: VALUE for another purpose, OS, SSL.
// Python: create_default_context(purpose, cafile, capath, cadata)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_create_default_context(int purpose, const char *cafile,
                                                       const char *capath, const void *cadata,
                                                       size_t cadata_len, tlsock_context **context,
                                                       tlsock_error **error);

// Makes a context of one TLSOCK_PROTOCOL_*. A TLS_CLIENT context requires and verifies certificates
// and checks host names, but trusts no CA until some are loaded. tlsock_create_default_context
// makes a context and loads CAs.
// Ours: for versions, ciphers and the security level, the stricter of our defaults and the system's
// openssl.cnf is used; Python's defaults replace those of openssl.cnf. A setter replaces both.
// Returns: VALUE for a protocol that this OpenSSL lacks, SSL.
// Python: SSLContext(protocol)
// OpenSSL: SSL_CTX_new
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_new(int protocol, tlsock_context **context,
                                            tlsock_error **error);

// Frees a handle on a context; connections made from the context go on. NULL is ignored.
// Since 0.1.
TLSOCK_API void tlsock_context_free(tlsock_context *context);

// Tells whether two handles refer to the same context.
// Python: a is b
// Since 0.1.
TLSOCK_API bool tlsock_context_same(const tlsock_context *context, const tlsock_context *other);

// Returns the TLSOCK_PROTOCOL_* the context was made with.
// Python: SSLContext.protocol
// Since 0.1.
TLSOCK_API int tlsock_context_protocol(const tlsock_context *context);

// Makes a context with the same settings: certificates, trust, verification, pins, ciphers,
// options, callbacks. Neither follows the other from then on. Not copied are ticket keys, sessions
// and the session cache that keeps them elsewhere, counts, the content of the chain cache and the
// key log: a session of one is not resumed by the other. A callback of both gets the same userdata,
// which is freed once neither can call it any more.
// Returns: SSL.
// Extension.
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_copy(const tlsock_context *context, tlsock_context **copy,
                                             tlsock_error **error);

// ------------------- certificates and keys of this side --------------------

// Reads an identity, which is a certificate chain with its private key, from PEM files; if keyfile
// is NULL the key is in certfile. password is for an encrypted key, and may be NULL where there is
// none to decrypt. The files are read once: a context uses the identity by
// tlsock_context_use_identity, any number of contexts the same one.
// Returns: as tlsock_context_load_cert_chain, with the same messages.
// Extension.
// OpenSSL: PEM_read_bio_X509_AUX, PEM_read_bio_PrivateKey, X509_check_private_key
// Since 0.2.
TLSOCK_API tlsock_status tlsock_identity_new_files(const char *certfile, const char *keyfile,
                                                   const char *password, tlsock_identity **identity,
                                                   tlsock_error **error);

// Does what tlsock_identity_new_files does, and asks a callback of this call for the password of an
// encrypted key: it is called on this thread before the call returns, and not kept. A NULL callback
// is VALUE.
// Returns: as tlsock_identity_new_files, or the callback's failure.
// Extension.
// Since 0.2.
TLSOCK_API tlsock_status tlsock_identity_new_files_asking(const char *certfile, const char *keyfile,
                                                          tlsock_password_callback password,
                                                          void *userdata,
                                                          tlsock_identity **identity,
                                                          tlsock_error **error);

// Reads an identity from memory: each of cert and key is PEM (any number of certificates) or DER
// (one), told by its content; if key is NULL and key_len 0 the key is in cert. password is for an
// encrypted key, or NULL.
// Returns: as tlsock_identity_new_files, without OS.
// Extension: CPython issue 60691.
// Since 0.2.
TLSOCK_API tlsock_status tlsock_identity_new_data(const void *cert, size_t cert_len,
                                                  const void *key, size_t key_len,
                                                  const char *password, tlsock_identity **identity,
                                                  tlsock_error **error);

// Does what tlsock_identity_new_data does, and asks a callback of this call, as
// tlsock_identity_new_files_asking does.
// Returns: as tlsock_identity_new_data, or the callback's failure.
// Extension: CPython issue 60691.
// Since 0.2.
TLSOCK_API tlsock_status tlsock_identity_new_data_asking(const void *cert, size_t cert_len,
                                                         const void *key, size_t key_len,
                                                         tlsock_password_callback password,
                                                         void *userdata, tlsock_identity **identity,
                                                         tlsock_error **error);

// Reads an identity from a PKCS#12 file in memory (.p12, .pfx): its first private key that has a
// certificate in the file, and the certificates that lead from there to a root, in order; other
// certificates are left out. password is UTF-8; NULL and "" are both for a file without one. A file
// that is larger than 16 MiB, whose keys take more than 10 million iterations together, or which
// has more than 1000 certificates and keys, is refused before the time is spent.
// Returns: VALUE for a file that is too large; SSL: the message says whether the password is wrong,
// the encryption is one that OpenSSL lacks (RC2 and single DES are in its legacy provider), the
// file is damaged, or has no key, no certificate or none for its key.
// Extension.
// OpenSSL: d2i_PKCS12, PKCS12_parse
// Since 0.2.
TLSOCK_API tlsock_status tlsock_identity_new_pkcs12(const void *data, size_t data_len,
                                                    const char *password,
                                                    tlsock_identity **identity,
                                                    tlsock_error **error);

// Makes an identity of the same certificates and key with an OCSP response, in DER, which a server
// sends with them to clients that ask for it, however the identity is used: by
// tlsock_context_use_identity, where it counts as tlsock_context_set_ocsp_response for its
// certificate, or by a callback that chooses it for a connection. It is not sent any more once it
// ends. The given identity does not change; both are to be freed.
// Returns: VALUE for bytes that are no response with an answer, and for a response that is not for
// the identity's first certificate or not valid now; SSL.
// Extension.
// OpenSSL: SSL_set_tlsext_status_ocsp_resp
// Since 0.2.
TLSOCK_API tlsock_status tlsock_identity_with_ocsp_response(const tlsock_identity *identity,
                                                            const void *response,
                                                            size_t response_len,
                                                            tlsock_identity **made,
                                                            tlsock_error **error);

// Makes an identity of the same certificates and key with signed certificate timestamps: a
// SignedCertificateTimestampList (RFC 6962, section 3.3), for which two bytes tell the length of
// the whole and of each timestamp. A server sends it with the first certificate to clients that
// ask, however the identity is used, by tlsock_context_use_identity or by a callback that chooses
// it for a connection. Only the lengths are looked at. A length of 0 makes an identity without any.
// The given identity does not change; both are to be freed.
// Returns: VALUE for lengths that do not fit and for more than 64,000 bytes.
// Extension: what crypto/tls does
// OpenSSL: SSL_CTX_use_serverinfo_ex
// Since 0.2.
TLSOCK_API tlsock_status tlsock_identity_with_scts(const tlsock_identity *identity,
                                                   const void *scts, size_t scts_len,
                                                   tlsock_identity **made, tlsock_error **error);

// Reads an identity from OpenSSL's stores: the certificates under cert_uri and the private key
// under key_uri, both under cert_uri if key_uri is NULL. file: with an absolute path is always
// served (PEM, DER and PKCS#12, told by content), other schemes, such as pkcs11:, by the providers
// that the program or its openssl.cnf has loaded; a key of theirs stays where it is, and signs
// there. Of the certificates those count that lead from the key's to a root. password is for an
// encrypted file, or the PIN of a token, or NULL. No terminal is ever read. What a store takes to
// open a file is OpenSSL's to bound: for a PKCS#12 file of a stranger there is
// tlsock_identity_new_pkcs12.
// Returns: VALUE for a URI without a scheme, NOT_IMPLEMENTED for a scheme that nobody serves, OS
// for a file that is not there, SSL. Messages name the argument and the scheme, never the URI: it
// may hold a PIN.
// Extension.
// OpenSSL: OSSL_STORE_open_ex, OSSL_STORE_load
// Since 0.2.
TLSOCK_API tlsock_status tlsock_identity_new_uri(const char *cert_uri, const char *key_uri,
                                                 const char *password, tlsock_identity **identity,
                                                 tlsock_error **error);

// Makes an identity whose private key stays elsewhere: chain is the certificates, PEM (any number)
// or DER (one), and callback signs for the key of the first one, RSA (also RSA-PSS), ECDSA or
// Ed25519. It serves clients and servers in TLS 1.2 and 1.3; ciphers that have RSA decrypt (of
// which the defaults have none) fail with it. Nothing changes for others in the process who use
// OpenSSL. A NULL callback is VALUE. flags is 0, or TLSOCK_SIGNER_MAY_WAIT where the callback may
// return WANT_CALLBACK: libssl cannot be left where it asks for a signature, so that each full
// handshake by such an identity gets a thread of the library, from the choice of the identity until
// the signature. It runs no code of the program, and only while the thread that calls waits for it.
// Until the signature is there the connection's context cannot be set (VALUE); freeing or closing
// the connection ends the wait. A process that forks meanwhile: the child's copy of the connection
// fails with VALUE, and its memory is not freed there.
// Returns: VALUE for unknown flags, SSL for a chain that cannot be read, NOT_IMPLEMENTED for
// another kind of key; the operations of such a connection OS where the system gives no further
// thread.
// Extension.
// OpenSSL: a provider of our own, in a library context that nobody else sees
// Since 0.2.
TLSOCK_API tlsock_status tlsock_identity_new_signer(const void *chain, size_t chain_len,
                                                    uint32_t flags, tlsock_signer_callback callback,
                                                    void *userdata,
                                                    tlsock_free_userdata free_userdata,
                                                    tlsock_identity **identity,
                                                    tlsock_error **error);

// Gives the certificates of an identity: this side's own one first, then the chain as peers get it.
// The list is the caller's, to be freed with tlsock_certificate_list_free; it may outlive the
// identity.
// Returns: nothing beyond the conventions.
// Extension.
// Since 0.2.
TLSOCK_API tlsock_status tlsock_identity_certificates(const tlsock_identity *identity,
                                                      tlsock_certificate_list **certificates,
                                                      tlsock_error **error);

// Frees a handle on an identity. NULL is ignored. Contexts and connections that use the identity
// keep it for as long as they do; the private key is wiped when the last of them is gone, but not
// what OpenSSL's decoder has left of it in memory that it has freed.
// Since 0.2.
TLSOCK_API void tlsock_identity_free(tlsock_identity *identity);

// Loads this side's certificate chain and private key from PEM files; if keyfile is NULL, the key
// is in certfile. If password is NULL, the password callback is asked; without one an encrypted key
// fails, its cause is VALUE. Call it once for each type of key (RSA, ECDSA) to serve both. Formats
// of the key: traditional, PKCS#8, and PKCS#8 v2 with the public key (RFC 5958), which is not used.
// Ours: it never reads a password from the terminal, and on failure nothing has changed.
// Returns: OS (EFBIG beyond 256 MiB, as for any file), SSL ("[SSL] PEM lib", "[X509:
// KEY_VALUES_MISMATCH]"), or the callback's failure. After Python's text the message names the
// file, as tlsock_error_filename does, and says what is wrong: no certificate or key in it, a wrong
// password, an encryption that OpenSSL lacks, the key of another certificate; tlsock_error_cause is
// the first error that OpenSSL reported.
// Python: SSLContext.load_cert_chain(certfile, keyfile, password)
// OpenSSL: SSL_CTX_use_certificate_chain_file, SSL_CTX_use_PrivateKey_file
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_load_cert_chain(tlsock_context *context,
                                                        const char *certfile, const char *keyfile,
                                                        const char *password, tlsock_error **error);

// Loads chain and key from memory, PEM (any number of certificates) or DER (one); if key is NULL
// and key_len 0, the key is in cert. Otherwise like load_cert_chain.
// Returns: as load_cert_chain, without OS.
// Extension: CPython issue 60691.
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_load_cert_chain_data(tlsock_context *context,
                                                             const void *cert, size_t cert_len,
                                                             const void *key, size_t key_len,
                                                             const char *password,
                                                             tlsock_error **error);

// Like load_cert_chain, but asks a callback that is valid for this call only for the password of an
// encrypted key: it is called on this thread before the call returns, and is not kept. If several
// threads load into one context at the same time, each asks its own callback. A NULL callback is
// VALUE.
// Returns: as load_cert_chain.
// Python: SSLContext.load_cert_chain(certfile, keyfile, password=callable)
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_load_cert_chain_asking(tlsock_context *context,
                                                               const char *certfile,
                                                               const char *keyfile,
                                                               tlsock_password_callback password,
                                                               void *userdata,
                                                               tlsock_error **error);

// Like load_cert_chain_data, but asks a callback that is valid for this call only, like
// load_cert_chain_asking.
// Returns: as load_cert_chain, without OS.
// Extension: CPython issue 60691.
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_load_cert_chain_data_asking(
    tlsock_context *context, const void *cert, size_t cert_len, const void *key, size_t key_len,
    tlsock_password_callback password, void *userdata, tlsock_error **error);

// Sets the callback that gives the password of an encrypted key when a loading call passes none.
// Returns: nothing beyond the conventions.
// Python: load_cert_chain(password=callable)
// OpenSSL: SSL_CTX_set_default_passwd_cb
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_password_callback(tlsock_context *context,
                                                              tlsock_password_callback callback,
                                                              void *userdata,
                                                              tlsock_free_userdata free_userdata,
                                                              tlsock_error **error);

// Uses an identity for the connections made from now on, in place of the one of the same key type
// (RSA, RSA-PSS, ECDSA, Ed25519): call it once for each type, and the handshake chooses. This is
// how a running server takes up a renewed certificate: any thread may call it while others accept,
// connections made before keep what they have, and a handshake gets the old pair or the new one,
// never parts of both. tlsock_context_load_cert_chain is this with an identity of its own. The
// context keeps the identity; the handle stays the caller's.
// Returns: SSL for a key that the security level or OpenSSL does not allow; nothing has changed
// then.
// Extension.
// OpenSSL: SSL_CTX_use_cert_and_key
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_use_identity(tlsock_context *context,
                                                     const tlsock_identity *identity,
                                                     tlsock_error **error);

// Sets the authorities that a server names when it asks its clients for certificates: the subjects
// of these, PEM or DER (any number). They tell a client which of its certificates to show, and
// change nothing about whom the context trusts. NULL with length 0 names none, as at first, which
// is any. At most 64,000 bytes of names can be sent, two more for each counted.
// Returns: VALUE on a TLS_CLIENT context and for more names than can be sent, SSL.
// Extension: Python never sends any.
// OpenSSL: SSL_CTX_set_client_CA_list
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_client_ca_names(tlsock_context *context,
                                                            const void *certificates,
                                                            size_t certificates_len,
                                                            tlsock_error **error);

// ---------------------------------- trust ----------------------------------

// Trusts more CAs: a PEM file (its CRLs are loaded too), a hashed directory, and PEM or DER in
// memory. Each may be NULL, but not all. The memory is loaded first; if one of them fails, those
// loaded before it stay. A file that cannot be read in full fails and adds nothing;
// tlsock_error_cause names the entry and its line.
// Ours: a file beyond 256 MiB is EFBIG. As any file that is read here, a FIFO that nobody has open
// for writing is empty, and nobody waits for a writer; one that has a writer, and a pipe
// (/dev/fd/3), is read to its end. If several CAs have the same name, the one that made the
// signature is used, in whatever order they were loaded; OpenSSL takes the first one whose key
// identifier matches or is not required.
// Returns: TYPE when all three are NULL, OS, SSL.
// Python: SSLContext.load_verify_locations(cafile, capath, cadata)
// OpenSSL: X509_STORE_add_cert, SSL_CTX_load_verify_locations
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_load_verify_locations(tlsock_context *context,
                                                              const char *cafile,
                                                              const char *capath,
                                                              const void *cadata, size_t cadata_len,
                                                              tlsock_error **error);

// Adds certificate revocation lists from memory, PEM or DER. They are used once verify_flags has a
// CRL_CHECK bit.
// Returns: SSL.
// Extension: Python reads CRLs only from files, by load_verify_locations.
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_load_crl_data(tlsock_context *context, const void *crl,
                                                      size_t crl_len, tlsock_error **error);

// Replaces all certificate revocation lists of a context, from files or memory, by these, PEM or
// DER; a length of 0 leaves none. They count for every peer that is verified from then on, also in
// a handshake that has begun; sessions that were made under the old lists are not resumed. Lists in
// directories stay, and are read again. tlsock_context_cert_store_stats counts them.
// Returns: SSL, and then the old lists stay.
// Extension: Python can only add CRLs.
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_crl_data(tlsock_context *context, const void *crl,
                                                     size_t crl_len, tlsock_error **error);

// Trusts the system's CAs for a purpose (TLSOCK_PURPOSE_*, or another OID's number), as
// tlsock_context_set_default_verify_paths does.
// Returns: SSL.
// Python: SSLContext.load_default_certs(purpose)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_load_default_certs(tlsock_context *context, int purpose,
                                                           tlsock_error **error);

// Trusts OpenSSL's default file and directory, or those that SSL_CERT_FILE and SSL_CERT_DIR name;
// they need not exist. Ours: entries of the file that cannot be read are skipped, with a
// RuntimeWarning when the file is first needed, which no callback can turn into a failure; the
// other entries are used (Python uses none of them).
// Returns: SSL.
// Python: SSLContext.set_default_verify_paths()
// OpenSSL: SSL_CTX_set_default_verify_paths
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_default_verify_paths(tlsock_context *context,
                                                                 tlsock_error **error);

// Counts the certificates and revocation lists in the trust store.
// Returns: SSL.
// Python: SSLContext.cert_store_stats()
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_cert_store_stats(const tlsock_context *context,
                                                         tlsock_cert_store_stats *stats,
                                                         tlsock_error **error);

// Lists the CA certificates in the trust store. Of a hashed directory it lists only those that were
// used so far.
// Returns: SSL.
// Python: SSLContext.get_ca_certs(binary_form)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_get_ca_certs(const tlsock_context *context,
                                                     tlsock_certificate_list **certificates,
                                                     tlsock_error **error);

// Gives the paths where the default CAs are searched for now; see tlsock_environment_trusted.
// Returns: nothing beyond the conventions.
// Python: get_default_verify_paths()
// Since 0.1.
TLSOCK_API tlsock_status tlsock_get_default_verify_paths(tlsock_verify_paths **paths,
                                                         tlsock_error **error);

// Frees the paths. NULL is ignored.
// Since 0.1.
TLSOCK_API void tlsock_verify_paths_free(tlsock_verify_paths *paths);

// Returns the CA file in use, lent by paths; NULL if it does not exist.
// Python: DefaultVerifyPaths.cafile
// Since 0.1.
TLSOCK_API const char *tlsock_verify_paths_cafile(const tlsock_verify_paths *paths);

// Returns the CA directory in use, lent by paths; NULL if it does not exist.
// Python: DefaultVerifyPaths.capath
// Since 0.1.
TLSOCK_API const char *tlsock_verify_paths_capath(const tlsock_verify_paths *paths);

// Returns the name of the environment variable for the file, "SSL_CERT_FILE".
// Python: DefaultVerifyPaths.openssl_cafile_env
// Since 0.1.
TLSOCK_API const char *tlsock_verify_paths_openssl_cafile_env(const tlsock_verify_paths *paths);

// Returns the file built into OpenSSL.
// Python: DefaultVerifyPaths.openssl_cafile
// Since 0.1.
TLSOCK_API const char *tlsock_verify_paths_openssl_cafile(const tlsock_verify_paths *paths);

// Returns the name of the environment variable for the directory, "SSL_CERT_DIR".
// Python: DefaultVerifyPaths.openssl_capath_env
// Since 0.1.
TLSOCK_API const char *tlsock_verify_paths_openssl_capath_env(const tlsock_verify_paths *paths);

// Returns the directory built into OpenSSL.
// Python: DefaultVerifyPaths.openssl_capath
// Since 0.1.
TLSOCK_API const char *tlsock_verify_paths_openssl_capath(const tlsock_verify_paths *paths);

// Lists the certificates of a Windows store, "CA" or "ROOT".
// Returns: OS for an unknown store, NOT_IMPLEMENTED except on Windows.
// Python: enum_certificates(store_name)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_enum_certificates(const char *store_name,
                                                  tlsock_store_list **entries,
                                                  tlsock_error **error);

// Lists the revocation lists of a Windows store; their trust is empty.
// Returns: OS for an unknown store, NOT_IMPLEMENTED except on Windows.
// Python: enum_crls(store_name)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_enum_crls(const char *store_name, tlsock_store_list **entries,
                                          tlsock_error **error);

// Returns the number of entries in a store list.
// Python: len(enum_certificates(store_name))
// Since 0.1.
TLSOCK_API size_t tlsock_store_list_count(const tlsock_store_list *entries);

// Fills in one entry; its pointers are lent by the list. Past the end it returns false and changes
// nothing.
// Python: an entry of enum_certificates(store_name)
// Since 0.1.
TLSOCK_API bool tlsock_store_list_at(const tlsock_store_list *entries, size_t index,
                                     tlsock_store_entry *entry);

// Returns one OID that an entry is trusted for; NULL past the end of either.
// Python: the set of OIDs in such an entry
// Since 0.1.
TLSOCK_API const char *tlsock_store_list_trust_at(const tlsock_store_list *entries, size_t index,
                                                  size_t trust_index);

// Frees a store list. NULL is ignored.
// Since 0.1.
TLSOCK_API void tlsock_store_list_free(tlsock_store_list *entries);

// ------------------------------ verification -------------------------------

// Returns TLSOCK_CERT_NONE, _OPTIONAL or _REQUIRED.
// Python: SSLContext.verify_mode
// Since 0.1.
TLSOCK_API int tlsock_context_verify_mode(const tlsock_context *context);

// Sets whether the peer must have a valid certificate. On a client, OPTIONAL is the same as
// REQUIRED.
// Ours: once a server requests certificates, it no longer resumes sessions made before that. A
// client that verifies refuses a server without a certificate, which ciphers with "aNULL" allow (a
// pre-shared key proves a server, too).
// Returns: VALUE for CERT_NONE while host names are checked, SSL.
// Python: SSLContext.verify_mode = mode
// OpenSSL: SSL_CTX_set_verify
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_verify_mode(tlsock_context *context, int mode,
                                                        tlsock_error **error);

// Tells whether the peer's certificate must be for the server_hostname.
// Python: SSLContext.check_hostname
// Since 0.1.
TLSOCK_API bool tlsock_context_check_hostname(const tlsock_context *context);

// Sets whether host names are checked. Switching it on raises a verify mode of NONE to REQUIRED.
// Returns: SSL.
// Python: SSLContext.check_hostname = check
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_check_hostname(tlsock_context *context, bool check,
                                                           tlsock_error **error);

// Tells whether the common name of a certificate is compared if it has no DNS name.
// Python: SSLContext.hostname_checks_common_name
// Since 0.1.
TLSOCK_API bool tlsock_context_hostname_checks_common_name(const tlsock_context *context);

// Sets whether the common name of a certificate is compared if it has no DNS name. It is by
// default.
// Returns: SSL.
// Python: SSLContext.hostname_checks_common_name = check
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_hostname_checks_common_name(tlsock_context *context,
                                                                        bool check,
                                                                        tlsock_error **error);

// Returns the TLSOCK_VERIFY_* bits, including unknown ones.
// Python: SSLContext.verify_flags
// Since 0.1.
TLSOCK_API uint64_t tlsock_context_verify_flags(const tlsock_context *context);

// Sets exactly these TLSOCK_VERIFY_* bits; start from the getter to add one.
// Returns: SSL.
// Python: SSLContext.verify_flags = flags
// OpenSSL: X509_VERIFY_PARAM_set_flags, X509_VERIFY_PARAM_clear_flags
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_verify_flags(tlsock_context *context, uint64_t flags,
                                                         tlsock_error **error);

// Returns how many certificates may stand between a peer's own and the trust anchor; -1 for
// OpenSSL's own limit, 100.
// Extension.
// Since 0.2.
TLSOCK_API int tlsock_context_verify_depth(const tlsock_context *context);

// Sets how many certificates may stand between a peer's own and the trust anchor, for connections
// made from now on; -1 is OpenSSL's own limit, 100. A longer chain is refused with verify code 22,
// "certificate chain too long". Where an SNI callback chooses another context the lesser of the two
// counts.
// Returns: VALUE below -1, SSL.
// Extension.
// OpenSSL: SSL_CTX_set_verify_depth
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_verify_depth(tlsock_context *context, int depth,
                                                         tlsock_error **error);

// Returns how long the certificates that a peer sends may be together, in bytes; 102400 at first.
// Extension.
// Since 0.2.
TLSOCK_API size_t tlsock_context_max_cert_list(const tlsock_context *context);

// Sets how long the certificates that a peer sends may be together, in bytes, for connections made
// from now on: what is longer is refused before it is read, or decompressed.
// Returns: VALUE for 0 and beyond 16777215, the longest message of TLS; SSL.
// Extension.
// OpenSSL: SSL_CTX_set_max_cert_list
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_max_cert_list(tlsock_context *context, size_t bytes,
                                                          tlsock_error **error);

// Pins keys: beside passing the check, the peer's chain as verification built it must have a
// certificate with one of them, be it the peer's own, an intermediate or the root; otherwise the
// handshake fails with CERT_VERIFICATION (verify code 50) and tlsock_error_cause names the pins
// that were seen. A pin is "sha256//" and the SHA-256 of a SubjectPublicKeyInfo in base64, as curl
// writes it; of curl's list each pin is an element of its own here. A chain that was not proved
// (CERT_NONE, or a verify callback that overrides the check) counts by the peer's own certificate
// alone. A refusal under CERT_NONE ends the connection without an alert. A peer that proves itself
// by a pre-shared key shows no certificate and passes: see set_psk_required; so does a client that
// shows none where none is required. A server that proves itself by nothing (anonymous ciphers) is
// refused, without an alert too. Pins count until the peer has been checked, also where the
// handshake has begun; sessions made under other pins are not resumed, and a handshake that has
// offered one before ends where the server takes it. count 0 unpins. If one pin is refused, those
// of before stay. The context keeps a copy.
// Returns: VALUE for what is not a pin, which it names.
// Extension: curl --pinnedpubkey
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_pins(tlsock_context *context, const char *const *pins,
                                                 size_t count, tlsock_error **error);

// Tells whether TLS 1.3 post-handshake authentication is on.
// Python: SSLContext.post_handshake_auth
// Since 0.1.
TLSOCK_API bool tlsock_context_post_handshake_auth(const tlsock_context *context);

// Sets whether a client offers, and a server uses, TLS 1.3 post-handshake authentication.
// Returns: NOT_IMPLEMENTED without TLSOCK_HAS_PHA, unless it is false.
// Python: SSLContext.post_handshake_auth = on
// OpenSSL: SSL_set_post_handshake_auth
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_post_handshake_auth(tlsock_context *context, bool on,
                                                                tlsock_error **error);

// Returns the TLSOCK_OCSP_* mode: what a client demands of the OCSP responses of servers.
// Extension.
// Since 0.2.
TLSOCK_API int tlsock_context_ocsp(const tlsock_context *context);

// Sets what a client demands of the OCSP response (RFC 6960) that comes with a server's
// certificate. OCSP_REQUEST asks for one; if it comes, it must be signed by the issuer of the
// certificate or by a certificate that the issuer has issued for OCSP signing, be for this
// certificate, valid now (5 minutes of slack; without an end, for 7 days), and say that the
// certificate is good. OCSP_REQUIRE refuses servers that send none, and so does OCSP_REQUEST if the
// certificate itself demands one (must-staple, RFC 7633). A refusal is CERT_VERIFICATION with
// verify code 23 (revoked), 73 (no response), 74 (not valid) or 75 (unknown). Of several answers
// about the certificate the worst that is valid now counts; a response with a critical extension is
// not valid, nor one whose signature, or its signer's key or certificate, is weaker than the
// security level asks of certificates. Without verification of the server (CERT_NONE, a verify
// callback that overrides the check) OCSP_REQUEST checks nothing, and OCSP_REQUIRE fails the
// handshake with SSL, whose cause is VALUE. A server that proves itself by a pre-shared key shows
// no certificate and passes: see set_psk_required. A session is resumed at most until the response
// ends, and only under the same mode. Counts for connections made from now on. The default is
// OCSP_IGNORE.
// Returns: VALUE for another mode or a TLS_SERVER context, SSL.
// Extension. RFC 6066, section 8; RFC 8446, section 4.4.2.1.
// OpenSSL: SSL_set_tlsext_status_type, SSL_CTX_set_tlsext_status_cb
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_ocsp(tlsock_context *context, int mode,
                                                 tlsock_error **error);

// Sets the OCSP response, in DER, that a server sends to clients that ask for it, with the
// certificate that it is for: one for each certificate, replacing the one before. It is not sent
// any more once it ends. A length of 0 removes all.
// Returns: VALUE for bytes that are no response with an answer, for a response that is not for a
// certificate of this context or not valid now, and for a TLS_CLIENT context, and then the old one
// stays; SSL.
// Extension.
// OpenSSL: SSL_set_tlsext_status_ocsp_resp
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_ocsp_response(tlsock_context *context,
                                                          const void *response, size_t response_len,
                                                          tlsock_error **error);

// Tells whether clients of this context ask for certificate timestamps; false for NULL.
// Extension: see tlsock_context_set_scts_requested.
// Since 0.2.
TLSOCK_API bool tlsock_context_scts_requested(const tlsock_context *context);

// Sets whether clients ask servers for the signed certificate timestamps (SCTs, RFC 6962) of their
// certificates, for connections made from now on: see tlsock_socket_scts. They are told as they
// came, and nobody is refused for them, but for a list whose lengths do not fit (SSL). Those that
// are in certificates and OCSP responses are not among them. Off at first: the ClientHello is one
// extension longer with it.
// Returns: VALUE on a TLS_SERVER context, SSL.
// Extension: what crypto/tls does
// OpenSSL: SSL_CTX_add_custom_ext
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_scts_requested(tlsock_context *context, bool requested,
                                                           tlsock_error **error);

// Tells whether the context keeps verified chains.
// Extension: see tlsock_context_set_chain_cache.
// Since 0.1.
TLSOCK_API bool tlsock_context_chain_cache(const tlsock_context *context);

// Sets whether connections keep the peer's chain once it was verified, and do not verify the
// signatures of the same certificates again. Off by default; switching it off forgets what was
// kept. A verdict counts only while all that it came from is the same: every certificate shown and
// their order, the CAs and CRLs that are trusted, the name or address, the side, verify flags and
// security level. Dates are looked at each time. After a change of trust, or in doubt, a chain is
// verified as ever. Only successes are kept. Where CRLs are checked and may come from a hashed
// directory, every chain is verified. What it saves of the processor time that both ends spend on a
// full handshake with a server that was seen before: about a sixth for P-256, a twentieth for RSA.
// What it costs: memory for up to 64 chains, and somebody who can measure may learn whether a chain
// was seen before.
// Returns: nothing beyond the conventions.
// Extension: Python verifies every chain anew.
// OpenSSL: SSL_CTX_set_cert_verify_callback
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_chain_cache(tlsock_context *context, bool enabled,
                                                        tlsock_error **error);

// Returns how often a kept chain was used instead of verifying again since the context was made; 0
// for NULL.
// Extension: see tlsock_context_set_chain_cache.
// Since 0.1.
TLSOCK_API uint64_t tlsock_context_chain_cache_hits(const tlsock_context *context);

// -------------------------- protocol and ciphers ---------------------------

// Returns the TLSOCK_OP_* bits, including unknown ones.
// Python: SSLContext.options
// Since 0.1.
TLSOCK_API uint64_t tlsock_context_options(const tlsock_context *context);

// Sets exactly these TLSOCK_OP_* bits; start from the getter to add one. OP_ENABLE_KTLS lets the
// kernel encrypt what sockets send, if it can: see tlsock_socket_ktls_send.
// Returns: SSL; VALUE if the warning callback refuses an OP_NO_* of a version, which is deprecated.
// Python: SSLContext.options = options
// OpenSSL: SSL_CTX_set_options, SSL_CTX_clear_options
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_options(tlsock_context *context, uint64_t options,
                                                    tlsock_error **error);

// Returns the lowest TLSOCK_TLS_VERSION_* that is accepted; MINIMUM_SUPPORTED if there is no limit.
// Python: SSLContext.minimum_version
// Since 0.1.
TLSOCK_API int tlsock_context_minimum_version(const tlsock_context *context);

// Sets the lowest TLSOCK_TLS_VERSION_* to accept. The default is TLSV1_2, or the value in
// openssl.cnf if that is higher.
// Returns: VALUE for an unknown version, one that OpenSSL refuses, one that the warning callback
// refuses, or a context of one fixed version; SSL.
// Python: SSLContext.minimum_version = version
// OpenSSL: SSL_CTX_set_min_proto_version
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_minimum_version(tlsock_context *context, int version,
                                                            tlsock_error **error);

// Returns the highest TLSOCK_TLS_VERSION_* that is accepted; MAXIMUM_SUPPORTED if there is no
// limit.
// Python: SSLContext.maximum_version
// Since 0.1.
TLSOCK_API int tlsock_context_maximum_version(const tlsock_context *context);

// Sets the highest TLSOCK_TLS_VERSION_* to accept. The default is the value in openssl.cnf.
// Returns: VALUE as for the minimum. An empty range of versions fails in the handshake.
// Python: SSLContext.maximum_version = version
// OpenSSL: SSL_CTX_set_max_proto_version
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_maximum_version(tlsock_context *context, int version,
                                                            tlsock_error **error);

// Returns the number of TLS 1.3 tickets that a server sends after a handshake.
// Python: SSLContext.num_tickets
// Since 0.1.
TLSOCK_API int tlsock_context_num_tickets(const tlsock_context *context);

// Sets the number of TLS 1.3 tickets that a server sends after a handshake. The default is 2.
// Returns: VALUE for a negative count or any but a TLS_SERVER context, NOT_IMPLEMENTED with
// AWS-LC for more than 16, SSL.
// Python: SSLContext.num_tickets = count
// OpenSSL: SSL_CTX_set_num_tickets
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_num_tickets(tlsock_context *context, int count,
                                                        tlsock_error **error);

// Sets the ciphers of TLS 1.2 and below from an OpenSSL cipher list. Those of TLS 1.3 stay.
// Ours: a list that is refused changes nothing. A server's sessions and tickets from before a
// change are not resumed, and a client leaves aside a session of TLS 1.2 whose cipher is not in the
// list any more: the handshake is a full one.
// Returns: SSL "No cipher can be selected.", VALUE beyond 64 KiB.
// Python: SSLContext.set_ciphers(ciphers)
// OpenSSL: SSL_CTX_set_cipher_list
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_ciphers(tlsock_context *context, const char *ciphers,
                                                    tlsock_error **error);

// Lists the enabled ciphers, best first, with TLS 1.3 before the rest; read the list with _info_at.
// Returns: nothing beyond the conventions.
// Python: SSLContext.get_ciphers()
// OpenSSL: SSL_CTX_get_ciphers
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_get_ciphers(const tlsock_context *context,
                                                    tlsock_cipher_list **ciphers,
                                                    tlsock_error **error);

// Sets the ciphers of TLS 1.3 by their names, separated by colons: "TLS_AES_256_GCM_SHA384". ""
// means none: then only TLS 1.2 and below can be offered. Neither this nor
// tlsock_context_set_ciphers changes what the other sets. A name that is unknown is refused, where
// OpenSSL leaves it out; a refusal changes nothing.
// Returns: VALUE for a name that is no known cipher of TLS 1.3 (the message has the nearest known
// one) and for a list that is too long, SSL.
// Extension: SSLContext.set_ciphersuites() of Python 3.15
// OpenSSL: SSL_CTX_set_ciphersuites
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_ciphersuites(tlsock_context *context,
                                                         const char *ciphersuites,
                                                         tlsock_error **error);

// Sets the groups for key exchange by OpenSSL's names, separated by colons, the preferred one
// first: "X25519:P-256", with OpenSSL 3.5 and later also "X25519MLKEM768". It replaces what
// tlsock_context_set_ecdh_curve has set. A refusal changes nothing.
// Returns: VALUE for a name that is no known group (the message has the nearest known one) and for
// a list that is too long, SSL for a list that OpenSSL refuses for another reason.
// Extension: SSLContext.set_groups() of Python 3.15
// OpenSSL: SSL_CTX_set1_groups_list
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_groups(tlsock_context *context, const char *groups,
                                                   tlsock_error **error);

// Gives the names of the groups that the OpenSSL in use has for this context's versions, separated
// by colons, by their numbers in TLS; with include_aliases all names of each, otherwise the first.
// It is what tlsock_context_set_groups takes, not what it has set. Text, ASCII.
// Returns: nothing beyond the conventions.
// Extension: SSLContext.get_groups(include_aliases=) of Python 3.15, here for every OpenSSL
// OpenSSL: SSL_CTX_get0_implemented_groups
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_get_groups(const tlsock_context *context,
                                                   bool include_aliases, tlsock_bytes *groups,
                                                   tlsock_error **error);

// Sets the only group for key exchange, by OpenSSL's short name: "prime256v1", "X25519".
// Returns: VALUE for an unknown name, SSL for a name that is not a group.
// Python: SSLContext.set_ecdh_curve(curve_name)
// OpenSSL: SSL_CTX_set1_groups
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_ecdh_curve(tlsock_context *context,
                                                       const char *curve_name,
                                                       tlsock_error **error);

// Loads Diffie-Hellman parameters for TLS 1.2 and below from a PEM file.
// Returns: OS (with filename), SSL.
// Python: SSLContext.load_dh_params(dhfile)
// OpenSSL: SSL_CTX_set0_tmp_dh_pkey
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_load_dh_params(tlsock_context *context, const char *dhfile,
                                                       tlsock_error **error);

// Sets by which algorithms servers may sign in handshakes, in the order of preference, separated by
// colons: "ecdsa_secp256r1_sha256:ed25519", or in OpenSSL's older form
// "ECDSA+SHA256:RSA-PSS+SHA256". A client offers these, a server signs by one of them. They hold
// for the signatures of clients too, unless tlsock_context_set_client_sigalgs sets others. A
// refusal changes nothing.
// Returns: VALUE for a name that is no known algorithm (the message has the nearest known one) and
// for a list that is too long, SSL for a list that OpenSSL refuses for another reason, such as a
// name that comes twice.
// Extension: SSLContext.set_server_sigalgs() of Python 3.15
// OpenSSL: SSL_CTX_set1_sigalgs_list
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_server_sigalgs(tlsock_context *context,
                                                           const char *sigalgs,
                                                           tlsock_error **error);

// Sets by which algorithms clients may sign to prove their certificates, as
// tlsock_context_set_server_sigalgs does for servers. A server asks for these, a client signs by
// one of them.
// Returns: VALUE for a name that is no known algorithm (the message has the nearest known one) and
// for a list that is too long, SSL for a list that OpenSSL refuses for another reason.
// Extension: SSLContext.set_client_sigalgs() of Python 3.15
// OpenSSL: SSL_CTX_set1_client_sigalgs_list
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_client_sigalgs(tlsock_context *context,
                                                           const char *sigalgs,
                                                           tlsock_error **error);

// Gives the names of the signature algorithms that the OpenSSL in use knows, separated by colons,
// as tlsock_context_set_server_sigalgs takes them. Text, ASCII.
// Returns: nothing beyond the conventions.
// Extension: get_sigalgs() of Python 3.15, here for every OpenSSL
// OpenSSL: SSL_get1_builtin_sigalgs
// Since 0.2.
TLSOCK_API tlsock_status tlsock_get_sigalgs(tlsock_bytes *sigalgs, tlsock_error **error);

// Has clients encrypt their ClientHello (ECH, RFC 9849) for the server that has published this
// ECHConfigList: the bytes of `ech` in its HTTPS record of DNS, not their base64. What a network
// can read is then the public name of the configuration in place of server_hostname; the groups,
// ciphers and application protocols are the same inside and outside. The first configuration counts
// that can be used; others are passed over. A connection with configurations speaks TLS 1.3 alone.
// A server that does not decrypt the ClientHello fails the handshake with SSL and the reason
// ECH_REQUIRED, after its certificate was checked against the public name (CERT_VERIFICATION if
// that fails, also under CERT_NONE): tlsock_error_ech_retry_configs then has the configurations to
// connect again with. Nothing is sent without encryption instead. Pins, verify callbacks and keys
// of this side are not used in such a handshake. Sessions are not offered: each handshake is a full
// one. A pre-shared key cannot be offered either: once a callback gives one, the handshake fails
// with SSL before its first message, and its cause is NOT_IMPLEMENTED. NULL and a length of 0 end
// it. Counts for connections made from now on.
// Returns: VALUE for bytes that are no list, for a list without a configuration that can be used,
// and for a TLS_SERVER context, and then the old list stays; NOT_IMPLEMENTED without
// TLSOCK_HAS_ECH. Making a connection is VALUE if the context excludes TLS 1.3.
// Extension.
// OpenSSL: SSL_set1_ech_config_list
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_ech_configs(tlsock_context *context,
                                                        const void *configs, size_t configs_len,
                                                        tlsock_error **error);

// Returns what tlsock_context_set_ech_grease has set; false for NULL.
// Extension.
// Since 0.2.
TLSOCK_API bool tlsock_context_ech_grease(const tlsock_context *context);

// Sets whether clients without configurations send something that looks like an encrypted
// ClientHello (GREASE, RFC 9849, section 6.2), so that those who have some do not stand out. It
// encrypts nothing. Off at first. Counts for connections made from now on.
// Returns: VALUE on a TLS_SERVER context; NOT_IMPLEMENTED without TLSOCK_HAS_ECH, unless it is
// false.
// Extension.
// OpenSSL: SSL_OP_ECH_GREASE
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_ech_grease(tlsock_context *context, bool on,
                                                       tlsock_error **error);

// Replaces the keys by which a server decrypts ClientHellos (ECH, RFC 9849). keys and former are
// text in PEM: of each key a PRIVATE KEY without a password, then the ECHCONFIG that is for it, as
// tlsock_generate_ech_keys and `openssl ech` write them; other blocks are passed over. The
// configurations of keys are sent to clients whose ClientHello cannot be decrypted, to connect
// again with; former only decrypt, for clients that still have older configurations, and may be
// NULL with a length of 0. The server needs a certificate for each public name too: such a client
// gets that of its outer ClientHello. Where the ClientHello is decrypted, callbacks, SNI and ALPN
// see the inner one. Counts for connections made from now on, so keys can be replaced while a
// server runs; a context that an SNI callback sets has no say in it. Both lengths 0: none any more.
// Returns: VALUE for text without a key, a key that cannot be read or is encrypted, that is not for
// the ECHCONFIG after it or has none, an ECHCONFIG that cannot be used, configurations of keys that
// are too long for one list, former without keys, and a TLS_CLIENT context, and then the old keys
// stay; NOT_IMPLEMENTED without TLSOCK_HAS_ECH.
// Extension.
// OpenSSL: SSL_CTX_set1_echstore, OSSL_ECHSTORE_read_pem
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_load_ech_keys(tlsock_context *context, const void *keys,
                                                      size_t keys_len, const void *former,
                                                      size_t former_len, tlsock_error **error);

// Makes a key for Encrypted ClientHello (X25519, HKDF-SHA256, AES-128-GCM), as
// tlsock_context_load_ech_keys takes it: *keys is text in PEM with the private key, and *configs
// the ECHConfigList for clients, whose base64 is the value of `ech` in an HTTPS record of DNS.
// tlsock_bytes_free wipes both. public_name is what stays visible in place of the server's name: it
// must be a host name for which the server has a certificate too. Names of servers up to
// max_name_length bytes, at most 255, are padded to one length; with 0 their length can be guessed
// from that of the ClientHello, by steps of 32.
// Returns: VALUE for a public_name that cannot be one (an address, shorter than 4 bytes or longer
// than 255, a last label of digits) and for another max_name_length; NOT_IMPLEMENTED without
// TLSOCK_HAS_ECH; SSL.
// Extension.
// OpenSSL: OSSL_ECHSTORE_new_config, OSSL_ECHSTORE_write_pem
// Since 0.2.
TLSOCK_API tlsock_status tlsock_generate_ech_keys(const char *public_name, int max_name_length,
                                                  tlsock_bytes *keys, tlsock_bytes *configs,
                                                  tlsock_error **error);

// Returns OpenSSL's security level. `@SECLEVEL=n` in set_ciphers changes it.
// Python: SSLContext.security_level
// Since 0.1.
TLSOCK_API int tlsock_context_security_level(const tlsock_context *context);

// Returns the number of ciphers in a list.
// Python: len(SSLContext.get_ciphers())
// Since 0.1.
TLSOCK_API size_t tlsock_cipher_list_count(const tlsock_cipher_list *ciphers);

// Fills in the triple of one cipher. Past the end it returns false and changes nothing.
// Python: an entry of SSLSocket.shared_ciphers()
// Since 0.1.
TLSOCK_API bool tlsock_cipher_list_at(const tlsock_cipher_list *ciphers, size_t index,
                                      tlsock_cipher *cipher);

// Fills in all properties of one cipher; the text is lent by the list. Returns false past the end.
// Python: an entry of SSLContext.get_ciphers()
// Since 0.1.
TLSOCK_API bool tlsock_cipher_list_info_at(const tlsock_cipher_list *ciphers, size_t index,
                                           tlsock_cipher_info *info);

// Frees a list of ciphers. NULL is ignored.
// Since 0.1.
TLSOCK_API void tlsock_cipher_list_free(tlsock_cipher_list *ciphers);

// Sets the application protocols that a client offers, or from which a server chooses in this
// order. Each is ASCII of 1 to 255 bytes. If both sides have none in common, the connection has no
// protocol: see tlsock_context_set_alpn_strict. Nothing changes on failure.
// Returns: SSL for a wrong length.
// Python: SSLContext.set_alpn_protocols(protocols)
// OpenSSL: SSL_CTX_set_alpn_protos, SSL_CTX_set_alpn_select_cb
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_alpn_protocols(tlsock_context *context,
                                                           const char *const *protocols,
                                                           size_t count, tlsock_error **error);

// Returns what tlsock_context_set_alpn_strict has set; false for NULL.
// Extension.
// Since 0.2.
TLSOCK_API bool tlsock_context_alpn_strict(const tlsock_context *context);

// Sets whether a server that has protocols, or an ALPN callback, refuses a client that offers
// others only, and one for which the callback chooses none, with no_application_protocol (RFC 7301,
// section 3.2): the handshake fails with SSL. A client that offers none at all is not refused. Off
// at first, as in Python.
// Returns: VALUE on a TLS_CLIENT context.
// Extension: what crypto/tls and node do
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_alpn_strict(tlsock_context *context, bool strict,
                                                        tlsock_error **error);

// Checks its arguments and fails: NPN was removed from TLS.
// Returns: SSL for a wrong length, otherwise NOT_IMPLEMENTED.
// Python: SSLContext.set_npn_protocols(protocols)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_npn_protocols(tlsock_context *context,
                                                          const char *const *protocols,
                                                          size_t count, tlsock_error **error);

// -------------------------------- callbacks --------------------------------

// Sets the callback that sees each ClientHello: see tlsock_client_hello_callback. It comes first:
// before the version, the cipher and a session are chosen, and before the SNI callback, which is
// that of the context that this one has set, otherwise that of the first. It is called for resumed
// sessions too, and twice in a handshake whose first ClientHello the server answers with
// HelloRetryRequest: see tlsock_client_hello_is_second. A connection that gets another context is
// not shown to the callback of that one until its next ClientHello. A ClientHello that is malformed
// is refused with decode_error, and one in the format of SSL 2 with protocol_version: the callback
// does not see them.
// Returns: VALUE on a TLS_CLIENT context.
// Extension: Go's GetConfigForClient
// OpenSSL: SSL_CTX_set_client_hello_cb
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_client_hello_callback(
    tlsock_context *context, tlsock_client_hello_callback callback, void *userdata,
    tlsock_free_userdata free_userdata, tlsock_error **error);

// Tells whether it is the second ClientHello of a handshake, which answers a HelloRetryRequest.
// Extension.
// Since 0.2.
TLSOCK_API bool tlsock_client_hello_is_second(const tlsock_client_hello *client_hello);

// Returns the name of the server that the client has sent, ASCII; NULL if it sent none.
// Extension.
// OpenSSL: SSL_client_hello_get0_ext
// Since 0.2.
TLSOCK_API const char *tlsock_client_hello_server_name(const tlsock_client_hello *client_hello);

// Returns how many application protocols the client offers (ALPN).
// Extension.
// Since 0.2.
TLSOCK_API size_t tlsock_client_hello_alpn_count(const tlsock_client_hello *client_hello);

// Returns one application protocol, in the client's order; data is NULL past the end.
// Extension.
// Since 0.2.
TLSOCK_API tlsock_slice tlsock_client_hello_alpn_at(const tlsock_client_hello *client_hello,
                                                    size_t index);

// Returns the version in the head of the ClientHello, which TLS 1.3 no longer changes: usually
// 0x0303.
// Extension.
// OpenSSL: SSL_client_hello_get0_legacy_version
// Since 0.2.
TLSOCK_API int tlsock_client_hello_legacy_version(const tlsock_client_hello *client_hello);

// Returns the id of the session of TLS 1.2 and below that the client offers to resume, up to 32
// bytes, also beside a ticket; empty for none. Clients of TLS 1.3 send one of no meaning. Not
// secret.
// Extension.
// OpenSSL: SSL_client_hello_get0_session_id
// Since 0.2.
TLSOCK_API tlsock_slice tlsock_client_hello_session_id(const tlsock_client_hello *client_hello);

// Returns how many versions the client offers: those of its supported_versions, otherwise the one
// in its head.
// Extension.
// Since 0.2.
TLSOCK_API size_t tlsock_client_hello_version_count(const tlsock_client_hello *client_hello);

// Returns one version that the client offers, in its order, by its number in TLS
// (TLSOCK_TLS_VERSION_*); 0 past the end. This and the next lists are as they were sent, with the
// values that a client makes up (GREASE, RFC 8701).
// Extension.
// Since 0.2.
TLSOCK_API int tlsock_client_hello_version_at(const tlsock_client_hello *client_hello,
                                              size_t index);

// Returns how many ciphers the client offers.
// Extension.
// OpenSSL: SSL_client_hello_get0_ciphers
// Since 0.2.
TLSOCK_API size_t tlsock_client_hello_cipher_count(const tlsock_client_hello *client_hello);

// Returns one cipher that the client offers, in its order, by its number in TLS (0x1301 is
// TLS_AES_128_GCM_SHA256); 0 past the end.
// Extension.
// OpenSSL: SSL_client_hello_get0_ciphers
// Since 0.2.
TLSOCK_API int tlsock_client_hello_cipher_at(const tlsock_client_hello *client_hello, size_t index);

// Returns how many groups for key exchange the client offers.
// Extension.
// Since 0.2.
TLSOCK_API size_t tlsock_client_hello_group_count(const tlsock_client_hello *client_hello);

// Returns one group for key exchange, in the client's order, by its number in TLS (0x001D is
// x25519); 0 past the end.
// Extension.
// Since 0.2.
TLSOCK_API int tlsock_client_hello_group_at(const tlsock_client_hello *client_hello, size_t index);

// Returns how many signature algorithms the client takes.
// Extension.
// Since 0.2.
TLSOCK_API size_t tlsock_client_hello_signature_algorithm_count(
    const tlsock_client_hello *client_hello);

// Returns one signature algorithm that the client takes, in its order, by its number in TLS
// ("SignatureScheme" of RFC 8446, section 4.2.3); 0 past the end.
// Extension.
// Since 0.2.
TLSOCK_API int tlsock_client_hello_signature_algorithm_at(const tlsock_client_hello *client_hello,
                                                          size_t index);

// Returns how many extensions the ClientHello has.
// Extension.
// Since 0.2.
TLSOCK_API size_t tlsock_client_hello_extension_count(const tlsock_client_hello *client_hello);

// Returns the type of one extension, in the order in which they were sent (0x0010 is ALPN); -1 past
// the end.
// Extension.
// OpenSSL: SSL_client_hello_get1_extensions_present
// Since 0.2.
TLSOCK_API int tlsock_client_hello_extension_type_at(const tlsock_client_hello *client_hello,
                                                     size_t index);

// Returns the bytes of one extension, in the order in which they were sent; data is NULL past the
// end.
// Extension.
// OpenSSL: SSL_client_hello_get0_ext
// Since 0.2.
TLSOCK_API tlsock_slice tlsock_client_hello_extension_data_at(
    const tlsock_client_hello *client_hello, size_t index);

// Returns the fingerprint JA3 in hexadecimal, the MD5 of tlsock_client_hello_ja3_string; NULL where
// OpenSSL has no MD5.
// Extension.
// Since 0.2.
TLSOCK_API const char *tlsock_client_hello_ja3(const tlsock_client_hello *client_hello);

// Returns what JA3 is the digest of: version, ciphers, extensions, groups and point formats as
// decimal numbers, without GREASE; NULL without memory for it.
// Extension.
// Since 0.2.
TLSOCK_API const char *tlsock_client_hello_ja3_string(const tlsock_client_hello *client_hello);

// Returns the fingerprint JA4 of a client over TCP, such as "t13d1516h2_8daaf6152771_e5627efa2ab1";
// NULL where OpenSSL has no SHA-256. GREASE has no part in it.
// Extension.
// Since 0.2.
TLSOCK_API const char *tlsock_client_hello_ja4(const tlsock_client_hello *client_hello);

// Sets the callback that answers a ClientHello: see tlsock_sni_callback. It is also called if the
// client named no server.
// Ours: it is called before a session is looked up. A session is resumed only for the name, the
// context and the trust that it was made with. A number that is no alert refuses with
// internal_error; in Python the client gets no alert.
// Returns: VALUE on a TLS_CLIENT context, SSL.
// Python: SSLContext.sni_callback = callback
// OpenSSL: SSL_CTX_set_tlsext_servername_callback
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_sni_callback(tlsock_context *context,
                                                         tlsock_sni_callback callback,
                                                         void *userdata,
                                                         tlsock_free_userdata free_userdata,
                                                         tlsock_error **error);

// Like set_sni_callback, but a name that is not a valid host name fails the handshake.
// Returns: VALUE on a TLS_CLIENT context, SSL.
// Python: SSLContext.set_servername_callback(callback)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_servername_callback(tlsock_context *context,
                                                                tlsock_sni_callback callback,
                                                                void *userdata,
                                                                tlsock_free_userdata free_userdata,
                                                                tlsock_error **error);

// Sets the callback that chooses a server's application protocol, in place of the list of
// tlsock_context_set_alpn_protocols: see tlsock_alpn_callback. It is called for each ClientHello
// that offers protocols: also where a session is resumed, and twice where a HelloRetryRequest has
// asked for a second one, whose answer counts. It is called after the SNI callback, and is the one
// of the context that this has chosen.
// Returns: VALUE on a TLS_CLIENT context.
// Extension: node's ALPNCallback, Go's GetConfigForClient
// OpenSSL: SSL_CTX_set_alpn_select_cb
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_alpn_callback(tlsock_context *context,
                                                          tlsock_alpn_callback callback,
                                                          void *userdata,
                                                          tlsock_free_userdata free_userdata,
                                                          tlsock_error **error);

// Sets the callback that chooses an identity for each connection, in place of those that the
// context has: see tlsock_identity_callback. It is not called where a session is resumed. On a
// server it comes after the SNI callback, and is the one of the context that this has chosen.
// Returns: nothing beyond the conventions.
// Extension.
// OpenSSL: SSL_set_cert_cb
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_identity_callback(tlsock_context *context,
                                                              tlsock_identity_callback callback,
                                                              void *userdata,
                                                              tlsock_free_userdata free_userdata,
                                                              tlsock_error **error);

// Tells whether this side is a server.
// Extension.
// Since 0.2.
TLSOCK_API bool tlsock_identity_request_server_side(const tlsock_identity_request *request);

// Returns the name of the server that the client has sent, ASCII, lent by the request; NULL if it
// sent none.
// Extension.
// OpenSSL: SSL_get_servername
// Since 0.2.
TLSOCK_API const char *tlsock_identity_request_server_name(const tlsock_identity_request *request);

// Returns how many signature algorithms the peer takes.
// Extension.
// OpenSSL: SSL_get_sigalgs
// Since 0.2.
TLSOCK_API size_t tlsock_identity_request_signature_algorithm_count(
    const tlsock_identity_request *request);

// Returns one signature algorithm that the peer takes, in its order, by its number in TLS
// ("SignatureScheme" of RFC 8446, section 4.2.3: 0x0403 is ecdsa_secp256r1_sha256); 0 past the end.
// Extension.
// OpenSSL: SSL_get_sigalgs
// Since 0.2.
TLSOCK_API int tlsock_identity_request_signature_algorithm_at(
    const tlsock_identity_request *request, size_t index);

// Returns how many authorities the peer names of which it wants certificates; 0 is any.
// Extension.
// OpenSSL: SSL_get0_peer_CA_list
// Since 0.2.
TLSOCK_API size_t tlsock_identity_request_ca_name_count(const tlsock_identity_request *request);

// Returns the name of one authority as DER, lent by the request; data is NULL past the end.
// Extension.
// OpenSSL: SSL_get0_peer_CA_list
// Since 0.2.
TLSOCK_API tlsock_slice tlsock_identity_request_ca_name_at(const tlsock_identity_request *request,
                                                           size_t index);

// Returns the name of one authority in one line (RFC 2253, escaped), for people to read; NULL past
// the end. It is lent by the request.
// Extension.
// Since 0.2.
TLSOCK_API const char *tlsock_identity_request_ca_name_text_at(
    const tlsock_identity_request *request, size_t index);

// Answers a request with an identity, or with none if it is NULL: this side then shows no
// certificate, with which a server fails. The last answer counts. The connection keeps the
// identity; the handle stays the caller's.
// Returns: nothing beyond the conventions.
// Extension.
// OpenSSL: SSL_use_cert_and_key
// Since 0.2.
TLSOCK_API tlsock_status tlsock_identity_request_use(tlsock_identity_request *request,
                                                     const tlsock_identity *identity,
                                                     tlsock_error **error);

// Sets the callback that gives a client its pre-shared key. With CERT_NONE a server that declines
// the key in TLS 1.3 is not authenticated at all.
// Ours: a callback that fails aborts the handshake; a key of length 0 declines.
// Returns: SSL on a TLS_SERVER context, NOT_IMPLEMENTED without PSK.
// Python: SSLContext.set_psk_client_callback(callback)
// OpenSSL: SSL_CTX_set_psk_client_callback
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_psk_client_callback(tlsock_context *context,
                                                                tlsock_psk_client_callback callback,
                                                                void *userdata,
                                                                tlsock_free_userdata free_userdata,
                                                                tlsock_error **error);

// Sets the callback that gives a server the key of an identity, and the hint that is sent to
// clients of TLS 1.2 (at most 256 bytes, or NULL). A NULL callback clears both.
// Ours: a callback that fails aborts the handshake; a key of length 0 declines.
// Ours: a change ends the sessions that the server alone would resume: the next callback may not
// know their keys.
// Returns: SSL on a TLS_CLIENT context, VALUE for a long hint, NOT_IMPLEMENTED without PSK.
// Python: SSLContext.set_psk_server_callback(callback, identity_hint)
// OpenSSL: SSL_CTX_set_psk_server_callback, SSL_CTX_use_psk_identity_hint
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_psk_server_callback(tlsock_context *context,
                                                                tlsock_psk_server_callback callback,
                                                                const char *identity_hint,
                                                                void *userdata,
                                                                tlsock_free_userdata free_userdata,
                                                                tlsock_error **error);

// Tells whether a handshake without a pre-shared key fails.
// Extension.
// Since 0.2.
TLSOCK_API bool tlsock_context_psk_required(const tlsock_context *context);

// Sets whether a handshake without a pre-shared key fails; counts for each that is not over. In TLS
// 1.3 a key that the server declines falls back to certificates otherwise. A client refuses the
// server's certificate with an alert; a server, and a client that verifies nothing, end the
// connection without one at the end of the handshake, before any data. A session counts if it was
// made by a handshake that had to use a key; one that was offered before this was set ends the
// handshake, as does a key by then on a server of TLS 1.3, which cannot tell the two apart.
// OpenSSL's server that has a certificate uses a key in TLS 1.3 only with TLS_AES_128_GCM_SHA256:
// set_ciphersuites puts that first.
// Returns: NOT_IMPLEMENTED without PSK. The handshake: SSL or CERT_VERIFICATION.
// Extension.
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_psk_required(tlsock_context *context, bool required,
                                                         tlsock_error **error);

// Passes each session that can be resumed to a callback as it arrives. In TLS 1.3 this is the only
// reliable way to get one. The first callback counts for connections made later, one that replaces
// another at once.
// Returns: SSL.
// Extension: CPython's session attribute is empty until tickets have been read.
// OpenSSL: SSL_CTX_sess_set_new_cb
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_session_callback(tlsock_context *context,
                                                             tlsock_session_callback callback,
                                                             void *userdata,
                                                             tlsock_free_userdata free_userdata,
                                                             tlsock_error **error);

// Adds a callback to the check of peers: of servers, and of clients that show a certificate, also
// after the handshake (verify_client_post_handshake). With flags 0 it is called when the check has
// passed, host name included, and may refuse. With TLSOCK_VERIFY_CALLBACK_INSECURE_OVERRIDE it is
// called when the check has failed as well, and OK accepts: see tlsock_socket_verify_overridden.
// The check stops at the first thing that is wrong: of a chain that could not be built, say,
// neither the name nor the dates were looked at. Handshakes that begin from now on resume no
// session: a resumed one would not be judged. One that has offered a session before ends where that
// is resumed. (In a further handshake of TLS 1.2 a server can resume the session of that connection
// itself.) Where the answer comes late the check is made again, on a server before a client is
// accepted. A peer that proves itself by a pre-shared key shows no certificate, and is not judged.
// A server that proves itself by nothing (anonymous ciphers) is refused, without an alert. On a
// server whose SNI callback chooses another context the callbacks of both are asked, and where both
// verify, both have to allow what the check has refused.
// Returns: VALUE for unknown flags.
// Extension: Go's VerifyConnection, node's checkServerIdentity
// OpenSSL: SSL_CTX_set_cert_verify_callback
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_verify_callback(tlsock_context *context, uint32_t flags,
                                                            tlsock_verify_callback callback,
                                                            void *userdata,
                                                            tlsock_free_userdata free_userdata,
                                                            tlsock_error **error);

// Returns 0 if the check has passed, otherwise OpenSSL's X509_V_ERR_* number.
// Extension.
// OpenSSL: X509_STORE_CTX_get_error
// Since 0.2.
TLSOCK_API int tlsock_verification_code(const tlsock_verification *verification);

// Returns OpenSSL's text for the code, lent by the verification; NULL if the check has passed.
// Extension.
// OpenSSL: X509_verify_cert_error_string
// Since 0.2.
TLSOCK_API const char *tlsock_verification_message(const tlsock_verification *verification);

// Returns how deep in the chain the certificate is that has failed, 0 for the peer's own; -1 if the
// check has passed.
// Extension.
// OpenSSL: X509_STORE_CTX_get_error_depth
// Since 0.2.
TLSOCK_API int tlsock_verification_depth(const tlsock_verification *verification);

// Returns the peer's own certificate, lent by the verification.
// Extension.
// Since 0.2.
TLSOCK_API const tlsock_certificate *tlsock_verification_certificate(
    const tlsock_verification *verification);

// Returns the chain as it was built, the peer first and the trust anchor last, lent by the
// verification. Of a check that has failed it is what was built by then.
// Extension.
// OpenSSL: X509_STORE_CTX_get0_chain
// Since 0.2.
TLSOCK_API const tlsock_certificate_list *tlsock_verification_chain(
    const tlsock_verification *verification);

// Returns the certificates as the peer has sent them, its own first, lent by the verification.
// Extension.
// OpenSSL: X509_STORE_CTX_get0_untrusted
// Since 0.2.
TLSOCK_API const tlsock_certificate_list *tlsock_verification_sent_chain(
    const tlsock_verification *verification);

// Returns how many names the certificate may be for; 0 where no name is checked.
// Extension.
// Since 0.2.
TLSOCK_API size_t tlsock_verification_expected_name_count(const tlsock_verification *verification);

// Returns one of the names or the address that the certificate may be for, lent by the
// verification; NULL past the end.
// Extension.
// Since 0.2.
TLSOCK_API const char *tlsock_verification_expected_name_at(const tlsock_verification *verification,
                                                            size_t index);

// Returns how many names and addresses the certificate is for.
// Extension.
// Since 0.2.
TLSOCK_API size_t tlsock_verification_offered_name_count(const tlsock_verification *verification);

// Returns one of the names and addresses that the certificate is for, lent by the verification;
// data is NULL past the end.
// Extension.
// Since 0.2.
TLSOCK_API tlsock_text tlsock_verification_offered_name_at(const tlsock_verification *verification,
                                                           size_t index);

// Gives the path of the key log; data is NULL if there is none.
// Returns: nothing beyond the conventions.
// Python: SSLContext.keylog_filename
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_keylog_filename(const tlsock_context *context,
                                                        tlsock_bytes *filename,
                                                        tlsock_error **error);

// Appends the secrets of all connections to a file, for debugging; NULL ends that. The old file is
// closed first, also when opening the new one fails. Ours: a new file is for its owner only (mode
// 0600). If a line cannot be written, the operation under way is done first and then returns OS: no
// connection ends, but a call that makes one gives none. A pipe is opened once it has a reader, and
// while it is full, connections that log to it wait, even beyond their deadlines; others never do.
// Returns: OS (with filename), SSL.
// Python: SSLContext.keylog_filename = filename
// OpenSSL: SSL_CTX_set_keylog_callback
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_keylog_filename(tlsock_context *context,
                                                            const char *filename,
                                                            tlsock_error **error);

// Passes each line of the key log to a callback, in addition to any key log file.
// Returns: SSL.
// Extension.
// OpenSSL: SSL_CTX_set_keylog_callback
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_keylog_callback(tlsock_context *context,
                                                            tlsock_keylog_callback callback,
                                                            void *userdata,
                                                            tlsock_free_userdata free_userdata,
                                                            tlsock_error **error);

// Passes every protocol message to a callback, for debugging.
// Returns: nothing beyond the conventions.
// Python: SSLContext._msg_callback = callback
// OpenSSL: SSL_CTX_set_msg_callback
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_set_message_callback(tlsock_context *context,
                                                             tlsock_message_callback callback,
                                                             void *userdata,
                                                             tlsock_free_userdata free_userdata,
                                                             tlsock_error **error);

// Sets the callback that sees warnings (about deprecated protocols and options, and the like), for
// the whole process. There is none by default. Unreadable entries of the system's CA file are
// reported when the CAs are first needed: a failure of the callback then changes nothing.
// Returns: nothing beyond the conventions.
// Python: the warnings module
// Since 0.1.
TLSOCK_API tlsock_status tlsock_set_warning_callback(tlsock_warning_callback callback,
                                                     void *userdata,
                                                     tlsock_free_userdata free_userdata,
                                                     tlsock_error **error);

// Sets the callback, for the whole process, that is called when a signal interrupts a socket's call
// that waits for the network: languages that run signal handlers between calls run them there. With
// NULL, the default, signals change nothing. Only signal handlers without SA_RESTART interrupt
// reliably. A call that the callback has ended leaves the connection as a timeout does: connect,
// accept, recv, do_handshake, close_write and unwrap can be repeated, a send is repeated with the
// same data, a sendfile continues after what it has sent. If accept was doing a peer's handshake,
// that peer is closed. Inside the callback the socket may be closed or read; a call that would have
// to wait for another call, such as a send after a send was interrupted, is VALUE. Waiting for
// another thread or for a name look-up is not interrupted.
// Returns: nothing beyond the conventions.
// Python: PyErr_CheckSignals, which each interrupted call makes
// Since 0.2.
TLSOCK_API tlsock_status tlsock_set_interrupt_callback(tlsock_interrupt_callback callback,
                                                       void *userdata,
                                                       tlsock_free_userdata free_userdata,
                                                       tlsock_error **error);

// ------------------------ connections over sockets -------------------------

// Wraps a stream socket of the system and, if it is connected, does the handshake, unless
// TLSOCK_WRAP_NO_HANDSHAKE. A non-blocking fd starts with timeout 0, a blocking one without a
// timeout; on Windows, where a socket's mode cannot be read, every fd starts without. Ours: a
// blocking fd with SO_RCVTIMEO or SO_SNDTIMEO starts with the shorter one as its timeout, which
// then covers a whole operation; changing these two later has no effect.
// server_hostname: the name or address to send and check, IDNA-encoded here; NULL on servers. Ours:
// a dot at its end and the zone of an address are neither sent nor compared; a text that resolvers
// may take for another IPv4 address (127.0.0.010, 127.1, 0x7f.1) is VALUE. session: one to resume,
// or NULL. On success the socket owns fd.
// Ours: on every failure fd stays open and yours (Python closes it in some cases), and handles that
// a callback has kept belong to a closed socket.
// Ours: if fd is not connected yet, TLS begins with the first call that moves bytes after it is
// connected, by any code. Until then, such a call returns WANT_WRITE or waits if a connect is in
// progress, and otherwise returns OS (ENOTCONN, or why the connect failed). Nothing is sent or
// received in plain before unwrap (in Python everything is).
// Returns: I/O statuses, VALUE (a name is to be checked but not given, ...), NOT_IMPLEMENTED (fd is
// not a stream).
// Python: SSLContext.wrap_socket(sock, server_side, do_handshake_on_connect, suppress_ragged_eofs,
// server_hostname, session)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_wrap_socket(tlsock_context *context, tlsock_fd fd,
                                                    uint32_t flags, const char *server_hostname,
                                                    const tlsock_session *session,
                                                    tlsock_socket **socket, tlsock_error **error);

// Connects to a host (name or address) and port and does the handshake with host as
// server_hostname. Ours: the host's addresses are tried in turn, IPv6 and IPv4 alternating, with
// the next attempt 250 ms after one that has not answered (RFC 8305); the first that answers is
// used. One deadline covers everything, including the look-up; the new socket keeps the timeout for
// its later calls.
// Returns: I/O statuses, VALUE (also for a text that resolvers may take for another IPv4 address,
// such as 127.0.0.010). A failed look-up is OS or TIMEOUT with phase RESOLVE, a failed connect OS
// or TIMEOUT with phase CONNECT; the message gives the failure of each address, and
// tlsock_error_os_errno the number that tells most.
// Extension: socket.create_connection() and wrap_socket() in one.
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_create_connection(tlsock_context *context, const char *host,
                                                          int port, double timeout,
                                                          tlsock_socket **socket,
                                                          tlsock_error **error);

// Listens on a host (NULL: all addresses) and port (0: any, see getsockname) and makes a listener
// whose accept does handshakes as a server; flags are those of wrap_socket and apply to accepted
// sockets. backlog 0 lets the system choose.
// Returns: OS, SSL.
// Extension: socket.create_server() and wrap_socket() in one.
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_create_server(tlsock_context *context, const char *host,
                                                      int port, int backlog, uint32_t flags,
                                                      tlsock_socket **socket, tlsock_error **error);

// Frees the socket, and closes its descriptor if it still has one. NULL is ignored.
// Since 0.1.
TLSOCK_API void tlsock_socket_free(tlsock_socket *socket);

// Does the handshake, or continues it; once finished it succeeds at once. Reading and writing do it
// by themselves.
// Ours: in TLS 1.2 a peer that has shown a certificate shows the same one in every further
// handshake, or that fails with CERT_VERIFICATION: what was concluded from the first one says
// nothing of another.
// Ours: without TLS it is VALUE.
// Returns: I/O statuses, among them OS (ENOTCONN) before connect; VALUE without TLS.
// Python: SSLSocket.do_handshake()
// OpenSSL: SSL_do_handshake
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_do_handshake(tlsock_socket *socket, tlsock_error **error);

// Reads up to size decrypted bytes; *len is 0 at the end of the stream, or if size is 0.
// Ours: a close_notify before the end of the handshake, which anybody can send, is an end without
// close_notify.
// Returns: I/O statuses, VALUE once TLS is over (after unwrap use recv).
// Python: SSLSocket.read(len, buffer)
// OpenSSL: SSL_read_ex
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_read(tlsock_socket *socket, void *buffer, size_t size,
                                            size_t *len, tlsock_error **error);

// Encrypts and sends all of data, or fails. After WANT_READ, WANT_WRITE or NO_MEMORY repeat it with
// data that begins with the same bytes (at any address; it may be longer or shorter, but must
// include everything that was taken or begun). written may be NULL: on success it is data_len.
// Ours: after NO_MEMORY in the middle of the data close_write and unwrap are VALUE until it is
// repeated.
// Returns: I/O statuses, VALUE once TLS is over (after unwrap use send).
// Python: SSLSocket.write(data)
// OpenSSL: SSL_write_ex
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_write(tlsock_socket *socket, const void *data,
                                             size_t data_len, size_t *written,
                                             tlsock_error **error);

// Returns the number of decrypted bytes that can be read without the transport: call this before
// you wait for the descriptor. Together with the descriptor it covers all that has arrived, unless
// tlsock_socket_set_read_ahead is on.
// Python: SSLSocket.pending()
// OpenSSL: SSL_pending
// Since 0.1.
TLSOCK_API size_t tlsock_socket_pending(const tlsock_socket *socket);

// Returns the number of encrypted bytes that wait to be sent, because the system took only a part:
// then also wait for room to send, and call again. Calls in either direction send them. A call
// returns WANT_WRITE if these bytes belong to its own handshake, unwrap or answer to the peer; if
// they are the rest of a send, recv returns WANT_READ. A loop that wants to receive must wait for
// bytes with either of the two: if both sides waited only for room to send, both would wait for
// ever, as with OpenSSL.
// Extension.
// OpenSSL: BIO_wpending(SSL_get_wbio(ssl))
// Since 0.1.
TLSOCK_API size_t tlsock_socket_pending_write(const tlsock_socket *socket);

// Receives up to size bytes; *len is 0 at the end of the stream, or if size is 0. After unwrap, and
// never before it, it receives plain bytes.
// Returns: I/O statuses.
// Python: SSLSocket.recv(bufsize), SSLSocket.recv_into(buffer, nbytes)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_recv(tlsock_socket *socket, void *buffer, size_t size,
                                            size_t *len, tlsock_error **error);

// Sends bytes: with TLS all of them; after unwrap, and never before it, plain ones and possibly
// only a part. *sent (may be NULL) is their number. After WANT_READ, WANT_WRITE or NO_MEMORY repeat
// as for tlsock_socket_write.
// Ours: other bytes at the beginning are VALUE, and the connection stays usable.
// Returns: I/O statuses. A send that the system refuses is OS; once recv has reported the peer's
// close_notify it is ZERO_RETURN, with the system's error as its cause.
// Python: SSLSocket.send(data)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_send(tlsock_socket *socket, const void *data,
                                            size_t data_len, size_t *sent, tlsock_error **error);

// Sends all of data. After WANT_READ, WANT_WRITE or NO_MEMORY with TLS, repeat as for
// tlsock_socket_write.
// Returns: I/O statuses.
// Python: SSLSocket.sendall(data)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_sendall(tlsock_socket *socket, const void *data,
                                               size_t data_len, tlsock_error **error);

// Sends close_notify, waits for the peer's and ends TLS: the socket is plain from then on. Bytes
// that follow the peer's close_notify stay in the descriptor. Only if reads with read_ahead on came
// before may some of them have been received: these go to *leftover, which is yours; if leftover is
// NULL, this socket's next recv returns them first. On failure TLS stays. Ours: data from the peer
// that was not read makes the call fail, as in Python, but can still be read: read to the end, then
// call again.
// Ours: if the kernel encrypts for a socket, the socket does not become plain for sending.
// Returns: I/O statuses, SSL (APPLICATION_DATA_AFTER_CLOSE_NOTIFY), VALUE without TLS.
// Python: SSLSocket.unwrap()
// OpenSSL: SSL_shutdown
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_unwrap(tlsock_socket *socket, tlsock_bytes *leftover,
                                              tlsock_error **error);

// Sends close_notify; reading stays possible: the peer sees the end of our data, and its answer can
// still be read to the end. Further writes fail.
// Returns: I/O statuses.
// Extension: the half of unwrap that needs no answer.
// OpenSSL: SSL_shutdown
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_close_write(tlsock_socket *socket, tlsock_error **error);

// Gives a new handle on the context in use.
// Returns: nothing beyond the conventions.
// Python: SSLSocket.context
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_context(const tlsock_socket *socket,
                                               tlsock_context **context, tlsock_error **error);

// Switches to another context's certificate and callbacks, as an SNI callback does to choose a
// certificate. Options, versions, ciphers and verification stay. Ours: a server asks its client for
// no less than the context that the connection has when the ClientHello arrives: of the two verify
// modes, and of each verify flag, the stricter counts. Inside this connection's own callbacks only
// an SNI callback can call it.
// Returns: VALUE inside any other callback of this connection, SSL.
// Python: SSLSocket.context = context
// OpenSSL: SSL_set_SSL_CTX
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_set_context(tlsock_socket *socket, tlsock_context *context,
                                                   tlsock_error **error);

// Tells whether this is the server's end.
// Python: SSLSocket.server_side
// Since 0.1.
TLSOCK_API bool tlsock_socket_server_side(const tlsock_socket *socket);

// Returns the name that the peer must prove, as ASCII (A-labels), lent by the socket; NULL for
// none.
// Python: SSLSocket.server_hostname
// Since 0.1.
TLSOCK_API const char *tlsock_socket_server_hostname(const tlsock_socket *socket);

// Returns the pointer set_userdata stored; NULL at first.
// Extension: any attribute of a Python object.
// Since 0.1.
TLSOCK_API void *tlsock_socket_userdata(const tlsock_socket *socket);

// Stores a pointer of yours, which the library hands to callbacks and neither reads through nor
// frees.
// Extension: any attribute of a Python object.
// Since 0.1.
TLSOCK_API void tlsock_socket_set_userdata(tlsock_socket *socket, void *userdata);

// Returns the descriptor, for poll and the like; TLSOCK_INVALID_FD if there is none. Before you
// wait for it, call tlsock_socket_pending for bytes that can be read without it and
// tlsock_socket_pending_write for bytes that are still to be sent. The socket keeps the descriptor.
// Python: SSLSocket.fileno()
// Since 0.1.
TLSOCK_API tlsock_fd tlsock_socket_fileno(const tlsock_socket *socket);

// Gives the address of the peer.
// Returns: OS.
// Python: SSLSocket.getpeername()
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_getpeername(const tlsock_socket *socket,
                                                   tlsock_address *address, tlsock_error **error);

// Gives the address of this side.
// Returns: OS.
// Python: SSLSocket.getsockname()
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_getsockname(const tlsock_socket *socket,
                                                   tlsock_address *address, tlsock_error **error);

// Connects to a host (name or address) and port, then does the handshake unless
// TLSOCK_WRAP_NO_HANDSHAKE. The look-up, connecting and the handshake may each take the socket's
// timeout. A non-blocking socket returns WANT_WRITE, later WANT_READ: repeat the call. A failed
// connect may be repeated, a failed handshake may not. Ours: if the handshake fails, the socket
// stays a TLS socket, so that nothing is sent unprotected (Python leaves a plain socket).
// Ours: a host that resolvers may take for another IPv4 address (127.0.0.010, 127.1) is VALUE.
// Returns: I/O statuses, VALUE on a server's socket or one that is already connected.
// Python: SSLSocket.connect((host, port))
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_connect(tlsock_socket *socket, const char *host, int port,
                                               tlsock_error **error);

// Like connect, but to a struct sockaddr of the system.
// Returns: as connect, without those of a look-up.
// Python: SSLSocket.connect(address)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_connect_address(tlsock_socket *socket, const void *address,
                                                       size_t address_len, tlsock_error **error);

// Connects, but reports the system's failures as a number, with OK: *os_errno is 0 when connected,
// EINPROGRESS if a non-blocking socket should wait for writing and then call do_handshake, EAGAIN
// (WSAEWOULDBLOCK on Windows) if the timeout passed first, otherwise the system's error number.
// Returns: as connect, for a failed look-up (OS or TIMEOUT with phase RESOLVE) and a failed
// handshake.
// Python: SSLSocket.connect_ex((host, port))
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_connect_ex(tlsock_socket *socket, const char *host, int port,
                                                  int *os_errno, tlsock_error **error);

// Like connect_ex, but to a struct sockaddr of the system.
// Returns: as connect_ex, without those of a look-up.
// Python: SSLSocket.connect_ex(address)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_connect_ex_address(tlsock_socket *socket,
                                                          const void *address, size_t address_len,
                                                          int *os_errno, tlsock_error **error);

// Accepts a connection, with the listener's context and flags, as a new blocking socket, and does
// the handshake unless TLSOCK_WRAP_NO_HANDSHAKE (a server should set it, and call do_handshake in
// the peer's own thread: otherwise one silent peer blocks all others). *accepted is yours; address,
// which may be NULL, gets the peer's. If a peer's handshake fails, the listener still works:
// tlsock_error_phase is HANDSHAKE then, and ACCEPT if the listener itself failed.
// Ours: the listener's timeout covers the handshake too. Without one, or on a non-blocking
// listener, the handshake waits for the peer without a limit. With TLSOCK_WRAP_NO_HANDSHAKE accept
// returns once a peer is connected. A busy server then gives each peer a deadline (settimeout),
// does its handshake in a separate thread, and limits the number of handshakes in progress: others
// wait in the backlog, at no cost. bindings/c/server.c does all of it.
// Returns: I/O statuses; WANT_READ if a non-blocking listener has no peer; OS (EINVAL) on a socket
// that is not a listener.
// Python: SSLSocket.accept()
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_accept(tlsock_socket *socket, tlsock_socket **accepted,
                                              tlsock_address *address, tlsock_error **error);

// Binds to an address of this machine (host NULL: all) and a port (0: any).
// Returns: OS.
// Python: SSLSocket.bind((host, port))
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_bind(tlsock_socket *socket, const char *host, int port,
                                            tlsock_error **error);

// Binds to a struct sockaddr of the system.
// Returns: OS.
// Python: SSLSocket.bind(address)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_bind_address(tlsock_socket *socket, const void *address,
                                                    size_t address_len, tlsock_error **error);

// Starts listening; backlog 0 lets the system choose.
// Returns: OS.
// Python: SSLSocket.listen(backlog)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_listen(tlsock_socket *socket, int backlog,
                                              tlsock_error **error);

// Shuts the transport down without close_notify: how is SHUT_RD, SHUT_WR or SHUT_RDWR of the system
// (0, 1, 2). A thread blocked in this socket wakes. SHUT_RDWR drops TLS. To end only your own data,
// and notify the peer, use close_write. Ours: after SHUT_WR recv still decrypts (Python's returns
// ciphertext), and after SHUT_RDWR it returns no bytes.
// Returns: OS.
// Python: SSLSocket.shutdown(how)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_shutdown(tlsock_socket *socket, int how,
                                                tlsock_error **error);

// Closes the descriptor, without close_notify (unwrap or close_write send it), once all streams of
// makefile are closed. A thread blocked in this socket wakes with an error. Closing twice does
// nothing. If the system's close fails, that changes nothing and is not returned.
// Ours: up to 256 KiB that have arrived unread, such as tickets, are read and dropped first:
// otherwise the system would reset the connection, and the peer could lose data that it has not
// read yet. Bytes that arrive later still cause a reset: a client that must be sure calls
// close_write and reads to the end.
// Returns: nothing beyond the conventions.
// Python: SSLSocket.close()
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_close(tlsock_socket *socket, tlsock_error **error);

// Resets the transport at once and closes it; unsent data is lost. Threads blocked in this socket
// wake with an error. Any thread may call it to give up on a peer.
// Returns: nothing beyond the conventions.
// Extension.
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_abort(tlsock_socket *socket, tlsock_error **error);

// Returns the descriptor, still open, which then belongs to the caller; TLSOCK_INVALID_FD if there
// is none.
// Ours: TLS on this socket is over.
// Python: SSLSocket.detach()
// Since 0.1.
TLSOCK_API tlsock_fd tlsock_socket_detach(tlsock_socket *socket);

// Tells whether the stream ended without close_notify although recv reported a normal end: the data
// may be truncated.
// Extension.
// Since 0.1.
TLSOCK_API bool tlsock_socket_ragged_eof(const tlsock_socket *socket);

// Sends the parts in order, as one piece of data, so that records are filled across their borders;
// otherwise like send. *sent (may be NULL) is the number of bytes.
// Returns: I/O statuses.
// Extension: SSLSocket.sendmsg() is not allowed in Python.
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_sendv(tlsock_socket *socket, const tlsock_part *parts,
                                             size_t count, size_t *sent, tlsock_error **error);

// Sends count bytes of a file from offset on; count 0 means to its end. file is a descriptor of the
// C library, opened in binary mode; it stays yours, and its position is left after the last byte
// sent. *sent is filled in on failure too.
// Ours: offset 0 is the start of the file, and one deadline covers all of it. After TIMEOUT,
// INTERRUPTED or NO_MEMORY continue at offset + *sent: bytes that are counted but not sent yet are
// sent first. If *sent is count then, send these by tlsock_socket_write of no bytes: count 0 would
// be the rest of the file.
// Returns: I/O statuses, VALUE on a non-blocking socket, NOT_IMPLEMENTED on Windows.
// Python: SSLSocket.sendfile(file, offset, count)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_sendfile(tlsock_socket *socket, int file, uint64_t offset,
                                                uint64_t count, uint64_t *sent,
                                                tlsock_error **error);

// Opens a C stream over the connection. mode is as for fopen, without "a". The stream is yours: end
// it with fclose, before the socket, so that its buffered output is sent. The descriptor is closed
// when the socket and all its streams are closed. What cannot be done yet fails with EAGAIN, on a
// non-blocking socket or while a callback of the handshake has no answer, and after the timeout
// with ETIMEDOUT: clearerr, and go on behind what fwrite says has gone. The last of that may wait
// inside (tlsock_socket_pending_write), also where fwrite has taken all; the next write sends it,
// or fclose, which fails if it cannot, and fflush does not. Where a write may stop, on a
// non-blocking socket or one with a timeout, turn the stream's own buffer off (setvbuf with
// _IONBF): C libraries drop what they could not write.
// Returns: NOT_IMPLEMENTED if the C library has no custom streams.
// Python: SSLSocket.makefile(mode)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_makefile(tlsock_socket *socket, const char *mode,
                                                FILE **file, tlsock_error **error);

// Waits until the descriptor is ready for what a call wanted: want is TLSOCK_WANT_READ or
// TLSOCK_WANT_WRITE (also for a connect in progress). timeout is in seconds as for settimeout. For
// TLSOCK_WANT_READ it returns at once if tlsock_socket_pending is not 0, and if the next read tells
// the peer's end or a failure that was received already. While a callback of the handshake has no
// answer, it returns WANT_CALLBACK at once: the descriptor cannot tell when there is one.
// Returns: WANT_CALLBACK, TIMEOUT, OS.
// Extension: select.select() on one socket.
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_wait(tlsock_socket *socket, int want, double timeout,
                                            tlsock_error **error);

// Returns the timeout in seconds: negative for none, 0 for non-blocking.
// Python: SSLSocket.gettimeout()
// Since 0.1.
TLSOCK_API double tlsock_socket_gettimeout(const tlsock_socket *socket);

// Sets the deadline of each later call, in seconds from its start: negative for none, 0 for
// non-blocking.
// Returns: OS, VALUE for NaN.
// Python: SSLSocket.settimeout(value)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_settimeout(tlsock_socket *socket, double seconds,
                                                  tlsock_error **error);

// Makes the socket blocking without a timeout (true), or non-blocking (false).
// Returns: OS.
// Python: SSLSocket.setblocking(flag)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_setblocking(tlsock_socket *socket, bool blocking,
                                                   tlsock_error **error);

// Gets an option of the socket, by the system's numbers, into value; *len (may be NULL) is its
// length in bytes.
// Returns: OS.
// Python: SSLSocket.getsockopt(level, optname, buflen)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_getsockopt(const tlsock_socket *socket, int level,
                                                  int optname, void *value, size_t size,
                                                  size_t *len, tlsock_error **error);

// Sets an option of the socket, by the system's numbers.
// Returns: OS.
// Python: SSLSocket.setsockopt(level, optname, value)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_setsockopt(tlsock_socket *socket, int level, int optname,
                                                  const void *value, size_t value_len,
                                                  tlsock_error **error);

// Tells whether reads that may wait receive more than they return. Off at first.
// Extension.
// OpenSSL: SSL_get_read_ahead
// Since 0.1.
TLSOCK_API bool tlsock_socket_read_ahead(const tlsock_socket *socket);

// Sets whether reads that may wait receive up to 64 KiB at a time. That saves system calls: one for
// each read instead of two, and one for several records. Whole records may then wait inside, and
// poll on the descriptor does not report them; a close_notify among them is not even reported by
// tlsock_socket_pending. With it off, a call receives only what it uses. It is for programs that
// wait only in recv. A non-blocking socket never receives ahead.
// Returns: nothing beyond the conventions.
// Extension.
// OpenSSL: SSL_set_read_ahead
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_set_read_ahead(tlsock_socket *socket, bool on,
                                                      tlsock_error **error);

// Tells whether the kernel encrypts what the socket sends. It does if the context has
// TLSOCK_OP_ENABLE_KTLS and the kernel, OpenSSL, the version and the cipher support it; the
// handshake decides. sendfile then copies no byte through the process. A peer that asks for new
// keys, or in TLS 1.2 for a renegotiation, ends such a connection. After unwrap, or on a detached
// descriptor, the kernel still encrypts until the descriptor is closed.
// Extension.
// OpenSSL: BIO_get_ktls_send
// Since 0.1.
TLSOCK_API bool tlsock_socket_ktls_send(const tlsock_socket *socket);

// Tells whether the kernel decrypts what the socket receives. So far it never does: a peer may
// change its keys at any time, and the kernel cannot follow.
// Extension.
// OpenSSL: BIO_get_ktls_recv
// Since 0.1.
TLSOCK_API bool tlsock_socket_ktls_recv(const tlsock_socket *socket);

// Has the peer's certificate be for one of these names instead of for the server_hostname: host
// names, of which any one will do, or one address. For a client that checks host names, before its
// handshake begins (see TLSOCK_WRAP_NO_HANDSHAKE) and once it is connected. What is sent (SNI)
// stays: see set_server_name. A session is resumed only if it was made for the same names. On
// failure the names of before count.
// Returns: VALUE without any name, where this connection checks none, on a server, once the
// handshake has begun, for a name that server_hostname would not be either, and for an address
// beside another name, OS (ENOTCONN) before connect.
// Extension.
// OpenSSL: X509_VERIFY_PARAM_add1_host, X509_VERIFY_PARAM_set1_ip
// Since 0.2.
TLSOCK_API tlsock_status tlsock_socket_set_expected_names(tlsock_socket *socket,
                                                          const char *const *names, size_t count,
                                                          tlsock_error **error);

// Has a client ask for this name (SNI) instead of its server_hostname, before its handshake begins
// and once it is connected; NULL asks for no name at all. What the certificate must be for stays.
// On failure nothing has changed.
// Returns: VALUE on a server, once the handshake has begun, for an address and for a name that
// server_hostname would not be either, OS (ENOTCONN) before connect; SSL.
// Extension.
// OpenSSL: SSL_set_tlsext_host_name
// Since 0.2.
TLSOCK_API tlsock_status tlsock_socket_set_server_name(tlsock_socket *socket,
                                                       const char *server_name,
                                                       tlsock_error **error);

// Returns the name by which the client has asked for the server (RFC 6066, server_name), as it was
// sent, lent by the socket; NULL if there is none, and before the handshake has begun. It is known
// on both ends.
// Extension.
// OpenSSL: SSL_get_servername
// Since 0.2.
TLSOCK_API const char *tlsock_socket_server_name(const tlsock_socket *socket);

// Fills in the cipher in use. If there is none yet, it returns false and changes nothing.
// Python: SSLSocket.cipher()
// OpenSSL: SSL_get_current_cipher
// Since 0.1.
TLSOCK_API bool tlsock_socket_cipher(const tlsock_socket *socket, tlsock_cipher *cipher);

// Lists the ciphers that both sides have, in the server's order; read the list with _at. *ciphers
// is NULL on a client and before the handshake.
// Returns: nothing beyond the conventions.
// Python: SSLSocket.shared_ciphers()
// OpenSSL: SSL_get_client_ciphers
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_shared_ciphers(const tlsock_socket *socket,
                                                      tlsock_cipher_list **ciphers,
                                                      tlsock_error **error);

// Returns "TLSv1.3", "TLSv1.2", ..., static; NULL before the end of the handshake.
// Python: SSLSocket.version()
// Since 0.1.
TLSOCK_API const char *tlsock_socket_version(const tlsock_socket *socket);

// Returns the group of the key exchange, such as "x25519", lent by the socket; NULL before the end
// of the handshake and if there was no key exchange.
// Extension.
// OpenSSL: SSL_get_negotiated_group, SSL_group_to_name
// Since 0.1.
TLSOCK_API const char *tlsock_socket_group(const tlsock_socket *socket);

// Returns the name of the compression in use, static; NULL for none, which is the default.
// Python: SSLSocket.compression()
// Since 0.1.
TLSOCK_API const char *tlsock_socket_compression(const tlsock_socket *socket);

// Returns the application protocol that was agreed on, lent by the socket; NULL for none. In one
// that is no text, which only an ALPN callback can choose, U+FFFD stands for a NUL and for what is
// not UTF-8.
// Python: SSLSocket.selected_alpn_protocol()
// OpenSSL: SSL_get0_alpn_selected
// Since 0.1.
TLSOCK_API const char *tlsock_socket_selected_alpn_protocol(const tlsock_socket *socket);

// Returns NULL: NPN was removed from TLS.
// Python: SSLSocket.selected_npn_protocol()
// Since 0.1.
TLSOCK_API const char *tlsock_socket_selected_npn_protocol(const tlsock_socket *socket);

// Gives the bytes of the last Finished message: with own true the one that this side sent,
// otherwise the peer's; data is NULL before the end of the handshake.
// Returns: nothing beyond the conventions.
// Extension: node's socket.getFinished() and getPeerFinished()
// OpenSSL: SSL_get_finished, SSL_get_peer_finished
// Since 0.2.
TLSOCK_API tlsock_status tlsock_socket_finished(const tlsock_socket *socket, bool own,
                                                tlsock_bytes *finished, tlsock_error **error);

// Gives the bytes that bind an outer login, such as SCRAM, to this connection; data is NULL before
// the handshake is finished. type NULL means "tls-unique", the only one that Python has; the others
// are "tls-exporter" (RFC 9266, 32 bytes) and "tls-server-end-point" (RFC 5929, the digest of the
// server's certificate; a server that has resumed a session does not know it). Ours: a type that is
// not defined for the connection is refused: tls-unique over TLS 1.3, tls-exporter over TLS 1.2
// without the extended master secret or with renegotiation allowed.
// Returns: VALUE for a type not in tlsock_channel_binding_types, or not defined for this
// connection; SSL.
// Python: SSLSocket.get_channel_binding(cb_type)
// OpenSSL: SSL_get_finished, SSL_get_peer_finished, SSL_export_keying_material
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_get_channel_binding(const tlsock_socket *socket,
                                                           const char *type, tlsock_bytes *binding,
                                                           tlsock_error **error);

// Fills all of out with keying material that is derived from the connection's secrets and is the
// same on both sides (RFC 5705; RFC 8446, section 7.5). label is a text of your protocol, such as
// "EXPORTER-my-protocol"; context is further bytes of your protocol, or NULL: over TLS 1.2, NULL
// and no bytes give different results. On failure out is not changed. The result is secret.
// Returns: VALUE before the end of the handshake, for out_len 0 and over TLS 1.2 without the
// extended master secret (RFC 7627), OS (ENOTCONN) before connect; SSL for a label that TLS itself
// uses, or an out_len beyond what the hash can give.
// Extension.
// OpenSSL: SSL_export_keying_material
// Since 0.2.
TLSOCK_API tlsock_status tlsock_socket_export_keying_material(const tlsock_socket *socket,
                                                              const char *label,
                                                              const void *context,
                                                              size_t context_len, void *out,
                                                              size_t out_len, tlsock_error **error);

// Returns how the client has signed in the handshake, by the name of TLS such as
// "ecdsa_secp256r1_sha256", static; NULL if it showed no certificate (also where a session was
// resumed) and before the end of the handshake.
// Extension: SSLSocket.client_sigalg() of Python 3.15
// OpenSSL: SSL_get_signature_type_nid, SSL_get_peer_signature_type_nid
// Since 0.2.
TLSOCK_API const char *tlsock_socket_client_sigalg(const tlsock_socket *socket);

// Returns how the server has signed in the handshake, by the name of TLS such as
// "rsa_pss_rsae_sha256", static; NULL if it has not (a session was resumed, or a key shared before
// was used) and before the end of the handshake.
// Extension: SSLSocket.server_sigalg() of Python 3.15
// OpenSSL: SSL_get_signature_type_nid, SSL_get_peer_signature_type_nid
// Since 0.2.
TLSOCK_API const char *tlsock_socket_server_sigalg(const tlsock_socket *socket);

// Gives the certificate that this side has shown to the peer; *certificate is NULL if it has shown
// none: a client that was not asked for one, a handshake with a key shared before, or a session
// that was resumed. tlsock_certificate_verified is false for it.
// Returns: VALUE before the end of the handshake, OS (ENOTCONN) before connect.
// Extension.
// OpenSSL: SSL_get_certificate
// Since 0.2.
TLSOCK_API tlsock_status tlsock_socket_own_certificate(const tlsock_socket *socket,
                                                       tlsock_certificate **certificate,
                                                       tlsock_error **error);

// Changes the keys by which this side encrypts, in TLS 1.3 (RFC 8446, 4.6.3), for a connection that
// lasts long; with request_peer the peer is asked to change its own, which it does when it reads
// that. On a non-blocking socket without room the message goes out in front of the next bytes.
// Returns: I/O statuses, VALUE before the end of the handshake, below TLS 1.3, in the middle of an
// interrupted send and where the kernel encrypts (tlsock_socket_ktls_send): it cannot change its
// keys.
// Extension.
// OpenSSL: SSL_key_update
// Since 0.2.
TLSOCK_API tlsock_status tlsock_socket_key_update(tlsock_socket *socket, bool request_peer,
                                                  tlsock_error **error);

// Returns what has become of Encrypted ClientHello on this connection: a TLSOCK_ECH_STATUS_*. On a
// client it is known once the server has answered, and stays after a rejection has failed the
// handshake.
// Extension.
// OpenSSL: SSL_ech_get1_status
// Since 0.2.
TLSOCK_API int tlsock_socket_ech_status(const tlsock_socket *socket);

// Returns the name that was sent in clear in place of server_name, where the ClientHello was
// encrypted, lent by the socket; NULL before the end of the handshake and if there was none.
// tlsock_socket_server_name is the real one.
// Extension.
// OpenSSL: SSL_ech_get1_status
// Since 0.2.
TLSOCK_API const char *tlsock_socket_ech_outer_name(const tlsock_socket *socket);

// Gives all facts of the connection in one line of JSON, for a log: server_side, version, cipher,
// bits, group, server_sigalg, client_sigalg, alpn, server_name, ech (none, grease, accepted or
// backend), ech_outer_name, session_reused, verified (the peer's certificate counts as verified),
// verify_result (a number of OpenSSL), verify_overridden, peer (null if it showed no certificate)
// and chain (as verification built it, empty for a resumed session). Of a certificate: subject,
// issuer, serial_number, not_after (seconds since 1970) and sha256, the fingerprint in hex. A text
// is null where there is none. Later versions may add keys.
// Returns: VALUE before the end of the handshake, OS (ENOTCONN) before connect; SSL.
// Extension.
// Since 0.2.
TLSOCK_API tlsock_status tlsock_socket_info_json(const tlsock_socket *socket, tlsock_bytes *json,
                                                 tlsock_error **error);

// Requests a TLS 1.3 client's certificate after the handshake. The request is sent with the next
// write; the answer arrives during a later read.
// Returns: SSL (not TLS 1.3, not a server, not offered, ...), VALUE without TLS.
// Python: SSLSocket.verify_client_post_handshake()
// OpenSSL: SSL_verify_client_post_handshake
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_verify_client_post_handshake(tlsock_socket *socket,
                                                                    tlsock_error **error);

// Gives the peer's certificate if it was verified. *certificate is NULL if the peer sent none
// (Python's None) and if the context does not verify (Python's {}): see peer_certificate for the
// latter.
// Returns: VALUE before the end of the handshake, OS (ENOTCONN) before connect.
// Python: SSLSocket.getpeercert()
// OpenSSL: SSL_get1_peer_certificate
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_getpeercert(const tlsock_socket *socket,
                                                   tlsock_certificate **certificate,
                                                   tlsock_error **error);

// Gives the peer's certificate, verified or not; *certificate is NULL if the peer sent none. Check
// tlsock_certificate_verified before you trust anything in it; tlsock_certificate_der has its
// bytes.
// Returns: VALUE before the end of the handshake, OS (ENOTCONN) before connect.
// Python: SSLSocket.getpeercert(binary_form=True)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_peer_certificate(const tlsock_socket *socket,
                                                        tlsock_certificate **certificate,
                                                        tlsock_error **error);

// Gives the result of verifying the peer's certificate, even if a failure is allowed: 0 if nothing
// is wrong (there may be no certificate), otherwise OpenSSL's X509_V_ERR_* number.
// Returns: VALUE before the end of the handshake, OS (ENOTCONN) before connect.
// Extension: node's socket.authorizationError
// OpenSSL: SSL_get_verify_result
// Since 0.2.
TLSOCK_API tlsock_status tlsock_socket_verify_result(const tlsock_socket *socket, int *result,
                                                     tlsock_error **error);

// Gives the OCSP response that the server has sent in its last full handshake, in DER and whether
// it was accepted or not. data is NULL without one: on servers, after a resumption, and if
// context_set_ocsp has not asked for one.
// Returns: nothing beyond the conventions.
// Extension.
// OpenSSL: SSL_get_tlsext_status_ocsp_resp
// Since 0.2.
TLSOCK_API tlsock_status tlsock_socket_ocsp_response(const tlsock_socket *socket,
                                                     tlsock_bytes *response, tlsock_error **error);

// Returns what that response says of the server's certificate; status is NONE if it was not checked
// or is not valid.
// Extension.
// Since 0.2.
TLSOCK_API tlsock_ocsp_status tlsock_socket_ocsp_status(const tlsock_socket *socket);

// Gives the timestamps that came with the server's certificate in its last full handshake, whether
// the server was accepted or not: a SignedCertificateTimestampList (RFC 6962, section 3.3), for
// which two bytes tell the length of the whole and of each timestamp. Nobody has checked them. data
// is NULL without any: on servers, after a resumption, and if tlsock_context_set_scts_requested has
// not asked.
// Returns: nothing beyond the conventions.
// Extension.
// OpenSSL: SSL_get0_peer_scts
// Since 0.2.
TLSOCK_API tlsock_status tlsock_socket_scts(const tlsock_socket *socket, tlsock_bytes *scts,
                                            tlsock_error **error);

// Tells whether a verify callback has accepted the peer's certificate though the check had refused
// it: see TLSOCK_VERIFY_CALLBACK_INSECURE_OVERRIDE. Such a certificate does not count as verified;
// socket_verify_result says why.
// Extension.
// Since 0.2.
TLSOCK_API bool tlsock_socket_verify_overridden(const tlsock_socket *socket);

// Lists the chain that verification built, the peer first and the trust anchor last; empty if there
// is none or the session was resumed.
// Returns: OS before the socket is connected (ENOTCONN) and after close (EBADF), VALUE without TLS.
// Python: SSLSocket.get_verified_chain()
// OpenSSL: SSL_get0_verified_chain
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_get_verified_chain(const tlsock_socket *socket,
                                                          tlsock_certificate_list **chain,
                                                          tlsock_error **error);

// Verifies a verified peer again, with what is trusted now, and lists its chain, the peer first:
// for a resumed session, whose chain is not kept. (The intermediate certificates are those in the
// session; a server's ticket has none.) Empty if the peer was not verified, or does not verify now.
// Returns: SSL, OS before the socket is connected (ENOTCONN) and after close (EBADF), VALUE without
// TLS.
// Extension.
// OpenSSL: X509_verify_cert
// Since 0.2.
TLSOCK_API tlsock_status tlsock_socket_verify_again(const tlsock_socket *socket,
                                                    tlsock_certificate_list **chain,
                                                    tlsock_error **error);

// Lists the certificates exactly as the peer sent them; empty if it sent none or the session was
// resumed.
// Returns: as get_verified_chain.
// Python: SSLSocket.get_unverified_chain()
// OpenSSL: SSL_get_peer_cert_chain
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_get_unverified_chain(const tlsock_socket *socket,
                                                            tlsock_certificate_list **chain,
                                                            tlsock_error **error);

// Gives a new handle on the current session; *session is NULL if there is none. Ours: there is none
// before the end of the handshake. In TLS 1.3 a client's session can be resumed only after it has
// read something: see tlsock_context_set_session_callback.
// Returns: nothing beyond the conventions.
// Python: SSLSocket.session
// OpenSSL: SSL_get1_session
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_session(const tlsock_socket *socket,
                                               tlsock_session **session, tlsock_error **error);

// Offers a session for resumption; it must come from the same context. Ours: a session proves only
// what its own handshake has proved. If this handshake demands more or something else when it
// begins (CAs, revocation lists, flags, the security level), a certificate has expired since, or
// the session's cipher is not allowed any more (TLS 1.2), the handshake is a full one.
// Returns: VALUE for another context's session, one made without verification or for another name
// if this connection checks it, on a server, and once the handshake has begun; SSL.
// Python: SSLSocket.session = session
// OpenSSL: SSL_set_session
// Since 0.1.
TLSOCK_API tlsock_status tlsock_socket_set_session(tlsock_socket *socket,
                                                   const tlsock_session *session,
                                                   tlsock_error **error);

// Tells whether the handshake resumed a session, or used a pre-shared key.
// Python: SSLSocket.session_reused
// OpenSSL: SSL_session_reused
// Since 0.1.
TLSOCK_API bool tlsock_socket_session_reused(const tlsock_socket *socket);

// -------------------------- connections in memory --------------------------

// Makes a TLS connection in memory: the peer's bytes are read from incoming, and the bytes to send
// appear in outgoing. If both are NULL, the ciphertext only goes through tlsock_object_pump. No
// byte moves yet.
// Ours: a context that checks host names refuses a client without one, unless the flag
// TLSOCK_WRAP_INSECURE_NO_HOSTNAME is given (Python would connect without a check).
// Returns: SSL, also for a side that does not fit the context.
// Python: SSLContext.wrap_bio(incoming, outgoing, server_side, server_hostname, session)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_context_wrap_bio(tlsock_context *context, tlsock_bio *incoming,
                                                 tlsock_bio *outgoing, uint32_t flags,
                                                 const char *server_hostname,
                                                 const tlsock_session *session,
                                                 tlsock_object **object, tlsock_error **error);

// Makes an empty memory buffer for wrap_bio. One buffer may be one side's outgoing and the other
// side's incoming.
// Returns: nothing beyond the conventions.
// Python: MemoryBIO()
// Since 0.1.
TLSOCK_API tlsock_status tlsock_bio_new(tlsock_bio **bio, tlsock_error **error);

// Frees a handle on a buffer; objects made over it go on. NULL is ignored.
// Since 0.1.
TLSOCK_API void tlsock_bio_free(tlsock_bio *bio);

// Returns the number of bytes that wait to be read.
// Python: MemoryBIO.pending
// Since 0.1.
TLSOCK_API size_t tlsock_bio_pending(const tlsock_bio *bio);

// Tells whether write_eof was called and all bytes have been read.
// Python: MemoryBIO.eof
// Since 0.1.
TLSOCK_API bool tlsock_bio_eof(const tlsock_bio *bio);

// Takes up to size bytes out of bio; *len is 0 if it is empty.
// Returns: nothing beyond the conventions.
// Python: MemoryBIO.read(n)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_bio_read(tlsock_bio *bio, void *buffer, size_t size, size_t *len,
                                         tlsock_error **error);

// Appends all of the bytes.
// Returns: SSL after write_eof, VALUE beyond INT_MAX bytes.
// Python: MemoryBIO.write(data)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_bio_write(tlsock_bio *bio, const void *data, size_t len,
                                          tlsock_error **error);

// Marks the end of the stream: an object that finds the buffer empty then fails with EOF instead of
// WANT_READ.
// Returns: nothing beyond the conventions.
// Python: MemoryBIO.write_eof()
// Since 0.1.
TLSOCK_API tlsock_status tlsock_bio_write_eof(tlsock_bio *bio, tlsock_error **error);

// Frees the object; its buffers and context stay valid. NULL is ignored.
// Since 0.1.
TLSOCK_API void tlsock_object_free(tlsock_object *object);

// Does the handshake, or continues it; once finished it succeeds at once. Reading and writing do it
// by themselves.
// Ours: in TLS 1.2 a peer that has shown a certificate shows the same one in every further
// handshake, or that fails with CERT_VERIFICATION: what was concluded from the first one says
// nothing of another.
// Returns: I/O statuses.
// Python: SSLObject.do_handshake()
// OpenSSL: SSL_do_handshake
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_do_handshake(tlsock_object *object, tlsock_error **error);

// Reads up to size decrypted bytes; *len is 0 at the end of the stream, or if size is 0.
// Ours: a close_notify before the end of the handshake, which anybody can send, is an end without
// close_notify.
// Returns: I/O statuses.
// Python: SSLObject.read(len, buffer)
// OpenSSL: SSL_read_ex
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_read(tlsock_object *object, void *buffer, size_t size,
                                            size_t *len, tlsock_error **error);

// Encrypts all of data into the outgoing buffer, or fails. After WANT_READ, WANT_WRITE or NO_MEMORY
// repeat with the same bytes (at any address). written may be NULL: on success it is data_len.
// Ours: other bytes are VALUE, and the connection stays usable. After NO_MEMORY in the middle of
// the data close_write, unwrap and key_update are VALUE too until it is repeated; data that is
// longer and begins with the same bytes goes on as well.
// Returns: I/O statuses.
// Python: SSLObject.write(data)
// OpenSSL: SSL_write_ex
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_write(tlsock_object *object, const void *data,
                                             size_t data_len, size_t *written,
                                             tlsock_error **error);

// Returns the number of decrypted bytes that can be read without the transport.
// Python: SSLObject.pending()
// OpenSSL: SSL_pending
// Since 0.1.
TLSOCK_API size_t tlsock_object_pending(const tlsock_object *object);

// Sends close_notify and receives the peer's. WANT_READ: the peer's has not come yet. Bytes that
// follow it stay in the incoming buffer.
// Returns: I/O statuses.
// Python: SSLObject.unwrap()
// OpenSSL: SSL_shutdown
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_unwrap(tlsock_object *object, tlsock_error **error);

// Sends close_notify; reading stays possible: the peer sees the end of our data, and its answer can
// still be read to the end. Further writes fail.
// Returns: I/O statuses.
// Extension: the half of unwrap that needs no answer.
// OpenSSL: SSL_shutdown
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_close_write(tlsock_object *object, tlsock_error **error);

// Moves bytes both ways in one call: for event loops and bindings. Each of the four buffers may be
// NULL with length 0.
// Order: (1) ciphertext that waits inside goes to ciphertext_out; (2) the handshake continues, if
// it is not finished; (3) plaintext_in is encrypted, record by record, and with
// TLSOCK_PUMP_CLOSE_WRITE close_notify follows the last one; (4) ciphertext_in is decrypted into
// plaintext_out. ciphertext_in is read whenever TLS needs it, so in step 2 too.
// Threads: calls on one object run one after the other and never wait for the network. Two threads
// may share the work: one encrypts, without ciphertext_in, the other decrypts, without
// ciphertext_out. Ciphertext must be sent in the order in which it came out, so only the first one
// sends; the second one notifies it when ciphertext_pending is not 0.
// Overlap: plaintext_out and ciphertext_out must overlap neither each other nor an input.
// Returns: OK: the handshake is finished, plaintext_in is used up and, if plaintext_out has room,
// it got bytes or the peer closed (plaintext_len 0). WANT_READ: pass more ciphertext; a part of
// plaintext_in may be left, since nothing can be encrypted in the middle of a handshake message.
// WANT_WRITE: ciphertext_out was too small, even during a handshake: send what it got and call
// again. WANT_CALLBACK: a callback of the handshake has no answer yet: call again when there is
// one, with the ciphertext that was not used. After NO_MEMORY call again with the rest of
// plaintext_in: it may have been begun, and other bytes are VALUE then. Otherwise an I/O status,
// but never TIMEOUT or OS. *done is filled in with every status: first send what ciphertext_out got
// (after a failure, the alert).
// Extension: MemoryBIO.write, SSLObject.write, SSLObject.read and MemoryBIO.read in one.
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_pump(tlsock_object *object, uint32_t flags,
                                            const void *ciphertext_in, size_t ciphertext_in_len,
                                            const void *plaintext_in, size_t plaintext_in_len,
                                            void *plaintext_out, size_t plaintext_out_size,
                                            void *ciphertext_out, size_t ciphertext_out_size,
                                            tlsock_pump_result *done, tlsock_error **error);

// Has the peer's certificate be for one of these names instead of for the server_hostname: host
// names, of which any one will do, or one address. For a client that checks host names, before its
// handshake begins. What is sent (SNI) stays: see set_server_name. A session is resumed only if it
// was made for the same names. On failure the names of before count.
// Returns: VALUE without any name, where this connection checks none, on a server, once the
// handshake has begun, for a name that server_hostname would not be either, and for an address
// beside another name.
// Extension.
// OpenSSL: X509_VERIFY_PARAM_add1_host, X509_VERIFY_PARAM_set1_ip
// Since 0.2.
TLSOCK_API tlsock_status tlsock_object_set_expected_names(tlsock_object *object,
                                                          const char *const *names, size_t count,
                                                          tlsock_error **error);

// Has a client ask for this name (SNI) instead of its server_hostname, before its handshake begins;
// NULL asks for no name at all. What the certificate must be for stays. On failure nothing has
// changed.
// Returns: VALUE on a server, once the handshake has begun, for an address and for a name that
// server_hostname would not be either; SSL.
// Extension.
// OpenSSL: SSL_set_tlsext_host_name
// Since 0.2.
TLSOCK_API tlsock_status tlsock_object_set_server_name(tlsock_object *object,
                                                       const char *server_name,
                                                       tlsock_error **error);

// Returns the name by which the client has asked for the server (RFC 6066, server_name), as it was
// sent, lent by the object; NULL if there is none, and before the handshake has begun. It is known
// on both ends.
// Extension.
// OpenSSL: SSL_get_servername
// Since 0.2.
TLSOCK_API const char *tlsock_object_server_name(const tlsock_object *object);

// Gives a new handle on the context in use.
// Returns: nothing beyond the conventions.
// Python: SSLObject.context
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_context(const tlsock_object *object,
                                               tlsock_context **context, tlsock_error **error);

// Switches to another context's certificate and callbacks, as an SNI callback does to choose a
// certificate. Options, versions, ciphers and verification stay. Ours: a server demands of its
// client at least what the context demands that is set when the ClientHello is handled: of the two
// verify modes, and of each verify flag, the stricter is used. Inside this connection's own
// callbacks only an SNI callback can call this.
// Returns: VALUE inside any other callback of this connection, SSL.
// Python: SSLObject.context = context
// OpenSSL: SSL_set_SSL_CTX
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_set_context(tlsock_object *object, tlsock_context *context,
                                                   tlsock_error **error);

// Tells whether this is the server's side.
// Python: SSLObject.server_side
// Since 0.1.
TLSOCK_API bool tlsock_object_server_side(const tlsock_object *object);

// Returns the name that the peer must prove, as ASCII (A-labels), lent by the object; NULL for
// none.
// Python: SSLObject.server_hostname
// Since 0.1.
TLSOCK_API const char *tlsock_object_server_hostname(const tlsock_object *object);

// Returns the pointer that set_userdata stored; NULL at first.
// Extension: any attribute of a Python object.
// Since 0.1.
TLSOCK_API void *tlsock_object_userdata(const tlsock_object *object);

// Stores a pointer of yours, which the library passes to callbacks and neither dereferences nor
// frees.
// Extension: any attribute of a Python object.
// Since 0.1.
TLSOCK_API void tlsock_object_set_userdata(tlsock_object *object, void *userdata);

// Fills in the cipher in use. If there is none yet, it returns false and changes nothing.
// Python: SSLObject.cipher()
// OpenSSL: SSL_get_current_cipher
// Since 0.1.
TLSOCK_API bool tlsock_object_cipher(const tlsock_object *object, tlsock_cipher *cipher);

// Lists the ciphers that both sides have, in the server's order; read the list with _at. *ciphers
// is NULL on a client and before the handshake.
// Returns: nothing beyond the conventions.
// Python: SSLObject.shared_ciphers()
// OpenSSL: SSL_get_client_ciphers
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_shared_ciphers(const tlsock_object *object,
                                                      tlsock_cipher_list **ciphers,
                                                      tlsock_error **error);

// Returns "TLSv1.3", "TLSv1.2", ..., static; NULL before the end of the handshake.
// Python: SSLObject.version()
// Since 0.1.
TLSOCK_API const char *tlsock_object_version(const tlsock_object *object);

// Returns the group of the key exchange, such as "x25519", lent by the object; NULL before the end
// of the handshake and if there was no key exchange.
// Extension.
// OpenSSL: SSL_get_negotiated_group, SSL_group_to_name
// Since 0.1.
TLSOCK_API const char *tlsock_object_group(const tlsock_object *object);

// Returns the name of the compression in use, static; NULL for none, which is the default.
// Python: SSLObject.compression()
// Since 0.1.
TLSOCK_API const char *tlsock_object_compression(const tlsock_object *object);

// Returns the application protocol that was agreed on, lent by the object; NULL for none. In one
// that is no text, which only an ALPN callback can choose, U+FFFD stands for a NUL and for what is
// not UTF-8.
// Python: SSLObject.selected_alpn_protocol()
// OpenSSL: SSL_get0_alpn_selected
// Since 0.1.
TLSOCK_API const char *tlsock_object_selected_alpn_protocol(const tlsock_object *object);

// Returns NULL: NPN was removed from TLS.
// Python: SSLObject.selected_npn_protocol()
// Since 0.1.
TLSOCK_API const char *tlsock_object_selected_npn_protocol(const tlsock_object *object);

// Gives the bytes of the last Finished message: with own true the one that this side sent,
// otherwise the peer's; data is NULL before the end of the handshake.
// Returns: nothing beyond the conventions.
// Extension: node's socket.getFinished() and getPeerFinished()
// OpenSSL: SSL_get_finished, SSL_get_peer_finished
// Since 0.2.
TLSOCK_API tlsock_status tlsock_object_finished(const tlsock_object *object, bool own,
                                                tlsock_bytes *finished, tlsock_error **error);

// Gives the bytes that bind an outer login, such as SCRAM, to this connection; data is NULL before
// the handshake is finished. type NULL means "tls-unique", the only one that Python has; the others
// are "tls-exporter" (RFC 9266, 32 bytes) and "tls-server-end-point" (RFC 5929, the digest of the
// server's certificate; a server that has resumed a session does not know it). Ours: a type that is
// not defined for the connection is refused: tls-unique over TLS 1.3, tls-exporter over TLS 1.2
// without the extended master secret or with renegotiation allowed.
// Returns: VALUE for a type not in tlsock_channel_binding_types, or not defined for this
// connection; SSL.
// Python: SSLObject.get_channel_binding(cb_type)
// OpenSSL: SSL_get_finished, SSL_get_peer_finished, SSL_export_keying_material
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_get_channel_binding(const tlsock_object *object,
                                                           const char *type, tlsock_bytes *binding,
                                                           tlsock_error **error);

// Fills all of out with keying material that is derived from the connection's secrets and is the
// same on both sides (RFC 5705; RFC 8446, section 7.5). label is a text of your protocol, such as
// "EXPORTER-my-protocol"; context is further bytes of your protocol, or NULL: over TLS 1.2, NULL
// and no bytes give different results. On failure out is not changed. The result is secret.
// Returns: VALUE before the end of the handshake, for out_len 0 and over TLS 1.2 without the
// extended master secret (RFC 7627); SSL for a label that TLS itself uses, or an out_len beyond
// what the hash can give.
// Extension.
// OpenSSL: SSL_export_keying_material
// Since 0.2.
TLSOCK_API tlsock_status tlsock_object_export_keying_material(const tlsock_object *object,
                                                              const char *label,
                                                              const void *context,
                                                              size_t context_len, void *out,
                                                              size_t out_len, tlsock_error **error);

// Returns how the client has signed in the handshake, by the name of TLS such as
// "ecdsa_secp256r1_sha256", static; NULL if it showed no certificate (also where a session was
// resumed) and before the end of the handshake.
// Extension: SSLObject.client_sigalg() of Python 3.15
// OpenSSL: SSL_get_signature_type_nid, SSL_get_peer_signature_type_nid
// Since 0.2.
TLSOCK_API const char *tlsock_object_client_sigalg(const tlsock_object *object);

// Returns how the server has signed in the handshake, by the name of TLS such as
// "rsa_pss_rsae_sha256", static; NULL if it has not (a session was resumed, or a key shared before
// was used) and before the end of the handshake.
// Extension: SSLObject.server_sigalg() of Python 3.15
// OpenSSL: SSL_get_signature_type_nid, SSL_get_peer_signature_type_nid
// Since 0.2.
TLSOCK_API const char *tlsock_object_server_sigalg(const tlsock_object *object);

// Gives the certificate that this side has shown to the peer; *certificate is NULL if it has shown
// none: a client that was not asked for one, a handshake with a key shared before, or a session
// that was resumed. tlsock_certificate_verified is false for it.
// Returns: VALUE before the end of the handshake.
// Extension.
// OpenSSL: SSL_get_certificate
// Since 0.2.
TLSOCK_API tlsock_status tlsock_object_own_certificate(const tlsock_object *object,
                                                       tlsock_certificate **certificate,
                                                       tlsock_error **error);

// Changes the keys by which this side encrypts, in TLS 1.3 (RFC 8446, 4.6.3), for a connection that
// lasts long; with request_peer the peer is asked to change its own, which it does when it reads
// that. The message is in what is to be sent when the call returns.
// Returns: VALUE before the end of the handshake and below TLS 1.3; SSL, also after close_write.
// Extension.
// OpenSSL: SSL_key_update
// Since 0.2.
TLSOCK_API tlsock_status tlsock_object_key_update(tlsock_object *object, bool request_peer,
                                                  tlsock_error **error);

// Returns what has become of Encrypted ClientHello on this connection: a TLSOCK_ECH_STATUS_*. On a
// client it is known once the server has answered, and stays after a rejection has failed the
// handshake.
// Extension.
// OpenSSL: SSL_ech_get1_status
// Since 0.2.
TLSOCK_API int tlsock_object_ech_status(const tlsock_object *object);

// Returns the name that was sent in clear in place of server_name, where the ClientHello was
// encrypted, lent by the object; NULL before the end of the handshake and if there was none.
// tlsock_object_server_name is the real one.
// Extension.
// OpenSSL: SSL_ech_get1_status
// Since 0.2.
TLSOCK_API const char *tlsock_object_ech_outer_name(const tlsock_object *object);

// Gives all facts of the connection in one line of JSON, for a log: server_side, version, cipher,
// bits, group, server_sigalg, client_sigalg, alpn, server_name, ech (none, grease, accepted or
// backend), ech_outer_name, session_reused, verified (the peer's certificate counts as verified),
// verify_result (a number of OpenSSL), verify_overridden, peer (null if it showed no certificate)
// and chain (as verification built it, empty for a resumed session). Of a certificate: subject,
// issuer, serial_number, not_after (seconds since 1970) and sha256, the fingerprint in hex. A text
// is null where there is none. Later versions may add keys.
// Returns: VALUE before the end of the handshake; SSL.
// Extension.
// Since 0.2.
TLSOCK_API tlsock_status tlsock_object_info_json(const tlsock_object *object, tlsock_bytes *json,
                                                 tlsock_error **error);

// Requests a TLS 1.3 client's certificate after the handshake. The request is sent with the next
// write; the answer arrives during a later read.
// Returns: SSL (not TLS 1.3, not a server, not offered, ...).
// Python: SSLObject.verify_client_post_handshake()
// OpenSSL: SSL_verify_client_post_handshake
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_verify_client_post_handshake(tlsock_object *object,
                                                                    tlsock_error **error);

// Gives the peer's certificate if it was verified. *certificate is NULL if the peer sent none
// (Python's None) and if the context does not verify (Python's {}): see peer_certificate for the
// latter.
// Returns: VALUE before the end of the handshake.
// Python: SSLObject.getpeercert()
// OpenSSL: SSL_get1_peer_certificate
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_getpeercert(const tlsock_object *object,
                                                   tlsock_certificate **certificate,
                                                   tlsock_error **error);

// Gives the peer's certificate, verified or not; *certificate is NULL if the peer sent none. Check
// tlsock_certificate_verified before you trust anything in it; tlsock_certificate_der has its
// bytes.
// Returns: VALUE before the end of the handshake.
// Python: SSLObject.getpeercert(binary_form=True)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_peer_certificate(const tlsock_object *object,
                                                        tlsock_certificate **certificate,
                                                        tlsock_error **error);

// Gives the result of verifying the peer's certificate, even if a failure is allowed: 0 if nothing
// is wrong (there may be no certificate), otherwise OpenSSL's X509_V_ERR_* number.
// Returns: VALUE before the end of the handshake.
// Extension: node's socket.authorizationError
// OpenSSL: SSL_get_verify_result
// Since 0.2.
TLSOCK_API tlsock_status tlsock_object_verify_result(const tlsock_object *object, int *result,
                                                     tlsock_error **error);

// Gives the OCSP response that the server has sent in its last full handshake, in DER and whether
// it was accepted or not. data is NULL without one: on servers, after a resumption, and if
// context_set_ocsp has not asked for one.
// Returns: nothing beyond the conventions.
// Extension.
// OpenSSL: SSL_get_tlsext_status_ocsp_resp
// Since 0.2.
TLSOCK_API tlsock_status tlsock_object_ocsp_response(const tlsock_object *object,
                                                     tlsock_bytes *response, tlsock_error **error);

// Returns what that response says of the server's certificate; status is NONE if it was not checked
// or is not valid.
// Extension.
// Since 0.2.
TLSOCK_API tlsock_ocsp_status tlsock_object_ocsp_status(const tlsock_object *object);

// Gives the timestamps that came with the server's certificate in its last full handshake, whether
// the server was accepted or not: a SignedCertificateTimestampList (RFC 6962, section 3.3), for
// which two bytes tell the length of the whole and of each timestamp. Nobody has checked them. data
// is NULL without any: on servers, after a resumption, and if tlsock_context_set_scts_requested has
// not asked.
// Returns: nothing beyond the conventions.
// Extension.
// OpenSSL: SSL_get0_peer_scts
// Since 0.2.
TLSOCK_API tlsock_status tlsock_object_scts(const tlsock_object *object, tlsock_bytes *scts,
                                            tlsock_error **error);

// Tells whether a verify callback has accepted the peer's certificate though the check had refused
// it: see TLSOCK_VERIFY_CALLBACK_INSECURE_OVERRIDE. Such a certificate does not count as verified;
// object_verify_result says why.
// Extension.
// Since 0.2.
TLSOCK_API bool tlsock_object_verify_overridden(const tlsock_object *object);

// Lists the chain that verification built, the peer first and the trust anchor last; empty if there
// is none or the session was resumed.
// Returns: nothing beyond the conventions.
// Python: SSLObject.get_verified_chain()
// OpenSSL: SSL_get0_verified_chain
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_get_verified_chain(const tlsock_object *object,
                                                          tlsock_certificate_list **chain,
                                                          tlsock_error **error);

// Verifies a verified peer again, with what is trusted now, and lists its chain, the peer first:
// for a resumed session, whose chain is not kept. (The intermediate certificates are those in the
// session; a server's ticket has none.) Empty if the peer was not verified, or does not verify now.
// Returns: SSL.
// Extension.
// OpenSSL: X509_verify_cert
// Since 0.2.
TLSOCK_API tlsock_status tlsock_object_verify_again(const tlsock_object *object,
                                                    tlsock_certificate_list **chain,
                                                    tlsock_error **error);

// Lists the certificates exactly as the peer sent them; empty if it sent none or the session was
// resumed.
// Returns: nothing beyond the conventions.
// Python: SSLObject.get_unverified_chain()
// OpenSSL: SSL_get_peer_cert_chain
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_get_unverified_chain(const tlsock_object *object,
                                                            tlsock_certificate_list **chain,
                                                            tlsock_error **error);

// Gives a new handle on the current session; *session is NULL if there is none. Ours: there is none
// before the end of the handshake. In TLS 1.3 a client's session can be resumed only after it has
// read something: see tlsock_context_set_session_callback.
// Returns: nothing beyond the conventions.
// Python: SSLObject.session
// OpenSSL: SSL_get1_session
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_session(const tlsock_object *object,
                                               tlsock_session **session, tlsock_error **error);

// Offers a session for resumption; it must come from the same context. Ours: a session proves only
// what its own handshake has proved. If this handshake demands more or something else when it
// begins (CAs, revocation lists, flags, the security level), a certificate has expired since, or
// the session's cipher is not allowed any more (TLS 1.2), the handshake is a full one.
// Returns: VALUE for another context's session, one made without verification or for another name
// if this connection checks it, on a server, and once the handshake has begun; SSL.
// Python: SSLObject.session = session
// OpenSSL: SSL_set_session
// Since 0.1.
TLSOCK_API tlsock_status tlsock_object_set_session(tlsock_object *object,
                                                   const tlsock_session *session,
                                                   tlsock_error **error);

// Tells whether the handshake resumed a session, or used a pre-shared key.
// Python: SSLObject.session_reused
// OpenSSL: SSL_session_reused
// Since 0.1.
TLSOCK_API bool tlsock_object_session_reused(const tlsock_object *object);

// -------------------------------- sessions ---------------------------------

// Makes a session from the bytes that tlsock_session_data gave, for use with this context.
// Returns: VALUE for damaged bytes, those of another library version or backend (tlsock_backend),
// or those of a context with other trust (CAs, directories, revocation lists if they are checked,
// verify mode and flags, security level, signature algorithms, host name checks), or for a session
// that a pre-shared key has proved, of one without that callback of this process; SSL.
// Extension.
// Since 0.1.
TLSOCK_API tlsock_status tlsock_session_new_data(tlsock_context *context, const void *data,
                                                 size_t data_len, tlsock_session **session,
                                                 tlsock_error **error);

// Frees a handle on a session. NULL is ignored.
// Since 0.1.
TLSOCK_API void tlsock_session_free(tlsock_session *session);

// Tells whether two sessions have the same id; two empty ids are the same.
// Python: a == b
// Since 0.1.
TLSOCK_API bool tlsock_session_equal(const tlsock_session *session, const tlsock_session *other);

// Returns the id, up to 32 bytes, lent by the session; len is 0 if the session is identified only
// by its ticket.
// Python: SSLSession.id
// Since 0.1.
TLSOCK_API tlsock_slice tlsock_session_id(const tlsock_session *session);

// Returns when the session was made, in seconds since 1970.
// Python: SSLSession.time
// Since 0.1.
TLSOCK_API int64_t tlsock_session_time(const tlsock_session *session);

// Returns how many seconds after its time the session may be resumed.
// Python: SSLSession.timeout
// Since 0.1.
TLSOCK_API int64_t tlsock_session_timeout(const tlsock_session *session);

// Returns the lifetime in seconds that the server gave its ticket; 0 without a ticket.
// Python: SSLSession.ticket_lifetime_hint
// Since 0.1.
TLSOCK_API uint64_t tlsock_session_ticket_lifetime_hint(const tlsock_session *session);

// Tells whether the session has a ticket.
// Python: SSLSession.has_ticket
// Since 0.1.
TLSOCK_API bool tlsock_session_has_ticket(const tlsock_session *session);

// Gives the session as bytes, to be stored or used in another process. They are secret: anyone who
// has them can resume as this client.
// Returns: VALUE if it is not known what its handshake has proved: the context finds revocation
// lists in a directory, or was changed during the handshake; SSL.
// Extension.
// OpenSSL: i2d_SSL_SESSION
// Since 0.1.
TLSOCK_API tlsock_status tlsock_session_data(const tlsock_session *session, tlsock_bytes *data,
                                             tlsock_error **error);

// Returns how many sessions the context keeps for its clients at most; 0 while it keeps none, and
// for NULL.
// Extension: see tlsock_context_set_client_session_cache.
// Since 0.2.
TLSOCK_API size_t tlsock_context_client_session_cache(const tlsock_context *context);

// Has the context keep the sessions of its clients, size of them at most, so that sockets resume by
// themselves: those of create_connection, wrap_socket and connect with a server_hostname, for
// connections made from now on. 0, as at first, keeps none and wipes those that were kept.
// tlsock_socket_session_reused tells what came of it. A session is offered to the server of the
// same server_hostname and port (that of the socket's peer: behind a proxy the proxy's), if the
// same name is sent, the same names are expected and the same protocols (ALPN) are offered; it is
// resumed under the rules of tlsock_socket_set_session. Each is offered once; a handshake that
// succeeds leaves one for the next connection, the last ticket in TLS 1.3, which comes with the
// first bytes that are read. So none is offered again after a failed handshake. A fatal alert, and
// each change of the context's settings, drops what was kept; a full cache drops what has waited
// longest. A child process does not use what its parent has kept. A connection that has been given
// a session takes no part, nor does one with a verify, identity or PSK callback, or without a name.
// On the wire, a session of TLS 1.2 shows that both connections are of one client.
// Returns: VALUE for a TLS_SERVER context; SSL.
// Extension: Python leaves it to the caller to keep sessions.
// OpenSSL: SSL_CTX_sess_set_new_cb
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_client_session_cache(tlsock_context *context,
                                                                 size_t size, tlsock_error **error);

// Sets the keys of a server's session tickets: keys_len bytes, which are keys of key_len bytes
// each, one behind the other. The first one encrypts new tickets, all decrypt, and a client that
// shows a ticket of a later one gets a new one. So servers that share keys resume what any of them
// has begun, if they also trust and check alike, were called by the same name and allow the same
// ciphers. A server with a PSK callback resumes nothing while its keys are shared: others may know
// other clients. To rotate the keys, put the next key behind the others everywhere, then in front,
// and drop it once its tickets have expired. A key has 48 bytes (a name of 16, then the keys of
// AES-128-CBC and HMAC-SHA256, 16 each) or 80 (a name of 16, then the keys of HMAC-SHA256 and
// AES-256-CBC, 32 each), as in files of nginx; see tlsock_context_load_ticket_keys. They are
// copied, and wiped when they are replaced; a program that has them can read the connections that
// their tickets resume. Counts at once, also for connections made before, unless these are the
// first keys. With a keys_len of 0 the context has a random key of its own, as at first.
// Returns: VALUE for another key_len, one that does not divide keys_len, two keys of one name, a
// key of zeros or a TLS_CLIENT context, and then the old keys stay; SSL.
// Extension. RFC 5077, section 4.
// OpenSSL: SSL_CTX_set_tlsext_ticket_key_evp_cb
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_ticket_keys(tlsock_context *context, const void *keys,
                                                        size_t keys_len, size_t key_len,
                                                        tlsock_error **error);

// Sets the keys of a server's session tickets from count files, as tlsock_context_set_ticket_keys
// does. They are read now, once: call again when they have changed. The format is told, as the
// first half of a file in one may be a file of the other:
// TICKET_KEYS_NGINX: each file is one key of 48 or 80 bytes, as nginx's ssl_session_ticket_key
// reads it. The first file encrypts. A file of nothing but letters of base64 is refused.
// TICKET_KEYS_HAPROXY: one file has a key in base64 on each line, as HAProxy's tls-ticket-keys
// reads it: three at least, all of one length. The last three count, and of these the middle one
// encrypts, so that the next key is known everywhere before its time. A key of 80 bytes has its two
// parts in the other order than nginx's: the key of AES-256-CBC is first. Processes of this library
// resume each other's sessions by such files, and nginx's do by theirs; but neither resumes what
// the other has begun, although both can read the tickets: a session says by whom and with which
// demands it was made.
// Returns: VALUE for what is no such file, with its name and line, another format, no file, two
// keys of one name, a key of zeros or a TLS_CLIENT context; OS for a file that cannot be read; SSL.
// The old keys stay then.
// Extension.
// OpenSSL: SSL_CTX_set_tlsext_ticket_key_evp_cb
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_load_ticket_keys(tlsock_context *context, int format,
                                                         const char *const *files, size_t count,
                                                         tlsock_error **error);

// Sets where a server keeps the sessions that are not in tickets (OP_NO_TICKET, or clients of TLS
// 1.2 that know none): outside of this process, where other servers with the same callbacks find
// them. A session is resumed only by a server that asks the same of its clients, was called by the
// same name and allows the same ciphers; a server with a PSK callback resumes none. A program that
// can write to the store can be any client. The callbacks share userdata; remove may be NULL. The
// first ones count for connections made later, those that replace others at once. NULL for all
// three: in the context, as at first.
// Returns: VALUE if only one of put and get is NULL, or for a TLS_CLIENT context; SSL.
// Extension.
// OpenSSL: SSL_CTX_sess_set_new_cb, SSL_CTX_sess_set_get_cb
// Since 0.2.
TLSOCK_API tlsock_status tlsock_context_set_session_cache(tlsock_context *context,
                                                          tlsock_session_put_callback put,
                                                          tlsock_session_get_callback get,
                                                          tlsock_session_remove_callback remove,
                                                          void *userdata,
                                                          tlsock_free_userdata free_userdata,
                                                          tlsock_error **error);

// Returns the counters of handshakes and resumptions; all 0 for NULL.
// Python: SSLContext.session_stats()
// Since 0.1.
TLSOCK_API tlsock_session_stats tlsock_context_session_stats(const tlsock_context *context);

// ------------------------------ certificates -------------------------------

// Reads a certificate from DER, or the first one in a PEM text. It is not verified.
// Returns: SSL.
// Extension.
// Since 0.1.
TLSOCK_API tlsock_status tlsock_certificate_new_data(const void *data, size_t data_len,
                                                     tlsock_certificate **certificate,
                                                     tlsock_error **error);

// Frees a certificate. NULL is ignored. Never free one that a list or an error lends.
// Since 0.1.
TLSOCK_API void tlsock_certificate_free(tlsock_certificate *certificate);

// Tells whether two certificates have the same bytes; NULL equals nothing, not even NULL.
// Extension.
// Since 0.1.
TLSOCK_API bool tlsock_certificate_equal(const tlsock_certificate *certificate,
                                         const tlsock_certificate *other);

// Tells whether the certificate came from a connection that had verified it (and the host name, if
// that was to be checked).
// Extension: in Python a dict that is not empty.
// Since 0.1.
TLSOCK_API bool tlsock_certificate_verified(const tlsock_certificate *certificate);

// Returns the DER bytes.
// Python: getpeercert(binary_form=True)
// Since 0.1.
TLSOCK_API tlsock_slice tlsock_certificate_der(const tlsock_certificate *certificate);

// Returns the PEM text, as der_cert_to_pem_cert writes it; NULL only for a NULL certificate.
// Extension.
// Since 0.1.
TLSOCK_API const char *tlsock_certificate_pem(const tlsock_certificate *certificate);

// Gives Python's dict as JSON text, with the same keys and values (tuples are arrays, bytes are
// hex). *json is lent by the certificate.
// Returns: VALUE for names that are not text, SSL.
// Python: getpeercert(), get_ca_certs()
// Since 0.1.
TLSOCK_API tlsock_status tlsock_certificate_json(const tlsock_certificate *certificate,
                                                 const char **json, tlsock_error **error);

// Returns the number of name pairs in the subject.
// Python: "subject"
// Since 0.1.
TLSOCK_API size_t tlsock_certificate_subject_count(const tlsock_certificate *certificate);

// Fills in one name pair of the subject. Past the end it returns false and changes nothing.
// Python: "subject"
// Since 0.1.
TLSOCK_API bool tlsock_certificate_subject_at(const tlsock_certificate *certificate, size_t index,
                                              tlsock_name_pair *pair);

// Returns the subject in one line (RFC 2253, escaped), for people to read, not to compare.
// Extension.
// Since 0.1.
TLSOCK_API const char *tlsock_certificate_subject_text(const tlsock_certificate *certificate);

// Returns the number of name pairs in the issuer.
// Python: "issuer"
// Since 0.1.
TLSOCK_API size_t tlsock_certificate_issuer_count(const tlsock_certificate *certificate);

// Fills in one name pair of the issuer. Past the end it returns false and changes nothing.
// Python: "issuer"
// Since 0.1.
TLSOCK_API bool tlsock_certificate_issuer_at(const tlsock_certificate *certificate, size_t index,
                                             tlsock_name_pair *pair);

// Returns the issuer in one line (RFC 2253, escaped), for people to read, not to compare.
// Extension.
// Since 0.1.
TLSOCK_API const char *tlsock_certificate_issuer_text(const tlsock_certificate *certificate);

// Returns the X.509 version counted from 1: 3 for nearly all certificates.
// Python: "version"
// Since 0.1.
TLSOCK_API int tlsock_certificate_version(const tlsock_certificate *certificate);

// Returns the serial number in upper-case hex, two digits a byte.
// Python: "serialNumber"
// Since 0.1.
TLSOCK_API const char *tlsock_certificate_serial_number(const tlsock_certificate *certificate);

// Returns the start of validity as text, such as "Jan  5 09:34:43 2018 GMT"; "Bad time value" if
// unreadable, as in Python.
// Python: "notBefore"
// Since 0.1.
TLSOCK_API const char *tlsock_certificate_not_before(const tlsock_certificate *certificate);

// Returns the end of validity as text.
// Python: "notAfter"
// Since 0.1.
TLSOCK_API const char *tlsock_certificate_not_after(const tlsock_certificate *certificate);

// Returns the start of validity in seconds since 1970; INT64_MIN if unreadable.
// Extension: cert_time_to_seconds("notBefore").
// Since 0.1.
TLSOCK_API int64_t tlsock_certificate_not_before_time(const tlsock_certificate *certificate);

// Returns the end of validity in seconds since 1970; INT64_MIN if unreadable.
// Extension: cert_time_to_seconds("notAfter").
// Since 0.1.
TLSOCK_API int64_t tlsock_certificate_not_after_time(const tlsock_certificate *certificate);

// Returns the number of alternative names.
// Python: "subjectAltName"
// Since 0.1.
TLSOCK_API size_t tlsock_certificate_subject_alt_name_count(const tlsock_certificate *certificate);

// Fills in one alternative name. Past the end it returns false and changes nothing.
// Python: "subjectAltName"
// Since 0.1.
TLSOCK_API bool tlsock_certificate_subject_alt_name_at(const tlsock_certificate *certificate,
                                                       size_t index, tlsock_alt_name *name);

// Returns the number of OCSP addresses.
// Python: "OCSP"
// Since 0.1.
TLSOCK_API size_t tlsock_certificate_ocsp_count(const tlsock_certificate *certificate);

// Returns one OCSP address; data is NULL past the end.
// Python: "OCSP"
// Since 0.1.
TLSOCK_API tlsock_text tlsock_certificate_ocsp_at(const tlsock_certificate *certificate,
                                                  size_t index);

// Returns the number of addresses of the issuer's certificate.
// Python: "caIssuers"
// Since 0.1.
TLSOCK_API size_t tlsock_certificate_ca_issuers_count(const tlsock_certificate *certificate);

// Returns one address of the issuer's certificate; data is NULL past the end.
// Python: "caIssuers"
// Since 0.1.
TLSOCK_API tlsock_text tlsock_certificate_ca_issuers_at(const tlsock_certificate *certificate,
                                                        size_t index);

// Returns the number of addresses of revocation lists.
// Python: "crlDistributionPoints"
// Since 0.1.
TLSOCK_API size_t tlsock_certificate_crl_distribution_points_count(
    const tlsock_certificate *certificate);

// Returns one address of a revocation list; data is NULL past the end.
// Python: "crlDistributionPoints"
// Since 0.1.
TLSOCK_API tlsock_text tlsock_certificate_crl_distribution_points_at(
    const tlsock_certificate *certificate, size_t index);

// Gives the digest of the DER bytes; digest NULL means "sha256".
// Returns: VALUE for a digest OpenSSL lacks.
// Extension: hashlib.new(digest, der).
// Since 0.1.
TLSOCK_API tlsock_status tlsock_certificate_fingerprint(const tlsock_certificate *certificate,
                                                        const char *digest,
                                                        tlsock_bytes *fingerprint,
                                                        tlsock_error **error);

// Returns the number of certificates in a list.
// Python: len(SSLContext.get_ca_certs())
// Since 0.1.
TLSOCK_API size_t tlsock_certificate_list_count(const tlsock_certificate_list *certificates);

// Returns one certificate, lent by the list; NULL past the end.
// Python: an entry of SSLContext.get_ca_certs()
// Since 0.1.
TLSOCK_API const tlsock_certificate *tlsock_certificate_list_at(
    const tlsock_certificate_list *certificates, size_t index);

// Frees a list, and with it the certificates that it lends. NULL is ignored.
// Since 0.1.
TLSOCK_API void tlsock_certificate_list_free(tlsock_certificate_list *certificates);

// Connects to a server and gives its certificate as PEM. ssl_version is TLSOCK_PROTOCOL_TLS_CLIENT
// or another; ca_certs is a CA file to verify it with, or NULL for no verification. The host name
// is never checked. timeout, in seconds, covers everything. The environment variable SSLKEYLOGFILE
// is used as by tlsock_create_default_context.
// Returns: I/O statuses.
// Python: get_server_certificate((host, port), ssl_version, ca_certs, timeout)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_get_server_certificate(const char *host, int port, int ssl_version,
                                                       const char *ca_certs, double timeout,
                                                       tlsock_bytes *pem, tlsock_error **error);

// Gives the PEM text of DER bytes, which are not checked.
// Returns: nothing beyond the conventions.
// Python: DER_cert_to_PEM_cert(der_cert_bytes)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_der_cert_to_pem_cert(const void *der, size_t der_len,
                                                     tlsock_bytes *pem, tlsock_error **error);

// Gives the DER bytes of a PEM text that holds one certificate.
// Returns: VALUE if it does not begin and end like one, or is not base64.
// Python: PEM_cert_to_DER_cert(pem_cert_string)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_pem_cert_to_der_cert(const char *pem, tlsock_bytes *der,
                                                     tlsock_error **error);

// Reads a certificate's time, such as "Jan  5 09:34:43 2018 GMT", as seconds since 1970.
// Returns: VALUE for text that is not such a time.
// Python: cert_time_to_seconds(cert_time)
// Since 0.1.
TLSOCK_API tlsock_status tlsock_cert_time_to_seconds(const char *cert_time, int64_t *seconds,
                                                     tlsock_error **error);

// ------------------------------- the module --------------------------------

// Tells whether the OpenSSL in use, or AWS-LC in its place, has a feature, one of TLSOCK_HAS_*;
// false for an unknown one.
// Python: HAS_ALPN, HAS_TLSv1_3, ...
// Since 0.1.
TLSOCK_API bool tlsock_has(int feature);

// Returns the types that get_channel_binding accepts, a static array that ends with NULL.
// Python: CHANNEL_BINDING_TYPES
// Since 0.1.
TLSOCK_API const char *const *tlsock_channel_binding_types(void);

// Returns the name of a TLSOCK_PROTOCOL_*, such as "PROTOCOL_TLS"; "<unknown>" for others. Static.
// Python: get_protocol_name(protocol_code)
// Since 0.1.
TLSOCK_API const char *tlsock_get_protocol_name(int protocol);

// Returns which library does the work: "openssl", or "aws-lc" in a build with that in its place.
// Static.
// Extension: in Python the text of OPENSSL_VERSION begins with it.
// Since 0.2.
TLSOCK_API const char *tlsock_backend(void);

// Returns the version text of the OpenSSL in use. Static.
// Python: OPENSSL_VERSION
// Since 0.1.
TLSOCK_API const char *tlsock_openssl_version(void);

// Returns the version of the OpenSSL in use as five numbers.
// Python: OPENSSL_VERSION_INFO
// Since 0.1.
TLSOCK_API tlsock_version_info tlsock_openssl_version_info(void);

// Returns the version of the OpenSSL in use as one number, such as 0x30000160.
// Python: OPENSSL_VERSION_NUMBER
// Since 0.1.
TLSOCK_API uint64_t tlsock_openssl_version_number(void);

// Tells whether environment variables are used: SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE. By
// default they are, except in a program with raised privileges (setuid, setgid, capabilities of its
// file), as for OpenSSL with its own variables (OPENSSL_CONF and others, which this does not
// control). An empty one counts as not set.
// Ours: Python uses them in any program, and with an empty SSL_CERT_FILE or SSL_CERT_DIR it loads
// no CAs.
// Extension.
// Since 0.2.
TLSOCK_API bool tlsock_environment_trusted(void);

// Sets whether environment variables are used, for the whole process and for what is made from now
// on. With true they are used even in a program with raised privileges: do this only if the program
// has set its environment itself.
// Returns: nothing beyond the conventions.
// Extension.
// Since 0.2.
TLSOCK_API tlsock_status tlsock_set_environment_trusted(bool on, tlsock_error **error);

// Looks an object identifier up: "1.3.6.1.5.5.7.3.1", and with name also "serverAuth" or a long
// name.
// Returns: VALUE for an unknown one.
// Python: txt2obj(txt, name)
// OpenSSL: OBJ_txt2obj
// Since 0.1.
TLSOCK_API tlsock_status tlsock_txt2obj(const char *txt, bool name, tlsock_asn1_object *object,
                                        tlsock_error **error);

// Looks an object identifier up by OpenSSL's number.
// Returns: VALUE for an unknown one.
// Python: nid2obj(nid)
// OpenSSL: OBJ_nid2obj
// Since 0.1.
TLSOCK_API tlsock_status tlsock_nid2obj(int nid, tlsock_asn1_object *object, tlsock_error **error);

// Fills a buffer with random bytes fit for keys.
// Returns: SSL.
// Python: RAND_bytes(num)
// OpenSSL: RAND_bytes
// Since 0.1.
TLSOCK_API tlsock_status tlsock_rand_bytes(void *buffer, size_t size, tlsock_error **error);

// Tells whether the random generator has been seeded well.
// Python: RAND_status()
// OpenSSL: RAND_status
// Since 0.1.
TLSOCK_API bool tlsock_rand_status(void);

// Mixes data into the random generator; entropy is your lower bound, in bytes, of the randomness in
// it.
// Returns: nothing beyond the conventions.
// Python: RAND_add(bytes, entropy)
// OpenSSL: RAND_add
// Since 0.1.
TLSOCK_API tlsock_status tlsock_rand_add(const void *data, size_t data_len, double entropy,
                                         tlsock_error **error);

#ifdef __cplusplus
}
#endif

#endif  /* TLSOCK_H */
