// tlsock_context: the defaults of a new one, and the settings. Its chain is in chain.c, its trust in trust.c.
#include "fixture.h"

static const int any_version[] = {TLSOCK_PROTOCOL_TLS, TLSOCK_PROTOCOL_TLS_CLIENT, TLSOCK_PROTOCOL_TLS_SERVER};

static tlsock_context *made(int protocol) {
  tlsock_context *context = NULL;
  OK(tlsock_context_new(protocol, &context, E));
  CHECK(context);
  return context;
}

static void defaults(void) {
  for (int i = 0; i < 3; i++) {
    int client = any_version[i] == TLSOCK_PROTOCOL_TLS_CLIENT;
    tlsock_context *context = made(any_version[i]);
    tlsock_cert_store_stats store;
    OK(tlsock_context_cert_store_stats(context, &store, E));
    EQUAL(store.x509 + store.crl + store.x509_ca, 0);
    EQUAL(tlsock_context_protocol(context), any_version[i]);
    EQUAL(tlsock_context_verify_mode(context), client ? TLSOCK_CERT_REQUIRED : TLSOCK_CERT_NONE);
    EQUAL(tlsock_context_check_hostname(context), client);
    EQUAL(tlsock_context_options(context), 0x82520050);
    EQUAL(tlsock_context_minimum_version(context), TLSOCK_TLS_VERSION_TLSV1_2);
    EQUAL(tlsock_context_maximum_version(context), TLSOCK_TLS_VERSION_MAXIMUM_SUPPORTED);
    EQUAL(tlsock_context_verify_flags(context), TLSOCK_VERIFY_X509_TRUSTED_FIRST);
    CHECK(tlsock_context_hostname_checks_common_name(context));
    EQUAL(tlsock_context_security_level(context), 2);
    EQUAL(tlsock_context_num_tickets(context), 2);
    CHECK(!tlsock_context_post_handshake_auth(context));
    tlsock_context_free(context);
  }
}

static void fixed_version(void) {
  tlsock_context *context = made(TLSOCK_PROTOCOL_TLSV1_2);
  EQUAL(tlsock_context_protocol(context), TLSOCK_PROTOCOL_TLSV1_2);
  EQUAL(tlsock_context_verify_mode(context), TLSOCK_CERT_NONE);
  EQUAL(tlsock_context_minimum_version(context), TLSOCK_TLS_VERSION_MINIMUM_SUPPORTED);
  EQUAL(tlsock_context_maximum_version(context), TLSOCK_TLS_VERSION_MAXIMUM_SUPPORTED);
  const char *text = "The context's protocol doesn't support modification of highest and lowest version.";
  FAILS(TLSOCK_VALUE, text, tlsock_context_set_minimum_version(context, TLSOCK_TLS_VERSION_TLSV1_2, E));
  FAILS(TLSOCK_VALUE, text, tlsock_context_set_maximum_version(context, TLSOCK_TLS_VERSION_TLSV1_2, E));
  tlsock_context_free(context);
}

static void unknown_protocol(void) {
  static const int wrong[] = {0, 1, -1, 6, 15, 18, 1 << 30};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char text[80];
    tlsock_context *context = NULL;
    snprintf(text, sizeof text, "invalid or unsupported protocol version %d", wrong[i]);
    FAILS(TLSOCK_VALUE, text, tlsock_context_new(wrong[i], &context, E));
    CHECK(!context);
  }
}

static void set_ciphers(void) {
  static const char *const useless[] = {"", "no-such-cipher", "TLS_AES_256_GCM_SHA384"};
  tlsock_context *context = made(TLSOCK_PROTOCOL_TLS_SERVER);
  OK(tlsock_context_set_ciphers(context, "ECDHE-RSA-AES128-GCM-SHA256:no-such-cipher", E));
  for (int i = 0; i < 3; i++) {
    FAILS(TLSOCK_SSL, "No cipher can be selected.", tlsock_context_set_ciphers(context, useless[i], E));
    CHECK(!tlsock_error_library(LAST) && !tlsock_error_reason(LAST));
  }
  OK(tlsock_context_set_ciphers(context, "@SECLEVEL=1:ECDHE-RSA-AES128-GCM-SHA256", E));
  EQUAL(tlsock_context_security_level(context), 1);
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_set_ciphers(context, "\xff", E));
  tlsock_context_free(context);
}

static void verify_mode(void) {
  tlsock_context *context = made(TLSOCK_PROTOCOL_TLS_CLIENT);
  FAILS(TLSOCK_VALUE, "Cannot set verify_mode to CERT_NONE when check_hostname is enabled.",
        tlsock_context_set_verify_mode(context, TLSOCK_CERT_NONE, E));
  FAILS(TLSOCK_VALUE, "invalid value for verify_mode", tlsock_context_set_verify_mode(context, 3, E));
  FAILS(TLSOCK_VALUE, "invalid value for verify_mode", tlsock_context_set_verify_mode(context, -1, E));
  EQUAL(tlsock_context_verify_mode(context), TLSOCK_CERT_REQUIRED);
  OK(tlsock_context_set_verify_mode(context, TLSOCK_CERT_OPTIONAL, E));
  EQUAL(tlsock_context_verify_mode(context), TLSOCK_CERT_OPTIONAL);
  OK(tlsock_context_set_check_hostname(context, true, E));  // leaves OPTIONAL
  EQUAL(tlsock_context_verify_mode(context), TLSOCK_CERT_OPTIONAL);
  OK(tlsock_context_set_check_hostname(context, false, E));  // leaves the mode alone, too
  EQUAL(tlsock_context_verify_mode(context), TLSOCK_CERT_OPTIONAL);
  OK(tlsock_context_set_verify_mode(context, TLSOCK_CERT_NONE, E));
  EQUAL(tlsock_context_verify_mode(context), TLSOCK_CERT_NONE);
  OK(tlsock_context_set_check_hostname(context, true, E));  // raises NONE
  EQUAL(tlsock_context_verify_mode(context), TLSOCK_CERT_REQUIRED);
  CHECK(tlsock_context_check_hostname(context));
  OK(tlsock_context_set_hostname_checks_common_name(context, false, E));
  CHECK(!tlsock_context_hostname_checks_common_name(context));
  OK(tlsock_context_set_hostname_checks_common_name(context, true, E));
  CHECK(tlsock_context_hostname_checks_common_name(context));
  tlsock_context_free(context);
}

static void flag_words(void) {
  tlsock_context *context = made(TLSOCK_PROTOCOL_TLS);
  uint64_t options = tlsock_context_options(context);
  OK(tlsock_context_set_options(context, options | TLSOCK_OP_NO_TLSV1_3 | (1ull << 63), E));
  EQUAL(tlsock_context_options(context), options | TLSOCK_OP_NO_TLSV1_3 | (1ull << 63));
  OK(tlsock_context_set_options(context, 0, E));
  EQUAL(tlsock_context_options(context), 0);
  OK(tlsock_context_set_verify_flags(context, TLSOCK_VERIFY_CRL_CHECK_LEAF | TLSOCK_VERIFY_X509_STRICT, E));
  EQUAL(tlsock_context_verify_flags(context), TLSOCK_VERIFY_CRL_CHECK_LEAF | TLSOCK_VERIFY_X509_STRICT);
  OK(tlsock_context_set_verify_flags(context, 0, E));
  EQUAL(tlsock_context_verify_flags(context), 0);
  tlsock_context_free(context);
}

static void version_limits(void) {
  for (int i = 0; i < 3; i++) {
    tlsock_context *context = made(any_version[i]);
    OK(tlsock_context_set_minimum_version(context, TLSOCK_TLS_VERSION_TLSV1_3, E));
    EQUAL(tlsock_context_minimum_version(context), TLSOCK_TLS_VERSION_TLSV1_3);
    OK(tlsock_context_set_maximum_version(context, TLSOCK_TLS_VERSION_TLSV1_2, E));  // empty: fails in the handshake
    EQUAL(tlsock_context_maximum_version(context), TLSOCK_TLS_VERSION_TLSV1_2);
    OK(tlsock_context_set_minimum_version(context, TLSOCK_TLS_VERSION_MINIMUM_SUPPORTED, E));
    EQUAL(tlsock_context_minimum_version(context), TLSOCK_TLS_VERSION_MINIMUM_SUPPORTED);
    OK(tlsock_context_set_minimum_version(context, TLSOCK_TLS_VERSION_MAXIMUM_SUPPORTED, E));
    EQUAL(tlsock_context_minimum_version(context), TLSOCK_TLS_VERSION_TLSV1_3);
    OK(tlsock_context_set_maximum_version(context, TLSOCK_TLS_VERSION_MAXIMUM_SUPPORTED, E));
    EQUAL(tlsock_context_maximum_version(context), TLSOCK_TLS_VERSION_MAXIMUM_SUPPORTED);
    FAILS(TLSOCK_VALUE, "Unsupported TLS/SSL version 0x305", tlsock_context_set_minimum_version(context, 0x305, E));
    FAILS(TLSOCK_VALUE, "Unsupported TLS/SSL version 0x0", tlsock_context_set_maximum_version(context, 0, E));
    FAILS(TLSOCK_VALUE, "Unsupported TLS/SSL version 0xfffffffd", tlsock_context_set_maximum_version(context, -3, E));
    EQUAL(tlsock_context_maximum_version(context), TLSOCK_TLS_VERSION_MAXIMUM_SUPPORTED);
    tlsock_context_free(context);
  }
}

static void tickets(void) {
  tlsock_context *server = made(TLSOCK_PROTOCOL_TLS_SERVER), *both = made(TLSOCK_PROTOCOL_TLS);
  OK(tlsock_context_set_num_tickets(server, 0, E));
  EQUAL(tlsock_context_num_tickets(server), 0);
  OK(tlsock_context_set_num_tickets(server, 5, E));
  FAILS(TLSOCK_VALUE, "value must be non-negative", tlsock_context_set_num_tickets(server, -1, E));
  FAILS(TLSOCK_VALUE, "value must be non-negative", tlsock_context_set_num_tickets(both, -1, E));
  FAILS(TLSOCK_VALUE, "SSLContext is not a server context.", tlsock_context_set_num_tickets(both, 1, E));
  EQUAL(tlsock_context_num_tickets(server), 5);
  tlsock_context_free(server);
  tlsock_context_free(both);
}

static void alpn(void) {
  static const char *const good[] = {"h2", "http/1.1"};
  static const char *const empty[] = {"h2", ""};
  static const char *const foreign[] = {"h\xc3\xa9"};
  static const char *const null[] = {"h2", NULL};
  char text[257];
  const char *const too_long[] = {text};
  const char *message = "ALPN protocols must be 1 to 255 in length";
  tlsock_context *context = made(TLSOCK_PROTOCOL_TLS);
  memset(text, 'a', 256);
  text[256] = '\0';
  OK(tlsock_context_set_alpn_protocols(context, good, 2, E));
  OK(tlsock_context_set_alpn_protocols(context, NULL, 0, E));
  FAILS(TLSOCK_SSL, message, tlsock_context_set_alpn_protocols(context, empty, 2, E));
  FAILS(TLSOCK_SSL, message, tlsock_context_set_alpn_protocols(context, too_long, 1, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_set_alpn_protocols(context, foreign, 1, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_set_alpn_protocols(context, null, 2, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_set_alpn_protocols(context, NULL, 2, E));
  FAILS(TLSOCK_SSL, "NPN protocols must be 1 to 255 in length", tlsock_context_set_npn_protocols(context, empty, 2, E));
  FAILS(TLSOCK_NOT_IMPLEMENTED, NULL, tlsock_context_set_npn_protocols(context, good, 2, E));
  tlsock_context_free(context);
}

// What both sides agree on: the server's order decides; no overlap is no failure.
static void alpn_choice(void) {
  static const struct {
    const char *client[2], *server[2], *chosen;
  } rows[] = {{{"http/1.1", "h2"}, {"h2", "http/1.1"}, "h2"},
              {{"http/1.1", "h2"}, {"http/1.1", "h2"}, "http/1.1"},
              {{"a", "b"}, {"c", "d"}, NULL}};
  for (int i = 0; i < 3; i++) {
    tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
    OK(tlsock_context_set_alpn_protocols(client, rows[i].client, 2, E));
    OK(tlsock_context_set_alpn_protocols(server, rows[i].server, 2, E));
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    SAME_TEXT(tlsock_object_selected_alpn_protocol(pair.client), rows[i].chosen);
    SAME_TEXT(tlsock_object_selected_alpn_protocol(pair.server), rows[i].chosen);
    memory_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

static void default_context(void) {
  tlsock_context *client = NULL, *server = NULL;
  unsetenv("SSLKEYLOGFILE");
  OK(tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, NULL, NULL, NULL, 0, &client, E));
  OK(tlsock_create_default_context(TLSOCK_PURPOSE_CLIENT_AUTH, NULL, NULL, NULL, 0, &server, E));
  EQUAL(tlsock_context_protocol(client), TLSOCK_PROTOCOL_TLS_CLIENT);
  EQUAL(tlsock_context_verify_mode(client), TLSOCK_CERT_REQUIRED);
  CHECK(tlsock_context_check_hostname(client));
  EQUAL(tlsock_context_verify_flags(client), 0x88020);
  EQUAL(tlsock_context_protocol(server), TLSOCK_PROTOCOL_TLS_SERVER);
  EQUAL(tlsock_context_verify_mode(server), TLSOCK_CERT_NONE);
  CHECK(!tlsock_context_check_hostname(server));
  EQUAL(tlsock_context_verify_flags(server), 0x88020);
  EQUAL(tlsock_context_options(client), 0x82520050);
  EQUAL(tlsock_context_options(server), 0x82520050);
  tlsock_context_free(client);
  tlsock_context_free(server);
  client = NULL;
  FAILS(TLSOCK_VALUE, NULL, tlsock_create_default_context(1, NULL, NULL, NULL, 0, &client, E));
  FAILS(TLSOCK_OS, NULL,
        tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, cert("missing.pem"), NULL, NULL, 0, &client, E));
  CHECK(!client);
}

static void same(void) {
  tlsock_context *one = made(TLSOCK_PROTOCOL_TLS_CLIENT), *other = made(TLSOCK_PROTOCOL_TLS_CLIENT);
  tlsock_context *again = NULL;
  tlsock_object *object = NULL;
  OK(tlsock_context_wrap_bio(one, NULL, NULL, 0, "localhost", NULL, &object, E));
  OK(tlsock_object_context(object, &again, E));
  CHECK(tlsock_context_same(one, one) && tlsock_context_same(one, again));
  CHECK(!tlsock_context_same(one, other) && !tlsock_context_same(one, NULL));
  tlsock_context_free(one);
  EQUAL(tlsock_context_protocol(again), TLSOCK_PROTOCOL_TLS_CLIENT);
  tlsock_context_free(other);
  tlsock_context_free(again);
  tlsock_object_free(object);
  tlsock_context_free(NULL);
}

static void switches(void) {
  tlsock_context *context = made(TLSOCK_PROTOCOL_TLS_CLIENT);
  OK(tlsock_context_set_post_handshake_auth(context, true, E));
  CHECK(tlsock_context_post_handshake_auth(context));
  OK(tlsock_context_set_post_handshake_auth(context, false, E));
  CHECK(!tlsock_context_post_handshake_auth(context));
  tlsock_context_free(context);
}

// Any value but 0 is true in C, as any value but an empty one is in Python.
static void truth(void) {
  tlsock_context *context = NULL;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &context, E));
  OK(tlsock_context_set_check_hostname(context, 42, E));
  CHECK(tlsock_context_check_hostname(context) == true);
  EQUAL(tlsock_context_verify_mode(context), TLSOCK_CERT_REQUIRED);
  OK(tlsock_context_set_check_hostname(context, NULL, E));
  CHECK(tlsock_context_check_hostname(context) == false);
  OK(tlsock_context_set_check_hostname(context, "text" != NULL, E));
  CHECK(tlsock_context_check_hostname(context) == true);
  tlsock_context_free(context);
}

static void counters(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(tlsock_context_session_stats(client).connect, 0);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  EQUAL(tlsock_context_session_stats(client).connect_good, 1);
  EQUAL(tlsock_context_session_stats(server).accept_good, 1);
  EQUAL(tlsock_context_session_stats(NULL).number, 0);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void key_log_file(void) {
  tlsock_context *client = new_client(0);
  tlsock_bytes name = {NULL, 7};
  OK(tlsock_context_keylog_filename(client, &name, E));
  CHECK(!name.data && name.len == 0);
  OK(tlsock_context_set_keylog_filename(client, "/dev/null", E));
  OK(tlsock_context_keylog_filename(client, &name, E));
  SAME_BYTES(name.data, name.len, "/dev/null", 9);
  tlsock_bytes_free(&name);
  OK(tlsock_context_set_keylog_filename(client, NULL, E));
  OK(tlsock_context_keylog_filename(client, &name, E));
  CHECK(!name.data);
  tlsock_context_free(client);
}

TESTS(CASE(defaults), CASE(fixed_version), CASE(unknown_protocol), CASE(set_ciphers), CASE(verify_mode),
      CASE(flag_words), CASE(version_limits), CASE(tickets), CASE(alpn), CASE(alpn_choice), CASE(default_context),
      CASE(same), CASE(switches), CASE(truth), CASE(counters), CASE(key_log_file))
