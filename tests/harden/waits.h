// Handshakes in which each callback that can wait does: on both sides for the identity, the verdict on the peer and the
// signature, and on the server for the ClientHello. Each answers when it is asked for the second time.
#ifndef WAITS_H
#define WAITS_H

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "../c/fixture.h"

typedef enum question {
  OF_HELLO,
  SERVERS_IDENTITY,
  CLIENTS_IDENTITY,
  VERDICT_ON_SERVER,
  VERDICT_ON_CLIENT,
  SERVERS_SIGNATURE,
  CLIENTS_SIGNATURE,
  QUESTIONS
} question;

// A signature of something else.
#define JUNK (-1)

typedef struct waits {
  tlsock_identity *of_server, *of_client;
  EVP_PKEY *server_key, *client_key;
  int asked[QUESTIONS];
  int answers[QUESTIONS];  // the second ones: 0 is OK
  // Around what belongs to the program.
  void (*enter)(void), (*leave)(void);
} waits;

static waits *waiting;

static inline int waits_answer(question about) {
  return ++waiting->asked[about] % 2 ? TLSOCK_WANT_CALLBACK : waiting->answers[about];
}

static int waits_hello(void *userdata, const tlsock_connection *connection, const tlsock_client_hello *hello, int *alert,
                       tlsock_error **error) {
  (void)userdata, (void)connection, (void)hello, (void)alert, (void)error;
  return waits_answer(OF_HELLO);
}

static int waits_identity(void *of_client, const tlsock_connection *connection, tlsock_identity_request *request,
                          tlsock_error **error) {
  (void)connection;
  int answer = waits_answer(of_client ? CLIENTS_IDENTITY : SERVERS_IDENTITY);
  return answer ? answer : (int)tlsock_identity_request_use(request, of_client ? waiting->of_client : waiting->of_server, error);
}

static int waits_verdict(void *on_client, const tlsock_connection *connection, const tlsock_verification *seen,
                         tlsock_error **error) {
  (void)connection, (void)error;
  if (tlsock_verification_code(seen) != 0) return TLSOCK_VALUE;
  return waits_answer(on_client ? VERDICT_ON_CLIENT : VERDICT_ON_SERVER);
}

// The keys are on curves.
static int waits_signature(void *of_client, const char *algorithm, const char *digest, const uint8_t *data, size_t data_len,
                           uint8_t *signature, size_t size, size_t *signature_len, tlsock_error **error) {
  (void)algorithm, (void)digest, (void)error;
  int answer = waits_answer(of_client ? CLIENTS_SIGNATURE : SERVERS_SIGNATURE);
  if (answer != 0 && answer != JUNK) return answer;
  uint8_t other[64] = {7};
  waiting->enter();
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(of_client ? waiting->client_key : waiting->server_key, NULL);
  *signature_len = size;
  bool good = ctx && EVP_PKEY_sign_init(ctx) == 1 && data_len <= sizeof other &&
              EVP_PKEY_sign(ctx, signature, signature_len, answer == JUNK ? other : data, data_len) == 1;
  EVP_PKEY_CTX_free(ctx);
  waiting->leave();
  return good ? TLSOCK_OK : TLSOCK_OS;
}

static inline EVP_PKEY *waits_key(const char *name) {
  FILE *file = fopen(cert(name), "r");
  CHECK(file != NULL);
  EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
  CHECK(key != NULL);
  fclose(file);
  return key;
}

// Whose signer is asked by `of_client`.
static inline int waits_identity_new(const char *name, bool of_client, tlsock_identity **made, tlsock_error **error) {
  size_t len = 0;
  waiting->enter();
  char *chain = read_file(cert(name), &len);
  waiting->leave();
  int said = tlsock_identity_new_signer(chain, len, TLSOCK_SIGNER_MAY_WAIT, waits_signature, of_client ? waiting : NULL, NULL,
                                        made, error);
  free(chain);
  return said;
}

static inline int waits_callbacks(tlsock_context *context, bool of_client, tlsock_error **error) {
  // What judges on the client's side judges the server.
  void *own = of_client ? waiting : NULL, *judged = of_client ? NULL : waiting;
  int said = tlsock_context_set_identity_callback(context, waits_identity, own, NULL, error);
  if (said == TLSOCK_OK) said = tlsock_context_set_verify_callback(context, 0, waits_verdict, judged, NULL, error);
  if (said == TLSOCK_OK && !of_client)
    said = tlsock_context_set_client_hello_callback(context, waits_hello, NULL, NULL, error);
  return said;
}

#endif
