// One conversation of a subject, whose thread may be armed with a fault, and a peer in a thread of its own. Used as client
// and as server, with a peer that is trusted or one that must not be.
#ifndef TALK_H
#define TALK_H

#include <errno.h>

#include "../c/fixture.h"

#define TALK_SECONDS 0.4   // a deadline for each call that is awaited
#define TALK_LIMIT 10.0  // one that must not come
#define TALK_BULK 60000

typedef struct outcome {
  int status;      // of the first call that failed, otherwise OK
  int os_errno;
  int reached;     // how many steps went well
  double longest;  // call
  char message[160];
} outcome;

typedef enum role { CLIENT, SERVER } role;

typedef struct talk {
  role subject;
  bool trusted;
  const char *work;  // a folder for files
  double seconds;    // the subject's deadline for each call
  void (*arm)(void), (*disarm)(void);
  // made before anything is armed
  tlsock_context *peer_context;
  tlsock_socket *listener;
  tlsock_address address;
  pthread_t peer;
  int file;
  outcome result;
} talk;

// A call of the subject's: false when it has failed, or one before it. Not armed between calls.
#define STEP(call) \
  ({ \
    bool went_well = one->result.status == TLSOCK_OK; \
    if (went_well) { \
      talk_begins(one); \
      error = NULL; \
      int said = (int)(call); \
      went_well = talk_ended(one, said, error); \
    } \
    went_well; \
  })

static __thread double talk_begin;

static inline void talk_begins(talk *one) {
  talk_begin = now();
  one->arm();
}

static inline bool talk_ended(talk *one, int status, tlsock_error *error) {
  one->disarm();
  double took = now() - talk_begin;
  if (took > one->result.longest) one->result.longest = took;
  if (status == TLSOCK_OK) {
    one->result.reached++;
    return true;
  }
  one->result.status = status;
  one->result.os_errno = tlsock_error_os_errno(error);
  snprintf(one->result.message, sizeof one->result.message, "%s", tlsock_error_message(error));
  tlsock_error_free(error);
  return false;
}

static inline bool talk_says(talk *one, const char *what) {
  one->result.status = TLSOCK_VALUE;
  snprintf(one->result.message, sizeof one->result.message, "%s", what);
  return false;
}

static inline void talk_fill(unsigned char *data, size_t len) {
  for (size_t i = 0; i < len; i++) data[i] = (unsigned char)(i * 131 + i / 251);
}

// Reads `len` bytes and compares them.
static inline bool talk_takes(talk *one, tlsock_socket *socket, const unsigned char *expected, size_t len) {
  static unsigned char buffer[TALK_BULK];
  tlsock_error *error;
  size_t at = 0, count = 0;
  while (at < len) {
    if (!STEP(tlsock_socket_recv(socket, buffer + at, len - at, &count, &error))) return false;
    if (count == 0) return talk_says(one, "the peer has ended too early");
    at += count;
  }
  return memcmp(buffer, expected, len) == 0 || talk_says(one, "a byte was lost or changed");
}

static inline tlsock_socket *talk_client(talk *one, tlsock_context *context) {
  tlsock_socket *socket = NULL;
  tlsock_error *error;
  STEP(tlsock_context_create_connection(context, "127.0.0.1", one->address.port, one->seconds, &socket, &error));
  return socket;
}

static inline tlsock_context *talk_context(talk *one) {
  tlsock_context *context = NULL;
  tlsock_error *error;
  char path[600], folder[600];
  snprintf(path, sizeof path, "%s/keylog", one->work);
  snprintf(folder, sizeof folder, "%s/capath", one->work);
  int purpose = one->subject == CLIENT ? TLSOCK_PURPOSE_SERVER_AUTH : TLSOCK_PURPOSE_CLIENT_AUTH;
  // The file holds another CA; the one that counts is looked for in the folder, when it is needed.
  if (!STEP(tlsock_create_default_context(purpose, cert("unknown-ca.pem"), folder, NULL, 0, &context, &error))) return NULL;
  STEP(tlsock_context_load_cert_chain(context, cert(one->subject == CLIENT ? "client.pem" : "ecdsa.pem"),
                                      cert(one->subject == CLIENT ? "client.key" : "ecdsa.key"), NULL, &error));
  if (one->subject == SERVER) STEP(tlsock_context_set_verify_mode(context, TLSOCK_CERT_REQUIRED, &error));
  STEP(tlsock_context_set_keylog_filename(context, path, &error));
  return context;
}

static inline void talk_goes_on(talk *one, tlsock_socket *socket) {
  static unsigned char data[TALK_BULK];
  tlsock_error *error;
  uint64_t sent = 0;
  talk_fill(data, sizeof data);
  STEP(tlsock_socket_sendall(socket, data, sizeof data, &error));
  talk_takes(one, socket, data, sizeof data);
  STEP(tlsock_socket_sendfile(socket, one->file, 0, 0, &sent, &error));
  talk_takes(one, socket, data, 20000);
  STEP(tlsock_socket_unwrap(socket, NULL, &error));
  STEP(tlsock_socket_sendall(socket, data, 3000, &error));
  talk_takes(one, socket, data, 3000);
  STEP(tlsock_socket_shutdown(socket, SHUT_WR, &error));
  STEP(tlsock_socket_close(socket, &error));
}

// ---- the peer, which nothing happens to; what becomes of it is nobody's business ----

static inline void talk_echo(tlsock_socket *socket) {
  static unsigned char buffer[70000];
  size_t got = 0, len = 0;
  tlsock_socket_settimeout(socket, TALK_LIMIT, NULL);
  while (got < TALK_BULK + 20000) {
    if (tlsock_socket_recv(socket, buffer, sizeof buffer, &len, NULL) != TLSOCK_OK || len == 0) return;
    if (tlsock_socket_sendall(socket, buffer, len, NULL) != TLSOCK_OK) return;
    got += len;
  }
  if (tlsock_socket_unwrap(socket, NULL, NULL) != TLSOCK_OK) return;
  while (tlsock_socket_recv(socket, buffer, sizeof buffer, &len, NULL) == TLSOCK_OK && len > 0)
    if (tlsock_socket_sendall(socket, buffer, len, NULL) != TLSOCK_OK) return;
}

static inline void *talk_peer(void *argument) {
  talk *one = argument;
  tlsock_socket *socket = NULL;
  int status = one->subject == SERVER
                   ? tlsock_context_create_connection(one->peer_context, "127.0.0.1", one->address.port, TALK_LIMIT, &socket, NULL)
                   : tlsock_socket_accept(one->listener, &socket, NULL, NULL);
  if (status == TLSOCK_OK) talk_echo(socket);
  tlsock_socket_free(socket);
  return NULL;
}

static inline tlsock_context *talk_peer_context(talk *one) {
  if (one->subject == CLIENT) return new_server(one->trusted ? "ecdsa" : "self-signed", 0);
  tlsock_context *context = new_client(0);
  const char *name = one->trusted ? "client" : "self-signed";
  char file[64], key[64];
  snprintf(file, sizeof file, "%s.pem", name);
  snprintf(key, sizeof key, "%s.key", name);
  OK(tlsock_context_load_cert_chain(context, cert(file), cert(key), NULL, E));
  return context;
}

static inline tlsock_socket *talk_server(talk *one, tlsock_context *context) {
  tlsock_socket *listener = NULL, *socket = NULL;
  tlsock_error *error;
  bool running = false;
  if (STEP(tlsock_context_create_server(context, "127.0.0.1", 0, 0, TLSOCK_WRAP_NO_HANDSHAKE, &listener, &error)) &&
      STEP(tlsock_socket_settimeout(listener, one->seconds, &error)) &&
      STEP(tlsock_socket_getsockname(listener, &one->address, &error))) {
    running = pthread_create(&one->peer, NULL, talk_peer, one) == 0;
    STEP(tlsock_socket_accept(listener, &socket, NULL, &error));
    STEP(tlsock_socket_settimeout(socket, one->seconds, &error));
    STEP(tlsock_socket_do_handshake(socket, &error));
  }
  tlsock_socket_free(listener);
  if (!running) one->peer = pthread_self();
  return socket;
}

// The whole of it. What it has made is freed, and counted by the caller.
static inline outcome talk_runs(talk *one) {
  one->result = (outcome){.status = TLSOCK_OK};
  one->peer_context = talk_peer_context(one);
  if (one->subject == CLIENT) {
    OK(tlsock_context_create_server(one->peer_context, "127.0.0.1", 0, 0, 0, &one->listener, E));
    OK(tlsock_socket_settimeout(one->listener, TALK_LIMIT, E));
    OK(tlsock_socket_getsockname(one->listener, &one->address, E));
    CHECK(pthread_create(&one->peer, NULL, talk_peer, one) == 0);
  }
  tlsock_context *context = talk_context(one);
  tlsock_socket *socket = NULL;
  if (one->result.status == TLSOCK_OK) socket = one->subject == CLIENT ? talk_client(one, context) : talk_server(one, context);
  else if (one->subject == SERVER) one->peer = pthread_self();
  if (one->result.status == TLSOCK_OK) talk_goes_on(one, socket);
  one->arm();
  tlsock_socket_free(socket);
  tlsock_context_free(context);
  one->disarm();
  // A peer that still waits for a connection is woken.
  if (one->subject == CLIENT && one->listener) tlsock_socket_close(one->listener, NULL);
  if (!pthread_equal(one->peer, pthread_self())) pthread_join(one->peer, NULL);
  tlsock_socket_free(one->listener);
  tlsock_context_free(one->peer_context);
  one->listener = NULL;
  return one->result;
}

#endif
