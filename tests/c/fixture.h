// What the tests share: contexts, connections in memory and over a pair of descriptors.
#ifndef FIXTURE_H
#define FIXTURE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include "tlsock_test.h"

// The path of a test certificate. Valid for the next seven calls.
static inline const char *cert(const char *name) {
  static __thread char paths[8][512];
  static __thread unsigned next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", test_certs, name);
  return path;
}

// A whole file, with a NUL after it. Freed by the caller.
static inline char *read_file(const char *path, size_t *len) {
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  CHECK(fseek(file, 0, SEEK_END) == 0);
  long size = ftell(file);
  char *data = malloc((size_t)size + 1);
  CHECK(data != NULL);
  rewind(file);
  CHECK(fread(data, 1, (size_t)size, file) == (size_t)size);
  fclose(file);
  data[size] = '\0';
  if (len) *len = (size_t)size;
  return data;
}

static inline double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// Allows one version only; 0 leaves both.
static inline void only_version(tlsock_context *context, int version) {
  if (version == 0) return;
  OK(tlsock_context_set_maximum_version(context, TLSOCK_TLS_VERSION_MAXIMUM_SUPPORTED, E));
  OK(tlsock_context_set_minimum_version(context, version, E));
  OK(tlsock_context_set_maximum_version(context, version, E));
}

// A client that trusts ca.pem.
static inline tlsock_context *new_client(int version) {
  tlsock_context *context = NULL;
  OK(tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, cert("ca.pem"), NULL, NULL, 0, &context, E));
  only_version(context, version);
  return context;
}

// A server with the certificate of this name.
static inline tlsock_context *new_server(const char *name, int version) {
  char file[64], key[64];
  tlsock_context *context = NULL;
  snprintf(file, sizeof file, "%s.pem", name);
  snprintf(key, sizeof key, "%s.key", name);
  OK(tlsock_create_default_context(TLSOCK_PURPOSE_CLIENT_AUTH, NULL, NULL, NULL, 0, &context, E));
  OK(tlsock_context_load_cert_chain(context, cert(file), cert(key), NULL, E));
  only_version(context, version);
  return context;
}

// What OpenSSL 4 does otherwise than 3 is in docs/openssl.md.
static inline bool is_openssl_4(void) { return tlsock_openssl_version_number() >> 28 >= 4; }

// What AWS-LC does otherwise than OpenSSL is in docs/backends.md.
static inline bool is_aws_lc(void) { return strcmp(tlsock_backend(), "aws-lc") == 0; }

// ---- in memory ----

typedef struct memory {
  tlsock_bio *up, *down;  // client to server, server to client
  tlsock_object *client, *server;
} memory;

static inline memory memory_new(tlsock_context *client, tlsock_context *server, const char *host,
                                const tlsock_session *session) {
  memory pair = {NULL, NULL, NULL, NULL};
  OK(tlsock_bio_new(&pair.up, E));
  OK(tlsock_bio_new(&pair.down, E));
  OK(tlsock_context_wrap_bio(client, pair.down, pair.up, 0, host, session, &pair.client, E));
  OK(tlsock_context_wrap_bio(server, pair.up, pair.down, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &pair.server, E));
  return pair;
}

// Does the handshake: OK, or the first status other than WANT_READ; *at (may be NULL) is whose it was. Its error is LAST.
static inline tlsock_status memory_try(memory *pair, tlsock_object **at) {
  for (int turn = 0; turn < 20; turn++) {
    tlsock_object *one = turn % 2 ? pair->server : pair->client;
    tlsock_status status = tlsock_object_do_handshake(one, E);
    if (at) *at = one;
    if (status == TLSOCK_OK && tlsock_object_version(pair->client) && tlsock_object_version(pair->server))
      return TLSOCK_OK;
    if (status != TLSOCK_OK && status != TLSOCK_WANT_READ) return status;
  }
  test_fail(__FILE__, __LINE__, "the handshake does not end", "");
  return TLSOCK_PANIC;
}

// Sends a short text one way and checks that it arrives. A client reads its tickets as well.
static inline void memory_say(tlsock_object *from, tlsock_object *to, const char *text) {
  char buffer[100];
  size_t len = 0;
  OK(tlsock_object_write(from, text, strlen(text), NULL, E));
  OK(tlsock_object_read(to, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, text, strlen(text));
}

static inline void memory_free(memory *pair) {
  tlsock_object_free(pair->client);
  tlsock_object_free(pair->server);
  tlsock_bio_free(pair->up);
  tlsock_bio_free(pair->down);
}

// ---- over descriptors ----

// A connected pair of local stream sockets.
static inline void local_pair(int fds[2]) { CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0); }

// A connected pair of TCP sockets on the loopback.
static inline void tcp_pair(int fds[2]) {
  struct sockaddr_in address = {0};
  socklen_t len = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(bind(listener, (struct sockaddr *)&address, len) == 0 && listen(listener, 1) == 0);
  CHECK(getsockname(listener, (struct sockaddr *)&address, &len) == 0);
  fds[0] = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(connect(fds[0], (struct sockaddr *)&address, len) == 0);
  fds[1] = accept(listener, NULL, NULL);
  CHECK(fds[1] >= 0);
  close(listener);
}

typedef struct wire {
  tlsock_socket *client, *server;
} wire;

static inline void *wire_serve(void *server) {
  OK(tlsock_socket_do_handshake(server, E));
  return NULL;
}

// Wraps both ends of a connected pair and does the handshake. Both get the flags.
static inline wire wire_over(int fds[2], tlsock_context *client, tlsock_context *server, unsigned flags,
                             const tlsock_session *session) {
  wire pair = {NULL, NULL};
  pthread_t thread;
  flags |= TLSOCK_WRAP_NO_HANDSHAKE;
  OK(tlsock_context_wrap_socket(client, fds[0], flags, "localhost", session, &pair.client, E));
  OK(tlsock_context_wrap_socket(server, fds[1], flags | TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &pair.server, E));
  CHECK(pthread_create(&thread, NULL, wire_serve, pair.server) == 0);
  OK(tlsock_socket_do_handshake(pair.client, E));
  pthread_join(thread, NULL);
  return pair;
}

// As wire_over, with contexts made for it: trust in ca.pem, the ECDSA certificate and no tickets, so that nothing
// lies unread in a descriptor after the handshake.
static inline wire wire_new(void (*pair)(int fds[2]), int version, unsigned flags) {
  int fds[2];
  tlsock_context *client = new_client(version), *server = new_server("ecdsa", version);
  OK(tlsock_context_set_num_tickets(server, 0, E));
  pair(fds);
  wire made = wire_over(fds, client, server, flags, NULL);
  tlsock_context_free(client);
  tlsock_context_free(server);
  return made;
}

static inline void wire_say(tlsock_socket *from, tlsock_socket *to, const char *text) {
  char buffer[100];
  size_t len = 0;
  OK(tlsock_socket_sendall(from, text, strlen(text), E));
  OK(tlsock_socket_recv(to, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, text, strlen(text));
}

static inline void wire_free(wire *pair) {
  tlsock_socket_free(pair->client);
  tlsock_socket_free(pair->server);
}

#endif
