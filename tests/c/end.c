// What read, write and unwrap give after each way of closing: the tables of the reference, one test a row, for both
// roles, TLS 1.2 and 1.3, and both ways to treat an end of stream without close_notify.
#include <errno.h>

#include "fixture.h"

#define FIRST_EOF "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol"
#define LATER_EOF "EOF occurred in violation of protocol"

// One end is tested, the other one is made to close in some way.
typedef struct ends {
  wire pair;
  tlsock_socket *one, *peer;
  bool reports;  // ragged ends are errors
} ends;

static ends ends_new(int variant, void (*pair)(int fds[2])) {
  ends made;
  made.reports = variant & 4;
  made.pair = wire_new(pair, variant & 1 ? TLSOCK_TLS_VERSION_TLSV1_3 : TLSOCK_TLS_VERSION_TLSV1_2,
                       made.reports ? TLSOCK_WRAP_REPORT_RAGGED_EOFS : 0);
  made.one = variant & 2 ? made.pair.server : made.pair.client;
  made.peer = variant & 2 ? made.pair.client : made.pair.server;
  return made;
}

#define FOR_ALL(kind) \
  ends e; \
  for (int variant = 0; variant < 8 && (e = ends_new(variant, kind), 1); variant++, wire_free(&e.pair))

static tlsock_status read_some(tlsock_socket *socket, char *text) {
  size_t len = 999;
  tlsock_status status = tlsock_socket_recv(socket, text, 99, &len, E);
  CHECK(status == TLSOCK_OK ? len <= 99 : len == 999);  // outputs are untouched on failure
  if (status == TLSOCK_OK) text[len] = '\0';
  return status;
}

static void reads(tlsock_socket *socket, const char *expected) {
  char text[100];
  OK(read_some(socket, text));
  SAME_TEXT(text, expected);
}

static void ragged_read(const ends *e, const char *message) {
  char text[100];
  if (!e->reports) {
    reads(e->one, "");
    CHECK(tlsock_socket_ragged_eof(e->one));
    return;
  }
  FAILS(TLSOCK_EOF, message, read_some(e->one, text));
  EQUAL(tlsock_error_code(LAST), TLSOCK_SSL_ERROR_EOF);
  SAME_TEXT(tlsock_error_library(LAST), *message == '[' ? "SSL" : NULL);
  SAME_TEXT(tlsock_error_reason(LAST), *message == '[' ? "UNEXPECTED_EOF_WHILE_READING" : NULL);
}

// After a fatal error nothing works any more.
static void is_dead(const ends *e) {
  ragged_read(e, LATER_EOF);
  FAILS(TLSOCK_EOF, LATER_EOF, tlsock_socket_send(e->one, "x", 1, NULL, E));
  FAILS_FOR(TLSOCK_SSL, "SHUTDOWN_WHILE_IN_INIT", tlsock_socket_unwrap(e->one, NULL, E));
}

static void ragged_end(void) {
  FOR_ALL(local_pair) {
    OK(tlsock_socket_send(e.peer, "last words", 10, NULL, E));
    OK(tlsock_socket_close(e.peer, E));
    reads(e.one, "last words");
    CHECK(!tlsock_socket_ragged_eof(e.one));
    ragged_read(&e, FIRST_EOF);
    is_dead(&e);
  }
}

static void ragged_end_first_written(void) {
  FOR_ALL(local_pair) {
    OK(tlsock_socket_close(e.peer, E));
    FAILS(TLSOCK_OS, NULL, tlsock_socket_send(e.one, "x", 1, NULL, E));
    EQUAL(tlsock_error_os_errno(LAST), EPIPE);
    EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_WRITE);
  }
}

// The peer's half of the transport ends, ours still takes data.
static void ragged_half_end(void) {
  FOR_ALL(local_pair) {
    CHECK(shutdown(tlsock_socket_fileno(e.peer), SHUT_WR) == 0);
    OK(tlsock_socket_send(e.one, "still heard", 11, NULL, E));
    reads(e.peer, "still heard");
    ragged_read(&e, FIRST_EOF);
    is_dead(&e);
  }
}

static void ragged_end_first_unwrapped(void) {
  FOR_ALL(local_pair) {
    CHECK(shutdown(tlsock_socket_fileno(e.peer), SHUT_WR) == 0);
    FAILS(TLSOCK_EOF, FIRST_EOF, tlsock_socket_unwrap(e.one, NULL, E));
    EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_SHUTDOWN);
    FAILS_FOR(TLSOCK_SSL, "SHUTDOWN_WHILE_IN_INIT", tlsock_socket_unwrap(e.one, NULL, E));
  }
}

// A reset is never taken for an end.
static void reset(void) {
  FOR_ALL(tcp_pair) {
    char text[100];
    OK(tlsock_socket_abort(e.peer, E));
    FAILS(TLSOCK_OS, NULL, read_some(e.one, text));
    EQUAL(tlsock_error_os_errno(LAST), ECONNRESET);
    EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_READ);
    ragged_read(&e, FIRST_EOF);
  }
}

static void reset_first_written(void) {
  FOR_ALL(tcp_pair) {
    OK(tlsock_socket_abort(e.peer, E));
    FAILS(TLSOCK_OS, NULL, tlsock_socket_send(e.one, "x", 1, NULL, E));
    EQUAL(tlsock_error_os_errno(LAST), ECONNRESET);
    FAILS(TLSOCK_OS, NULL, tlsock_socket_send(e.one, "x", 1, NULL, E));
    EQUAL(tlsock_error_os_errno(LAST), EPIPE);
  }
}

// The peer has sent close_notify; this side has not.
static void peer_closed(void) {
  FOR_ALL(local_pair) {
    OK(tlsock_socket_send(e.peer, "the end", 7, NULL, E));
    OK(tlsock_socket_close_write(e.peer, E));
    reads(e.one, "the end");
    for (int i = 0; i < 3; i++) reads(e.one, "");
    CHECK(!tlsock_socket_ragged_eof(e.one));
    wire_say(e.one, e.peer, "one more thing");
    OK(tlsock_socket_unwrap(e.one, NULL, E));
  }
}

static void we_closed(void) {
  FOR_ALL(local_pair) {
    OK(tlsock_socket_close_write(e.one, E));
    FAILS(TLSOCK_SSL, "[SSL: PROTOCOL_IS_SHUTDOWN] protocol is shutdown", tlsock_socket_send(e.one, "x", 1, NULL, E));
    wire_say(e.peer, e.one, "your peer can still be read");
    OK(tlsock_socket_settimeout(e.one, 0.05, E));
    FAILS(TLSOCK_TIMEOUT, "The read operation timed out", tlsock_socket_unwrap(e.one, NULL, E));
    OK(tlsock_socket_settimeout(e.one, 0, E));
    EQUAL(tlsock_socket_unwrap(e.one, NULL, E), TLSOCK_WANT_READ);
    CHECK(tlsock_socket_version(e.one));  // TLS stays
    reads(e.peer, "");
    OK(tlsock_socket_unwrap(e.peer, NULL, E));
    OK(tlsock_socket_unwrap(e.one, NULL, E));
  }
}

static void both_closed(void) {
  FOR_ALL(local_pair) {
    char text[100];
    OK(tlsock_socket_close_write(e.one, E));
    OK(tlsock_socket_close_write(e.peer, E));
    for (int i = 0; i < 2; i++) {
      OK(read_some(e.one, text));
      CHECK(text[0] == '\0');
      FAILS(TLSOCK_SSL, "[SSL: PROTOCOL_IS_SHUTDOWN] protocol is shutdown", tlsock_socket_send(e.one, "x", 1, NULL, E));
      OK(tlsock_socket_do_handshake(e.one, E));
    }
    OK(tlsock_socket_unwrap(e.one, NULL, E));
  }
}

static void data_after_our_close(void) {
  FOR_ALL(local_pair) {
    OK(tlsock_socket_send(e.peer, "unread", 6, NULL, E));
    FAILS(TLSOCK_SSL, "[SSL: APPLICATION_DATA_AFTER_CLOSE_NOTIFY] application data after close notify",
          tlsock_socket_unwrap(e.one, NULL, E));
    FAILS_FOR(TLSOCK_SSL, "APPLICATION_DATA_AFTER_CLOSE_NOTIFY", tlsock_socket_unwrap(e.one, NULL, E));
    reads(e.one, "unread");
    OK(tlsock_socket_close_write(e.peer, E));
    OK(tlsock_socket_unwrap(e.one, NULL, E));
  }
}

static void ignored_end(void) {
  for (int variant = 0; variant < 2; variant++) {
    int fds[2];
    tlsock_context *client = new_client(variant ? 772 : 771), *server = new_server("ecdsa", 0);
    OK(tlsock_context_set_num_tickets(server, 0, E));
    OK(tlsock_context_set_options(client, tlsock_context_options(client) | TLSOCK_OP_IGNORE_UNEXPECTED_EOF, E));
    local_pair(fds);
    wire pair = wire_over(fds, client, server, TLSOCK_WRAP_REPORT_RAGGED_EOFS, NULL);
    CHECK(shutdown(tlsock_socket_fileno(pair.server), SHUT_WR) == 0);
    reads(pair.client, "");
    reads(pair.client, "");
    OK(tlsock_socket_unwrap(pair.client, NULL, E));
    wire_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

// ---- leaving TLS: the socket is plain afterwards, and no byte is lost ----

static void *unwrap_peer(void *peer) {
  OK(tlsock_socket_unwrap(peer, NULL, E));
  OK(tlsock_socket_sendall(peer, "plain words", 11, E));
  return NULL;
}

static void unwrap_both(void) {
  FOR_ALL(local_pair) {
    pthread_t thread;
    tlsock_bytes leftover = {NULL, 0};
    char text[100];
    size_t len;
    int hand_over = variant < 4;  // or keep them in front of the next recv
    OK(tlsock_socket_close_write(e.one, E));
    CHECK(pthread_create(&thread, NULL, unwrap_peer, e.peer) == 0);
    pthread_join(thread, NULL);  // the close_notify and the plain text are now in the descriptor together
    OK(tlsock_socket_unwrap(e.one, hand_over ? &leftover : NULL, E));
    size_t got = leftover.len;
    if (got > 0) memcpy(text, leftover.data, got);
    while (got < 11) {
      OK(tlsock_socket_recv(e.one, text + got, sizeof text - got, &len, E));
      CHECK(len > 0);
      got += len;
    }
    SAME_BYTES(text, got, "plain words", 11);
    tlsock_bytes_free(&leftover);
    CHECK(!tlsock_socket_version(e.one) && tlsock_socket_fileno(e.one) >= 0);
    wire_say(e.one, e.peer, "and back");
    FAILS(TLSOCK_VALUE, "No SSL wrapper around *", tlsock_socket_unwrap(e.one, NULL, E));
    FAILS(TLSOCK_VALUE, "Read on closed or unwrapped SSL socket.", tlsock_socket_read(e.one, text, 9, &len, E));
    FAILS(TLSOCK_VALUE, "Write on closed or unwrapped SSL socket.", tlsock_socket_write(e.one, "x", 1, &len, E));
    OK(tlsock_socket_close(e.peer, E));
    reads(e.one, "");
  }
}

static void shut_down(void) {
  FOR_ALL(local_pair) {
    char text[100];
    size_t len;
    OK(tlsock_socket_shutdown(e.peer, SHUT_RDWR, E));
    ragged_read(&e, FIRST_EOF);  // no close_notify was sent
    FAILS(TLSOCK_VALUE, "Read on closed or unwrapped SSL socket.", tlsock_socket_read(e.peer, text, 9, &len, E));
    CHECK(!tlsock_socket_version(e.peer));
    FAILS(TLSOCK_VALUE, NULL, tlsock_socket_shutdown(e.one, 7, E));
  }
}

// ---- before and instead of a handshake ----

static tlsock_socket *against(const char *words, unsigned flags, int *fd) {
  int fds[2];
  tlsock_socket *one = NULL;
  tlsock_context *context = flags & TLSOCK_WRAP_SERVER_SIDE ? new_server("ecdsa", 0) : new_client(0);
  local_pair(fds);
  CHECK(write(fds[1], words, strlen(words)) == (ssize_t)strlen(words));
  flags |= TLSOCK_WRAP_NO_HANDSHAKE | TLSOCK_WRAP_REPORT_RAGGED_EOFS;
  OK(tlsock_context_wrap_socket(context, fds[0], flags, flags & TLSOCK_WRAP_SERVER_SIDE ? NULL : "localhost", NULL,
                                &one, E));
  tlsock_context_free(context);
  *fd = fds[1];
  return one;
}

static void no_tls(void) {
  ends e = {{NULL, NULL}, NULL, NULL, true};
  int fd;
  e.one = against("HTTP/1.0 400 Bad Request\r\n\r\n", 0, &fd);
  FAILS(TLSOCK_SSL, "[SSL: WRONG_VERSION_NUMBER] wrong version number", tlsock_socket_do_handshake(e.one, E));
  EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_HANDSHAKE);
  // OpenSSL 3.6 would continue to read data that is not TLS, 3.0 and 4 do not: docs/openssl.md.
  bool gives_up = tlsock_openssl_version_number() >> 20 == 0x300 || is_openssl_4() || is_aws_lc();
  if (gives_up) FAILS(TLSOCK_EOF, LATER_EOF, tlsock_socket_do_handshake(e.one, E));
  if (gives_up) is_dead(&e);
  tlsock_socket_free(e.one);
  close(fd);
  e.one = against("GET / HTTP/1.0\r\n\r\n", TLSOCK_WRAP_SERVER_SIDE, &fd);
  FAILS(TLSOCK_SSL, "[SSL: HTTP_REQUEST] http request", tlsock_socket_do_handshake(e.one, E));
  if (gives_up) is_dead(&e);
  tlsock_socket_free(e.one);
  close(fd);
}

static void unwrap_first(void) {
  int fd;
  tlsock_socket *one = against("", 0, &fd);
  FAILS(TLSOCK_SSL, "[SSL: SHUTDOWN_WHILE_IN_INIT] shutdown while in init", tlsock_socket_unwrap(one, NULL, E));
  EQUAL(tlsock_error_code(LAST), TLSOCK_SSL_ERROR_SSL);
  tlsock_socket_free(one);
  close(fd);
}

static void end_in_handshake(void) {
  for (int variant = 0; variant < 2; variant++) {
    int fd;
    tlsock_socket *one = against("", variant ? TLSOCK_WRAP_SERVER_SIDE : 0, &fd);
    CHECK(shutdown(fd, SHUT_WR) == 0);
    FAILS(TLSOCK_EOF, FIRST_EOF, tlsock_socket_do_handshake(one, E));
    EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_HANDSHAKE);
    FAILS(TLSOCK_EOF, LATER_EOF, tlsock_socket_do_handshake(one, E));
    tlsock_socket_free(one);
    close(fd);
  }
}

static void reset_in_handshake(void) {
  int fds[2];
  struct linger hard = {1, 0};
  tlsock_socket *one = NULL;
  tlsock_context *context = new_server("ecdsa", 0);
  tcp_pair(fds);
  OK(tlsock_context_wrap_socket(context, fds[1], TLSOCK_WRAP_NO_HANDSHAKE | TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &one,
                                E));
  CHECK(setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &hard, sizeof hard) == 0 && close(fds[0]) == 0);
  FAILS(TLSOCK_OS, NULL, tlsock_socket_do_handshake(one, E));
  EQUAL(tlsock_error_os_errno(LAST), ECONNRESET);
  EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_HANDSHAKE);
  tlsock_socket_free(one);
  tlsock_context_free(context);
}

// ---- objects: never suppressed, and unwrap may be repeated ----

static void objects(void) {
  for (int version = TLSOCK_TLS_VERSION_TLSV1_2; version <= TLSOCK_TLS_VERSION_TLSV1_3; version++) {
    char buffer[10];
    size_t len;
    tlsock_context *client = new_client(version), *server = new_server("ecdsa", version);
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    EQUAL(tlsock_object_unwrap(pair.client, E), TLSOCK_WANT_READ);
    CHECK(tlsock_bio_pending(pair.up) > 0);  // close_notify
    FAILS_FOR(TLSOCK_SSL, "PROTOCOL_IS_SHUTDOWN", tlsock_object_write(pair.client, "x", 1, NULL, E));
    for (int i = 0; i < 2; i++) {
      OK(tlsock_object_read(pair.server, buffer, sizeof buffer, &len, E));
      EQUAL(len, 0);
    }
    OK(tlsock_object_unwrap(pair.server, E));
    OK(tlsock_object_unwrap(pair.client, E));
    for (int i = 0; i < 2; i++) {
      OK(tlsock_object_unwrap(pair.client, E));
      OK(tlsock_object_unwrap(pair.server, E));
      OK(tlsock_object_do_handshake(pair.server, E));
      FAILS(TLSOCK_ZERO_RETURN, NULL, tlsock_object_read(pair.client, buffer, sizeof buffer, &len, E));
      FAILS_FOR(TLSOCK_SSL, "PROTOCOL_IS_SHUTDOWN", tlsock_object_write(pair.server, "x", 1, NULL, E));
    }
    CHECK(tlsock_object_version(pair.client));  // continues, and answers
    memory_free(&pair);

    pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    OK(tlsock_bio_write_eof(pair.up, E));
    FAILS(TLSOCK_EOF, FIRST_EOF, tlsock_object_read(pair.server, buffer, sizeof buffer, &len, E));
    FAILS(TLSOCK_EOF, LATER_EOF, tlsock_object_read(pair.server, buffer, sizeof buffer, &len, E));
    FAILS(TLSOCK_EOF, LATER_EOF, tlsock_object_write(pair.server, "x", 1, NULL, E));
    FAILS_FOR(TLSOCK_SSL, "SHUTDOWN_WHILE_IN_INIT", tlsock_object_unwrap(pair.server, E));
    memory_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

TESTS(CASE(ragged_end), CASE(ragged_end_first_written), CASE(ragged_half_end), CASE(ragged_end_first_unwrapped),
      CASE(reset), CASE(reset_first_written), CASE(peer_closed), CASE(we_closed), CASE(both_closed),
      CASE(data_after_our_close), CASE(ignored_end), CASE(unwrap_both), CASE(shut_down), CASE(no_tls),
      CASE(unwrap_first), CASE(end_in_handshake), CASE(reset_in_handshake), CASE(objects))
