// Encrypted ClientHello: what the calls take, and what both ends and the error tell.
#include "fixture.h"

// The name that stays visible; the certificate wrong-name is for it.
#define PUBLIC "other.example"

typedef struct ech_keys {
  tlsock_bytes pem, configs;
} ech_keys;

static ech_keys new_keys(void) {
  ech_keys keys = {{NULL, 0}, {NULL, 0}};
  OK(tlsock_generate_ech_keys(PUBLIC, 0, &keys.pem, &keys.configs, E));
  return keys;
}

static void keys_free(ech_keys *keys) {
  tlsock_bytes_free(&keys->pem);
  tlsock_bytes_free(&keys->configs);
}

static tlsock_context *encrypting(const ech_keys *keys) {
  tlsock_context *client = new_client(0);
  OK(tlsock_context_set_ech_configs(client, keys->configs.data, keys->configs.len, E));
  return client;
}

static tlsock_context *decrypting(const char *name, const ech_keys *keys) {
  tlsock_context *server = new_server(name, 0);
  OK(tlsock_context_load_ech_keys(server, keys->pem.data, keys->pem.len, NULL, 0, E));
  return server;
}

// What is wrong whatever OpenSSL there is.
static void arguments(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  tlsock_bytes keys = {NULL, 0}, configs = {NULL, 0};
  FAILS(TLSOCK_VALUE, "configs must not be NULL", tlsock_context_set_ech_configs(client, NULL, 1, E));
  FAILS(TLSOCK_VALUE, "configs is no ECHConfigList*", tlsock_context_set_ech_configs(client, "", 0, E));
  FAILS(TLSOCK_VALUE, "configs is no ECHConfigList*", tlsock_context_set_ech_configs(client, "\0\1", 2, E));
  FAILS(TLSOCK_VALUE, "configs is for a client*", tlsock_context_set_ech_configs(server, NULL, 0, E));
  FAILS(TLSOCK_VALUE, "ech_grease is for a client*", tlsock_context_set_ech_grease(server, true, E));
  FAILS(TLSOCK_VALUE, "a key for Encrypted ClientHello is for a server*",
        tlsock_context_load_ech_keys(client, NULL, 0, NULL, 0, E));
  FAILS(TLSOCK_VALUE, "keys must not be NULL", tlsock_context_load_ech_keys(server, NULL, 1, NULL, 0, E));
  FAILS(TLSOCK_VALUE, "former must not be NULL", tlsock_context_load_ech_keys(server, "x", 1, NULL, 1, E));
  FAILS(TLSOCK_VALUE, "keys is empty, and former is not*", tlsock_context_load_ech_keys(server, NULL, 0, "x", 1, E));
  FAILS(TLSOCK_VALUE, "public_name must not be NULL", tlsock_generate_ech_keys(NULL, 0, &keys, &configs, E));
  FAILS(TLSOCK_VALUE, "public_name is not UTF-8 text", tlsock_generate_ech_keys("\xff", 0, &keys, &configs, E));
  FAILS(TLSOCK_VALUE, "public_name '127.0.0.1' is an address*",
        tlsock_generate_ech_keys("127.0.0.1", 0, &keys, &configs, E));
  FAILS(TLSOCK_VALUE, "max_name_length 256 is not between 0 and 255",
        tlsock_generate_ech_keys(PUBLIC, 256, &keys, &configs, E));
  FAILS(TLSOCK_VALUE, "keys must not be NULL", tlsock_generate_ech_keys(PUBLIC, 0, NULL, &configs, E));
  FAILS(TLSOCK_VALUE, "configs must not be NULL", tlsock_generate_ech_keys(PUBLIC, 0, &keys, NULL, E));
  CHECK(keys.data == NULL && configs.data == NULL);
  OK(tlsock_context_set_ech_configs(client, NULL, 0, E));
  OK(tlsock_context_set_ech_grease(client, false, E));
  OK(tlsock_context_load_ech_keys(server, NULL, 0, NULL, 0, E));
  CHECK(!tlsock_context_ech_grease(client) && !tlsock_context_ech_grease(NULL));
  CHECK(tlsock_error_ech_retry_configs(NULL).data == NULL);
  EQUAL(tlsock_object_ech_status(NULL), TLSOCK_ECH_STATUS_NONE);
  EQUAL(tlsock_socket_ech_status(NULL), TLSOCK_ECH_STATUS_NONE);
  CHECK(tlsock_object_ech_outer_name(NULL) == NULL && tlsock_socket_ech_outer_name(NULL) == NULL);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void elsewhere(void) {
  const uint8_t list[] = {0, 5, 0xFE, 0x0D, 0, 1, 7};
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  tlsock_bytes keys = {NULL, 0}, configs = {NULL, 0};
  EQUAL(tlsock_has(TLSOCK_HAS_ECH), is_openssl_4() || is_aws_lc());
  if (!tlsock_has(TLSOCK_HAS_ECH)) {
    FAILS(TLSOCK_NOT_IMPLEMENTED, "OpenSSL 3*", tlsock_context_set_ech_configs(client, list, sizeof list, E));
    FAILS(TLSOCK_NOT_IMPLEMENTED, "OpenSSL 3*", tlsock_context_set_ech_grease(client, true, E));
    FAILS(TLSOCK_NOT_IMPLEMENTED, "OpenSSL 3*", tlsock_context_load_ech_keys(server, "x", 1, NULL, 0, E));
    FAILS(TLSOCK_NOT_IMPLEMENTED, "OpenSSL 3*", tlsock_generate_ech_keys(PUBLIC, 0, &keys, &configs, E));
    CHECK(strstr(tlsock_error_message(LAST), "has no Encrypted ClientHello: tlsock must be built with OpenSSL 4.0"));
  }
  CHECK(keys.data == NULL && configs.data == NULL);
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  EQUAL(tlsock_object_ech_status(pair.client), TLSOCK_ECH_STATUS_NONE);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void accepted(void) {
  if (!tlsock_has(TLSOCK_HAS_ECH)) return;
  int fds[2];
  ech_keys keys = new_keys();
  tlsock_context *client = encrypting(&keys), *server = decrypting("ecdsa", &keys);
  OK(tlsock_context_set_num_tickets(server, 0, E));
  tcp_pair(fds);
  wire pair = wire_over(fds, client, server, 0, NULL);
  tlsock_socket *ends[] = {pair.client, pair.server};
  for (int end = 0; end < 2; end++) {
    EQUAL(tlsock_socket_ech_status(ends[end]), TLSOCK_ECH_STATUS_ACCEPTED);
    SAME_TEXT(tlsock_socket_server_name(ends[end]), "localhost");
    SAME_TEXT(tlsock_socket_ech_outer_name(ends[end]), PUBLIC);
  }
  wire_say(pair.client, pair.server, "hidden");
  wire_free(&pair);
  keys_free(&keys);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void rejected(void) {
  if (!tlsock_has(TLSOCK_HAS_ECH)) return;
  ech_keys old = new_keys(), new = new_keys();
  tlsock_context *client = encrypting(&old), *server = decrypting("wrong-name", &new);
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_SSL);
  SAME_TEXT(tlsock_error_reason(LAST), "ECH_REQUIRED");
  EQUAL(tlsock_error_alert_sent(LAST), 121);
  tlsock_slice retry = tlsock_error_ech_retry_configs(LAST);
  SAME_BYTES(retry.data, retry.len, new.configs.data, new.configs.len);
  EQUAL(tlsock_object_ech_status(pair.client), TLSOCK_ECH_STATUS_REJECTED);
  CHECK(tlsock_object_ech_outer_name(pair.client) == NULL);
  OK(tlsock_context_set_ech_configs(client, new.configs.data, new.configs.len, E));
  memory_free(&pair);
  // Now the inner name counts, for which this server has no certificate.
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  SAME_TEXT(tlsock_error_expected_name(LAST), "localhost");
  memory_free(&pair);
  tlsock_context_free(server);
  // A server that proves to be another gives nothing.
  server = decrypting("ecdsa", &old);
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  SAME_TEXT(tlsock_error_expected_name(LAST), PUBLIC);
  CHECK(tlsock_error_ech_retry_configs(LAST).data == NULL);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
  keys_free(&old);
  keys_free(&new);
}

static void grease(void) {
  if (!tlsock_has(TLSOCK_HAS_ECH)) return;
  ech_keys keys = new_keys();
  tlsock_context *client = new_client(0), *server = decrypting("ecdsa", &keys);
  OK(tlsock_context_set_ech_grease(client, true, E));
  CHECK(tlsock_context_ech_grease(client));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  EQUAL(tlsock_object_ech_status(pair.client), TLSOCK_ECH_STATUS_GREASE);
  EQUAL(tlsock_object_ech_status(pair.server), TLSOCK_ECH_STATUS_GREASE);
  memory_free(&pair);
  keys_free(&keys);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// Has a server show the certificate of the public name to those that ask for it; userdata is the context of that.
static int show_public(void *userdata, const tlsock_connection *connection, const char *name, tlsock_context *context,
                       tlsock_error **error) {
  (void)context;
  if (!name || strcmp(name, PUBLIC)) return 0;
  return tlsock_object_set_context(connection->object, userdata, error) == TLSOCK_OK ? 0 : 80;
}

// A handshake that must succeed, be encrypted and be a full one, whatever session there was; gives that of the client.
static tlsock_session *hidden(tlsock_context *client, tlsock_context *server, tlsock_session *offered) {
  tlsock_session *session = NULL;
  memory pair = memory_new(client, server, "localhost", offered);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_say(pair.server, pair.client, "tickets");
  EQUAL(tlsock_object_ech_status(pair.client), TLSOCK_ECH_STATUS_ACCEPTED);
  EQUAL(tlsock_object_ech_status(pair.server), TLSOCK_ECH_STATUS_ACCEPTED);
  SAME_TEXT(tlsock_object_server_name(pair.server), "localhost");
  CHECK(!tlsock_object_session_reused(pair.client) && !tlsock_object_session_reused(pair.server));
  OK(tlsock_object_session(pair.client, &session, E));
  CHECK(session != NULL);
  memory_free(&pair);
  tlsock_session_free(offered);
  return session;
}

// A second connection, beside a session: at once, after a HelloRetryRequest, and with what a rejection has brought.
static void again(void) {
  if (!tlsock_has(TLSOCK_HAS_ECH)) return;
  ech_keys old = new_keys(), new = new_keys();
  tlsock_context *client = encrypting(&old), *server = decrypting("ecdsa", &old), *outer = new_server("wrong-name", 0);
  OK(tlsock_context_set_sni_callback(server, show_public, outer, NULL, E));
  tlsock_session *session = hidden(client, server, hidden(client, server, NULL));
  OK(tlsock_context_set_groups(server, "P-384", E));
  OK(tlsock_context_set_groups(client, "X25519:P-384", E));
  session = hidden(client, server, session);
  OK(tlsock_context_set_groups(server, "X25519", E));
  OK(tlsock_context_load_ech_keys(server, new.pem.data, new.pem.len, NULL, 0, E));
  memory pair = memory_new(client, server, "localhost", session);
  EQUAL(memory_try(&pair, NULL), TLSOCK_SSL);
  tlsock_slice retry = tlsock_error_ech_retry_configs(LAST);
  SAME_BYTES(retry.data, retry.len, new.configs.data, new.configs.len);
  OK(tlsock_context_set_ech_configs(client, new.configs.data, new.configs.len, E));
  memory_free(&pair);
  tlsock_session_free(hidden(client, server, session));
  tlsock_context_free(client);
  tlsock_context_free(server);
  tlsock_context_free(outer);
  keys_free(&old);
  keys_free(&new);
}

static int offer_key(void *userdata, const tlsock_connection *connection, const char *hint, char *identity,
                     size_t identity_size, uint8_t *psk, size_t psk_size, size_t *psk_len, tlsock_error **error) {
  (void)userdata, (void)connection, (void)hint, (void)psk_size, (void)error;
  snprintf(identity, identity_size, "who I am");
  memset(psk, 7, *psk_len = 32);
  return TLSOCK_OK;
}

// A pre-shared key is not offered: OpenSSL 4.0 would refuse the server that takes it.
static void shared_key(void) {
  if (!tlsock_has(TLSOCK_HAS_ECH)) return;
  ech_keys keys = new_keys();
  tlsock_context *client = encrypting(&keys), *server = decrypting("ecdsa", &keys);
  OK(tlsock_context_set_psk_client_callback(client, offer_key, NULL, NULL, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  if (tlsock_has(TLSOCK_HAS_PSK_TLS13)) {
    EQUAL(memory_try(&pair, NULL), TLSOCK_SSL);
    EQUAL(tlsock_error_status(tlsock_error_cause(LAST)), TLSOCK_NOT_IMPLEMENTED);
    EQUAL(tlsock_object_ech_status(pair.server), TLSOCK_ECH_STATUS_NONE);
  } else {
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    EQUAL(tlsock_object_ech_status(pair.server), TLSOCK_ECH_STATUS_ACCEPTED);
  }
  memory_free(&pair);
  keys_free(&keys);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// Keys are replaced while handshakes of other threads use them.
static void *replace(void *argument) {
  void **given = argument;
  const ech_keys *keys = given[1];
  for (int turn = 0; turn < 200; turn++) {
    const ech_keys *one = &keys[turn % 2], *other = &keys[1 - turn % 2];
    OK(tlsock_context_load_ech_keys(given[0], one->pem.data, one->pem.len, other->pem.data, other->pem.len, E));
  }
  return NULL;
}

static void replaced(void) {
  if (!tlsock_has(TLSOCK_HAS_ECH)) return;
  pthread_t thread;
  ech_keys keys[] = {new_keys(), new_keys()};
  tlsock_context *client = encrypting(&keys[0]), *server = decrypting("ecdsa", &keys[0]);
  void *given[] = {server, keys};
  CHECK(pthread_create(&thread, NULL, replace, given) == 0);
  for (int turn = 0; turn < 20; turn++) {
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    EQUAL(tlsock_object_ech_status(pair.server), TLSOCK_ECH_STATUS_ACCEPTED);
    memory_free(&pair);
  }
  pthread_join(thread, NULL);
  keys_free(&keys[0]);
  keys_free(&keys[1]);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

TESTS(CASE(arguments), CASE(elsewhere), CASE(accepted), CASE(rejected), CASE(grease), CASE(again), CASE(shared_key),
      CASE(replaced))
