// Shared handles in many threads: contexts used and changed at the same time, buffers, and frees in between.
#include "fixture.h"

enum { THREADS = 4, ROUNDS = 15 };

typedef struct shop {
  tlsock_context *client, *server;
  tlsock_session *session;
  int stop;
} shop;

// Connects again and again with the shared contexts.
static void *visit(void *arg) {
  shop *one = arg;
  for (int i = 0; i < ROUNDS; i++) {
    tlsock_certificate *certificate = NULL;
    memory pair = memory_new(one->client, one->server, "localhost", i % 2 ? one->session : NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    memory_say(pair.client, pair.server, "hello");
    memory_say(pair.server, pair.client, "hello yourself");
    OK(tlsock_object_getpeercert(pair.client, &certificate, E));
    CHECK(tlsock_certificate_verified(certificate));
    tlsock_certificate_free(certificate);
    memory_free(&pair);
  }
  return NULL;
}

// Changes everything that may be changed at any time. None of it makes a handshake fail.
static void *change(void *arg) {
  shop *one = arg;
  static const char *const protocols[] = {"h2", "http/1.1"};
  for (int i = 0; !__atomic_load_n(&one->stop, __ATOMIC_SEQ_CST); i++) {
    tlsock_certificate_list *list = NULL;
    uint64_t options = tlsock_context_options(one->client);
    OK(tlsock_context_set_options(one->client, options ^ TLSOCK_OP_NO_TICKET, E));
    OK(tlsock_context_set_verify_flags(one->client,
                                       tlsock_context_verify_flags(one->client) ^ TLSOCK_VERIFY_X509_STRICT, E));
    OK(tlsock_context_set_alpn_protocols(one->server, protocols, (size_t)(i % 3), E));
    OK(tlsock_context_set_alpn_protocols(one->client, protocols, (size_t)(i % 3), E));
    OK(tlsock_context_set_maximum_version(
        one->server, i % 2 ? TLSOCK_TLS_VERSION_TLSV1_2 : TLSOCK_TLS_VERSION_MAXIMUM_SUPPORTED, E));
    OK(tlsock_context_set_ciphers(one->server, i % 2 ? "ECDHE+AESGCM" : "ECDHE+AESGCM:ECDHE+CHACHA20", E));
    OK(tlsock_context_load_cert_chain(one->server, cert("rsa.pem"), cert("rsa.key"), NULL, E));
    OK(tlsock_context_load_verify_locations(one->client, cert("unknown-ca.pem"), NULL, NULL, 0, E));
    OK(tlsock_context_get_ca_certs(one->client, &list, E));
    CHECK(tlsock_certificate_list_count(list) >= 2);
    tlsock_certificate_list_free(list);
  }
  return NULL;
}

static void contexts(void) {
  shop one = {new_client(0), new_server("ecdsa", 0), NULL, 0};
  pthread_t threads[THREADS], changer;
  memory pair = memory_new(one.client, one.server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_say(pair.server, pair.client, "tickets");
  OK(tlsock_object_session(pair.client, &one.session, E));
  memory_free(&pair);
  CHECK(pthread_create(&changer, NULL, change, &one) == 0);
  for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, visit, &one) == 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  __atomic_store_n(&one.stop, 1, __ATOMIC_SEQ_CST);
  pthread_join(changer, NULL);
  tlsock_session_free(one.session);
  tlsock_context_free(one.client);
  tlsock_context_free(one.server);
}

// A connection keeps what it was made with; a new one sees the change.
static void kept_settings(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  memory before = memory_new(client, server, "localhost", NULL);
  OK(tlsock_context_set_maximum_version(client, TLSOCK_TLS_VERSION_TLSV1_2, E));
  OK(tlsock_context_set_check_hostname(client, false, E));
  OK(tlsock_context_set_verify_mode(client, TLSOCK_CERT_NONE, E));
  memory after = memory_new(client, server, "other.example", NULL);
  EQUAL(memory_try(&before, NULL), TLSOCK_OK);
  EQUAL(memory_try(&after, NULL), TLSOCK_OK);
  SAME_TEXT(tlsock_object_version(before.client), "TLSv1.3");
  SAME_TEXT(tlsock_object_version(after.client), "TLSv1.2");
  memory_free(&before);
  memory_free(&after);
  tlsock_context_free(client);
  tlsock_context_free(server);

  // Trust added later counts for a connection whose handshake has not begun.
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &client, E));
  server = new_server("ecdsa", 0);
  memory late = memory_new(client, server, "localhost", NULL);
  OK(tlsock_context_load_verify_locations(client, cert("ca.pem"), NULL, NULL, 0, E));
  EQUAL(memory_try(&late, NULL), TLSOCK_OK);
  memory_free(&late);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void *fill(void *bio) {
  for (int i = 0; i < 20000; i++) OK(tlsock_bio_write(bio, "0123456789", 10, E));
  OK(tlsock_bio_write_eof(bio, E));
  return NULL;
}

static void buffer(void) {
  tlsock_bio *bio = NULL;
  pthread_t writer;
  char data[777];
  size_t got = 0, len = 0;
  OK(tlsock_bio_new(&bio, E));
  CHECK(pthread_create(&writer, NULL, fill, bio) == 0);
  while (!tlsock_bio_eof(bio)) {
    OK(tlsock_bio_read(bio, data, sizeof data, &len, E));
    for (size_t i = 0; i < len; i++) CHECK(data[i] == '0' + (char)((got + i) % 10));
    got += len;
  }
  pthread_join(writer, NULL);
  EQUAL(got, 200000);
  tlsock_bio_free(bio);
}

TESTS(CASE(contexts), CASE(kept_settings), CASE(buffer))
