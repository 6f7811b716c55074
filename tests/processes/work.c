// What a program does with the library, in one call: two ends of a verified TLS connection talk in memory. Python loads
// this as a library, Node as part of an addon. Returns the versions involved, or what went wrong.

#include "work.h"

#include <stdio.h>
#include <string.h>
#include <tlsock.h>

static char said[400];

#define TRY(call)       \
  do {                  \
    if (call) return 1; \
  } while (0)

// Steps one end; not being able to go on before the other end has answered is no failure.
static int step(tlsock_object *end, tlsock_error **error) {
  const tlsock_status status = tlsock_object_do_handshake(end, error);
  return status != TLSOCK_OK && status != TLSOCK_WANT_READ;
}

static int converse(const char *certs, tlsock_object **ends, tlsock_context **contexts, tlsock_bio **bios,
                    tlsock_error **error) {
  char ca[300], chain[300], key[300], buffer[16];
  size_t len = 0;
  snprintf(ca, sizeof ca, "%s/ca.pem", certs);
  snprintf(chain, sizeof chain, "%s/ecdsa.pem", certs);
  snprintf(key, sizeof key, "%s/ecdsa.key", certs);
  TRY(tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, ca, NULL, NULL, 0, &contexts[0], error));
  TRY(tlsock_create_default_context(TLSOCK_PURPOSE_CLIENT_AUTH, NULL, NULL, NULL, 0, &contexts[1], error));
  TRY(tlsock_context_load_cert_chain(contexts[1], chain, key, NULL, error));
  TRY(tlsock_bio_new(&bios[0], error));
  TRY(tlsock_bio_new(&bios[1], error));
  TRY(tlsock_context_wrap_bio(contexts[0], bios[0], bios[1], 0, "localhost", NULL, &ends[0], error));
  TRY(tlsock_context_wrap_bio(contexts[1], bios[1], bios[0], TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &ends[1], error));
  for (int round = 0; round < 4; round++) {
    TRY(step(ends[0], error));
    TRY(step(ends[1], error));
  }
  TRY(tlsock_object_write(ends[0], "hello", 5, &len, error));
  TRY(tlsock_object_read(ends[1], buffer, sizeof buffer, &len, error));
  snprintf(said, sizeof said, "%s; %s; %s; %.*s", tlsock_version(), tlsock_openssl_version(),
           tlsock_object_version(ends[0]), (int)len, buffer);
  return 0;
}

const char *work(const char *certs) {
  tlsock_object *ends[2] = {NULL, NULL};
  tlsock_context *contexts[2] = {NULL, NULL};
  tlsock_bio *bios[2] = {NULL, NULL};
  tlsock_error *error = NULL;
  if (converse(certs, ends, contexts, bios, &error))
    snprintf(said, sizeof said, "failed: %s", tlsock_error_message(error));
  tlsock_error_free(error);
  for (int i = 0; i < 2; i++) {
    tlsock_object_free(ends[i]);
    tlsock_bio_free(bios[i]);
    tlsock_context_free(contexts[i]);
  }
  return said;
}
