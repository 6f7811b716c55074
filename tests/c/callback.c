// Callbacks of contexts: what they are lent, what their answers mean, and who frees their userdata.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "fixture.h"

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};

// The userdata of a test's callback.
typedef struct used {
  int answer;        // what the callback returns
  const char *says;  // the message of its error
  int calls, frees;
  tlsock_context *other;    // to switch to
  tlsock_session *session;  // the last one
  char text[100];           // the last name, hint or identity
} used;

static int answer(used *used, tlsock_error **error) {
  used->calls++;
  if (used->says) *error = tlsock_error_new(TLSOCK_TYPE, used->says);
  return used->answer;
}

static void count_free(void *userdata) { ((used *)userdata)->frees++; }

static void keep_text(used *used, const char *text) {
  snprintf(used->text, sizeof used->text, "%s", text ? text : "(none)");
}

// ---- server names ----

static int on_name(void *userdata, const tlsock_connection *connection, const char *name, tlsock_context *context,
                   tlsock_error **error) {
  used *used = userdata;
  tlsock_context *own = NULL;
  size_t len = 0;
  char byte;
  keep_text(used, name);
  CHECK(!connection->socket != !connection->object);
  if (connection->socket) {
    OK(tlsock_socket_context(connection->socket, &own, NULL));
    EQUAL(tlsock_socket_recv(connection->socket, &byte, 1, &len, NULL), TLSOCK_VALUE);
    EQUAL(tlsock_socket_sendall(connection->socket, "x", 1, NULL), TLSOCK_VALUE);
    CHECK(tlsock_socket_server_side(connection->socket) && tlsock_socket_fileno(connection->socket) >= 0);
    CHECK(connection->userdata == tlsock_socket_userdata(connection->socket));
    if (used->other) OK(tlsock_socket_set_context(connection->socket, used->other, NULL));
  } else {
    OK(tlsock_object_context(connection->object, &own, NULL));
    EQUAL(tlsock_object_read(connection->object, &byte, 1, &len, NULL), TLSOCK_VALUE);
    CHECK(connection->userdata == tlsock_object_userdata(connection->object));
    if (used->other) OK(tlsock_object_set_context(connection->object, used->other, NULL));
  }
  CHECK(tlsock_context_same(own, context));
  tlsock_context_free(own);
  return answer(used, error);
}

static void names(void) {
  tlsock_context *client = new_client(0), *server = new_server("wrong-name", 0);
  used first = {.other = new_server("ecdsa", 0)};
  OK(tlsock_context_set_sni_callback(server, on_name, &first, count_free, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  tlsock_object_set_userdata(pair.server, &first);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_free(&pair);
  SAME_TEXT(first.text, "localhost");
  EQUAL(first.calls, 1);

  int fds[2];
  local_pair(fds);
  wire wire = wire_over(fds, client, server, 0, NULL);
  wire_free(&wire);
  EQUAL(first.calls, 2);

  used second = {.answer = 0};
  OK(tlsock_context_set_servername_callback(server, on_name, &second, count_free, E));
  EQUAL(first.frees, 1);
  FAILS(TLSOCK_VALUE, "sni_callback cannot be set on TLS_CLIENT context",
        tlsock_context_set_sni_callback(client, on_name, &second, count_free, E));
  EQUAL(second.frees, 0);
  tlsock_context_free(server);
  EQUAL(second.frees, 1);
  tlsock_context_free(first.other);
  tlsock_context_free(client);
}

// accept has not returned yet: only the callback has a handle on the socket.
static void *visit(void *port) {
  tlsock_context *client = new_client(0);
  tlsock_socket *socket = NULL;
  OK(tlsock_context_create_connection(client, "localhost", *(int *)port, 30, &socket, E));
  tlsock_socket_free(socket);
  tlsock_context_free(client);
  return NULL;
}

static void accepted(void) {
  tlsock_context *server = new_server("wrong-name", 0);
  tlsock_socket *listener = NULL, *socket = NULL;
  tlsock_address address;
  pthread_t thread;
  used used = {.other = new_server("ecdsa", 0)};
  OK(tlsock_context_set_sni_callback(server, on_name, &used, NULL, E));
  OK(tlsock_context_create_server(server, "127.0.0.1", 0, 0, 0, &listener, E));
  OK(tlsock_socket_getsockname(listener, &address, E));
  CHECK(pthread_create(&thread, NULL, visit, &address.port) == 0);
  OK(tlsock_socket_accept(listener, &socket, NULL, E));
  pthread_join(thread, NULL);
  EQUAL(used.calls, 1);
  tlsock_socket_free(socket);
  tlsock_socket_free(listener);
  tlsock_context_free(used.other);
  tlsock_context_free(server);
}

static void refusals(void) {
  static const struct {
    int answer;
    const char *says;
    int alert;
  } cases[] = {{TLSOCK_ALERT_DESCRIPTION_ACCESS_DENIED, NULL, 49},
               {112, "why", 112},
               {-1, "why", 40},
               {256, NULL, 0},
               {1000, "why", 80}};
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    used used = {.answer = cases[i].answer, .says = cases[i].says};
    OK(tlsock_context_set_sni_callback(server, on_name, &used, NULL, E));
    memory pair = memory_new(client, server, "localhost", NULL);
    tlsock_object *failed = NULL;
    EQUAL(memory_try(&pair, &failed), TLSOCK_SSL);
    CHECK(failed == pair.server);
    SAME_TEXT(tlsock_error_reason(LAST), "CALLBACK_FAILED");
    int alert = cases[i].alert || !is_aws_lc() ? cases[i].alert : 80;
    EQUAL(tlsock_error_alert_sent(LAST), alert);
    const tlsock_error *cause = tlsock_error_cause(LAST);
    CHECK(!cause == !cases[i].says);
    if (cause) SAME_TEXT(tlsock_error_message(cause), "why");
    if (cause) SAME_TEXT(tlsock_error_message(LAST), "[SSL: CALLBACK_FAILED] callback failed: why");
    EQUAL(tlsock_object_do_handshake(pair.client, E), TLSOCK_SSL);
    EQUAL(tlsock_error_alert_received(LAST), alert);
    memory_free(&pair);
  }
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// ---- pre-shared keys ----

static int client_key(void *userdata, const tlsock_connection *connection, const char *hint, char *identity,
                      size_t identity_size, uint8_t *psk, size_t psk_size, size_t *psk_len, tlsock_error **error) {
  CHECK(connection->object && psk_size == (is_aws_lc() ? 256 : 512));
  keep_text(userdata, hint);
  snprintf(identity, identity_size, "me");
  memset(psk, 7, *psk_len = 32);
  return answer(userdata, error);
}

static int server_key(void *userdata, const tlsock_connection *connection, const char *identity, uint8_t *psk,
                      size_t psk_size, size_t *psk_len, tlsock_error **error) {
  CHECK(connection->object && psk_size == (is_aws_lc() ? 256 : 512));
  keep_text(userdata, identity);
  memset(psk, 7, *psk_len = 32);
  return answer(userdata, error);
}

static void shared_keys(void) {
  for (int i = 0; i < 1 + tlsock_has(TLSOCK_HAS_PSK_TLS13); i++) {
    tlsock_context *client = new_client(versions[i]), *server = NULL;
    used mine = {.answer = 0}, peers = {.answer = 0};
    OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &server, E));
    OK(tlsock_context_set_ciphers(client, "PSK", E));
    OK(tlsock_context_set_ciphers(server, "PSK", E));
    OK(tlsock_context_set_psk_client_callback(client, client_key, &mine, count_free, E));
    OK(tlsock_context_set_psk_server_callback(server, server_key, "a hint", &peers, count_free, E));
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    SAME_TEXT(mine.text, i == 0 ? "a hint" : "(none)");
    SAME_TEXT(peers.text, "me");
    memory_free(&pair);

    peers.answer = -1, peers.says = "no key";
    pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_SSL);
    SAME_TEXT(tlsock_error_message(tlsock_error_cause(LAST)), "no key");
    CHECK(strstr(tlsock_error_message(LAST), ": no key"));
    memory_free(&pair);

    FAILS(TLSOCK_SSL, NULL, tlsock_context_set_psk_client_callback(server, client_key, &mine, count_free, E));
    FAILS(TLSOCK_SSL, NULL, tlsock_context_set_psk_server_callback(client, NULL, NULL, &mine, count_free, E));
    EQUAL(mine.frees, 0);
    tlsock_context_free(client);
    tlsock_context_free(server);
    EQUAL(mine.frees + peers.frees, 2);
  }
}

// ---- key log, messages and sessions ----

static int on_line(void *userdata, const tlsock_connection *connection, const char *line, tlsock_error **error) {
  CHECK(connection->object && strlen(line) > 64);
  return answer(userdata, error);
}

static int on_message(void *userdata, const tlsock_connection *connection, int direction, int version, int content_type,
                      int msg_type, const uint8_t *data, size_t len, tlsock_error **error) {
  used *used = userdata;
  CHECK(connection->object && data && len > 0 && version >= 0x301);
  if (used->calls == 0) {
    EQUAL(direction, TLSOCK_MESSAGE_WRITE);
    EQUAL(content_type, TLSOCK_CONTENT_TYPE_HEADER);
    EQUAL(msg_type, TLSOCK_CONTENT_TYPE_HANDSHAKE);
  }
  return answer(used, error);
}

static int on_session(void *userdata, const tlsock_connection *connection, tlsock_session *session,
                      tlsock_error **error) {
  used *used = userdata;
  CHECK(connection->object && tlsock_session_has_ticket(session));
  tlsock_session_free(used->session);
  used->session = session;
  return answer(used, error);
}

static void keylog(void) {
  char path[600];
  tlsock_bytes found = {NULL, 0};
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  used lines = {.answer = 0};
  snprintf(path, sizeof path, "%s/keylog-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
  close(mkstemp(path));
  OK(tlsock_context_keylog_filename(client, &found, E));
  CHECK(!found.data);
  OK(tlsock_context_set_keylog_filename(client, path, E));
  OK(tlsock_context_set_keylog_callback(client, on_line, &lines, count_free, E));
  OK(tlsock_context_keylog_filename(client, &found, E));
  SAME_TEXT((const char *)found.data, path);
  tlsock_bytes_free(&found);
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_free(&pair);
  EQUAL(lines.calls, 5);
  char *log = read_file(path, NULL);
  int newlines = 0;
  for (const char *at = log; *at; at++) newlines += *at == '\n';
  EQUAL(newlines, 6);
  CHECK(strncmp(log, "# TLS secrets log file, generated by OpenSSL / Python\n", 54) == 0);
  free(log);
  unlink(path);
  FAILS(TLSOCK_OS, NULL, tlsock_context_set_keylog_filename(client, "/nowhere/at/all", E));
  SAME_TEXT(tlsock_error_filename(LAST), "/nowhere/at/all");
  OK(tlsock_context_keylog_filename(client, &found, E));
  CHECK(!found.data);
  tlsock_context_free(client);
  tlsock_context_free(server);
  EQUAL(lines.frees, 1);
}

static void messages(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  used seen = {.answer = 0};
  OK(tlsock_context_set_message_callback(client, on_message, &seen, count_free, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  CHECK(seen.calls > 10);
  memory_free(&pair);
  seen.answer = TLSOCK_WANT_READ;  // never what the operation returns
  pair = memory_new(client, server, "localhost", NULL);
  tlsock_status status = TLSOCK_WANT_READ;
  for (int turn = 0; turn < 10 && status == TLSOCK_WANT_READ; turn++) {
    status = tlsock_object_do_handshake(pair.client, E);
    if (status == TLSOCK_WANT_READ) tlsock_object_do_handshake(pair.server, E);
  }
  EQUAL(status, TLSOCK_VALUE);
  memory_free(&pair);
  OK(tlsock_context_set_message_callback(client, NULL, &seen, count_free, E));
  EQUAL(seen.frees, 2);  // the old one, and the userdata that came without a callback
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void sessions(void) {
  for (int i = 0; i < 2; i++) {
    tlsock_context *client = new_client(versions[i]), *server = new_server("ecdsa", versions[i]);
    used kept = {.answer = 0};
    OK(tlsock_context_set_session_callback(client, on_session, &kept, count_free, E));
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    memory_say(pair.server, pair.client, "hello");
    memory_free(&pair);
    EQUAL(kept.calls, i == 0 ? 1 : 2);
    pair = memory_new(client, server, "localhost", kept.session);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    CHECK(tlsock_object_session_reused(pair.client));
    memory_free(&pair);
    tlsock_context_free(server);
    tlsock_context_free(client);
    EQUAL(kept.frees, 1);  // a session keeps no context
    tlsock_session_free(kept.session);
  }
}

// ---- post-handshake authentication ----

static void later(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  tlsock_certificate *certificate = NULL;
  OK(tlsock_context_load_cert_chain(client, cert("client.pem"), cert("client.key"), NULL, E));
  OK(tlsock_context_load_verify_locations(server, cert("ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_set_verify_mode(server, TLSOCK_CERT_REQUIRED, E));
  OK(tlsock_context_set_post_handshake_auth(client, true, E));
  OK(tlsock_context_set_post_handshake_auth(server, true, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  FAILS_FOR(TLSOCK_SSL, "WRONG_SSL_VERSION", tlsock_object_verify_client_post_handshake(pair.server, E));
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  FAILS_FOR(TLSOCK_SSL, "NOT_SERVER", tlsock_object_verify_client_post_handshake(pair.client, E));
  OK(tlsock_object_getpeercert(pair.server, &certificate, E));
  CHECK(!certificate);
  OK(tlsock_object_verify_client_post_handshake(pair.server, E));
  memory_say(pair.server, pair.client, "who are you?");
  memory_say(pair.client, pair.server, "me");
  OK(tlsock_object_getpeercert(pair.server, &certificate, E));
  CHECK(certificate);
  tlsock_certificate_free(certificate);
  memory_free(&pair);

  int fds[2];
  local_pair(fds);
  wire wire = wire_over(fds, client, server, 0, NULL);
  OK(tlsock_socket_verify_client_post_handshake(wire.server, E));
  wire_say(wire.server, wire.client, "who are you?");
  wire_say(wire.client, wire.server, "me");
  OK(tlsock_socket_getpeercert(wire.server, &certificate, E));
  CHECK(certificate);
  tlsock_certificate_free(certificate);
  OK(tlsock_socket_close(wire.server, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_socket_verify_client_post_handshake(wire.server, E));
  wire_free(&wire);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// A pipe whose reader has gone: an error, but no signal, which would end this program.
static void keylog_unread(void) {
  char folder[] = "/tmp/keylog-XXXXXX", path[64];
  sigset_t pending, blocked;
  CHECK(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/pipe", folder);
  CHECK(mkfifo(path, 0600) == 0 && signal(SIGPIPE, SIG_DFL) != SIG_ERR);
  int reader = open(path, O_RDONLY | O_NONBLOCK);
  tlsock_context *client = new_client(TLSOCK_TLS_VERSION_TLSV1_3), *server = new_server("ecdsa", 0);
  OK(tlsock_context_set_keylog_filename(client, path, E));
  close(reader);
  memory pair = memory_new(client, server, "localhost", NULL);
  FAILS(TLSOCK_OS, "Broken pipe", memory_try(&pair, NULL));
  EQUAL(tlsock_error_os_errno(LAST), EPIPE);
  SAME_TEXT(tlsock_error_filename(LAST), path);
  // The connection itself still works.
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 0);
  CHECK(pthread_sigmask(SIG_BLOCK, NULL, &blocked) == 0 && sigismember(&blocked, SIGPIPE) == 0);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
  CHECK(unlink(path) == 0 && rmdir(folder) == 0);
}

static void required_key(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  CHECK(!tlsock_context_psk_required(client));
  OK(tlsock_context_set_psk_required(client, true, E));
  CHECK(tlsock_context_psk_required(client));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  SAME_TEXT(tlsock_error_message(tlsock_error_cause(LAST)),
            "a pre-shared key is required, and this handshake uses none");
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
  EQUAL(tlsock_has(TLSOCK_HAS_PHA), tlsock_has(TLSOCK_HAS_TLSV1_3) && !is_aws_lc());
  EQUAL(tlsock_has(TLSOCK_HAS_PSK_TLS13), tlsock_has(TLSOCK_HAS_TLSV1_3) && !is_aws_lc());
}

TESTS(CASE(names), CASE(accepted), CASE(refusals), CASE(shared_keys), CASE(keylog), CASE(keylog_unread), CASE(messages),
      CASE(sessions), CASE(later), CASE(required_key))
