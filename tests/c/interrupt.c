// tlsock_set_interrupt_callback: a signal in a call that waits asks the program, which ends the call or lets it go on.
#include <errno.h>

#include "interrupt.h"

#define AMOUNT (8 * 1024 * 1024)

static void reads_end(void) {
  for (int i = 0; i < 4; i++) {
    wire pair = wire_new(tcp_pair, versions[i % 2], 0);
    tlsock_socket *one_end = i < 2 ? pair.client : pair.server, *other = i < 2 ? pair.server : pair.client;
    char buffer[10];
    size_t len;
    for (int way = 0; way < 2; way++) {
      asked one = {.ends = true};
      OK(tlsock_socket_settimeout(one_end, timeouts[way], E));
      pthread_t thread = signals_begin(&one);
      ENDS(TLSOCK_PHASE_READ, tlsock_socket_recv(one_end, buffer, sizeof buffer, &len, slot));
      EQUAL(one.count, 1);
      ENDS(TLSOCK_PHASE_NONE, tlsock_socket_wait(one_end, TLSOCK_WANT_READ, 60, slot));
      signals_end(thread, &one);
      wire_say(other, one_end, "as if nothing had been");
    }
    wire_free(&pair);
  }
}

static void deadlines_stay(void) {
  wire pair = wire_new(tcp_pair, 0, 0);
  asked one = {.ends = false};
  char buffer[10];
  size_t len;
  OK(tlsock_socket_settimeout(pair.client, 0.2, E));
  pthread_t thread = signals_begin(&one);
  double begin = now();
  FAILS(TLSOCK_TIMEOUT, NULL, tlsock_socket_recv(pair.client, buffer, sizeof buffer, &len, E));
  CHECK(now() - begin >= 0.199 && now() - begin < 5);
  CHECK(one.count > 1);
  signals_end(thread, &one);
  wire_free(&pair);
}

static void *takes_all(void *socket) {
  unsigned char buffer[50000];
  for (size_t at = 0, len = 0; at < AMOUNT; at += len) {
    OK(tlsock_socket_recv(socket, buffer, sizeof buffer, &len, E));
    CHECK(len > 0);
    for (size_t i = 0; i < len; i++)
      if (buffer[i] != byte_at(at + i)) test_fail(__FILE__, __LINE__, "a byte was lost or changed", "");
  }
  return NULL;
}

// A send that was ended continues where it was when it is repeated.
static void sends_resume(void) {
  unsigned char *data = malloc(AMOUNT);
  for (size_t i = 0; i < AMOUNT; i++) data[i] = byte_at(i);
  for (int i = 0; i < 4; i++) {
    wire pair = wire_new(tcp_pair, versions[i % 2], 0);
    asked one = {.ends = true};
    OK(tlsock_socket_settimeout(pair.client, timeouts[i / 2], E));
    pthread_t thread = signals_begin(&one), taker;
    ENDS(TLSOCK_PHASE_WRITE, tlsock_socket_sendall(pair.client, data, AMOUNT, slot));
    ENDS(TLSOCK_PHASE_WRITE, tlsock_socket_sendall(pair.client, data, AMOUNT, slot));
    signals_end(thread, &one);
    CHECK(pthread_create(&taker, NULL, takes_all, pair.server) == 0);
    OK(tlsock_socket_sendall(pair.client, data, AMOUNT, E));
    pthread_join(taker, NULL);
    wire_say(pair.server, pair.client, "thanks");
    wire_free(&pair);
  }
  free(data);
}

static void *shakes_hands(void *server) {
  OK(tlsock_socket_do_handshake(server, E));
  return NULL;
}

static void *unwraps(void *socket) {
  OK(tlsock_socket_unwrap(socket, NULL, E));
  return NULL;
}

// The handshake, the end and what is plain after it: each is ended, then repeated.
static void handshakes_and_ends(void) {
  for (int i = 0; i < 2; i++) {
    tlsock_context *client = new_client(versions[i]), *server = new_server("ecdsa", versions[i]);
    int fds[2];
    wire pair;
    pthread_t thread, other;
    asked one = {.ends = true};
    char buffer[10];
    size_t len;
    tcp_pair(fds);
    OK(tlsock_context_wrap_socket(client, fds[0], TLSOCK_WRAP_NO_HANDSHAKE, "localhost", NULL, &pair.client, E));
    OK(tlsock_context_wrap_socket(server, fds[1], TLSOCK_WRAP_NO_HANDSHAKE | TLSOCK_WRAP_SERVER_SIDE, NULL, NULL,
                                  &pair.server, E));
    thread = signals_begin(&one);
    ENDS(TLSOCK_PHASE_HANDSHAKE, tlsock_socket_do_handshake(pair.client, slot));
    signals_end(thread, &one);
    CHECK(pthread_create(&other, NULL, shakes_hands, pair.server) == 0);
    OK(tlsock_socket_do_handshake(pair.client, E));
    pthread_join(other, NULL);
    one = (asked){.ends = true};
    thread = signals_begin(&one);
    ENDS(TLSOCK_PHASE_SHUTDOWN, tlsock_socket_unwrap(pair.client, NULL, slot));
    signals_end(thread, &one);
    CHECK(pthread_create(&other, NULL, unwraps, pair.server) == 0);
    OK(tlsock_socket_unwrap(pair.client, NULL, E));
    pthread_join(other, NULL);
    for (int way = 0; way < 2; way++) {
      one = (asked){.ends = true};
      OK(tlsock_socket_settimeout(pair.client, timeouts[way], E));
      thread = signals_begin(&one);
      ENDS(TLSOCK_PHASE_READ, tlsock_socket_recv(pair.client, buffer, sizeof buffer, &len, slot));
      signals_end(thread, &one);
    }
    wire_say(pair.server, pair.client, "plain");
    wire_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

static void listeners(void) {
  tlsock_context *server = new_server("ecdsa", 0);
  tlsock_socket *listener = NULL, *peer = NULL;
  asked one = {.ends = true};
  OK(tlsock_context_create_server(server, "127.0.0.1", 0, 0, 0, &listener, E));
  for (int way = 0; way < 2; way++) {
    one = (asked){.ends = true};
    OK(tlsock_socket_settimeout(listener, timeouts[way], E));
    pthread_t thread = signals_begin(&one);
    ENDS(TLSOCK_PHASE_ACCEPT, tlsock_socket_accept(listener, &peer, NULL, slot));
    signals_end(thread, &one);
    CHECK(!peer);
  }
  tlsock_socket_free(listener);
  tlsock_context_free(server);
}

static void sends_more(tlsock_socket *socket) { FAILS(TLSOCK_VALUE, NULL, tlsock_socket_sendall(socket, "x", 1, E)); }
static void says_hello(tlsock_socket *socket) { OK(tlsock_socket_sendall(socket, "hello", 5, E)); }
static void closes(tlsock_socket *socket) { OK(tlsock_socket_close(socket, E)); }

// The callback may use the socket; nothing deadlocks.
static void callbacks_may_use_the_socket(void) {
  static char data[AMOUNT], buffer[10];
  size_t len = 0;
  wire pair = wire_new(tcp_pair, 0, 0);
  asked one = {.ends = true, .socket = pair.client, .uses = sends_more};
  pthread_t thread = signals_begin(&one);
  ENDS(TLSOCK_PHASE_WRITE, tlsock_socket_sendall(pair.client, data, sizeof data, slot));
  signals_end(thread, &one);
  wire_free(&pair);

  pair = wire_new(tcp_pair, 0, 0);
  one = (asked){.ends = true, .socket = pair.client, .uses = says_hello};
  thread = signals_begin(&one);
  ENDS(TLSOCK_PHASE_READ, tlsock_socket_recv(pair.client, buffer, sizeof buffer, &len, slot));
  signals_end(thread, &one);
  OK(tlsock_socket_recv(pair.server, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, "hello", 5);

  one = (asked){.ends = false, .socket = pair.client, .uses = closes};
  thread = signals_begin(&one);
  EQUAL(tlsock_socket_recv(pair.client, buffer, sizeof buffer, &len, NULL), TLSOCK_SSL);  // closed
  signals_end(thread, &one);
  wire_free(&pair);
}

// A stream can report it by errno only.
static void streams_end(void) {
  wire pair = wire_new(tcp_pair, 0, 0);
  FILE *stream = NULL;
  char buffer[10];
  OK(tlsock_socket_makefile(pair.client, "r", &stream, E));
  asked one = {.ends = true};
  pthread_t thread = signals_begin(&one);
  errno = 0;
  EQUAL(fread(buffer, 1, sizeof buffer, stream), 0);
  EQUAL(errno, EINTR);
  CHECK(ferror(stream) && !feof(stream));
  signals_end(thread, &one);
  clearerr(stream);
  OK(tlsock_socket_sendall(pair.server, "as if none", 10, E));
  EQUAL(fread(buffer, 1, sizeof buffer, stream), sizeof buffer);
  SAME_BYTES(buffer, sizeof buffer, "as if none", 10);
  fclose(stream);
  wire_free(&pair);
}

TESTS(CASE(reads_end), CASE(deadlines_stay), CASE(sends_resume), CASE(handshakes_and_ends), CASE(listeners),
      CASE(streams_end), CASE(callbacks_may_use_the_socket))
