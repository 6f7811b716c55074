// tlsock_identity: a chain with its key, made once and used by any number of contexts.
#include "rounds.h"

static tlsock_identity *from_files(const char *name) {
  char file[64], key[64];
  tlsock_identity *identity = NULL;
  snprintf(file, sizeof file, "%s.pem", name);
  snprintf(key, sizeof key, "%s.key", name);
  OK(tlsock_identity_new_files(cert(file), cert(key), NULL, &identity, E));
  return identity;
}

static tlsock_identity *from_pkcs12(void) {
  size_t len = 0;
  char *file = read_file(cert("ecdsa.p12"), &len);
  tlsock_identity *identity = NULL;
  OK(tlsock_identity_new_pkcs12(file, len, "sesame", &identity, E));
  free(file);
  return identity;
}

static tlsock_context *server_of(const tlsock_identity *identity) {
  tlsock_context *server = NULL;
  OK(tlsock_create_default_context(TLSOCK_PURPOSE_CLIENT_AUTH, NULL, NULL, NULL, 0, &server, E));
  OK(tlsock_context_use_identity(server, identity, E));
  return server;
}

// A client that verifies sees the certificate of this file.
static void shows(tlsock_context *server, const char *file) {
  size_t len = 0;
  char *pem = read_file(cert(file), &len);
  tlsock_certificate *expected = NULL, *shown = NULL;
  OK(tlsock_certificate_new_data(pem, len, &expected, E));
  tlsock_context *client = new_client(0);
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  OK(tlsock_object_peer_certificate(pair.client, &shown, E));
  CHECK(tlsock_certificate_equal(shown, expected) && tlsock_certificate_verified(shown));
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_certificate_free(shown);
  tlsock_certificate_free(expected);
  free(pem);
}

static void files_and_pkcs12(void) {
  tlsock_identity *identities[] = {from_files("ecdsa"), from_pkcs12()};
  for (int i = 0; i < 2; i++) {
    tlsock_context *server = server_of(identities[i]), *other = server_of(identities[i]);
    tlsock_identity_free(identities[i]);  // the contexts keep it
    shows(server, "ecdsa.pem");
    shows(other, "ecdsa.pem");
    tlsock_context_free(server);
    tlsock_context_free(other);
  }
}

static void data(void) {
  size_t len = 0, key_len = 0;
  char *pem = read_file(cert("rsa.pem"), &len), *key = read_file(cert("rsa-encrypted.key"), &key_len);
  tlsock_identity *identity = NULL;
  OK(tlsock_identity_new_data(pem, len, key, key_len, "sesame", &identity, E));
  tlsock_context *server = server_of(identity);
  shows(server, "rsa.pem");
  tlsock_context_free(server);
  tlsock_identity_free(identity);
  free(pem);
  free(key);
}

static int sesame(void *userdata, uint8_t *buffer, size_t size, size_t *len, tlsock_error **error) {
  (void)error;
  const char *word = userdata;
  CHECK(size >= strlen(word));
  memcpy(buffer, word, *len = strlen(word));
  return TLSOCK_OK;
}

static void asked_for_a_password(void) {
  size_t len = 0, key_len = 0;
  char *pem = read_file(cert("rsa.pem"), &len), *key = read_file(cert("rsa-encrypted.key"), &key_len);
  const char *certfile = cert("rsa.pem"), *keyfile = cert("rsa-encrypted.key");
  tlsock_identity *identity = NULL;
  OK(tlsock_identity_new_files_asking(certfile, keyfile, sesame, (void *)"sesame", &identity, E));
  tlsock_identity_free(identity);
  OK(tlsock_identity_new_data_asking(pem, len, key, key_len, sesame, (void *)"sesame", &identity, E));
  tlsock_identity_free(identity);
  identity = NULL;
  FAILS(TLSOCK_SSL, "[SSL] PEM lib: key: the private key's password is wrong*",
        tlsock_identity_new_data_asking(pem, len, key, key_len, sesame, (void *)"open", &identity, E));
  FAILS(TLSOCK_VALUE, "password must not be NULL",
        tlsock_identity_new_files_asking(certfile, keyfile, NULL, NULL, &identity, E));
  CHECK(identity == NULL);
  free(pem);
  free(key);
}

static void certificates(void) {
  tlsock_identity *identity = from_files("ecdsa");
  tlsock_certificate_list *list = NULL;
  OK(tlsock_identity_certificates(identity, &list, E));
  tlsock_identity_free(identity);
  EQUAL(tlsock_certificate_list_count(list), 2);
  SAME_TEXT(tlsock_certificate_subject_text(tlsock_certificate_list_at(list, 0)), "CN=localhost,O=tlsock");
  SAME_TEXT(tlsock_certificate_subject_text(tlsock_certificate_list_at(list, 1)), "CN=tlsock test intermediate");
  tlsock_certificate_list_free(list);
}

// What fails gives nothing and changes nothing.
static void failures(void) {
  size_t len = 0;
  char *file = read_file(cert("ecdsa.p12"), &len);
  tlsock_identity *identity = NULL;
  FAILS(TLSOCK_SSL, "[PKCS12: MAC_VERIFY_FAILURE] mac verify failure: data: the password is wrong*",
        tlsock_identity_new_pkcs12(file, len, "open", &identity, E));
  FAILS(TLSOCK_SSL, "*", tlsock_identity_new_pkcs12(file, len, NULL, &identity, E));
  FAILS(TLSOCK_SSL, "*", tlsock_identity_new_pkcs12(file, len / 2, "sesame", &identity, E));
  FAILS(TLSOCK_SSL, "*", tlsock_identity_new_pkcs12(NULL, 0, "sesame", &identity, E));
  FAILS(TLSOCK_OS, NULL, tlsock_identity_new_files("nowhere.pem", NULL, NULL, &identity, E));
  SAME_TEXT(tlsock_error_filename(LAST), "nowhere.pem");
  FAILS_FOR(TLSOCK_SSL, "KEY_VALUES_MISMATCH",
            tlsock_identity_new_files(cert("ecdsa.pem"), cert("names.key"), NULL, &identity, E));
  CHECK(identity == NULL);
  free(file);

  tlsock_context *server = new_server("ecdsa", 0);
  identity = from_files("rsa");
  OK(tlsock_context_set_ciphers(server, "ALL:@SECLEVEL=5", E));
  FAILS(TLSOCK_SSL, NULL, tlsock_context_use_identity(server, identity, E));
  OK(tlsock_context_set_ciphers(server, "ALL:@SECLEVEL=2", E));
  shows(server, "ecdsa.pem");
  tlsock_identity_free(identity);
  tlsock_context_free(server);
}

// Made and refused again and again, nothing is left.
static tlsock_context *reloaded;
static char *pem, *key, *pkcs12;
static size_t pem_len, key_len, pkcs12_len;

static void one_identity(void) {
  tlsock_identity *identity = NULL;
  tlsock_certificate_list *list = NULL;
  OK(tlsock_identity_new_data(pem, pem_len, key, key_len, NULL, &identity, E));
  OK(tlsock_identity_certificates(identity, &list, E));
  tlsock_certificate_list_free(list);
  tlsock_identity_free(identity);
  OK(tlsock_identity_new_pkcs12(pkcs12, pkcs12_len, "sesame", &identity, E));
  OK(tlsock_context_use_identity(reloaded, identity, E));
  tlsock_identity_free(identity);
  FAILS(TLSOCK_SSL, NULL, tlsock_identity_new_pkcs12(pkcs12, pkcs12_len, "open", &identity, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_identity_new_pkcs12(pkcs12, pkcs12_len / 2, "sesame", &identity, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_identity_new_data(pem, pem_len / 4, key, key_len, NULL, &identity, E));
}

static void nothing_is_left(void) {
  reloaded = new_server("ecdsa", 0);
  pem = read_file(cert("ecdsa.pem"), &pem_len);
  key = read_file(cert("ecdsa.key"), &key_len);
  pkcs12 = read_file(cert("ecdsa.p12"), &pkcs12_len);
  rounds_of(4, one_identity);
  tlsock_context_free(reloaded);
  free(pem);
  free(key);
  free(pkcs12);
}

TESTS(CASE(files_and_pkcs12), CASE(data), CASE(asked_for_a_password), CASE(certificates), CASE(failures),
      CASE(nothing_is_left))
