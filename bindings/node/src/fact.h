// Answers of a connection: told to JavaScript, or remembered for the time after its end.

#ifndef TLSOCK_NODE_FACT_H
#define TLSOCK_NODE_FACT_H

#include "addon.h"

enum fact_type {
  // There is no answer: null.
  FACT_NONE,
  // It stays as it is, without being copied.
  FACT_STATIC_TEXT,
  // Lent until the next call of the library.
  FACT_LENT_TEXT,
  FACT_OWN_TEXT,
  FACT_BYTES,
  FACT_HANDLE,
  FACT_BOOL,
  FACT_INT,
  FACT_CIPHER,
  FACT_OCSP
};

typedef struct fact {
  enum fact_type type;
  union {
    const char *text;
    char *own_text;
    tlsock_bytes bytes;
    handle *handle;
    bool is;
    int number;
    tlsock_cipher cipher;
    tlsock_ocsp_status ocsp;
  };
} fact;

// These fill in a fact, and leave it empty for NULL.
tlsock_status fact_static_text(fact *fact, const char *text);
tlsock_status fact_lent_text(fact *fact, const char *text);
tlsock_status fact_bytes(fact *fact, tlsock_bytes bytes);
// made: what handle_make has answered.
tlsock_status fact_handle(fact *fact, handle *made);

// Makes a fact independent of the connection. False if there is no memory: then it is empty.
bool fact_own(fact *fact);
void fact_free(fact *fact);
// Whether both are bytes, and the same ones.
bool fact_same_bytes(const fact *one, const fact *other);
// A new value; null for no answer.
napi_value fact_value(napi_env env, const fact *fact);

// ---- connection.c ----

enum question {
  // Each handshake of a connection has Finished messages of its own: while they stay, so does what it agreed on.
  OWN_FINISHED,
  PEER_FINISHED,
  // What a handshake agreed on. libssl no longer answers it once the connection has failed.
  PEER_CERTIFICATE,
  OWN_CERTIFICATE,
  VERSION,
  GROUP,
  VERIFY_RESULT,
  VERIFY_OVERRIDDEN,
  SERVER_NAME,
  ECH_OUTER_NAME,
  CLIENT_SIGALG,
  SERVER_SIGALG,
  // What is asked for at the end.
  VERIFIED_CHAIN,
  UNVERIFIED_CHAIN,
  CIPHER,
  SHARED_CIPHERS,
  COMPRESSION,
  ALPN_PROTOCOL,
  NPN_PROTOCOL,
  SESSION,
  SESSION_REUSED,
  // What a server has shown is told also where it was refused for it.
  OCSP_RESPONSE,
  SCTS,
  ECH_STATUS,
  OCSP_STATUS,
  // A channel binding, which TLS 1.3 has not got.
  TLS_UNIQUE,
  QUESTIONS
};

typedef struct connection {
  napi_env env;
  // NULL after the end.
  tlsock_object *object;
  // What was true when the handshake ended, for questions after a failure or the end. NULL before, and always for an SSLObject,
  // which fails as Python's does.
  fact *kept;
} connection;

// Asks the library, which has the object. A fact stays empty if there is no answer.
typedef tlsock_status (*asking)(const connection *of, fact *answer, tlsock_error **error);
asking asking_of(enum question question);

#endif
