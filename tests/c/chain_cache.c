// tlsock_context_chain_cache: chains that need not be verified again.
#include "fixture.h"

// The second connection finds the chain of the first, and reports the same facts.
static void chain_cache(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  CHECK(!tlsock_context_chain_cache(client));
  OK(tlsock_context_set_chain_cache(client, true, E));
  CHECK(tlsock_context_chain_cache(client));
  tlsock_certificate_list *chains[3] = {NULL, NULL, NULL};
  for (uint64_t round = 0; round < 3; round++) {
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    EQUAL(tlsock_context_chain_cache_hits(client), round);
    OK(tlsock_object_get_verified_chain(pair.client, &chains[round], E));
    EQUAL(tlsock_certificate_list_count(chains[round]), 3);
    for (size_t i = 0; i < 3; i++)
      CHECK(tlsock_certificate_equal(tlsock_certificate_list_at(chains[round], i),
                                     tlsock_certificate_list_at(chains[0], i)));
    memory_free(&pair);
  }
  for (size_t i = 0; i < 3; i++) tlsock_certificate_list_free(chains[i]);
  memory pair = memory_new(client, server, "other.example", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  memory_free(&pair);
  OK(tlsock_context_set_chain_cache(client, false, E));
  CHECK(!tlsock_context_chain_cache(client));
  EQUAL(tlsock_context_chain_cache_hits(client), 2);
  CHECK(!tlsock_context_chain_cache(NULL));
  EQUAL(tlsock_context_chain_cache_hits(NULL), 0);
  FAILS(TLSOCK_VALUE, "context must not be NULL", tlsock_context_set_chain_cache(NULL, true, E));
  tlsock_context_free(client);
  tlsock_context_free(server);
}

TESTS(CASE(chain_cache))
