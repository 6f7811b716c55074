// A callback that judges peers beside OpenSSL: see tests/verify_callback.rs for when it is called and what it can do.
#include "fixture.h"

typedef struct judge {
  int calls, freed;
  bool refuses;
} judge;

static int judges(void *userdata, const tlsock_connection *connection, const tlsock_verification *seen,
                  tlsock_error **error) {
  judge *it = userdata;
  it->calls++;
  CHECK(connection->object && !connection->socket);
  EQUAL(tlsock_verification_code(seen), 62);
  SAME_TEXT(tlsock_verification_message(seen), "hostname mismatch");
  EQUAL(tlsock_verification_depth(seen), 0);
  EQUAL(tlsock_certificate_list_count(tlsock_verification_chain(seen)), 3);
  EQUAL(tlsock_certificate_list_count(tlsock_verification_sent_chain(seen)), 2);
  CHECK(!tlsock_certificate_verified(tlsock_verification_certificate(seen)));
  EQUAL(tlsock_verification_expected_name_count(seen), 1);
  SAME_TEXT(tlsock_verification_expected_name_at(seen, 0), "localhost");
  CHECK(!tlsock_verification_expected_name_at(seen, 1));
  EQUAL(tlsock_verification_offered_name_count(seen), 1);
  tlsock_text name = tlsock_verification_offered_name_at(seen, 0);
  SAME_BYTES(name.data, name.len, "other.example", 13);
  CHECK(!tlsock_verification_offered_name_at(seen, 1).data);
  if (!it->refuses) return TLSOCK_OK;
  *error = tlsock_error_new(TLSOCK_OS, "not on the list");
  return TLSOCK_OS;
}

static void freed(void *userdata) { ((judge *)userdata)->freed++; }

static void override(void) {
  judge it = {0, 0, false};
  tlsock_context *client = new_client(0), *server = new_server("wrong-name", 0);
  OK(tlsock_context_set_verify_callback(client, TLSOCK_VERIFY_CALLBACK_INSECURE_OVERRIDE, judges, &it, freed, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  EQUAL(it.calls, 1);
  CHECK(tlsock_object_verify_overridden(pair.client) && !tlsock_object_verify_overridden(pair.server));
  memory_free(&pair);
  it.refuses = true;
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  EQUAL(tlsock_error_verify_code(LAST), 62);
  SAME_TEXT(tlsock_error_message(tlsock_error_cause(LAST)), "not on the list");
  memory_free(&pair);
  // Without the flag the check alone decides.
  OK(tlsock_context_set_verify_callback(client, 0, judges, &it, freed, E));
  EQUAL(it.freed, 1);
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  EQUAL(it.calls, 2);
  memory_free(&pair);
  OK(tlsock_context_set_verify_callback(client, 0, NULL, NULL, NULL, E));
  EQUAL(it.freed, 2);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static int fails(void *userdata, const tlsock_connection *connection, const tlsock_verification *seen,
                 tlsock_error **error) {
  (void)userdata, (void)connection, (void)error;
  EQUAL(tlsock_verification_code(seen), 0);
  CHECK(!tlsock_verification_message(seen));
  EQUAL(tlsock_verification_depth(seen), -1);
  CHECK(tlsock_certificate_verified(tlsock_verification_certificate(seen)));
  return 77;  // no status
}

static void *is_refused(void *server) {
  FAILS_FOR(TLSOCK_SSL, "SSLV3_ALERT_HANDSHAKE_FAILURE", tlsock_socket_do_handshake(server, E));
  return NULL;
}

static void refusal_over_sockets(void) {
  int fds[2];
  tlsock_socket *socket = NULL;
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  pthread_t thread;
  tlsock_socket *accepted = NULL;
  tcp_pair(fds);
  OK(tlsock_context_set_verify_callback(client, 0, fails, NULL, NULL, E));
  OK(tlsock_context_wrap_socket(server, fds[1], TLSOCK_WRAP_SERVER_SIDE | TLSOCK_WRAP_NO_HANDSHAKE, NULL, NULL,
                                &accepted, E));
  CHECK(pthread_create(&thread, NULL, is_refused, accepted) == 0);
  FAILS(TLSOCK_CERT_VERIFICATION, "*",
        tlsock_context_wrap_socket(client, fds[0], 0, "localhost", NULL, &socket, E));
  SAME_TEXT(tlsock_error_message(tlsock_error_cause(LAST)), "the callback failed with status 77");
  EQUAL(tlsock_error_alert_sent(LAST), TLSOCK_ALERT_DESCRIPTION_HANDSHAKE_FAILURE);
  CHECK(!socket);
  close(fds[0]);
  pthread_join(thread, NULL);
  tlsock_socket_free(accepted);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static const char *const no_pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

static void pinned(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  const char *pins[] = {no_pin, NULL};
  OK(tlsock_context_set_pins(client, pins, 1, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  EQUAL(tlsock_error_verify_code(LAST), 50);
  const char *words = tlsock_error_message(tlsock_error_cause(LAST));
  CHECK(strstr(words, "no key is pinned of those that were seen, the peer's own first: sha256//") == words);
  memory_free(&pair);
  // The pins that were seen are pins: the first is the server's own.
  char seen[60];
  snprintf(seen, sizeof seen, "%.52s", strstr(words, "sha256//"));
  pins[1] = seen;
  OK(tlsock_context_set_pins(client, pins, 2, E));
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void bad_pins(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  const char *good[] = {no_pin}, *nothing[] = {no_pin, NULL}, *bad[] = {"sha256//AAAA"};
  char list[200];
  snprintf(list, sizeof list, "%s;%s", no_pin, no_pin);
  const char *lists[] = {list};
  OK(tlsock_context_set_pins(client, good, 1, E));
  FAILS(TLSOCK_VALUE, "pins[i] must not be NULL", tlsock_context_set_pins(client, nothing, 2, E));
  FAILS(TLSOCK_VALUE, "pins must not be NULL", tlsock_context_set_pins(client, NULL, 1, E));
  FAILS(TLSOCK_VALUE, "pins cannot be *", tlsock_context_set_pins(client, good, SIZE_MAX, E));
  FAILS(TLSOCK_VALUE, "pin 'sha256//AAAA' is not *", tlsock_context_set_pins(client, bad, 1, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_set_pins(client, lists, 1, E));
  CHECK(strstr(tlsock_error_message(LAST), "pass each of several by itself"));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  memory_free(&pair);
  OK(tlsock_context_set_pins(client, NULL, 0, E));
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void names(void) {
  static const char *const expected[] = {"one.example", "other.example"}, *const bad[] = {"one.example", NULL};
  tlsock_context *client = new_client(0), *server = new_server("wrong-name", 0);
  memory pair = memory_new(client, server, "front.example", NULL);
  OK(tlsock_object_set_expected_names(pair.client, expected, 2, E));
  FAILS(TLSOCK_VALUE, "expected names cannot be none: *", tlsock_object_set_expected_names(pair.client, NULL, 0, E));
  FAILS(TLSOCK_VALUE, "names[i] must not be NULL", tlsock_object_set_expected_names(pair.client, bad, 2, E));
  FAILS(TLSOCK_VALUE, "names cannot be *", tlsock_object_set_expected_names(pair.client, bad, SIZE_MAX, E));
  OK(tlsock_object_set_server_name(pair.client, NULL, E));
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  CHECK(!tlsock_object_server_name(pair.server) && !tlsock_object_server_name(pair.client));
  FAILS(TLSOCK_VALUE, "names cannot be set once *", tlsock_object_set_server_name(pair.client, "x", E));
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void names_of_sockets(void) {
  static const char *const other[] = {"other.example"};
  int fds[2];
  tlsock_context *client = new_client(0), *server = new_server("wrong-name", 0);
  tlsock_socket *one = NULL, *accepted = NULL;
  pthread_t thread;
  OK(tlsock_context_wrap_socket(client, socket(AF_INET, SOCK_STREAM, 0), 0, "localhost", NULL, &one, E));
  FAILS(TLSOCK_OS, NULL, tlsock_socket_set_expected_names(one, other, 1, E));
  FAILS(TLSOCK_OS, NULL, tlsock_socket_set_server_name(one, "x.example", E));
  tlsock_socket_free(one);
  tcp_pair(fds);
  OK(tlsock_context_wrap_socket(client, fds[0], TLSOCK_WRAP_NO_HANDSHAKE, "localhost", NULL, &one, E));
  OK(tlsock_context_wrap_socket(server, fds[1], TLSOCK_WRAP_SERVER_SIDE | TLSOCK_WRAP_NO_HANDSHAKE, NULL, NULL,
                                &accepted, E));
  OK(tlsock_socket_set_expected_names(one, other, 1, E));
  OK(tlsock_socket_set_server_name(one, "sent.example", E));
  CHECK(pthread_create(&thread, NULL, wire_serve, accepted) == 0);
  OK(tlsock_socket_do_handshake(one, E));
  pthread_join(thread, NULL);
  SAME_TEXT(tlsock_socket_server_name(accepted), "sent.example");
  tlsock_socket_free(one);
  tlsock_socket_free(accepted);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void limits(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  EQUAL(tlsock_context_verify_depth(client), -1);
  EQUAL(tlsock_context_max_cert_list(client), 102400);
  OK(tlsock_context_set_verify_depth(client, 0, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  EQUAL(tlsock_error_verify_code(LAST), 22);
  memory_free(&pair);
  OK(tlsock_context_set_verify_depth(client, 1, E));
  OK(tlsock_context_set_max_cert_list(client, 100, E));
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_SSL);
  SAME_TEXT(tlsock_error_reason(LAST), "EXCESSIVE_MESSAGE_SIZE");
  memory_free(&pair);
  FAILS(TLSOCK_VALUE, "verify depth -2 is *", tlsock_context_set_verify_depth(client, -2, E));
  FAILS(TLSOCK_VALUE, "a chain of 0 bytes: *", tlsock_context_set_max_cert_list(client, 0, E));
  FAILS(TLSOCK_VALUE, "a chain of 16777216 bytes: *", tlsock_context_set_max_cert_list(client, 1 << 24, E));
  EQUAL(tlsock_context_verify_depth(client), 1);
  EQUAL(tlsock_context_max_cert_list(client), 100);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void copies(void) {
  judge it = {0, 0, false};
  tlsock_context *client = new_client(0), *server = new_server("wrong-name", 0), *copy = NULL;
  OK(tlsock_context_set_verify_callback(client, TLSOCK_VERIFY_CALLBACK_INSECURE_OVERRIDE, judges, &it, freed, E));
  OK(tlsock_context_set_verify_depth(client, 3, E));
  OK(tlsock_context_copy(client, &copy, E));
  CHECK(!tlsock_context_same(client, copy));
  EQUAL(tlsock_context_verify_depth(copy), 3);
  tlsock_context_free(client);
  EQUAL(it.freed, 0);  // the copy calls it still
  memory pair = memory_new(copy, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  EQUAL(it.calls, 1);
  memory_free(&pair);
  tlsock_context_free(copy);
  EQUAL(it.freed, 1);
  tlsock_context_free(server);
}

static void required_key(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  CHECK(!tlsock_context_psk_required(client));
  OK(tlsock_context_set_psk_required(client, true, E));
  CHECK(tlsock_context_psk_required(client));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  SAME_TEXT(tlsock_error_message(tlsock_error_cause(LAST)),
            "a pre-shared key is required, and this handshake uses none");
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
  EQUAL(tlsock_has(TLSOCK_HAS_PHA), tlsock_has(TLSOCK_HAS_TLSV1_3));
  EQUAL(tlsock_has(TLSOCK_HAS_PSK_TLS13), tlsock_has(TLSOCK_HAS_TLSV1_3));
}

static void bad_arguments(void) {
  judge it = {0, 0, false};
  tlsock_context *client = new_client(0);
  FAILS(TLSOCK_VALUE, "flags has unknown bits 0xfffffffe",
        tlsock_context_set_verify_callback(client, UINT32_MAX, judges, &it, freed, E));
  FAILS(TLSOCK_VALUE, "context must not be NULL",
        tlsock_context_set_verify_callback(NULL, 0, judges, &it, freed, E));
  EQUAL(it.freed, 0);  // it is still ours
  OK(tlsock_context_set_verify_callback(client, 0, judges, &it, freed, E));
  tlsock_context_free(client);
  EQUAL(it.freed, 1);
  CHECK(!tlsock_socket_verify_overridden(NULL));
}

TESTS(CASE(override), CASE(refusal_over_sockets), CASE(pinned), CASE(bad_pins), CASE(names), CASE(names_of_sockets), CASE(limits),
      CASE(copies), CASE(required_key), CASE(bad_arguments))
