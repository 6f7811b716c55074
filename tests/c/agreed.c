// What a connection tells of itself, and keys that change: see tests/facts.rs for what they mean.
#include "fixture.h"

static memory connected(int version) {
  tlsock_context *client = new_client(version), *server = new_server("rsa", version);
  memory pair = memory_new(client, server, "localhost", NULL);
  tlsock_context_free(client);
  tlsock_context_free(server);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  return pair;
}

static void signatures(void) {
  memory pair = connected(0);
  SAME_TEXT(tlsock_object_server_sigalg(pair.client), "rsa_pss_rsae_sha256");
  SAME_TEXT(tlsock_object_server_sigalg(pair.server), "rsa_pss_rsae_sha256");
  CHECK(!tlsock_object_client_sigalg(pair.client) && !tlsock_object_client_sigalg(pair.server));
  memory_free(&pair);
  wire over = wire_new(tcp_pair, 0, 0);
  SAME_TEXT(tlsock_socket_server_sigalg(over.client), "ecdsa_secp256r1_sha256");
  CHECK(!tlsock_socket_client_sigalg(over.server));
  wire_free(&over);
  CHECK(!tlsock_object_server_sigalg(NULL) && !tlsock_socket_client_sigalg(NULL));
}

// What the peer has of it is what this side tells.
static void same_certificate(tlsock_certificate *own, tlsock_certificate *theirs) {
  CHECK(own && theirs && !tlsock_certificate_verified(own));
  tlsock_slice one = tlsock_certificate_der(own), other = tlsock_certificate_der(theirs);
  CHECK(one.len == other.len && memcmp(one.data, other.data, one.len) == 0);
  tlsock_certificate_free(own);
  tlsock_certificate_free(theirs);
}

static void own_certificate(void) {
  static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};
  tlsock_certificate *own = NULL, *theirs = NULL;
  for (int i = 0; i < 2; i++) {
    tlsock_context *client = new_client(versions[i]), *server = new_server("rsa", versions[i]);
    OK(tlsock_context_load_cert_chain(server, cert("ecdsa.pem"), cert("ecdsa.key"), NULL, E));
    OK(tlsock_context_load_cert_chain(client, cert("client.pem"), cert("client.key"), NULL, E));
    memory pair = memory_new(client, server, "localhost", NULL);
    FAILS(TLSOCK_VALUE, "handshake not done yet", tlsock_object_own_certificate(pair.server, &own, E));
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    // The client has one, and was not asked for it.
    OK(tlsock_object_own_certificate(pair.client, &own, E));
    CHECK(!own);
    OK(tlsock_object_own_certificate(pair.server, &own, E));
    OK(tlsock_object_peer_certificate(pair.client, &theirs, E));
    same_certificate(own, theirs);
    memory_free(&pair);
    OK(tlsock_context_set_verify_mode(server, TLSOCK_CERT_REQUIRED, E));
    OK(tlsock_context_load_verify_locations(server, cert("ca.pem"), NULL, NULL, 0, E));
    pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    OK(tlsock_object_own_certificate(pair.client, &own, E));
    OK(tlsock_object_peer_certificate(pair.server, &theirs, E));
    same_certificate(own, theirs);
    memory_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
  wire over = wire_new(tcp_pair, 0, 0);
  OK(tlsock_socket_own_certificate(over.server, &own, E));
  OK(tlsock_socket_peer_certificate(over.client, &theirs, E));
  same_certificate(own, theirs);
  wire_free(&over);
  FAILS(TLSOCK_VALUE, "object must not be NULL", tlsock_object_own_certificate(NULL, &own, E));
  FAILS(TLSOCK_VALUE, "socket must not be NULL", tlsock_socket_own_certificate(NULL, &own, E));
}

static void new_keys(void) {
  memory pair = connected(TLSOCK_TLS_VERSION_TLSV1_3);
  OK(tlsock_object_key_update(pair.client, true, E));
  memory_say(pair.client, pair.server, "new keys");
  memory_say(pair.server, pair.client, "on both sides");
  memory_free(&pair);
  pair = connected(TLSOCK_TLS_VERSION_TLSV1_2);
  FAILS(TLSOCK_VALUE, "keys are updated in TLS 1.3: *", tlsock_object_key_update(pair.client, false, E));
  memory_say(pair.client, pair.server, "nothing has happened");
  memory_free(&pair);
  FAILS(TLSOCK_VALUE, "object must not be NULL", tlsock_object_key_update(NULL, false, E));
}

static void new_keys_of_sockets(void) {
  wire pair = wire_new(tcp_pair, TLSOCK_TLS_VERSION_TLSV1_3, 0);
  for (int i = 0; i < 3; i++) {
    OK(tlsock_socket_key_update(pair.client, i % 2 == 0, E));
    wire_say(pair.client, pair.server, "new keys");
    wire_say(pair.server, pair.client, "on both sides");
  }
  OK(tlsock_socket_close_write(pair.client, E));
  FAILS_FOR(TLSOCK_SSL, "PROTOCOL_IS_SHUTDOWN", tlsock_socket_key_update(pair.client, false, E));
  wire_free(&pair);
}

// Keys change between two sends, not within one.
static void new_keys_behind_a_send(void) {
  static char block[60000], got[60000];
  size_t sent = 0, received = 0, len = 0;
  wire pair = wire_new(local_pair, TLSOCK_TLS_VERSION_TLSV1_3, 0);
  OK(tlsock_socket_settimeout(pair.client, 0, E));
  tlsock_status status = TLSOCK_OK;
  while (status == TLSOCK_OK) {
    status = tlsock_socket_send(pair.client, block, sizeof block, &len, E);
    if (status == TLSOCK_OK) sent += len;
  }
  EQUAL(status, TLSOCK_WANT_WRITE);
  // In the middle of a send that has to be repeated nothing may come between.
  FAILS(TLSOCK_VALUE, "bad write retry: *", tlsock_socket_key_update(pair.client, false, E));
  while (status == TLSOCK_WANT_WRITE) {
    OK(tlsock_socket_recv(pair.server, got, sizeof got, &len, E));
    received += len;
    status = tlsock_socket_send(pair.client, block, sizeof block, &len, E);
  }
  EQUAL(status, TLSOCK_OK);
  sent += len;
  OK(tlsock_socket_key_update(pair.client, false, E));
  OK(tlsock_socket_close_write(pair.client, NULL));
  do {
    OK(tlsock_socket_recv(pair.server, got, sizeof got, &len, E));
    received += len;
  } while (len > 0);
  EQUAL(received, sent);
  wire_free(&pair);
}

static void facts_as_json(void) {
  tlsock_bytes json = {NULL, 0};
  memory pair = connected(TLSOCK_TLS_VERSION_TLSV1_3);
  OK(tlsock_object_info_json(pair.client, &json, E));
  CHECK(strlen((char *)json.data) == json.len);
  CHECK(strstr((char *)json.data, "{\"server_side\":false,\"version\":\"TLSv1.3\",") == (char *)json.data);
  CHECK(strstr((char *)json.data, "\"server_sigalg\":\"rsa_pss_rsae_sha256\",\"client_sigalg\":null,"));
  tlsock_bytes_free(&json);
  FAILS(TLSOCK_VALUE, "json must not be NULL", tlsock_object_info_json(pair.client, NULL, E));
  memory_free(&pair);
  wire over = wire_new(tcp_pair, 0, 0);
  OK(tlsock_socket_info_json(over.server, &json, E));
  CHECK(strstr((char *)json.data, "\"server_side\":true"));
  tlsock_bytes_free(&json);
  wire_free(&over);
}

static void facts_of_nothing(void) {
  tlsock_bytes json = {NULL, 7};
  tlsock_socket *unconnected = NULL;
  tlsock_context *client = new_client(0);
  OK(tlsock_context_wrap_socket(client, socket(AF_INET, SOCK_STREAM, 0), 0, "localhost", NULL, &unconnected, E));
  FAILS(TLSOCK_OS, NULL, tlsock_socket_info_json(unconnected, &json, E));
  FAILS(TLSOCK_OS, NULL, tlsock_socket_key_update(unconnected, false, E));
  EQUAL(json.len, 7);
  tlsock_socket_free(unconnected);
  tlsock_context_free(client);
}

TESTS(CASE(signatures), CASE(own_certificate), CASE(new_keys), CASE(new_keys_of_sockets), CASE(new_keys_behind_a_send),
      CASE(facts_as_json), CASE(facts_of_nothing))
