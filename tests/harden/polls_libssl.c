// Poll loops between a socket of ours and libssl as it is, which asks for what only a peer can ask for: new keys and a
// renegotiation. And where both ends of libssl hang, so do ours. See polls.h.
#define _GNU_SOURCE
#include <openssl/err.h>

#include "polls.h"

// ---- libssl ----

static int outcome(const end *one, int result) {
  switch (SSL_get_error(one->ssl, result)) {
    case SSL_ERROR_NONE: return TLSOCK_OK;
    case SSL_ERROR_WANT_READ: return TLSOCK_WANT_READ;
    case SSL_ERROR_WANT_WRITE: return TLSOCK_WANT_WRITE;
    default: return TLSOCK_SSL;
  }
}

static int raw_shakes(end *one) { return outcome(one, SSL_do_handshake(one->ssl)); }
static int raw_sends(end *one) { return outcome(one, SSL_write(one->ssl, data, AMOUNT)); }
static int raw_takes(end *one) {
  do {
    int len = SSL_read(one->ssl, one->taken + one->at, (int)(AMOUNT - one->at));
    if (len <= 0) return outcome(one, len);
    took(one, (size_t)len);
  } while (one->at > 0);
  return TLSOCK_OK;
}
static int raw_asks(end *one) {
  if (!one->begun) CHECK(SSL_verify_client_post_handshake(one->ssl) == 1);
  one->begun = true;
  return outcome(one, SSL_do_handshake(one->ssl));
}

// Reads until the peer has answered.
static int awaits(end *one, const int *answers) {
  while (*answers == 0) {
    unsigned char byte;
    int status = outcome(one, SSL_peek(one->ssl, &byte, 1));
    if (*answers == 0) CHECK(status != TLSOCK_OK);
    if (status != TLSOCK_OK && *answers == 0) return status;
  }
  return TLSOCK_OK;
}

static int raw_changes_keys(end *one) {
  if (!one->begun) CHECK(SSL_key_update(one->ssl, SSL_KEY_UPDATE_REQUESTED) == 1);
  one->begun = true;
  return outcome(one, SSL_do_handshake(one->ssl));
}

static int raw_awaits_new_keys(end *one) { return awaits(one, &one->keys); }
static int raw_got_new_keys(end *one) {
  CHECK(one->keys > 0);
  one->keys = 0;
  return TLSOCK_OK;
}

static int raw_renegotiates(end *one) {
  if (!one->begun) {
    one->finished = 0;
    CHECK(SSL_renegotiate(one->ssl) == 1);
  }
  one->begun = true;
  int status = outcome(one, SSL_do_handshake(one->ssl));
  return status == TLSOCK_OK ? awaits(one, &one->finished) : status;
}

// A renegotiation that the peer does not want, as it says.
static int raw_is_refused(end *one) {
  ERR_clear_error();
  int status = raw_renegotiates(one);
  if (status != TLSOCK_SSL) return status;
  EQUAL(ERR_GET_REASON(ERR_peek_last_error()), SSL_R_NO_RENEGOTIATION);
  return TLSOCK_OK;
}
static int raw_goes(end *one) {
  CHECK(shutdown(one->fd, SHUT_WR) == 0);
  return TLSOCK_OK;
}

static void sees(int written, int version, int type, const void *message, size_t len, SSL *ssl, void *argument) {
  enum { FINISHED = 20, KEY_UPDATE = 24 };
  end *one = argument;
  const unsigned char *bytes = message;
  (void)version, (void)ssl;
  if (written || type != SSL3_RT_HANDSHAKE || len == 0) return;
  one->keys += bytes[0] == KEY_UPDATE;
  one->finished += bytes[0] == FINISHED;
}

static SSL_CTX *raw_context(int version, bool server) {
  SSL_CTX *made = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
  CHECK(made && SSL_CTX_set_min_proto_version(made, version) == 1 && SSL_CTX_set_max_proto_version(made, version) == 1);
  const char *own = server ? "rsa" : "client";
  char name[64];
  snprintf(name, sizeof name, "%s.pem", own);
  CHECK(SSL_CTX_use_certificate_chain_file(made, cert(name)) == 1);
  snprintf(name, sizeof name, "%s.key", own);
  CHECK(SSL_CTX_use_PrivateKey_file(made, cert(name), SSL_FILETYPE_PEM) == 1);
  CHECK(SSL_CTX_load_verify_locations(made, cert("ca.pem"), NULL) == 1);
  CHECK(SSL_CTX_set_session_id_context(made, (const unsigned char *)"polls", 5) == 1);
  if (server) SSL_CTX_set_verify(made, SSL_VERIFY_PEER | SSL_VERIFY_POST_HANDSHAKE, NULL);
  else SSL_CTX_set_post_handshake_auth(made, 1);
  return made;
}

static void is_raw(end *one, int version, int fd, bool server) {
  SSL_CTX *context = raw_context(version, server);
  one->fd = fd;
  one->ssl = SSL_new(context);
  SSL_CTX_free(context);
  CHECK(one->ssl && SSL_set_fd(one->ssl, fd) == 1);
  if (server) SSL_set_accept_state(one->ssl);
  else SSL_set_connect_state(one->ssl);
  SSL_set_msg_callback(one->ssl, sees);
  SSL_set_msg_callback_arg(one->ssl, one);
  int flags = fcntl(fd, F_GETFL);
  CHECK(fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
}

// ---- ours ----

static tlsock_context *context_of_ours(int version, bool server, uint64_t options, int tickets) {
  tlsock_context *made = server ? new_server("rsa", version) : new_client(version);
  if (!server) OK(tlsock_context_load_cert_chain(made, cert("client.pem"), cert("client.key"), NULL, E));
  answers_late(made, true);
  if (server) {
    OK(tlsock_context_load_verify_locations(made, cert("ca.pem"), NULL, NULL, 0, E));
    OK(tlsock_context_set_verify_mode(made, TLSOCK_CERT_OPTIONAL, E));
    OK(tlsock_context_set_num_tickets(made, tickets, E));
  }
  OK(tlsock_context_set_options(made, tlsock_context_options(made) | options, E));
  return made;
}

static void is_ours(end *one, int version, int fd, bool server, uint64_t options, int tickets) {
  tlsock_context *context = context_of_ours(version, server, options, tickets);
  wraps(one, context, fd, server);
  tlsock_context_free(context);
}

// libssl ends a connection that it may not renegotiate, with an alert if the system takes it at once.
static int meets_failure(end *one) {
  size_t len = 1;
  int status = tlsock_socket_recv(one->socket, one->taken, 1, &len, E);
  if (status == TLSOCK_OK) EQUAL(len, 0);
  if (status == TLSOCK_SSL) EQUAL(tlsock_error_alert_received(LAST), TLSOCK_ALERT_DESCRIPTION_HANDSHAKE_FAILURE);
  return status == TLSOCK_SSL ? TLSOCK_OK : status;
}

static void frees(end *one) {
  tlsock_socket_free(one->socket);
  if (!one->ssl) return;
  SSL_free(one->ssl);
  close(one->fd);
}

// ---- what a peer asks for ----

// The answer goes out in front of the data that come next, but where it is asked for twice: then it is the reader's.
static const action changes_keys[] = {raw_shakes, raw_sends, raw_changes_keys, raw_sends, raw_takes, raw_got_new_keys,
                                      raw_sends, raw_takes, NULL};
static const action changes_keys_twice[] = {raw_shakes, raw_sends, raw_changes_keys, raw_changes_keys,
                                            raw_awaits_new_keys, raw_sends, raw_takes, raw_sends, raw_takes, NULL};
static const action renegotiates[] = {raw_shakes, raw_sends, raw_renegotiates, raw_sends, raw_takes, raw_renegotiates,
                                      raw_sends, raw_takes, NULL};
static const action answers[] = {shakes, takes, takes, sends, takes, sends, NULL};
static const action is_refused[] = {raw_shakes, raw_sends, raw_is_refused, raw_goes, NULL};
static const action refuses[] = {shakes, takes, meets_failure, NULL};

// Between libssl with these actions and ours with those, each as the server and as the client.
static void asks_ours(int version, const action *of_raw, const action *of_ours, bool raw_serves, uint64_t options) {
  void (*const pairs[])(int fds[2]) = {tcp_pair, local_pair};
  fill_data();
  for (int i = 0; i < 8; i++) {
    static talk both;
    int fds[2];
    small_pair(pairs[i % 2], fds);
    both = (talk){.hinders = i / 2 % 2 ? all_short : none_every_other_time, .stall = STALLED};
    both.actions[0] = of_raw, both.actions[1] = of_ours;
    both.ends[1].attentive = i / 4 == 1;
    is_raw(&both.ends[0], version, fds[0], raw_serves);
    // No tickets to a client that sends first: see below.
    is_ours(&both.ends[1], version, fds[1], !raw_serves, options, 0);
    must_get_through(&both);
    frees(&both.ends[0]), frees(&both.ends[1]);
  }
}

static void key_updates(void) {
  for (int serves = 0; serves < 2; serves++) {
    asks_ours(TLSOCK_TLS_VERSION_TLSV1_3, changes_keys, answers, serves, 0);
    // AWS-LC answers in front of the data that come next, however often it is asked.
    if (!is_aws_lc()) asks_ours(TLSOCK_TLS_VERSION_TLSV1_3, changes_keys_twice, answers, serves, 0);
  }
}
static void renegotiations(void) {
  if (!tlsock_has(TLSOCK_HAS_RENEGOTIATION)) return;
  asks_ours(TLSOCK_TLS_VERSION_TLSV1_2, renegotiates, answers, true, 0);
  asks_ours(TLSOCK_TLS_VERSION_TLSV1_2, renegotiates, answers, false, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
}
// AWS-LC sends its alert if the system takes it at once: nothing else would come.
static void refused_renegotiations(void) {
  if (!tlsock_has(TLSOCK_HAS_RENEGOTIATION)) return;
  asks_ours(TLSOCK_TLS_VERSION_TLSV1_2, is_refused, refuses, false, 0);
}

// ---- where libssl hangs ----

typedef struct script {
  const action *client, *server;
} script;

// Whether both hang over local sockets. Everything happens in this thread: when nobody is ready nobody ever will be.
static bool hangs(script raw, script ours, bool with_ours, bool attentive) {
  static talk both;
  int fds[2];
  small_pair(local_pair, fds);
  both = (talk){.hinders = all_short, .stall = 0};
  both.actions[0] = with_ours ? ours.client : raw.client, both.actions[1] = with_ours ? ours.server : raw.server;
  for (int side = 0; side < 2; side++) {
    if (with_ours) is_ours(&both.ends[side], TLSOCK_TLS_VERSION_TLSV1_3, fds[side], side == 1, 0, 2);
    else is_raw(&both.ends[side], TLSOCK_TLS_VERSION_TLSV1_3, fds[side], side == 1);
    both.ends[side].attentive = attentive;
  }
  bool got_through = gets_through(&both);
  frees(&both.ends[0]), frees(&both.ends[1]);
  return !got_through;
}

// A server that sends tickets to a client that only sends: both want to write.
static void tickets_meet_a_sender(void) {
  static const action raw_client[] = {raw_shakes, raw_sends, NULL}, raw_server[] = {raw_shakes, raw_takes, NULL};
  static const action client[] = {shakes, sends, NULL}, server[] = {shakes, takes, NULL};
  fill_data();
  CHECK(hangs((script){raw_client, raw_server}, (script){client, server}, false, false));
  CHECK(hangs((script){raw_client, raw_server}, (script){client, server}, true, false));
}

// A client that is asked for its certificate by a server that goes on sending: both want to write. libssl reads nothing
// before its answer is out; ours does, so that a loop gets through which looks at what is pending.
static void late_answers_meet_a_sender(void) {
  if (!tlsock_has(TLSOCK_HAS_PHA)) return;
  static const action raw_client[] = {raw_shakes, raw_takes, raw_takes, raw_sends, NULL};
  static const action raw_server[] = {raw_shakes, raw_sends, raw_asks, raw_sends, raw_takes, NULL};
  static const action client[] = {shakes, takes, takes, sends, NULL};
  static const action server[] = {shakes, sends, asks, sends, takes, NULL};
  fill_data();
  CHECK(hangs((script){raw_client, raw_server}, (script){client, server}, false, false));
  CHECK(hangs((script){raw_client, raw_server}, (script){client, server}, true, false));
  CHECK(!hangs((script){raw_client, raw_server}, (script){client, server}, true, true));
}

TESTS(CASE(key_updates), CASE(renegotiations), CASE(refused_renegotiations), CASE(tickets_meet_a_sender),
      CASE(late_answers_meet_a_sender))
