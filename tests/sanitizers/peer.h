// A peer made of raw libssl in one thread: it sends back what it receives, changes keys and asks for renegotiation.
#ifndef PEER_H
#define PEER_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>

#include "../c/fixture.h"

enum { PEER_HOLDS = 1 << 16, PEER_CHANGES_AFTER = 1 << 15 };

typedef struct peer {
  SSL_CTX *context;
  int fd;
  bool server, slow, renegotiates;
  // What became of it.
  unsigned key_updates, handshakes;
  bool renegotiation_refused, said_goodbye;
} peer;

// A context of raw libssl, of one version.
static inline SSL_CTX *peer_context(bool server, int version) {
  SSL_CTX *context = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
  CHECK(context != NULL);
  CHECK(SSL_CTX_set_min_proto_version(context, version) == 1 && SSL_CTX_set_max_proto_version(context, version) == 1);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (server) {
    CHECK(SSL_CTX_use_certificate_chain_file(context, cert("ecdsa.pem")) == 1);
    CHECK(SSL_CTX_use_PrivateKey_file(context, cert("ecdsa.key"), SSL_FILETYPE_PEM) == 1);
  }
  return context;
}

static inline void peer_wait(const peer *one, short events) {
  struct pollfd ready = {one->fd, events, 0};
  poll(&ready, 1, 1000);
}

// After a call that did not succeed: what to wait for, or 0 when the connection has ended.
static inline short peer_wants(peer *one, SSL *ssl, int result) {
  switch (SSL_get_error(ssl, result)) {
  case SSL_ERROR_WANT_READ: return POLLIN;
  case SSL_ERROR_WANT_WRITE: return POLLOUT;
  case SSL_ERROR_ZERO_RETURN: one->said_goodbye = true; return 0;
  case SSL_ERROR_SSL: one->renegotiation_refused = one->renegotiates && one->handshakes == 1; return 0;
  default: return 0;
  }
}

static inline void peer_changes_keys(peer *one, SSL *ssl) {
  if (one->renegotiates) {
    SSL_renegotiate(ssl);
  } else if (SSL_version(ssl) == TLS1_3_VERSION) {
    int kind = one->key_updates % 2 ? SSL_KEY_UPDATE_NOT_REQUESTED : SSL_KEY_UPDATE_REQUESTED;
    // In the middle of a record it is refused; the next block tries again.
    one->key_updates += SSL_key_update(ssl, kind) == 1;
  }
  ERR_clear_error();
}

// Sends back until the other side ends.
static inline void peer_echo(peer *one, SSL *ssl) {
  static __thread char held[PEER_HOLDS];
  size_t size = 0, since_change = 0;
  for (;;) {
    short wants = 0;
    if (size < sizeof held) {
      int got = SSL_read(ssl, held + size, (int)(sizeof held - size));
      if (got > 0) size += (size_t)got;
      short more = got > 0 ? POLLIN : peer_wants(one, ssl, got);
      if (!more) return;
      wants |= more;
    }
    if (size > 0) {
      int sent = SSL_write(ssl, held, (int)size);
      short more = sent > 0 ? POLLOUT : peer_wants(one, ssl, sent);
      if (!more) return;
      wants |= more;
      if (sent > 0) {
        size -= (size_t)sent, since_change += (size_t)sent;
        memmove(held, held + sent, size);
      }
    }
    if (since_change >= PEER_CHANGES_AFTER) {
      since_change = 0;
      peer_changes_keys(one, ssl);
      if (one->slow) poll(NULL, 0, 10);
    }
    if (SSL_pending(ssl) == 0) peer_wait(one, wants);
  }
}

// The other side may answer a change of keys before it sees the end.
static inline void peer_drain(const peer *one) {
  char data[256];
  while (read(one->fd, data, sizeof data) != 0) peer_wait(one, POLLIN);
}

// Counts the handshakes that the other side finished.
static void peer_notes(int sent, int version, int content, const void *data, size_t len, SSL *ssl, void *arg) {
  (void)version, (void)len, (void)ssl;
  peer *one = arg;
  if (!sent && content == SSL3_RT_HANDSHAKE && *(const unsigned char *)data == SSL3_MT_FINISHED) one->handshakes++;
}

static void *peer_run(void *arg) {
  peer *one = arg;
  int done = 0;
  sigset_t broken_pipe;
  // libssl writes with write(2). The library's own threads get no such help.
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, NULL);
  SSL *ssl = SSL_new(one->context);
  CHECK(ssl != NULL && SSL_set_fd(ssl, one->fd) == 1);
  SSL_set_msg_callback(ssl, peer_notes);
  SSL_set_msg_callback_arg(ssl, one);
  while ((done = one->server ? SSL_accept(ssl) : SSL_connect(ssl)) != 1) {
    short wants = peer_wants(one, ssl, done);
    if (!wants) break;
    peer_wait(one, wants);
  }
  if (done == 1) {
    peer_echo(one, ssl);
    if (one->said_goodbye) SSL_shutdown(ssl);
    if (one->said_goodbye) peer_drain(one);
  }
  SSL_free(ssl);
  close(one->fd);
  ERR_clear_error();
  return NULL;
}

#endif
