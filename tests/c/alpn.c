// How the application protocol of a server is chosen, and a server that refuses where there is none in common.
#include "fixture.h"

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};
static const char *const offers[] = {"one", "two"};
#define NO_APPLICATION_PROTOCOL 120

// The userdata of the callback.
typedef struct used {
  int status;     // what it returns
  size_t choice;  // what it chooses; SIZE_MAX leaves it
  int calls, frees;
  char text[100];  // the name and the protocols
} used;

static void count_free(void *userdata) { ((used *)userdata)->frees++; }

static int choose(void *userdata, const tlsock_connection *connection, const char *server_name,
                  const tlsock_slice *protocols, size_t count, size_t *chosen, tlsock_error **error) {
  used *used = userdata;
  size_t len = 0;
  char byte;
  EQUAL(*chosen, count);
  CHECK(tlsock_object_server_side(connection->object));
  EQUAL(tlsock_object_read(connection->object, &byte, 1, &len, NULL), TLSOCK_VALUE);
  snprintf(used->text, sizeof used->text, "%s", server_name);
  for (size_t i = 0; i < count; i++) {
    size_t end = strlen(used->text);
    snprintf(used->text + end, sizeof used->text - end, " %.*s", (int)protocols[i].len,
             (const char *)protocols[i].data);
  }
  used->calls++;
  if (used->choice != SIZE_MAX) *chosen = used->choice;
  if (used->status != TLSOCK_OK) *error = tlsock_error_new(TLSOCK_TYPE, "not today");
  return used->status;
}

static tlsock_context *offering(int version) {
  tlsock_context *client = new_client(version);
  OK(tlsock_context_set_alpn_protocols(client, offers, 2, E));
  return client;
}

// The server refuses, and the client is told.
static void refused(tlsock_context *client, tlsock_context *server, const char *message) {
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(tlsock_object_do_handshake(pair.client, E), TLSOCK_WANT_READ);
  CHECK(tlsock_object_do_handshake(pair.server, E) != TLSOCK_OK);
  EQUAL(tlsock_error_alert_sent(LAST), NO_APPLICATION_PROTOCOL);
  CHECK(strstr(tlsock_error_message(LAST), message));
  CHECK(tlsock_object_do_handshake(pair.client, E) != TLSOCK_OK);
  EQUAL(tlsock_error_alert_received(LAST), NO_APPLICATION_PROTOCOL);
  memory_free(&pair);
}

static void agreed(tlsock_context *client, tlsock_context *server, const char *chosen) {
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  SAME_TEXT(tlsock_object_selected_alpn_protocol(pair.client), chosen);
  SAME_TEXT(tlsock_object_selected_alpn_protocol(pair.server), chosen);
  memory_free(&pair);
}

static void chosen(void) {
  for (int i = 0; i < 2; i++) {
    used used = {.choice = 1};
    tlsock_context *client = offering(versions[i]), *server = new_server("ecdsa", 0);
    OK(tlsock_context_set_alpn_protocols(server, offers, 1, E));
    OK(tlsock_context_set_alpn_callback(server, choose, &used, count_free, E));
    agreed(client, server, "two");
    SAME_TEXT(used.text, "localhost one two");
    used.choice = SIZE_MAX;
    agreed(client, server, NULL);
    EQUAL(used.calls, 2);
    EQUAL(used.frees, 0);
    OK(tlsock_context_set_alpn_callback(server, NULL, NULL, NULL, E));
    EQUAL(used.frees, 1);
    agreed(client, server, "one");
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

static void refusals(void) {
  for (int i = 0; i < 2; i++) {
    used used = {.status = TLSOCK_TYPE, .choice = 0};
    tlsock_context *client = offering(versions[i]), *server = new_server("ecdsa", 0);
    OK(tlsock_context_set_alpn_callback(server, choose, &used, count_free, E));
    refused(client, server, "not today");
    used.status = TLSOCK_OK;
    used.choice = 3;
    refused(client, server, "the ALPN callback chose the protocol of index 3 of 2 that the client offers");
    tlsock_context_free(server);
    EQUAL(used.frees, 1);
    tlsock_context_free(client);
  }
}

static void strict(void) {
  static const char *const other[] = {"other"};
  for (int i = 0; i < 2; i++) {
    used used = {.choice = SIZE_MAX};
    tlsock_context *client = offering(versions[i]), *silent = new_client(versions[i]), *server = new_server("ecdsa", 0);
    CHECK(!tlsock_context_alpn_strict(server) && !tlsock_context_alpn_strict(NULL));
    OK(tlsock_context_set_alpn_strict(server, true, E));
    CHECK(tlsock_context_alpn_strict(server));
    agreed(client, server, NULL);
    OK(tlsock_context_set_alpn_protocols(server, other, 1, E));
    refused(client, server, "NO_APPLICATION_PROTOCOL");
    agreed(silent, server, NULL);
    OK(tlsock_context_set_alpn_protocols(server, offers, 2, E));
    agreed(client, server, "one");
    OK(tlsock_context_set_alpn_callback(server, choose, &used, count_free, E));
    refused(client, server, "NO_APPLICATION_PROTOCOL");
    OK(tlsock_context_set_alpn_strict(server, false, E));
    agreed(client, server, NULL);
    tlsock_context_free(client);
    tlsock_context_free(silent);
    tlsock_context_free(server);
    EQUAL(used.frees, 1);
  }
}

static void clients(void) {
  used used = {0};
  tlsock_context *client = new_client(0);
  FAILS(TLSOCK_VALUE, "an ALPN callback is for a server, and this is a PROTOCOL_TLS_CLIENT context",
        tlsock_context_set_alpn_callback(client, choose, &used, count_free, E));
  EQUAL(used.frees, 0);
  FAILS(TLSOCK_VALUE, "alpn_strict is for a server, and this is a PROTOCOL_TLS_CLIENT context",
        tlsock_context_set_alpn_strict(client, true, E));
  tlsock_context_free(client);
}

TESTS(CASE(chosen), CASE(refusals), CASE(strict), CASE(clients))
