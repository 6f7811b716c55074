// A cache for the sessions of servers: what its callbacks get, and when their userdata is freed.
#include "fixture.h"

// Room for a few sessions.
typedef struct store {
  unsigned char ids[8][32], data[8][4096];
  size_t lens[8];
  int count, puts, gets, removes, freed;
  bool failing;
} store;

static int find(const store *store, const uint8_t *id) {
  for (int i = 0; i < store->count; i++)
    if (store->lens[i] && memcmp(store->ids[i], id, 32) == 0) return i;
  return -1;
}

static int put(void *userdata, const tlsock_connection *connection, const uint8_t *id, size_t id_len,
               const uint8_t *data, size_t data_len, int64_t seconds, tlsock_error **error) {
  store *store = userdata;
  (void)error;
  CHECK(connection->object && !connection->socket);
  CHECK(id_len == 32 && data_len <= sizeof store->data[0] && store->count < 8);
  CHECK(seconds > 7000 && seconds <= 7200);
  memcpy(store->ids[store->count], id, id_len);
  memcpy(store->data[store->count], data, data_len);
  store->lens[store->count++] = data_len;
  store->puts++;
  return TLSOCK_OK;
}

static int get(void *userdata, const tlsock_connection *connection, const uint8_t *id, size_t id_len, uint8_t *data,
               size_t data_size, size_t *data_len, tlsock_error **error) {
  store *store = userdata;
  int found;
  CHECK(connection->object && id_len == 32 && data_size == 65536 && *data_len == 0);
  store->gets++;
  if (store->failing) {
    *error = tlsock_error_new(TLSOCK_OS, "the store is down");
    return TLSOCK_OS;
  }
  if ((found = find(store, id)) < 0) return TLSOCK_OK;
  memcpy(data, store->data[found], store->lens[found]);
  *data_len = store->lens[found];
  return TLSOCK_OK;
}

static int forget(void *userdata, const tlsock_connection *connection, const uint8_t *id, size_t id_len,
                  tlsock_error **error) {
  store *store = userdata;
  int found = find(store, id);
  (void)error;
  CHECK(connection->object && id_len == 32);
  if (found >= 0) store->lens[found] = 0;
  store->removes++;
  return TLSOCK_OK;
}

static void freed(void *userdata) { ((store *)userdata)->freed++; }

static tlsock_context *keeping(int version, store *store) {
  tlsock_context *server = new_server("ecdsa", version);
  OK(tlsock_context_set_options(server, tlsock_context_options(server) | TLSOCK_OP_NO_TICKET, E));
  OK(tlsock_context_set_session_cache(server, put, get, forget, store, freed, E));
  return server;
}

static bool visit(tlsock_context *client, tlsock_context *server, tlsock_session **session) {
  memory pair = memory_new(client, server, "localhost", *session);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_say(pair.server, pair.client, "hello");
  bool reused = tlsock_object_session_reused(pair.client);
  if (!*session) OK(tlsock_object_session(pair.client, session, E));
  memory_free(&pair);
  return reused;
}

static void shared(void) {
  static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};
  for (int i = 0; i < 2; i++) {
    static store one;
    tlsock_session *session = NULL;
    memset(&one, 0, sizeof one);
    tlsock_context *client = new_client(versions[i]), *first = keeping(versions[i], &one),
                   *second = keeping(versions[i], &one);
    CHECK(!visit(client, first, &session));
    CHECK(one.puts > 0);
    CHECK(visit(client, second, &session));
    CHECK(one.gets > 0 && one.removes == 0);
    for (int n = 0; n < one.count; n++) one.data[n][100] ^= 1;
    CHECK(!visit(client, second, &session));
    EQUAL(one.removes, 1);
    tlsock_context_free(first);
    EQUAL(one.freed, 1);
    OK(tlsock_context_set_session_cache(second, NULL, NULL, NULL, NULL, NULL, E));
    EQUAL(one.freed, 2);
    tlsock_session_free(session);
    tlsock_context_free(second);
    tlsock_context_free(client);
  }
}

static void failing(void) {
  static store one;
  tlsock_session *session = NULL;
  tlsock_object *at = NULL;
  tlsock_context *client = new_client(TLSOCK_TLS_VERSION_TLSV1_2), *server = keeping(TLSOCK_TLS_VERSION_TLSV1_2, &one);
  CHECK(!visit(client, server, &session));
  one.failing = true;
  memory pair = memory_new(client, server, "localhost", session);
  EQUAL(memory_try(&pair, &at), TLSOCK_OS);
  CHECK(at == pair.server);
  SAME_TEXT(tlsock_error_message(LAST), "the store is down");
  memory_free(&pair);
  tlsock_session_free(session);
  tlsock_context_free(server);
  tlsock_context_free(client);
  EQUAL(one.freed, 1);
}

static void arguments(void) {
  static store one;
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  FAILS(TLSOCK_VALUE, "context must not be NULL",
        tlsock_context_set_session_cache(NULL, put, get, NULL, &one, freed, E));
  FAILS(TLSOCK_VALUE, "put and get *", tlsock_context_set_session_cache(server, put, NULL, NULL, &one, freed, E));
  FAILS(TLSOCK_VALUE, "put and get *", tlsock_context_set_session_cache(server, NULL, get, NULL, &one, freed, E));
  FAILS(TLSOCK_VALUE, "put and get *", tlsock_context_set_session_cache(server, NULL, NULL, forget, &one, freed, E));
  FAILS(TLSOCK_VALUE, "a session cache is *", tlsock_context_set_session_cache(client, put, get, NULL, &one, freed, E));
  EQUAL(one.freed, 0);
  OK(tlsock_context_set_session_cache(server, put, get, NULL, &one, freed, E));
  EQUAL(one.freed, 0);
  tlsock_context_free(client);
  tlsock_context_free(server);
  EQUAL(one.freed, 1);
}

TESTS(CASE(shared), CASE(failing), CASE(arguments))
