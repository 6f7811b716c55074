// tlsock_bytes: owned bytes, wiped and emptied by their _free.
#include "fixture.h"

static void free_twice(void) {
  tlsock_bytes bytes = {NULL, 0};
  OK(tlsock_der_cert_to_pem_cert("abc", 3, &bytes, E));
  CHECK(bytes.data && bytes.len > 0);
  tlsock_bytes_free(&bytes);
  CHECK(!bytes.data);
  EQUAL(bytes.len, 0);
  tlsock_bytes_free(&bytes);
  tlsock_bytes_free(NULL);
}

static void nul_after(void) {
  tlsock_bytes bytes = {NULL, 0};
  OK(tlsock_der_cert_to_pem_cert("abc", 3, &bytes, E));
  EQUAL(strlen((const char *)bytes.data), bytes.len);
  SAME_TEXT((const char *)bytes.data, "-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----\n");
  tlsock_bytes_free(&bytes);
}

// Empty bytes of text have data.
static void empty(void) {
  wire pair = wire_new(local_pair, 0, 0);
  tlsock_bytes bytes = {(uint8_t *)"x", 1};
  OK(tlsock_socket_close_write(pair.client, E));
  OK(tlsock_socket_close_write(pair.server, E));
  OK(tlsock_socket_unwrap(pair.client, &bytes, E));  // nothing came after the close_notify
  EQUAL(bytes.len, 0);
  tlsock_bytes_free(&bytes);
  CHECK(!bytes.data);
  OK(tlsock_pem_cert_to_der_cert("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", &bytes, E));
  CHECK(bytes.data);
  EQUAL(bytes.len, 0);
  tlsock_bytes_free(&bytes);
  wire_free(&pair);
}

static void untouched(void) {
  tlsock_bytes bytes = {(uint8_t *)"x", 7};
  FAILS(TLSOCK_VALUE, NULL, tlsock_pem_cert_to_der_cert("nothing", &bytes, E));
  EQUAL(bytes.len, 7);
  SAME_TEXT((const char *)bytes.data, "x");
}

TESTS(CASE(free_twice), CASE(nul_after), CASE(empty), CASE(untouched))
