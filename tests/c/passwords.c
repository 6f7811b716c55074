// Passwords of private keys that a call asks for, not the context.
#include "fixture.h"

// What one call is asked with, and how often.
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
  return tlsock_context_load_cert_chain_asking(context, cert("rsa.pem"), cert("rsa-encrypted.key"), on_password, asked, error);
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

  // The context's own callback is not asked, and stays.
  OK(tlsock_context_set_password_callback(loaded, on_password, &wrong, NULL, E));
  wrong.calls = 0;
  OK(load(loaded, &right, E));
  EQUAL(wrong.calls, 0);
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_cert_chain(loaded, cert("rsa.pem"), cert("rsa-encrypted.key"), NULL, E));
  CHECK(wrong.calls > 0);

  tlsock_context_free(loaded);
}

// Each thread is asked for its own, though they load into one context.
static void many(void) {
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &loaded, E));
  pthread_t threads[LOADERS];
  int numbers[LOADERS];
  for (int i = 0; i < LOADERS; i++) CHECK(pthread_create(&threads[i], NULL, load_often, (numbers[i] = i, &numbers[i])) == 0);
  for (int i = 0; i < LOADERS; i++) pthread_join(threads[i], NULL);
  tlsock_context_free(loaded);
}

TESTS(CASE(loading), CASE(many))
