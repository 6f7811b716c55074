// tlsock_socket_makefile: streams of the C library over a connection.
#include <errno.h>

#include "fixture.h"

enum { LINE = 64, LINES = 40000 };

// A stream of the C library over the connection.
static void as_file(void) {
  wire pair = wire_new(local_pair, 0, 0);
  FILE *stream = NULL;
  char line[20];
  OK(tlsock_socket_makefile(pair.server, "r", &stream, E));
  OK(tlsock_socket_sendall(pair.client, "one line\nrest", 13, E));
  CHECK(fgets(line, sizeof line, stream));
  SAME_TEXT(line, "one line\n");
  CHECK(fclose(stream) == 0);
  wire_free(&pair);
}

// What a stream has sent without TLS is not sent again: fwrite tells how much that was.
static void plain_as_file(void) {
  static unsigned char sent[400000], got[sizeof sent + 1];
  wire pair = wire_new(local_pair, 0, 0);
  FILE *stream = NULL;
  size_t at = 0, all = 0, len = 0;
  int stops = 0;
  for (size_t i = 0; i < sizeof sent; i++) sent[i] = (unsigned char)(i * 7 + i / 251);
  OK(tlsock_socket_settimeout(pair.client, 0, E));
  FAILS(TLSOCK_WANT_READ, NULL, tlsock_socket_unwrap(pair.client, NULL, E));
  OK(tlsock_socket_unwrap(pair.server, NULL, E));
  OK(tlsock_socket_unwrap(pair.client, NULL, E));
  OK(tlsock_socket_makefile(pair.client, "w", &stream, E));
  CHECK(setvbuf(stream, NULL, _IONBF, 0) == 0);
  while (all < sizeof sent) {
    errno = 0;
    at += fwrite(sent + at, 1, sizeof sent - at, stream);
    if (at < sizeof sent) CHECK(errno == EAGAIN && ferror(stream) && ++stops);
    clearerr(stream);
    OK(tlsock_socket_recv(pair.server, got + all, sizeof got - all, &len, E));
    all += len;
  }
  CHECK(stops > 0);
  SAME_BYTES(got, all, sent, sizeof sent);
  CHECK(fclose(stream) == 0);
  wire_free(&pair);
}

// Lines with their number, all of one length, of which a buffer of the C library holds whole ones.
static void write_line(char line[LINE + 1], int number) { snprintf(line, LINE + 1, "%062d\r\n", number); }

static bool put_line(FILE *stream, int number) {
  char line[LINE + 1];
  write_line(line, number);
  errno = 0;
  return fwrite(line, 1, LINE, stream) == LINE;
}

// Receives all that has come, and more while `client` has more to send. What arrives are whole lines, each later than the one before.
static int take_lines(wire *pair, int after) {
  static char got[LINES * LINE];
  char line[LINE + 1];
  size_t all = 0, len = 0;
  tlsock_status status;
  for (;;) {
    status = tlsock_socket_recv(pair->server, got + all, sizeof got - all, &len, NULL);
    if (status == TLSOCK_OK) {
      CHECK(len > 0);
      all += len;
    } else {
      EQUAL(status, TLSOCK_WANT_READ);
      if (tlsock_socket_pending_write(pair->client) == 0) break;
      status = tlsock_socket_write(pair->client, "", 0, &len, NULL);
      CHECK(status == TLSOCK_OK || status == TLSOCK_WANT_WRITE || status == TLSOCK_TIMEOUT);
    }
  }
  EQUAL(all % LINE, 0);
  for (size_t at = 0; at < all; at += LINE) {
    int number = atoi(got + at);
    CHECK(number > after);
    write_line(line, after = number);
    SAME_BYTES(got + at, LINE, line, LINE);
  }
  return after;
}

// A stream to write to, of a client that waits this long; the other end does not wait.
static FILE *writer(wire *pair, double timeout) {
  FILE *stream = NULL;
  OK(tlsock_socket_settimeout(pair->client, timeout, E));
  OK(tlsock_socket_settimeout(pair->server, 0, E));
  OK(tlsock_socket_makefile(pair->client, "w", &stream, E));
  return stream;
}

// The C library drops what a stream's buffer held when it cannot be written. What was sent before, and comes after, is whole.
static void full(int version, double timeout, int reason) {
  static char buffer[4096];
  wire pair = wire_new(local_pair, version, 0);
  FILE *stream = writer(&pair, timeout);
  int number = 1, last;
  CHECK(setvbuf(stream, buffer, _IOFBF, sizeof buffer) == 0);
  for (int i = 0; i < 3; i++) {
    while (put_line(stream, number)) CHECK(++number < LINES);
    EQUAL(errno, reason);
    CHECK(ferror(stream) && tlsock_socket_pending_write(pair.client) > 0);
    clearerr(stream);
    last = take_lines(&pair, i == 0 ? 0 : last);
    CHECK(last < number);
    CHECK(put_line(stream, ++number) && fflush(stream) == 0);
    EQUAL(last = take_lines(&pair, last), number++);
  }
  // The end tells of what still waits, which the socket can send.
  while (put_line(stream, number)) CHECK(++number < LINES);
  errno = 0;
  EQUAL(fclose(stream), EOF);
  EQUAL(errno, reason);
  last = take_lines(&pair, last);
  wire_say(pair.client, pair.server, "hello");
  wire_free(&pair);
}

static void buffered(void) {
  for (int version = TLSOCK_TLS_VERSION_TLSV1_2; version <= TLSOCK_TLS_VERSION_TLSV1_3; version++) {
    full(version, 0, EAGAIN);
    full(version, 0.02, ETIMEDOUT);
  }
}

// Without a buffer fwrite tells how much has gone, of which the last may wait for the next call.
static void unbuffered(void) {
  static char sent[LINES * LINE];
  char line[LINE + 1];
  wire pair = wire_new(local_pair, 0, 0);
  FILE *stream = writer(&pair, 0);
  size_t at = 0;
  int last = 0, stops = 0;
  for (int i = 0; i < LINES; i++) {
    write_line(line, i + 1);
    memcpy(sent + (size_t)i * LINE, line, LINE);
  }
  CHECK(setvbuf(stream, NULL, _IONBF, 0) == 0);
  while (at < sizeof sent) {
    errno = 0;
    at += fwrite(sent + at, 1, sizeof sent - at, stream);
    if (at < sizeof sent) CHECK(errno == EAGAIN && ferror(stream) && ++stops);
    clearerr(stream);
    EQUAL(at % LINE, 0);
    last = take_lines(&pair, last);
    EQUAL(last, at / LINE);
  }
  CHECK(stops > 0 && fclose(stream) == 0);
  wire_free(&pair);
}

// Nothing counts that can never go, and each later call says so.
static void gone(double timeout) {
  wire pair = wire_new(local_pair, 0, 0);
  FILE *stream = writer(&pair, timeout);
  tlsock_socket_free(pair.server);
  pair.server = NULL;
  for (int i = 0; i < 3; i++) {
    errno = 0;
    CHECK(put_line(stream, i));
    EQUAL(fflush(stream), EOF);
    CHECK(errno == EPIPE || errno == ECONNRESET || errno == EIO);
    clearerr(stream);
  }
  EQUAL(fclose(stream), EOF);
  wire_free(&pair);
}

static void peer_gone(void) {
  gone(-1);
  gone(5);
  gone(0);
}

// What waits is lost where the connection is ended meanwhile, but not where it is ended with notice.
static void ended_meanwhile(void) {
  for (int aborts = 0; aborts < 2; aborts++) {
    wire pair = wire_new(local_pair, TLSOCK_TLS_VERSION_TLSV1_3, 0);
    FILE *stream = writer(&pair, 0);
    int number = 0;
    while (put_line(stream, number)) CHECK(++number < LINES);
    CHECK(setvbuf(stream, NULL, _IONBF, 0) == 0 && tlsock_socket_pending_write(pair.client) > 0);
    if (aborts) {
      OK(tlsock_socket_abort(pair.client, E));
    } else {
      take_lines(&pair, -1);
      FAILS(TLSOCK_WANT_READ, NULL, tlsock_socket_unwrap(pair.client, NULL, E));
      OK(tlsock_socket_unwrap(pair.server, NULL, E));
      OK(tlsock_socket_unwrap(pair.client, NULL, E));
    }
    EQUAL(fclose(stream), aborts ? EOF : 0);
    wire_free(&pair);
  }
}

TESTS(CASE(peer_gone), CASE(ended_meanwhile), CASE(as_file), CASE(plain_as_file), CASE(buffered), CASE(unbuffered))
