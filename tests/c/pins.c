// tlsock_context: the keys of peers that are pinned.
#include "fixture.h"

static const char *const no_pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

static void pinned(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  const char *pins[] = {no_pin, NULL};
  OK(tlsock_context_set_pins(client, pins, 1, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  EQUAL(tlsock_error_verify_code(LAST), 50);
  const char *words = tlsock_error_message(tlsock_error_cause(LAST));
  CHECK(strstr(words, "no key is pinned of those that were seen, the peer's own first: sha256//") == words);
  memory_free(&pair);
  // The pins that were seen are pins: the first is the server's own.
  char seen[60];
  snprintf(seen, sizeof seen, "%.52s", strstr(words, "sha256//"));
  pins[1] = seen;
  OK(tlsock_context_set_pins(client, pins, 2, E));
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void bad_pins(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  const char *good[] = {no_pin}, *nothing[] = {no_pin, NULL}, *bad[] = {"sha256//AAAA"};
  char list[200];
  snprintf(list, sizeof list, "%s;%s", no_pin, no_pin);
  const char *lists[] = {list};
  OK(tlsock_context_set_pins(client, good, 1, E));
  FAILS(TLSOCK_VALUE, "pins[i] must not be NULL", tlsock_context_set_pins(client, nothing, 2, E));
  FAILS(TLSOCK_VALUE, "pins must not be NULL", tlsock_context_set_pins(client, NULL, 1, E));
  FAILS(TLSOCK_VALUE, "pins cannot be *", tlsock_context_set_pins(client, good, SIZE_MAX, E));
  FAILS(TLSOCK_VALUE, "pin 'sha256//AAAA' is not *", tlsock_context_set_pins(client, bad, 1, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_set_pins(client, lists, 1, E));
  CHECK(strstr(tlsock_error_message(LAST), "pass each of several by itself"));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  memory_free(&pair);
  OK(tlsock_context_set_pins(client, NULL, 0, E));
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

TESTS(CASE(pinned), CASE(bad_pins))
