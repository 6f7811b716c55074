// Callbacks of the handshake that have no answer yet, and connections that wait for one.
#ifndef WAITING_H
#define WAITING_H

#include "fixture.h"

typedef struct question {
  int asked, freed;
  tlsock_status answer;
  const tlsock_identity *identity;
  const char *key;  // of a signer
} question;

static inline void forget(void *userdata) { ((question *)userdata)->freed++; }

static inline int of_hello(void *userdata, const tlsock_connection *connection, const tlsock_client_hello *hello,
                           int *alert, tlsock_error **error) {
  question *own = userdata;
  (void)connection, (void)alert, (void)error;
  SAME_TEXT(tlsock_client_hello_server_name(hello), "localhost");
  own->asked++;
  return own->answer;
}

static inline int of_identity(void *userdata, const tlsock_connection *connection, tlsock_identity_request *request,
                              tlsock_error **error) {
  question *own = userdata;
  (void)connection;
  own->asked++;
  return own->answer ? own->answer : tlsock_identity_request_use(request, own->identity, error);
}

// An error beside WANT_CALLBACK is freed and counts for nothing.
static inline int of_verification(void *userdata, const tlsock_connection *connection, const tlsock_verification *seen,
                                  tlsock_error **error) {
  question *own = userdata;
  (void)connection;
  EQUAL(tlsock_verification_code(seen), 0);
  own->asked++;
  if (own->answer == TLSOCK_WANT_CALLBACK) *error = tlsock_error_new(TLSOCK_SSL, "not yet");
  return own->answer;
}

// Signs by the program openssl, as a program that has a key would.
static inline size_t sign(const char *key, const char *algorithm, const char *digest, const uint8_t *data, size_t len,
                          uint8_t *signature, size_t size) {
  char name[] = "/tmp/tlsock-sign-XXXXXX", command[600];
  int fd = mkstemp(name);
  CHECK(fd >= 0 && write(fd, data, len) == (ssize_t)len && close(fd) == 0);
  bool pss = strcmp(algorithm, "rsa_pss") == 0;
  snprintf(command, sizeof command, "openssl pkeyutl -sign -inkey %s -in %s -pkeyopt digest:%s %s", cert(key), name,
           digest, pss ? "-pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:-1" : "");
  FILE *made = popen(command, "r");
  CHECK(made != NULL);
  size_t count = fread(signature, 1, size, made);
  CHECK(pclose(made) == 0 && unlink(name) == 0);
  return count;
}

static inline int of_signature(void *userdata, const char *algorithm, const char *digest, const uint8_t *data,
                               size_t data_len, uint8_t *signature, size_t size, size_t *signature_len,
                               tlsock_error **error) {
  question *own = userdata;
  own->asked++;
  if (own->answer == TLSOCK_WANT_CALLBACK) *error = tlsock_error_new(TLSOCK_SSL, "not yet");
  if (own->answer) return own->answer;
  *signature_len = sign(own->key, algorithm, digest, data, data_len, signature, size);
  return TLSOCK_OK;
}

static inline void use_signer(tlsock_context *context, const char *name, uint32_t flags,
                              tlsock_signer_callback callback, question *asked) {
  size_t len = 0;
  char file[64];
  snprintf(file, sizeof file, "%s.pem", name);
  char *chain = read_file(cert(file), &len);
  asked->key = strcmp(name, "rsa") == 0 ? "rsa.key" : "client.key";
  tlsock_identity *identity = NULL;
  OK(tlsock_identity_new_signer(chain, len, flags, callback, asked, forget, &identity, E));
  OK(tlsock_context_use_identity(context, identity, E));
  tlsock_identity_free(identity);
  free(chain);
}

// Of VERIFICATION the client waits for a verdict on the server, of OF_CLIENT it is the other way round.
typedef enum kind {
  HELLO,
  IDENTITY,
  VERIFICATION,
  OF_CLIENT,
  SIGNATURE,
  CLIENTS_IDENTITY,
  CLIENTS_SIGNATURE,
  KINDS
} kind;

static inline bool is_verification(kind what) { return what == VERIFICATION || what == OF_CLIENT; }
static inline bool is_signature(kind what) { return what == SIGNATURE || what == CLIENTS_SIGNATURE; }
static inline bool waits_at_client(kind what) {
  return what == VERIFICATION || what == CLIENTS_IDENTITY || what == CLIENTS_SIGNATURE;
}

typedef struct ends {
  tlsock_context *client, *server;
  tlsock_identity *identity;
  question asked;
} ends;

static inline void ends_ask(ends *made, kind what) {
  question *asked = &made->asked;
  switch (what) {
    case HELLO:
      OK(tlsock_context_set_client_hello_callback(made->server, of_hello, asked, forget, E));
      break;
    case IDENTITY:
      OK(tlsock_context_set_identity_callback(made->server, of_identity, asked, forget, E));
      break;
    case CLIENTS_IDENTITY:
      OK(tlsock_context_set_identity_callback(made->client, of_identity, asked, forget, E));
      break;
    case VERIFICATION:
      OK(tlsock_context_set_verify_callback(made->client, 0, of_verification, asked, forget, E));
      break;
    case OF_CLIENT:
      OK(tlsock_context_set_verify_callback(made->server, 0, of_verification, asked, forget, E));
      break;
    case SIGNATURE:
      use_signer(made->server, "rsa", TLSOCK_SIGNER_MAY_WAIT, of_signature, asked);
      break;
    default:
      use_signer(made->client, "client", TLSOCK_SIGNER_MAY_WAIT, of_signature, asked);
  }
}

static inline void ends_new(ends *made, kind what, int version) {
  *made = (ends){new_client(version), new_server("rsa", version), NULL, {0, 0, TLSOCK_WANT_CALLBACK, NULL, NULL}};
  bool of_client = what == CLIENTS_IDENTITY;
  OK(tlsock_identity_new_files(cert(of_client ? "client.pem" : "ecdsa.pem"),
                               cert(of_client ? "client.key" : "ecdsa.key"), NULL, &made->identity, E));
  made->asked.identity = made->identity;
  ends_ask(made, what);
  if (what == OF_CLIENT)
    OK(tlsock_context_load_cert_chain(made->client, cert("client.pem"), cert("client.key"), NULL, E));
  if (what != OF_CLIENT && what != CLIENTS_IDENTITY && what != CLIENTS_SIGNATURE) return;
  OK(tlsock_context_load_verify_locations(made->server, cert("ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_set_verify_mode(made->server, TLSOCK_CERT_REQUIRED, E));
}

static inline void ends_free(ends *made) {
  tlsock_context_free(made->client);
  tlsock_context_free(made->server);
  tlsock_identity_free(made->identity);
  EQUAL(made->asked.freed, 1);
}

// Both ends of a connection over TCP, whose handshake has not begun.
static inline wire over_sockets(const ends *all) {
  int fds[2];
  wire pair = {NULL, NULL};
  tcp_pair(fds);
  OK(tlsock_context_wrap_socket(all->client, fds[0], TLSOCK_WRAP_NO_HANDSHAKE, "localhost", NULL, &pair.client, E));
  OK(tlsock_context_wrap_socket(all->server, fds[1], TLSOCK_WRAP_NO_HANDSHAKE | TLSOCK_WRAP_SERVER_SIDE, NULL, NULL,
                                &pair.server, E));
  return pair;
}

static inline void each(void (*test)(kind what, int version)) {
  for (int what = HELLO; what < KINDS; what++) {
    test((kind)what, TLSOCK_TLS_VERSION_TLSV1_2);
    test((kind)what, TLSOCK_TLS_VERSION_TLSV1_3);
  }
}

#endif
