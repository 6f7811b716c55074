// Kernel TLS. Where the kernel has none, the same conversations happen without it, and the queries say so; `make
// test-ktls` runs this in a virtual machine whose kernel has it.
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/stat.h>

#include "fixture.h"

#define MIB (1 << 20)

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};

static unsigned char pattern(size_t at) { return (unsigned char)(at * 31 + (at >> 12)); }

static bool kernel_has_tls(void) {
  int fds[2];
  tcp_pair(fds);
  bool has = setsockopt(fds[0], IPPROTO_TCP, TCP_ULP, "tls", 3) == 0;
  close(fds[0]), close(fds[1]);
  // A run that is meant to test it must not pass without it.
  if (getenv("TLSOCK_TEST_KTLS")) CHECK(has);
  return has;
}

static void enable(tlsock_context *context) {
  OK(tlsock_context_set_options(context, tlsock_context_options(context) | TLSOCK_OP_ENABLE_KTLS, E));
}

enum who { NOBODY = 0, CLIENT = 1, SERVER = 2, BOTH = 3 };

static wire connected(int version, enum who with, const char *cipher) {
  int fds[2];
  tlsock_context *client = new_client(version), *server = new_server("ecdsa", version);
  if (with & CLIENT) enable(client);
  if (with & SERVER) enable(server);
  if (cipher && version == TLSOCK_TLS_VERSION_TLSV1_2) OK(tlsock_context_set_ciphers(server, cipher, E));
  tcp_pair(fds);
  wire pair = wire_over(fds, client, server, TLSOCK_WRAP_REPORT_RAGGED_EOFS, NULL);
  tlsock_context_free(client);
  tlsock_context_free(server);
  return pair;
}

typedef struct transfer {
  tlsock_socket *socket;
  size_t size;
} transfer;

static void *receive(void *arg) {
  transfer *work = arg;
  static __thread unsigned char block[1 << 16];
  size_t len;
  for (size_t at = 0; at < work->size; at += len) {
    OK(tlsock_socket_recv(work->socket, block, sizeof block, &len, E));
    CHECK(len > 0);
    for (size_t i = 0; i < len; i++) CHECK(block[i] == pattern(at + i));
  }
  return NULL;
}

static void *send_pattern(void *arg) {
  transfer *work = arg;
  static __thread unsigned char block[100000];
  for (size_t at = 0, len; at < work->size; at += len) {
    len = work->size - at < sizeof block ? work->size - at : sizeof block;
    for (size_t i = 0; i < len; i++) block[i] = pattern(at + i);
    OK(tlsock_socket_sendall(work->socket, block, len, E));
  }
  return NULL;
}

static void *await_end(void *socket) {
  char byte;
  size_t len = 1;
  OK(tlsock_socket_recv(socket, &byte, 1, &len, E));
  EQUAL(len, 0);
  CHECK(!tlsock_socket_ragged_eof(socket));
  return NULL;
}

static void in_thread(void *(*run)(void *), void *arg, pthread_t *thread) {
  CHECK(pthread_create(thread, NULL, run, arg) == 0);
}

// Both directions at once, by four threads.
static void converse(wire *pair, size_t size) {
  transfer up = {pair->client, size}, down = {pair->server, size};
  pthread_t threads[4];
  in_thread(send_pattern, &up, &threads[0]);
  in_thread(receive, &down, &threads[1]);
  in_thread(send_pattern, &down, &threads[2]);
  in_thread(receive, &up, &threads[3]);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
}

static void each_version_and_side(void) {
  bool has = kernel_has_tls();
  for (int i = 0; i < 2; i++) {
    for (enum who with = NOBODY; with <= BOTH; with++) {
      wire pair = connected(versions[i], with, NULL);
      EQUAL(tlsock_socket_ktls_send(pair.client), has && (with & CLIENT));
      EQUAL(tlsock_socket_ktls_send(pair.server), has && (with & SERVER));
      CHECK(!tlsock_socket_ktls_recv(pair.client) && !tlsock_socket_ktls_recv(pair.server));
      wire_say(pair.client, pair.server, "up");
      wire_say(pair.server, pair.client, "down");
      converse(&pair, 2 * MIB);
      wire_free(&pair);
    }
  }
}

// The kernel continues with the keys that it has.
static void keys_stay(void) {
  bool has = kernel_has_tls();
  wire pair = connected(TLSOCK_TLS_VERSION_TLSV1_3, CLIENT, NULL);
  if (has)
    FAILS(TLSOCK_VALUE, "the kernel encrypts what this socket sends, and goes on with the keys it has",
          tlsock_socket_key_update(pair.client, true, E));
  else
    OK(tlsock_socket_key_update(pair.client, true, E));
  OK(tlsock_socket_key_update(pair.server, false, E));
  wire_say(pair.client, pair.server, "up");
  wire_say(pair.server, pair.client, "down");
  wire_free(&pair);
}

static void ciphers(void) {
  static const char *names[] = {"ECDHE+AES128+AESGCM", "ECDHE+AES256+AESGCM", "ECDHE+CHACHA20"};
  bool has = kernel_has_tls();
  for (int i = 0; i < 3; i++) {
    wire pair = connected(TLSOCK_TLS_VERSION_TLSV1_2, BOTH, names[i]);
    EQUAL(tlsock_socket_ktls_send(pair.client), has);
    wire_say(pair.client, pair.server, names[i]);
    wire_free(&pair);
  }
  // The kernel makes no records for these.
  wire pair = connected(TLSOCK_TLS_VERSION_TLSV1_2, BOTH, "ECDHE+AES256:!AESGCM:!AESCCM:@SECLEVEL=0");
  CHECK(!tlsock_socket_ktls_send(pair.client) && !tlsock_socket_ktls_send(pair.server));
  wire_say(pair.client, pair.server, "CBC");
  wire_free(&pair);
}

// Alerts are records of their own type.
static void the_end_is_clean(void) {
  for (int i = 0; i < 2; i++) {
    wire pair = connected(versions[i], BOTH, NULL);
    pthread_t reader;
    wire_say(pair.client, pair.server, "last");
    in_thread(await_end, pair.server, &reader);
    OK(tlsock_socket_close_write(pair.client, E));
    pthread_join(reader, NULL);
    wire_say(pair.server, pair.client, "an answer after the end");
    wire_free(&pair);
  }
}

static void *unwrap(void *socket) {
  OK(tlsock_socket_unwrap(socket, NULL, E));
  return NULL;
}

static void nothing_plain_follows(void) {
  bool has = kernel_has_tls();
  wire pair = connected(0, CLIENT, NULL);
  pthread_t other;
  char byte;
  size_t len;
  in_thread(unwrap, pair.server, &other);
  OK(tlsock_socket_unwrap(pair.client, NULL, E));
  pthread_join(other, NULL);
  if (has) {
    FAILS(TLSOCK_VALUE, "the kernel still encrypts what this socket sends*",
          tlsock_socket_sendall(pair.client, "x", 1, E));
  } else {
    OK(tlsock_socket_sendall(pair.client, "x", 1, E));
    OK(tlsock_socket_recv(pair.server, &byte, 1, &len, E));
    EQUAL(byte, 'x');
  }
  OK(tlsock_socket_sendall(pair.server, "y", 1, E));
  OK(tlsock_socket_recv(pair.client, &byte, 1, &len, E));
  EQUAL(byte, 'y');
  wire_free(&pair);
}

// A server's tickets are handshake messages that its kernel sends.
static void tickets_arrive(void) {
  int fds[2];
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  tlsock_session *session = NULL;
  enable(client), enable(server);
  for (int round = 0; round < 2; round++) {
    tcp_pair(fds);
    wire pair = wire_over(fds, client, server, 0, session);
    EQUAL(tlsock_socket_session_reused(pair.client), round == 1);
    wire_say(pair.server, pair.client, "the tickets came first");
    tlsock_session_free(session);
    session = NULL;
    OK(tlsock_socket_session(pair.client, &session, E));
    CHECK(session != NULL);
    wire_free(&pair);
  }
  tlsock_session_free(session);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static int temporary_file(size_t size) {
  char path[] = "/tmp/tlsock-ktls-XXXXXX";
  int file = mkstemp(path);
  CHECK(file >= 0 && unlink(path) == 0);
  unsigned char *data = malloc(size);
  for (size_t i = 0; i < size; i++) data[i] = pattern(i);
  CHECK(write(file, data, size) == (ssize_t)size);
  free(data);
  return file;
}

static void files_are_sent(void) {
  const size_t size = 3 * MIB + 5;
  int file = temporary_file(size);
  for (int i = 0; i < 2; i++) {
    for (int timeout = 0; timeout < 2; timeout++) {
      wire pair = connected(versions[i], BOTH, NULL);
      transfer work = {pair.client, size};
      pthread_t reader;
      uint64_t sent = 0;
      if (timeout) OK(tlsock_socket_settimeout(pair.server, 30, E));
      in_thread(receive, &work, &reader);
      OK(tlsock_socket_sendfile(pair.server, file, 0, 100000, &sent, E));
      EQUAL(sent, 100000);
      EQUAL(lseek(file, 0, SEEK_CUR), 100000);
      // To its end.
      OK(tlsock_socket_sendfile(pair.server, file, 100000, 0, &sent, E));
      EQUAL(sent, size - 100000);
      EQUAL(lseek(file, 0, SEEK_CUR), size);
      pthread_join(reader, NULL);
      OK(tlsock_socket_sendfile(pair.server, file, size + 1, 0, &sent, E));
      EQUAL(sent, 0);
      wire_say(pair.server, pair.client, "after the file");
      wire_free(&pair);
    }
  }
  close(file);
}

static void what_is_no_file_is_refused(void) {
  wire pair = connected(0, BOTH, NULL);
  int folder = open("/", O_RDONLY | O_DIRECTORY);
  uint64_t sent = 7;
  FAILS(TLSOCK_OS, NULL, tlsock_socket_sendfile(pair.client, folder, 0, 0, &sent, E));
  EQUAL(tlsock_error_os_errno(LAST), EISDIR);
  EQUAL(sent, 0);
  wire_say(pair.client, pair.server, "it was not the connection");
  close(folder);
  wire_free(&pair);
}

static void a_peer_that_does_not_read_ends_at_the_deadline(void) {
  const size_t size = 64 * MIB;
  int file = temporary_file(MIB);
  CHECK(ftruncate(file, (off_t)size) == 0);
  wire pair = connected(0, BOTH, NULL);
  uint64_t sent = 0;
  OK(tlsock_socket_settimeout(pair.client, 0.3, E));
  double start = now();
  FAILS(TLSOCK_TIMEOUT, NULL, tlsock_socket_sendfile(pair.client, file, 0, 0, &sent, E));
  CHECK(now() - start >= 0.3 && sent > 0 && sent < size);
  wire_free(&pair);
  close(file);
}

// What waits is sent later, in order, and with it an alert of its own type.
static void a_full_socket_goes_on_where_it_was(void) {
  static unsigned char block[MIB];
  for (size_t i = 0; i < sizeof block; i++) block[i] = pattern(i % 65536);
  for (int i = 0; i < 2; i++) {
    wire pair = connected(versions[i], BOTH, NULL);
    size_t size = 0, len, got = 0;
    tlsock_status status;
    unsigned char buffer[1 << 15];
    OK(tlsock_socket_settimeout(pair.client, 0, E));
    while ((status = tlsock_socket_sendall(pair.client, block, 65536, E)) == TLSOCK_OK) size += 65536;
    EQUAL(status, TLSOCK_WANT_WRITE);
    bool done = false, closed = false;
    for (;;) {
      OK(tlsock_socket_recv(pair.server, buffer, sizeof buffer, &len, E));
      if (len == 0) break;
      for (size_t k = 0; k < len; k++) CHECK(buffer[k] == pattern((got + k) % 65536));
      got += len;
      if (!done) done = tlsock_socket_sendall(pair.client, block, 65536, E) == TLSOCK_OK;
      if (done && !closed) closed = tlsock_socket_close_write(pair.client, E) == TLSOCK_OK;
    }
    EQUAL(got, size + 65536);
    wire_free(&pair);
  }
}

static void *send_whole_file(void *arg) {
  transfer *work = arg;
  uint64_t sent;
  tlsock_status status = tlsock_socket_sendfile(work->socket, (int)work->size, 0, 0, &sent, E);
  CHECK(status != TLSOCK_OK && status != TLSOCK_PANIC);
  return NULL;
}

// No signal is raised either: it would end this program.
static void a_close_ends_a_file_that_is_being_sent(void) {
  int file = temporary_file(MIB);
  CHECK(ftruncate(file, 64 * MIB) == 0);
  for (int by_peer = 0; by_peer < 2; by_peer++) {
    wire pair = connected(0, BOTH, NULL);
    transfer work = {pair.client, (size_t)file};
    pthread_t sender;
    char byte;
    size_t len;
    in_thread(send_whole_file, &work, &sender);
    OK(tlsock_socket_recv(pair.server, &byte, 1, &len, E));
    OK(by_peer ? tlsock_socket_abort(pair.server, E) : tlsock_socket_close(pair.client, E));
    pthread_join(sender, NULL);
    wire_free(&pair);
  }
  close(file);
}

TESTS(CASE(each_version_and_side), CASE(keys_stay), CASE(ciphers), CASE(the_end_is_clean), CASE(nothing_plain_follows),
      CASE(tickets_arrive), CASE(files_are_sent), CASE(what_is_no_file_is_refused),
      CASE(a_peer_that_does_not_read_ends_at_the_deadline), CASE(a_full_socket_goes_on_where_it_was),
      CASE(a_close_ends_a_file_that_is_being_sent))
