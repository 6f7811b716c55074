// tlsock_context: copies.
#include "verification.h"

static void copies(void) {
  judge it = {0, 0, false};
  tlsock_context *client = new_client(0), *server = new_server("wrong-name", 0), *copy = NULL;
  OK(tlsock_context_set_verify_callback(client, TLSOCK_VERIFY_CALLBACK_INSECURE_OVERRIDE, judges, &it, freed, E));
  OK(tlsock_context_set_verify_depth(client, 3, E));
  OK(tlsock_context_copy(client, &copy, E));
  CHECK(!tlsock_context_same(client, copy));
  EQUAL(tlsock_context_verify_depth(copy), 3);
  tlsock_context_free(client);
  EQUAL(it.freed, 0);  // the copy still calls it
  memory pair = memory_new(copy, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  EQUAL(it.calls, 1);
  memory_free(&pair);
  tlsock_context_free(copy);
  EQUAL(it.freed, 1);
  tlsock_context_free(server);
}

TESTS(CASE(copies))
