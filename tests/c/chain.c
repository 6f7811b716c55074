// tlsock_context: this side's chain and key, and the passwords of keys.
#include "fixture.h"

static tlsock_context *made(int protocol) {
  tlsock_context *context = NULL;
  OK(tlsock_context_new(protocol, &context, E));
  return context;
}

// A handshake with these contexts; frees the server's.
static tlsock_status talk(tlsock_context *client, tlsock_context *server) {
  memory pair = memory_new(client, server, "localhost", NULL);
  tlsock_status status = memory_try(&pair, NULL);
  memory_free(&pair);
  tlsock_context_free(server);
  return status;
}

static void chain_files(void) {
  static const char *const names[] = {"rsa", "ecdsa", "ed25519"};
  tlsock_context *client = new_client(0);
  for (int i = 0; i < 3; i++) EQUAL(talk(client, new_server(names[i], 0)), TLSOCK_OK);
  tlsock_context_free(client);
}

// Key and certificate in one file; from memory; as DER; none of it leaves a trace in a file.
static void chain_data(void) {
  tlsock_context *client = new_client(0), *server = made(TLSOCK_PROTOCOL_TLS_SERVER);
  size_t pem_len, key_len;
  char *pem = read_file(cert("ecdsa.pem"), &pem_len), *key = read_file(cert("ecdsa.key"), &key_len);
  OK(tlsock_context_load_cert_chain_data(server, pem, pem_len, key, key_len, NULL, E));
  EQUAL(talk(client, server), TLSOCK_OK);

  char *both = malloc(pem_len + key_len);
  memcpy(both, pem, pem_len);
  memcpy(both + pem_len, key, key_len);
  server = made(TLSOCK_PROTOCOL_TLS_SERVER);
  OK(tlsock_context_load_cert_chain_data(server, both, pem_len + key_len, NULL, 0, NULL, E));
  EQUAL(talk(client, server), TLSOCK_OK);

  server = made(TLSOCK_PROTOCOL_TLS_SERVER);
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_cert_chain_data(server, pem, pem_len, NULL, 0, NULL, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_cert_chain_data(server, key, key_len, key, key_len, NULL, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_cert_chain_data(server, "junk", 4, key, key_len, NULL, E));
  CHECK(tlsock_context_load_cert_chain_data(server, NULL, 0, key, key_len, NULL, NULL) != TLSOCK_OK);

  tlsock_certificate *certificate = NULL;  // the leaf alone, as DER
  OK(tlsock_certificate_new_data(pem, pem_len, &certificate, E));
  tlsock_slice der = tlsock_certificate_der(certificate);
  OK(tlsock_context_load_cert_chain_data(server, der.data, der.len, key, key_len, NULL, E));
  tlsock_certificate_free(certificate);
  OK(tlsock_context_load_verify_locations(client, cert("inter.pem"), NULL, NULL, 0, E));
  EQUAL(talk(client, server), TLSOCK_OK);
  tlsock_context_free(client);
  free(pem);
  free(key);
  free(both);
}

// The failure names this file and argument, begins with Python's words and tells what is wrong.
static void names(const char *words, const char *argument, const char *file, const char *what) {
  char told[600];
  snprintf(told, sizeof told, "%s: %s '%s'%s", words, argument, file, what);
  SAME_TEXT(tlsock_error_message(LAST), told);
  SAME_TEXT(tlsock_error_filename(LAST), file);
}

static void chain_errors(void) {
  tlsock_context *server = made(TLSOCK_PROTOCOL_TLS_SERVER);
  FAILS(TLSOCK_OS, NULL, tlsock_context_load_cert_chain(server, cert("missing.pem"), NULL, NULL, E));
  EQUAL(tlsock_error_os_errno(LAST), 2);
  names("No such file or directory", "certfile", cert("missing.pem"), "");
  FAILS(TLSOCK_OS, NULL, tlsock_context_load_cert_chain(server, cert("rsa.pem"), cert("missing.key"), NULL, E));
  EQUAL(tlsock_error_os_errno(LAST), 2);
  names("No such file or directory", "keyfile", cert("missing.key"), "");
  FAILS(TLSOCK_OS, NULL, tlsock_context_load_cert_chain(server, test_certs, NULL, NULL, E));
  EQUAL(tlsock_error_os_errno(LAST), 21);
  names("Is a directory", "certfile", test_certs, "");
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_cert_chain(server, cert("rsa.pem"), NULL, NULL, E));
  names("[SSL] PEM lib", "certfile", cert("rsa.pem"), ": no private key was found");
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_cert_chain(server, cert("crl.pem"), NULL, NULL, E));
  names("[SSL] PEM lib", "certfile", cert("crl.pem"), ": no certificate was found");
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_cert_chain(server, cert("ecdsa.pem"), cert("client.key"), NULL, E));
  char rest[300];
  snprintf(rest, sizeof rest, " is not that of the first certificate in certfile '%s'", cert("ecdsa.pem"));
  names("[X509: KEY_VALUES_MISMATCH] key values mismatch", "the key in keyfile", cert("client.key"), rest);
  FAILS(TLSOCK_VALUE, "certfile must not be NULL", tlsock_context_load_cert_chain(server, NULL, NULL, NULL, E));
  tlsock_context_free(server);
}

static int sesame(void *userdata, uint8_t *buffer, size_t size, size_t *len, tlsock_error **error) {
  (void)error;
  const char *word = userdata;
  *len = strlen(word);
  if (*len <= size) memcpy(buffer, word, *len);
  return TLSOCK_OK;
}

static int refuse(void *userdata, uint8_t *buffer, size_t size, size_t *len, tlsock_error **error) {
  (void)buffer, (void)size, (void)len;
  ++*(int *)userdata;
  *error = tlsock_error_new(TLSOCK_OS, "no password today");
  return TLSOCK_OS;
}

static int freed;
static void count_free(void *userdata) {
  (void)userdata;
  freed++;
}

static void passwords(void) {
  char long_one[1026];
  const char *pem = cert("rsa.pem"), *key = cert("rsa-encrypted.key");
  tlsock_context *server = made(TLSOCK_PROTOCOL_TLS_SERVER);
  memset(long_one, 'x', sizeof long_one);
  long_one[1025] = '\0';
  OK(tlsock_context_load_cert_chain(server, pem, key, "sesame", E));
  for (int empty = 0; empty < 2; empty++) {
    FAILS(TLSOCK_SSL, NULL, tlsock_context_load_cert_chain(server, pem, key, empty ? "" : "wrong", E));
    names("[SSL] PEM lib", "keyfile", key, ": the private key's password is wrong, or the key is damaged");
  }
  FAILS(TLSOCK_VALUE, "password cannot be longer than 1024 bytes",
        tlsock_context_load_cert_chain(server, pem, key, long_one, E));
  OK(tlsock_context_load_cert_chain(server, pem, cert("rsa.key"), long_one, E));     // nobody asked for it
  CHECK(tlsock_context_load_cert_chain(server, pem, key, NULL, NULL) != TLSOCK_OK);  // no terminal is read

  OK(tlsock_context_set_password_callback(server, sesame, (void *)"sesame", count_free, E));
  OK(tlsock_context_load_cert_chain(server, pem, key, NULL, E));
  FAILS(TLSOCK_SSL, "[SSL] PEM lib: keyfile *", tlsock_context_load_cert_chain(server, pem, key, "wrong", E));
  EQUAL(freed, 0);
  int asked = 0;
  OK(tlsock_context_set_password_callback(server, refuse, &asked, NULL, E));
  EQUAL(freed, 1);
  FAILS(TLSOCK_OS, "no password today", tlsock_context_load_cert_chain(server, pem, key, NULL, E));
  EQUAL(asked, 1);
  OK(tlsock_context_set_password_callback(server, sesame, (void *)"wrong", count_free, E));
  FAILS(TLSOCK_SSL, "[SSL] PEM lib: keyfile *", tlsock_context_load_cert_chain(server, pem, key, NULL, E));
  tlsock_context_free(server);
  EQUAL(freed, 2);
}

// ---- passwords that a call asks for, not the context ----

// What the callback of one call answers, and how often it was asked.
typedef struct asked {
  const char *password, *says;
  int calls;
} asked;

static int on_password(void *userdata, uint8_t *buffer, size_t size, size_t *len, tlsock_error **error) {
  asked *asked = userdata;
  asked->calls++;
  CHECK(size >= 1024);
  if (asked->says) {
    *error = tlsock_error_new(TLSOCK_TYPE, asked->says);
    return TLSOCK_TYPE;
  }
  memcpy(buffer, asked->password, *len = strlen(asked->password));
  return TLSOCK_OK;
}

static int load(tlsock_context *context, asked *asked, tlsock_error **error) {
  return tlsock_context_load_cert_chain_asking(context, cert("rsa.pem"), cert("rsa-encrypted.key"), on_password, asked,
                                               error);
}

enum { LOADERS = 4, LOADS = 10 };
static tlsock_context *loaded;

static void *load_often(void *number) {
  bool right = *(int *)number % 2;
  asked asked = {.password = right ? "sesame" : "wrong"};
  for (int i = 0; i < LOADS; i++) EQUAL(load(loaded, &asked, NULL), right ? TLSOCK_OK : TLSOCK_SSL);
  CHECK(asked.calls >= LOADS);
  return NULL;
}

static void loading(void) {
  asked right = {.password = "sesame"}, wrong = {.password = "wrong"}, failing = {.says = "no word for it"};
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &loaded, E));
  OK(load(loaded, &right, E));
  EQUAL(right.calls, 1);
  FAILS(TLSOCK_SSL, "[SSL] PEM lib: keyfile *", load(loaded, &wrong, E));
  FAILS(TLSOCK_TYPE, "no word for it", load(loaded, &failing, E));
  SAME_TEXT(tlsock_error_message(tlsock_error_cause(LAST)), "no word for it");
  EQUAL(failing.calls, 1);
  FAILS(TLSOCK_VALUE, "password must not be NULL",
        tlsock_context_load_cert_chain_asking(loaded, cert("rsa.pem"), cert("rsa-encrypted.key"), NULL, NULL, E));
  OK(tlsock_context_load_cert_chain_asking(loaded, cert("ecdsa.pem"), cert("ecdsa.key"), on_password, &right, E));
  EQUAL(right.calls, 1);  // that one is not encrypted

  size_t cert_len, key_len;
  char *pem = read_file(cert("rsa.pem"), &cert_len), *key = read_file(cert("rsa-encrypted.key"), &key_len);
  OK(tlsock_context_load_cert_chain_data_asking(loaded, pem, cert_len, key, key_len, on_password, &right, E));
  EQUAL(right.calls, 2);
  FAILS(TLSOCK_VALUE, "password must not be NULL",
        tlsock_context_load_cert_chain_data_asking(loaded, pem, cert_len, key, key_len, NULL, NULL, E));
  free(pem);
  free(key);

  // The context's own callback is not called, and stays set.
  OK(tlsock_context_set_password_callback(loaded, on_password, &wrong, NULL, E));
  wrong.calls = 0;
  OK(load(loaded, &right, E));
  EQUAL(wrong.calls, 0);
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_cert_chain(loaded, cert("rsa.pem"), cert("rsa-encrypted.key"), NULL, E));
  CHECK(wrong.calls > 0);

  tlsock_context_free(loaded);
}

// Each thread's own callback is called, although all load into one context.
static void many(void) {
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &loaded, E));
  pthread_t threads[LOADERS];
  int numbers[LOADERS];
  for (int i = 0; i < LOADERS; i++)
    CHECK(pthread_create(&threads[i], NULL, load_often, (numbers[i] = i, &numbers[i])) == 0);
  for (int i = 0; i < LOADERS; i++) pthread_join(threads[i], NULL);
  tlsock_context_free(loaded);
}

TESTS(CASE(chain_files), CASE(chain_data), CASE(chain_errors), CASE(passwords), CASE(loading), CASE(many))
