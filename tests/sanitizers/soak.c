// Connections used as hard as threads may use them, for the sanitizers to watch. Each has a thread that reads, one that
// writes and one that asks, changes the timeout, closes or aborts; yet another one changes the contexts of them all.
// The peer is raw libssl: it changes keys all the time, and asks for the renegotiation that is refused.
// TLSOCK_SOAK_SECONDS is how long it takes (5).
#include <fcntl.h>

#include "peer.h"

enum { LINES = 3, VERSIONS = 2, BLOCK = 9000, TOTAL = 40 * BLOCK };
enum ending { ORDERLY, TIMED, CLOSED, ABORTED, RENEGOTIATED, ENDINGS };

static const int versions[VERSIONS] = {TLS1_2_VERSION, TLS1_3_VERSION};

// What all connections share. Index 1 of a pair is the server.
static struct shop {
  tlsock_context *ours[VERSIONS][2];
  SSL_CTX *theirs[VERSIONS][2];
  pthread_mutex_t lock;
  tlsock_session *session[VERSIONS];
  unsigned lines_of_keylog;
  bool stop;
} shop = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct tally {
  unsigned endings[ENDINGS], resumed, timeouts, key_updates, refused, changes;
} tally;

static void count(unsigned *what, unsigned many) { __atomic_add_fetch(what, many, __ATOMIC_SEQ_CST); }
static bool failed(void) { return __atomic_load_n(&test_failures, __ATOMIC_SEQ_CST) > 0; }
static bool stopped(void) { return failed() || __atomic_load_n(&shop.stop, __ATOMIC_SEQ_CST); }
static unsigned char pattern(size_t at) { return (unsigned char)(at * 31 + (at >> 12)); }

// ---- one connection ----

typedef struct line {
  tlsock_socket *socket;
  enum ending ending;
  size_t received;
  unsigned left;  // how many of reader and writer are at work
} line;

// Whether the connection may end before everything was sent.
static bool cut_short(const line *one) { return one->ending >= CLOSED; }

// Whether the call is to be repeated. Ends the test if it failed in a way that the ending does not explain.
static bool again(const line *one, tlsock_status status) {
  if (status == TLSOCK_TIMEOUT && one->ending == TIMED) {
    count(&tally.timeouts, 1);
    return true;
  }
  if (status != TLSOCK_OK) {
    if (!cut_short(one)) fprintf(stderr, "%s\n", tlsock_error_message(LAST));
    CHECK(cut_short(one));
    CHECK(status >= TLSOCK_SSL && status <= TLSOCK_OS && status != TLSOCK_CERT_VERIFICATION);
  }
  return false;
}

static void *write_all(void *arg) {
  line *one = arg;
  unsigned char block[BLOCK];
  tlsock_status status = TLSOCK_OK;
  for (size_t at = 0; at < TOTAL && status == TLSOCK_OK; at += sizeof block) {
    for (size_t i = 0; i < sizeof block; i++) block[i] = pattern(at + i);
    // A send whose deadline passed is repeated with the same bytes.
    do status = tlsock_socket_sendall(one->socket, block, sizeof block, E);
    while (again(one, status));
  }
  __atomic_sub_fetch(&one->left, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

static void *read_all(void *arg) {
  line *one = arg;
  unsigned char block[BLOCK];
  size_t at = 0, len = 1;
  while (at < TOTAL && len > 0) {
    tlsock_status status;
    len = 0;
    do status = tlsock_socket_recv(one->socket, block, 1 + at % sizeof block, &len, E);
    while (again(one, status));
    for (size_t i = 0; i < len; i++) CHECK(block[i] == pattern(at + i));
    at += len;
    __atomic_store_n(&one->received, at, __ATOMIC_SEQ_CST);
  }
  if (!cut_short(one)) EQUAL(at, TOTAL);
  __atomic_sub_fetch(&one->left, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

static void ask(const line *one) {
  tlsock_cipher cipher;
  tlsock_certificate *certificate = NULL;
  tlsock_session *session = NULL;
  tlsock_socket_pending(one->socket);
  tlsock_socket_fileno(one->socket);
  tlsock_socket_gettimeout(one->socket);
  tlsock_socket_session_reused(one->socket);
  tlsock_socket_selected_alpn_protocol(one->socket);
  CHECK(tlsock_socket_version(one->socket) != NULL || cut_short(one));
  CHECK(tlsock_socket_cipher(one->socket, &cipher) || cut_short(one));
  if (!cut_short(one)) {
    OK(tlsock_socket_getpeercert(one->socket, &certificate, E));
    OK(tlsock_socket_session(one->socket, &session, E));
  }
  tlsock_certificate_free(certificate);
  tlsock_session_free(session);
}

// The third thread: what it does comes in the middle of what the two others do.
static void *meddle(void *arg) {
  line *one = arg;
  // A thread whose test failed has left without a word.
  for (int i = 0; __atomic_load_n(&one->left, __ATOMIC_SEQ_CST) > 0 && !failed(); i++) {
    ask(one);
    if (one->ending == TIMED) OK(tlsock_socket_settimeout(one->socket, 0.002 + 0.001 * (i % 3), E));
    if (__atomic_load_n(&one->received, __ATOMIC_SEQ_CST) >= TOTAL / 4) {
      if (one->ending == CLOSED) OK(tlsock_socket_close(one->socket, E));
      if (one->ending == ABORTED) OK(tlsock_socket_abort(one->socket, E));
    }
    poll(NULL, 0, 1);
  }
  return NULL;
}

static void keep_session(const line *one, int version) {
  tlsock_session *session = NULL, *old;
  OK(tlsock_socket_session(one->socket, &session, E));
  pthread_mutex_lock(&shop.lock);
  old = shop.session[version], shop.session[version] = session;
  pthread_mutex_unlock(&shop.lock);
  tlsock_session_free(old);
}

static tlsock_socket *wrap(int fd, int version, bool server) {
  tlsock_socket *socket = NULL;
  unsigned flags = TLSOCK_WRAP_NO_HANDSHAKE | (server ? TLSOCK_WRAP_SERVER_SIDE : 0);
  pthread_mutex_lock(&shop.lock);
  tlsock_session *session = server ? NULL : shop.session[version];
  tlsock_status status = tlsock_context_wrap_socket(shop.ours[version][server], fd, flags, server ? NULL : "localhost",
                                                    session, &socket, E);
  pthread_mutex_unlock(&shop.lock);
  EQUAL(status, TLSOCK_OK);
  return socket;
}

static void finish(line *one, int version, bool server) {
  tlsock_bytes leftover;
  if (!server) keep_session(one, version);
  if (tlsock_socket_session_reused(one->socket)) count(&tally.resumed, 1);
  OK(tlsock_socket_settimeout(one->socket, 20.0, E));
  OK(tlsock_socket_unwrap(one->socket, &leftover, E));
  EQUAL(leftover.len, 0);
  tlsock_bytes_free(&leftover);
}

static void connection(unsigned number) {
  int fds[2], version = (int)(number % VERSIONS);
  bool server = number / VERSIONS % 2;
  line one = {NULL, (enum ending)(number / 4 % ENDINGS), 0, 2};
  if (one.ending == RENEGOTIATED && versions[version] != TLS1_2_VERSION) one.ending = ORDERLY;
  void *(*jobs[])(void *) = {write_all, read_all, meddle};
  pthread_t threads[3], other;
  (number % 3 ? local_pair : tcp_pair)(fds);
  CHECK(fcntl(fds[1], F_SETFL, O_NONBLOCK) == 0);
  peer with = {.context = shop.theirs[version][!server], .fd = fds[1], .server = !server,
               .slow = one.ending == TIMED, .renegotiates = one.ending == RENEGOTIATED};
  CHECK(pthread_create(&other, NULL, peer_run, &with) == 0);
  one.socket = wrap(fds[0], version, server);
  OK(tlsock_socket_do_handshake(one.socket, E));
  for (int i = 0; i < 3; i++) CHECK(pthread_create(&threads[i], NULL, jobs[i], &one) == 0);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  if (!cut_short(&one)) finish(&one, version, server);
  tlsock_socket_free(one.socket);
  pthread_join(other, NULL);
  if (!cut_short(&one)) CHECK(with.said_goodbye);
  if (one.ending == RENEGOTIATED) EQUAL(with.handshakes, 1);
  count(&tally.endings[one.ending], 1);
  count(&tally.key_updates, with.key_updates);
  count(&tally.refused, with.renegotiation_refused);
}

static void *connect_on(void *first) {
  for (unsigned number = *(unsigned *)first; !stopped(); number += LINES) connection(number);
  return NULL;
}

// ---- the contexts ----

static int log_keys(void *userdata, const tlsock_connection *connection, const char *text, tlsock_error **error) {
  (void)connection, (void)error;
  count(userdata, text[0] != '\0');
  return TLSOCK_OK;
}

static void reconfigure(tlsock_context *context, bool server, unsigned turn) {
  static const char *const protocols[] = {"h2", "http/1.1"};
  tlsock_certificate_list *list = NULL;
  OK(tlsock_context_set_alpn_protocols(context, protocols, turn % 3, E));
  OK(tlsock_context_set_ciphers(context, turn % 2 ? "ECDHE+AESGCM" : "ECDHE+AESGCM:ECDHE+CHACHA20", E));
  OK(tlsock_context_set_keylog_callback(context, turn % 2 ? log_keys : NULL, turn % 2 ? &shop.lines_of_keylog : NULL,
                                        NULL, E));
  if (server) {
    OK(tlsock_context_load_cert_chain(context, cert(turn % 2 ? "rsa.pem" : "ecdsa.pem"),
                                      cert(turn % 2 ? "rsa.key" : "ecdsa.key"), NULL, E));
    OK(tlsock_context_set_num_tickets(context, (int)(turn % 3), E));
    return;
  }
  OK(tlsock_context_set_options(context, tlsock_context_options(context) ^ TLSOCK_OP_NO_TICKET, E));
  OK(tlsock_context_set_verify_flags(context, tlsock_context_verify_flags(context) ^ TLSOCK_VERIFY_X509_STRICT, E));
  OK(tlsock_context_load_verify_locations(context, cert("unknown-ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_get_ca_certs(context, &list, E));
  CHECK(tlsock_certificate_list_count(list) >= 1);
  tlsock_certificate_list_free(list);
}

static void *change(void *ignored) {
  for (unsigned turn = 0; !stopped(); turn++) {
    reconfigure(shop.ours[turn % 2][turn / 2 % 2], turn / 2 % 2, turn / 4);
    count(&tally.changes, 1);
    poll(NULL, 0, 2);
  }
  return ignored;
}

static void open_shop(void) {
  for (int version = 0; version < VERSIONS; version++) {
    shop.ours[version][0] = new_client(versions[version]);
    shop.ours[version][1] = new_server("ecdsa", versions[version]);
    for (int side = 0; side < 2; side++) {
      tlsock_context *context = shop.ours[version][side];
      OK(tlsock_context_set_options(context, tlsock_context_options(context) | TLSOCK_OP_NO_RENEGOTIATION, E));
      shop.theirs[version][side] = peer_context(side, versions[version]);
    }
  }
}

static void close_shop(void) {
  for (int version = 0; version < VERSIONS; version++) {
    for (int side = 0; side < 2; side++) {
      tlsock_context_free(shop.ours[version][side]);
      SSL_CTX_free(shop.theirs[version][side]);
    }
    tlsock_session_free(shop.session[version]);
  }
}

static void soak(void) {
  const char *wish = getenv("TLSOCK_SOAK_SECONDS");
  double until = now() + (wish ? atof(wish) : 5.0);
  unsigned first[LINES] = {0, 1, 2};
  pthread_t threads[LINES], changer;
  open_shop();
  CHECK(pthread_create(&changer, NULL, change, NULL) == 0);
  for (int i = 0; i < LINES; i++) CHECK(pthread_create(&threads[i], NULL, connect_on, &first[i]) == 0);
  // Whatever is counted below has to happen at least once, however slow the machine is.
  while (!stopped() && (now() < until || !__atomic_load_n(&tally.refused, __ATOMIC_SEQ_CST))) poll(NULL, 0, 50);
  __atomic_store_n(&shop.stop, true, __ATOMIC_SEQ_CST);
  for (int i = 0; i < LINES; i++) pthread_join(threads[i], NULL);
  pthread_join(changer, NULL);
  close_shop();
  unsigned total = 0;
  for (int i = 0; i < ENDINGS; i++) total += tally.endings[i];
  printf("connections %u: orderly %u (resumed %u), with timeouts %u (%u of them), closed %u, aborted %u, renegotiation "
         "refused %u of %u; key updates %u, context changes %u\n",
         total, tally.endings[ORDERLY], tally.resumed, tally.endings[TIMED], tally.timeouts, tally.endings[CLOSED],
         tally.endings[ABORTED], tally.refused, tally.endings[RENEGOTIATED], tally.key_updates, tally.changes);
  for (int i = 0; i < ENDINGS; i++) CHECK(tally.endings[i] > 0);
  CHECK(tally.resumed && tally.timeouts && tally.key_updates && tally.refused && tally.changes);
}

TESTS(CASE(soak))
