// Python's MemoryBIO.
#include <limits.h>

#include "fixture.h"

static void order(void) {
  tlsock_bio *bio = NULL;
  char buffer[10];
  size_t len = 99;
  OK(tlsock_bio_new(&bio, E));
  EQUAL(tlsock_bio_pending(bio), 0);
  OK(tlsock_bio_read(bio, buffer, sizeof buffer, &len, E));
  EQUAL(len, 0);
  OK(tlsock_bio_write(bio, "abc", 3, E));
  OK(tlsock_bio_write(bio, "defg", 4, E));
  OK(tlsock_bio_write(bio, NULL, 0, E));
  EQUAL(tlsock_bio_pending(bio), 7);
  OK(tlsock_bio_read(bio, buffer, 2, &len, E));
  SAME_BYTES(buffer, len, "ab", 2);
  OK(tlsock_bio_read(bio, NULL, 0, &len, E));
  EQUAL(len, 0);
  OK(tlsock_bio_read(bio, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, "cdefg", 5);
  EQUAL(tlsock_bio_pending(bio), 0);
  CHECK(!tlsock_bio_eof(bio));
  tlsock_bio_free(bio);
}

static void end(void) {
  tlsock_bio *bio = NULL;
  char buffer[4];
  size_t len;
  OK(tlsock_bio_new(&bio, E));
  OK(tlsock_bio_write(bio, "abc", 3, E));
  OK(tlsock_bio_write_eof(bio, E));
  OK(tlsock_bio_write_eof(bio, E));
  CHECK(!tlsock_bio_eof(bio));  // not before all is read
  FAILS(TLSOCK_SSL, "cannot write() after write_eof()", tlsock_bio_write(bio, "d", 1, E));
  CHECK(!tlsock_error_library(LAST) && !tlsock_error_reason(LAST));
  FAILS(TLSOCK_SSL, "cannot write() after write_eof()", tlsock_bio_write(bio, "", 0, E));
  EQUAL(tlsock_bio_pending(bio), 3);
  OK(tlsock_bio_read(bio, buffer, sizeof buffer, &len, E));
  EQUAL(len, 3);
  CHECK(tlsock_bio_eof(bio));
  OK(tlsock_bio_read(bio, buffer, sizeof buffer, &len, E));
  EQUAL(len, 0);
  tlsock_bio_free(bio);
}

static void too_long(void) {
  tlsock_bio *bio = NULL;
  char text[80];
  OK(tlsock_bio_new(&bio, E));
  snprintf(text, sizeof text, "string longer than %d bytes", INT_MAX);
  FAILS(TLSOCK_VALUE, text, tlsock_bio_write(bio, "x", (size_t)INT_MAX + 1, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_bio_write(bio, "x", (size_t)-1, E));
  EQUAL(tlsock_bio_pending(bio), 0);
  tlsock_bio_free(bio);
}

static void much(void) {
  tlsock_bio *bio = NULL;
  size_t size = 3000000, got = 0, len;
  unsigned char *data = malloc(size), *back = malloc(size);
  for (size_t i = 0; i < size; i++) data[i] = (unsigned char)(i * 7 + i / 251);
  OK(tlsock_bio_new(&bio, E));
  for (size_t at = 0; at < size; at += 1000) {
    OK(tlsock_bio_write(bio, data + at, 1000, E));
    OK(tlsock_bio_read(bio, back + got, at % 997, &len, E));
    got += len;
  }
  EQUAL(tlsock_bio_pending(bio), size - got);
  OK(tlsock_bio_read(bio, back + got, size - got, &len, E));
  SAME_BYTES(back, got + len, data, size);
  tlsock_bio_free(bio);
  free(data);
  free(back);
}

// A buffer that its owner has freed still serves the object made over it.
static void freed_under_an_object(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  tlsock_bio_free(pair.up);
  tlsock_bio_free(pair.down);
  pair.up = pair.down = NULL;
  tlsock_context_free(client);
  tlsock_context_free(server);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_say(pair.client, pair.server, "hello");
  memory_free(&pair);
}

TESTS(CASE(order), CASE(end), CASE(too_long), CASE(much), CASE(freed_under_an_object))
