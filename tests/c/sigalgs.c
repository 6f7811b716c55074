// Signature algorithms by name. Python 3.15: get_sigalgs, set_client_sigalgs, set_server_sigalgs
#include "fixture.h"

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};

// By what the server has signed in a handshake; NULL for one that failed.
static const char *signed_by(tlsock_context *client, tlsock_context *server) {
  memory pair = memory_new(client, server, "localhost", NULL);
  const char *name = memory_try(&pair, NULL) == TLSOCK_OK ? tlsock_object_server_sigalg(pair.client) : NULL;
  memory_free(&pair);
  return name;
}

static void of_servers(void) {
  for (int i = 0; i < 2; i++) {
    tlsock_context *client = new_client(versions[i]), *server = new_server("rsa", 0);
    OK(tlsock_context_set_server_sigalgs(client, "rsa_pss_rsae_sha512", E));
    SAME_TEXT(signed_by(client, server), "rsa_pss_rsae_sha512");
    OK(tlsock_context_set_server_sigalgs(server, "RSA-PSS+SHA384", E));
    CHECK(!signed_by(client, server));
    OK(tlsock_context_set_server_sigalgs(client, "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384", E));
    SAME_TEXT(signed_by(client, server), "rsa_pss_rsae_sha384");
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

static void of_clients(void) {
  for (int i = 0; i < 2; i++) {
    tlsock_context *client = new_client(versions[i]), *server = new_server("rsa", 0);
    OK(tlsock_context_load_cert_chain(client, cert("client.pem"), cert("client.key"), NULL, E));
    OK(tlsock_context_load_verify_locations(server, cert("ca.pem"), NULL, NULL, 0, E));
    OK(tlsock_context_set_verify_mode(server, TLSOCK_CERT_REQUIRED, E));
    OK(tlsock_context_set_client_sigalgs(server, "ecdsa_secp256r1_sha256", E));
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    SAME_TEXT(tlsock_object_client_sigalg(pair.server), "ecdsa_secp256r1_sha256");
    memory_free(&pair);
    OK(tlsock_context_set_client_sigalgs(client, "ed25519", E));
    pair = memory_new(client, server, "localhost", NULL);
    CHECK(memory_try(&pair, NULL) != TLSOCK_OK);
    memory_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

static void unknown_names(void) {
  tlsock_context *client = new_client(0), *server = new_server("rsa", 0);
  OK(tlsock_context_set_server_sigalgs(client, "rsa_pss_rsae_sha512", E));
  FAILS(TLSOCK_VALUE,
        "sigalgs names 'rsa_pss_rsae_sha257', which is no known signature algorithm; the nearest known is "
        "'rsa_pss_rsae_sha256'",
        tlsock_context_set_server_sigalgs(client, "rsa_pss_rsae_sha256:rsa_pss_rsae_sha257", E));
  FAILS(TLSOCK_VALUE, "sigalgs names 'ecdsa', which *", tlsock_context_set_client_sigalgs(client, "ecdsa", E));
  FAILS(TLSOCK_VALUE, "sigalgs has an empty name", tlsock_context_set_client_sigalgs(client, "", E));
  FAILS(TLSOCK_VALUE, "sigalgs must not be NULL", tlsock_context_set_server_sigalgs(client, NULL, E));
  FAILS(TLSOCK_VALUE, "sigalgs must not be NULL", tlsock_context_set_client_sigalgs(client, NULL, E));
  SAME_TEXT(signed_by(client, server), "rsa_pss_rsae_sha512");
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void listed(void) {
  tlsock_context *client = new_client(0);
  tlsock_bytes names;
  OK(tlsock_get_sigalgs(&names, E));
  CHECK(strstr((char *)names.data, "rsa_pss_rsae_sha256:") && strlen((char *)names.data) == names.len);
  for (char *name = strtok((char *)names.data, ":"); name; name = strtok(NULL, ":"))
    OK(tlsock_context_set_server_sigalgs(client, name, E));
  tlsock_bytes_free(&names);
  FAILS(TLSOCK_VALUE, "sigalgs must not be NULL", tlsock_get_sigalgs(NULL, E));
  tlsock_context_free(client);
}

TESTS(CASE(of_servers), CASE(of_clients), CASE(unknown_names), CASE(listed))
