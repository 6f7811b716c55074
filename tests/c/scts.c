// Whether clients ask for certificate timestamps. What comes of it is in connection.c.
#include "fixture.h"

static void asked(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0), *copy = NULL;
  CHECK(!tlsock_context_scts_requested(client));
  for (int on = 1; on >= 0; on--) {
    OK(tlsock_context_set_scts_requested(client, on, E));
    EQUAL(tlsock_context_scts_requested(client), on);
    OK(tlsock_context_copy(client, &copy, E));
    EQUAL(tlsock_context_scts_requested(copy), on);
    tlsock_context_free(copy);
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    memory_free(&pair);
  }
  FAILS(TLSOCK_VALUE, "certificate timestamps are requested by clients*",
        tlsock_context_set_scts_requested(server, true, E));
  CHECK(!tlsock_context_scts_requested(server) && !tlsock_context_scts_requested(NULL));
  tlsock_context_free(client);
  tlsock_context_free(server);
}

TESTS(CASE(asked))
