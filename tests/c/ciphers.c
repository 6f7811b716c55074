// tlsock_cipher_list, and the ciphers and key exchange of a context.
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

static void settings(void) {
  tlsock_context *server = new_server("rsa", 0);
  OK(tlsock_context_set_ecdh_curve(server, "X25519", E));
  FAILS(TLSOCK_VALUE, "unknown elliptic curve name 'P-256'", tlsock_context_set_ecdh_curve(server, "P-256", E));
  if (!tlsock_has(TLSOCK_HAS_DH)) {
    FAILS(TLSOCK_NOT_IMPLEMENTED, NULL, tlsock_context_load_dh_params(server, cert("missing.pem"), E));
    tlsock_context_free(server);
    return;
  }
  FAILS(TLSOCK_OS, "No such file or directory: dhfile *",
        tlsock_context_load_dh_params(server, cert("missing.pem"), E));
  SAME_TEXT(tlsock_error_filename(LAST), cert("missing.pem"));
  FAILS_FOR(TLSOCK_SSL, "NO_START_LINE", tlsock_context_load_dh_params(server, cert("ca.pem"), E));
  tlsock_context_free(server);
}

// The names of TLS 1.3 and of the key exchange. Python 3.15: set_ciphersuites, set_groups
static void newer_settings(void) {
  tlsock_context *client = new_client(TLSOCK_TLS_VERSION_TLSV1_3), *server = new_server("ecdsa", 0);
  tlsock_cipher cipher;
  OK(tlsock_context_set_ciphersuites(client, "TLS_CHACHA20_POLY1305_SHA256", E));
  FAILS(TLSOCK_VALUE, "ciphersuites names 'TLS_AES_128_GCM', which is no known cipher of TLS 1.3; *",
        tlsock_context_set_ciphersuites(client, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM", E));
  OK(tlsock_context_set_groups(client, "P-384", E));
  FAILS(TLSOCK_VALUE, "groups names 'p384', which is no known group; the nearest known is 'P-384'",
        tlsock_context_set_groups(client, "X25519:p384", E));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  CHECK(tlsock_object_cipher(pair.server, &cipher));
  SAME_TEXT(cipher.name, "TLS_CHACHA20_POLY1305_SHA256");
  SAME_TEXT(tlsock_object_group(pair.server), "secp384r1");
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// The words that are unknown to set_ciphers are told only where no cipher is left.
static void nearest_cipher(void) {
  tlsock_context *client = new_client(0);
  OK(tlsock_context_set_ciphers(client, "ECDHE-RSA-AES128-GCM-SHA265:ECDHE-RSA-AES128-GCM-SHA256", E));
  FAILS(TLSOCK_SSL, "No cipher can be selected.", tlsock_context_set_ciphers(client, "ECDHE-RSA-AES128-GCM-SHA265", E));
  const tlsock_error *cause = tlsock_error_cause(LAST);
  EQUAL(tlsock_error_status(cause), TLSOCK_VALUE);
  SAME_TEXT(tlsock_error_message(cause),
            "ciphers names 'ECDHE-RSA-AES128-GCM-SHA265', which is no known cipher; the nearest "
            "known is 'ECDHE-RSA-AES128-GCM-SHA256'");
  tlsock_context_free(client);
}

static bool names_group(tlsock_context *context, bool include_aliases, const char *name) {
  tlsock_bytes groups;
  OK(tlsock_context_get_groups(context, include_aliases, &groups, E));
  bool found = false;
  for (char *one = strtok((char *)groups.data, ":"); one; one = strtok(NULL, ":")) found |= strcmp(one, name) == 0;
  tlsock_bytes_free(&groups);
  return found;
}

static void groups(void) {
  tlsock_context *client = new_client(0);
  CHECK(names_group(client, false, "secp256r1") && !names_group(client, false, "P-256"));
  CHECK(names_group(client, true, "secp256r1") && names_group(client, true, "P-256"));
  CHECK(names_group(client, false, "ffdhe2048"));
  only_version(client, TLSOCK_TLS_VERSION_TLSV1_2);
  CHECK(!names_group(client, true, "ffdhe2048") && names_group(client, true, "x25519"));
  FAILS(TLSOCK_VALUE, "groups must not be NULL", tlsock_context_get_groups(client, true, NULL, E));
  tlsock_context_free(client);
}

TESTS(CASE(lists), CASE(settings), CASE(newer_settings), CASE(nearest_cipher), CASE(groups))
