// tlsock_cipher_list, and what connections agree on: shared ciphers, compression, channel binding; counters; sessions
// as bytes.
#include "fixture.h"

static void lists(void) {
  tlsock_context *context = NULL;
  tlsock_cipher_list *list = NULL;
  tlsock_cipher cipher = {"old", "old", -1};
  tlsock_cipher_info info;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &context, E));
  OK(tlsock_context_get_ciphers(context, &list, E));
  tlsock_context_free(context);
  EQUAL(tlsock_cipher_list_count(list), 17);
  CHECK(!tlsock_cipher_list_at(list, 17, &cipher) && !tlsock_cipher_list_info_at(list, 17, &info));
  CHECK(!tlsock_cipher_list_at(list, SIZE_MAX, &cipher) && !tlsock_cipher_list_at(list, 0, NULL));
  SAME_TEXT(cipher.name, "old");
  for (size_t i = 0; i < 17; i++) {
    CHECK(tlsock_cipher_list_at(list, i, &cipher) && tlsock_cipher_list_info_at(list, i, &info));
    SAME_TEXT(cipher.name, info.name);
    SAME_TEXT(cipher.protocol, info.protocol);
    EQUAL(cipher.secret_bits, info.strength_bits);
    CHECK(info.description && info.symmetric && info.kea && info.auth);
    CHECK(info.aead == !info.digest);
  }
  SAME_TEXT(info.name, "DHE-RSA-AES128-SHA256");
  SAME_TEXT(info.symmetric, "aes-128-cbc");
  SAME_TEXT(info.digest, "sha256");
  SAME_TEXT(info.kea, "kx-dhe");
  SAME_TEXT(info.auth, "auth-rsa");
  EQUAL(info.id, 0x03000067);
  tlsock_cipher_list_free(list);
  EQUAL(tlsock_cipher_list_count(NULL), 0);
}

static void agreed(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  tlsock_cipher_list *list = NULL;
  tlsock_bytes ours = {NULL, 7}, theirs = {NULL, 7};
  OK(tlsock_object_get_channel_binding(pair.client, NULL, &ours, E));
  CHECK(!ours.data && ours.len == 0);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  OK(tlsock_object_shared_ciphers(pair.client, &list, E));
  CHECK(!list);
  OK(tlsock_object_shared_ciphers(pair.server, &list, E));
  EQUAL(tlsock_cipher_list_count(list), 17);
  tlsock_cipher_list_free(list);
  CHECK(!tlsock_object_compression(pair.client));
  FAILS(TLSOCK_VALUE, NULL, tlsock_object_get_channel_binding(pair.client, NULL, &ours, E));
  CHECK(!ours.data && ours.len == 0);
  FAILS(TLSOCK_VALUE, "'tls-other' channel binding type not implemented",
        tlsock_object_get_channel_binding(pair.server, "tls-other", &theirs, E));
  CHECK(!theirs.data);
  for (const char *const *type = tlsock_channel_binding_types() + 1; *type; type++) {
    OK(tlsock_object_get_channel_binding(pair.client, *type, &ours, E));
    OK(tlsock_object_get_channel_binding(pair.server, *type, &theirs, E));
    CHECK(ours.len == 32 && theirs.len == 32 && !memcmp(ours.data, theirs.data, 32));
    tlsock_bytes_free(&ours);
    tlsock_bytes_free(&theirs);
  }
  EQUAL(tlsock_context_session_stats(client).connect_good, 1);
  EQUAL(tlsock_context_session_stats(server).accept_good, 1);
  EQUAL(tlsock_context_session_stats(NULL).number, 0);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// Keys for a use of their own: the same on both ends, by label and context, and none where they would bind nothing.
static void exported(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  uint8_t ours[40], theirs[40], untouched[40];
  memset(ours, 7, sizeof ours);
  memcpy(untouched, ours, sizeof ours);
  FAILS(TLSOCK_VALUE, "handshake not done yet",
        tlsock_object_export_keying_material(pair.client, "EXPORTER-test", NULL, 0, ours, sizeof ours, E));
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  FAILS(TLSOCK_VALUE, "label must not be NULL",
        tlsock_object_export_keying_material(pair.client, NULL, NULL, 0, ours, sizeof ours, E));
  FAILS(TLSOCK_VALUE, NULL,
        tlsock_object_export_keying_material(pair.client, "EXPORTER-test", NULL, 3, ours, sizeof ours, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_object_export_keying_material(pair.client, "EXPORTER-test", NULL, 0, NULL, 0, E));
  FAILS(TLSOCK_VALUE, "out must not be NULL",
        tlsock_object_export_keying_material(pair.client, "EXPORTER-test", NULL, 0, NULL, 40, E));
  SAME_BYTES(ours, sizeof ours, untouched, sizeof ours);
  OK(tlsock_object_export_keying_material(pair.client, "EXPORTER-test", "me", 2, ours, sizeof ours, E));
  OK(tlsock_object_export_keying_material(pair.server, "EXPORTER-test", "me", 2, theirs, sizeof theirs, E));
  SAME_BYTES(ours, sizeof ours, theirs, sizeof theirs);
  // The context may lie where the keys go.
  memcpy(theirs, "me", 2);
  OK(tlsock_object_export_keying_material(pair.server, "EXPORTER-test", theirs, 2, theirs, sizeof theirs, E));
  SAME_BYTES(ours, sizeof ours, theirs, sizeof theirs);
  SAME_TEXT(tlsock_object_server_name(pair.server), "localhost");
  SAME_TEXT(tlsock_object_server_name(pair.client), "localhost");
  CHECK(!tlsock_object_server_name(NULL));
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void binding(void) {
  tlsock_context *client = new_client(TLSOCK_TLS_VERSION_TLSV1_2), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  tlsock_bytes ours = {NULL, 7}, theirs = {NULL, 7};
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  OK(tlsock_object_get_channel_binding(pair.client, NULL, &ours, E));
  OK(tlsock_object_get_channel_binding(pair.server, tlsock_channel_binding_types()[0], &theirs, E));
  EQUAL(ours.len, 12);
  SAME_BYTES(ours.data, ours.len, theirs.data, theirs.len);
  tlsock_bytes_free(&ours);
  tlsock_bytes_free(&theirs);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void settings(void) {
  tlsock_context *server = new_server("rsa", 0);
  OK(tlsock_context_set_ecdh_curve(server, "X25519", E));
  FAILS(TLSOCK_VALUE, "unknown elliptic curve name 'P-256'", tlsock_context_set_ecdh_curve(server, "P-256", E));
  FAILS(TLSOCK_OS, "No such file or directory: dhfile *", tlsock_context_load_dh_params(server, cert("missing.pem"), E));
  SAME_TEXT(tlsock_error_filename(LAST), cert("missing.pem"));
  FAILS_FOR(TLSOCK_SSL, "NO_START_LINE", tlsock_context_load_dh_params(server, cert("ca.pem"), E));
  tlsock_context_free(server);
}

static void session_bytes(void) {
  tlsock_context *client = new_client(0), *same = new_client(0), *other = NULL, *server = new_server("ecdsa", 0);
  tlsock_session *session = NULL, *again = NULL;
  tlsock_bytes data = {NULL, 0};
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_say(pair.server, pair.client, "hello");
  OK(tlsock_object_session(pair.client, &session, E));
  memory_free(&pair);
  OK(tlsock_session_data(session, &data, E));
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &other, E));
  FAILS(TLSOCK_VALUE, "data is a session of a context that trusts or checks other than this one",
        tlsock_session_new_data(other, data.data, data.len, &again, E));
  FAILS(TLSOCK_VALUE, "data is damaged", tlsock_session_new_data(same, data.data, data.len - 1, &again, E));
  CHECK(!again);
  OK(tlsock_session_new_data(same, data.data, data.len, &again, E));
  CHECK(tlsock_session_equal(session, again));
  tlsock_bytes_free(&data);
  pair = memory_new(same, server, "localhost", again);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  CHECK(tlsock_object_session_reused(pair.client));
  memory_free(&pair);
  tlsock_session_free(session);
  tlsock_session_free(again);
  tlsock_context_free(client);
  tlsock_context_free(same);
  tlsock_context_free(other);
  tlsock_context_free(server);
}

TESTS(CASE(lists), CASE(agreed), CASE(exported), CASE(binding), CASE(settings), CASE(session_bytes))
