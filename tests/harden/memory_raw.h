// What OpenSSL, called directly, does of the same.
#ifndef MEMORY_RAW_H
#define MEMORY_RAW_H

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "memory.h"

// Whether OpenSSL, called directly, does the handshake. *session is what the client offers, and what it has got then.
static bool raw_shakes(SSL_CTX *client, SSL_CTX *server, SSL_SESSION **session) {
  SSL *from = SSL_new(client), *to = SSL_new(server);
  BIO *near = NULL, *far = NULL;
  char byte;
  bool works = from && to && BIO_new_bio_pair(&near, 1 << 16, &far, 1 << 16) == 1;
  if (works) {
    SSL_set_verify(from, SSL_VERIFY_PEER, NULL);
    SSL_set_bio(from, near, near), SSL_set_bio(to, far, far);
    SSL_set_connect_state(from), SSL_set_accept_state(to);
    if (*session) SSL_set_session(from, *session);
    for (int i = 0; i < 12; i++) SSL_do_handshake(i % 2 ? to : from);
    works = SSL_is_init_finished(from) && SSL_is_init_finished(to);
    SSL_read(from, &byte, 1);
    SSL_SESSION_free(*session);
    *session = SSL_get1_session(from);
    // Otherwise its session would not be offered again.
    SSL_set_shutdown(from, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
  SSL_free(from), SSL_free(to);
  return works;
}

// Whether OpenSSL, called directly, still does the handshake of both versions, verifies, resumes and has randomness.
static bool raw_works(void) {
  unsigned char bytes[32];
  ERR_clear_error();
  SSL_CTX *client = SSL_CTX_new(TLS_method()), *server = SSL_CTX_new(TLS_method());
  SSL_SESSION *session = NULL, *older = NULL;
  bool works = client && server;
  // 3.0's engines, once they could not make their lock, say for ever that memory is short.
  for (unsigned long word; (word = ERR_get_error()) != 0;) works = works && ERR_GET_REASON(word) != ERR_R_MALLOC_FAILURE;
  works = works && RAND_bytes(bytes, sizeof bytes) == 1 &&
               SSL_CTX_load_verify_locations(client, cert("ca.pem"), NULL) == 1 &&
               SSL_CTX_set_cipher_list(client, "ECDHE+AESGCM") == 1 &&
               SSL_CTX_use_certificate_chain_file(server, cert("ecdsa.pem")) == 1 &&
               SSL_CTX_use_PrivateKey_file(server, cert("ecdsa.key"), SSL_FILETYPE_PEM) == 1 &&
               raw_shakes(client, server, &session) && raw_shakes(client, server, &session) &&
               SSL_CTX_set_max_proto_version(client, TLS1_2_VERSION) == 1 && raw_shakes(client, server, &older);
  SSL_SESSION_free(session), SSL_SESSION_free(older);
  SSL_CTX_free(client), SSL_CTX_free(server);
  return works;
}

static void raw_first(void) {
  armed = true;
  OPENSSL_init_ssl(0, NULL);
  armed = false;
}

static void raw_uri(void) {
  armed = true;
  OSSL_STORE_CTX *store = OSSL_STORE_open(whole_uri, UI_null(), NULL, NULL, NULL);
  for (OSSL_STORE_INFO *item = NULL; store && !OSSL_STORE_eof(store); OSSL_STORE_INFO_free(item)) {
    item = OSSL_STORE_load(store);
    if (!item) break;
  }
  OSSL_STORE_close(store);
  armed = false;
}

#endif
