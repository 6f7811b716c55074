// What a server sees of a ClientHello before anything is chosen, and what it can do with it.
#include "fixture.h"

typedef struct viewer {
  int version, asked, second, freed, alert;
  tlsock_status answer;
  tlsock_context *other;
  char ja4[64];
} viewer;

static void forget(void *userdata) { ((viewer *)userdata)->freed++; }

// The position of an extension, or the count.
static size_t find(const tlsock_client_hello *hello, int type) {
  size_t count = tlsock_client_hello_extension_count(hello), index = 0;
  while (index < count && tlsock_client_hello_extension_type_at(hello, index) != type) index++;
  return index;
}

static bool has(const tlsock_client_hello *hello, int number, size_t count,
                int (*at)(const tlsock_client_hello *hello, size_t index)) {
  for (size_t index = 0; index < count; index++)
    if (at(hello, index) == number) return true;
  return false;
}

// The client of fixture.h, which offers h2.
static void look(const tlsock_client_hello *hello, int version) {
  const int sni = 0x0000, alpn = 0x0010, x25519 = 0x001D, ecdsa = 0x0403;
  const int aes_gcm = version == TLSOCK_TLS_VERSION_TLSV1_3 ? 0x1301 : 0xC02B;
  SAME_TEXT(tlsock_client_hello_server_name(hello), "localhost");
  EQUAL(tlsock_client_hello_alpn_count(hello), 1);
  tlsock_slice protocol = tlsock_client_hello_alpn_at(hello, 0);
  SAME_BYTES(protocol.data, protocol.len, "h2", 2);
  CHECK(!tlsock_client_hello_alpn_at(hello, 1).data);
  EQUAL(tlsock_client_hello_legacy_version(hello), TLSOCK_TLS_VERSION_TLSV1_2);
  // Clients of TLS 1.3 make one up, for what stands between that knows TLS 1.2 only.
  const bool newest =
      has(hello, TLSOCK_TLS_VERSION_TLSV1_3, tlsock_client_hello_version_count(hello), tlsock_client_hello_version_at);
  EQUAL(tlsock_client_hello_session_id(hello).len, newest ? 32 : 0);
  EQUAL(tlsock_client_hello_session_id(NULL).len, 0);
  CHECK(has(hello, version, tlsock_client_hello_version_count(hello), tlsock_client_hello_version_at));
  CHECK(has(hello, aes_gcm, tlsock_client_hello_cipher_count(hello), tlsock_client_hello_cipher_at));
  CHECK(has(hello, x25519, tlsock_client_hello_group_count(hello), tlsock_client_hello_group_at));
  CHECK(has(hello, ecdsa, tlsock_client_hello_signature_algorithm_count(hello),
            tlsock_client_hello_signature_algorithm_at));
  CHECK(find(hello, sni) < find(hello, alpn));
  tlsock_slice list = tlsock_client_hello_extension_data_at(hello, find(hello, alpn));
  SAME_BYTES(list.data, list.len, "\0\3\2h2", 5);
  EQUAL(tlsock_client_hello_version_at(hello, 1000), 0);
  EQUAL(tlsock_client_hello_cipher_at(hello, 100000), 0);
  EQUAL(tlsock_client_hello_group_at(hello, 100000), 0);
  EQUAL(tlsock_client_hello_signature_algorithm_at(hello, 100000), 0);
  EQUAL(tlsock_client_hello_extension_type_at(hello, 100000), -1);
  CHECK(!tlsock_client_hello_extension_data_at(hello, 100000).data);
  EQUAL(strlen(tlsock_client_hello_ja3(hello)), 32);
  CHECK(strncmp(tlsock_client_hello_ja3_string(hello), "771,", 4) == 0);
  EQUAL(strlen(tlsock_client_hello_ja4(hello)), 36);
}

static int view(void *userdata, const tlsock_connection *connection, const tlsock_client_hello *hello, int *alert,
                tlsock_error **error) {
  viewer *own = userdata;
  own->asked++;
  EQUAL(*alert, TLSOCK_ALERT_DESCRIPTION_HANDSHAKE_FAILURE);
  CHECK(connection->object && !connection->socket);
  look(hello, own->version);
  own->second += tlsock_client_hello_is_second(hello);
  snprintf(own->ja4, sizeof own->ja4, "%s", tlsock_client_hello_ja4(hello));
  if (own->other) OK(tlsock_object_set_context(connection->object, own->other, E));
  if (own->answer == TLSOCK_OK) return TLSOCK_OK;
  *alert = own->alert;
  *error = tlsock_error_new(own->answer, "not on the list");
  return own->answer;
}

static tlsock_context *client_of(int version) {
  const char *protocols[] = {"h2"};
  tlsock_context *client = new_client(version);
  OK(tlsock_context_set_alpn_protocols(client, protocols, 1, E));
  return client;
}

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};

static void seen_and_another_context_chosen(void) {
  size_t len = 0;
  char *pem = read_file(cert("ecdsa.pem"), &len);
  tlsock_certificate *expected = NULL;
  OK(tlsock_certificate_new_data(pem, len, &expected, E));
  free(pem);
  for (int i = 0; i < 2; i++) {
    viewer own = {.version = versions[i], .other = new_server("ecdsa", 0)};
    tlsock_context *client = client_of(versions[i]), *server = new_server("rsa", 0);
    tlsock_certificate *shown = NULL;
    OK(tlsock_context_set_client_hello_callback(server, view, &own, forget, E));
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    OK(tlsock_object_peer_certificate(pair.client, &shown, E));
    CHECK(tlsock_certificate_equal(shown, expected));
    tlsock_certificate_free(shown);
    EQUAL(own.asked, 1);
    EQUAL(own.second, 0);
    CHECK(strncmp(own.ja4, i ? "t13d" : "t12d", 4) == 0);
    memory_free(&pair);
    tlsock_context_free(server);
    tlsock_context_free(client);
    EQUAL(own.freed, 1);
    tlsock_context_free(own.other);
  }
  tlsock_certificate_free(expected);
}

static void refused_with_an_alert(void) {
  static const struct {
    int chosen, sent;
  } alerts[] = {{TLSOCK_ALERT_DESCRIPTION_ACCESS_DENIED, TLSOCK_ALERT_DESCRIPTION_ACCESS_DENIED},
                {TLSOCK_ALERT_DESCRIPTION_HANDSHAKE_FAILURE, TLSOCK_ALERT_DESCRIPTION_HANDSHAKE_FAILURE},
                {1000, TLSOCK_ALERT_DESCRIPTION_INTERNAL_ERROR},
                {-1, TLSOCK_ALERT_DESCRIPTION_INTERNAL_ERROR}};
  for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++) {
    viewer own = {.version = TLSOCK_TLS_VERSION_TLSV1_2, .answer = TLSOCK_OS, .alert = alerts[i].chosen};
    tlsock_object *at = NULL;
    tlsock_context *client = client_of(0), *server = new_server("rsa", 0);
    OK(tlsock_context_set_client_hello_callback(server, view, &own, forget, E));
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, &at), TLSOCK_SSL);
    CHECK(at == pair.server);
    SAME_TEXT(tlsock_error_reason(LAST), "CALLBACK_FAILED");
    SAME_TEXT(tlsock_error_message(tlsock_error_cause(LAST)), "not on the list");
    EQUAL(tlsock_error_alert_sent(LAST), alerts[i].sent);
    memory_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

static void seen_twice_where_the_server_wants_another_share(void) {
  viewer own = {.version = TLSOCK_TLS_VERSION_TLSV1_3};
  tlsock_context *client = client_of(TLSOCK_TLS_VERSION_TLSV1_3), *server = new_server("rsa", 0);
  OK(tlsock_context_set_ecdh_curve(server, "secp384r1", E));
  OK(tlsock_context_set_client_hello_callback(server, view, &own, forget, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  EQUAL(own.asked, 2);
  EQUAL(own.second, 1);
  memory_free(&pair);
  OK(tlsock_context_set_client_hello_callback(server, NULL, NULL, NULL, E));
  EQUAL(own.freed, 1);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void not_for_clients(void) {
  viewer own = {0};
  tlsock_context *client = new_client(0);
  FAILS(TLSOCK_VALUE, "a client gets no ClientHello: use a context for servers",
        tlsock_context_set_client_hello_callback(client, view, &own, forget, E));
  tlsock_context_free(client);
  EQUAL(own.freed, 0);
}

TESTS(CASE(seen_and_another_context_chosen), CASE(refused_with_an_alert),
      CASE(seen_twice_where_the_server_wants_another_share), CASE(not_for_clients))
