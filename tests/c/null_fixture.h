// Handles for the program that null_calls.py makes: one of each type that a call can be made on.
#ifndef NULL_FIXTURE_H
#define NULL_FIXTURE_H

#include "fixture.h"

static tlsock_context *some_context;
static tlsock_bio *some_bio;
static tlsock_object *some_object;
static tlsock_socket *some_socket;  // not connected
static tlsock_session *some_session;
static tlsock_certificate *some_certificate;
static tlsock_identity *some_identity;

static inline void make_handles(void) {
  size_t len = 0;
  test_thread = pthread_self();
  pthread_key_create(&test_slot_key, test_free_slot);
  if (setjmp(test_end) != 0) exit(1);
  some_context = new_client(0);
  OK(tlsock_bio_new(&some_bio, E));
  OK(tlsock_context_wrap_bio(some_context, NULL, NULL, 0, "localhost", NULL, &some_object, E));
  OK(tlsock_context_wrap_socket(some_context, socket(AF_INET, SOCK_STREAM, 0), TLSOCK_WRAP_NO_HANDSHAKE, "localhost",
                                NULL, &some_socket, E));
  char *pem = read_file(cert("ca.pem"), &len);
  OK(tlsock_certificate_new_data(pem, len, &some_certificate, E));
  free(pem);
  OK(tlsock_identity_new_files(cert("ecdsa.pem"), cert("ecdsa.key"), NULL, &some_identity, E));
  tlsock_context *server = new_server("ecdsa", 0);
  memory pair = memory_new(some_context, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  OK(tlsock_object_session(pair.client, &some_session, E));
  memory_free(&pair);
  tlsock_context_free(server);
}

static inline void free_handles(void) {
  tlsock_context_free(some_context);
  tlsock_bio_free(some_bio);
  tlsock_object_free(some_object);
  tlsock_socket_free(some_socket);
  tlsock_session_free(some_session);
  tlsock_certificate_free(some_certificate);
  tlsock_identity_free(some_identity);
}

static inline bool untouched(const void *place, size_t size) {
  const unsigned char *bytes = place;
  for (size_t i = 0; i < size; i++)
    if (bytes[i] != 0x5a) return false;
  return true;
}

#endif
