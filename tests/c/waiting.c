// Callbacks of the handshake that have no answer yet: TLSOCK_WANT_CALLBACK.
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "waiting.h"

static void in_memory(kind what, int version) {
  ends all;
  char buffer[10];
  size_t len = 0;
  ends_new(&all, what, version);
  memory pair = memory_new(all.client, all.server, "localhost", NULL);
  tlsock_object *at = waits_at_client(what) ? pair.client : pair.server, *found = NULL;
  EQUAL(memory_try(&pair, &found), TLSOCK_WANT_CALLBACK);
  CHECK(found == at);
  tlsock_error *error = NULL;
  EQUAL(tlsock_object_do_handshake(at, &error), TLSOCK_WANT_CALLBACK);
  EQUAL(tlsock_object_read(at, buffer, sizeof buffer, &len, &error), TLSOCK_WANT_CALLBACK);
  EQUAL(tlsock_object_write(at, "x", 1, NULL, &error), TLSOCK_WANT_CALLBACK);
  CHECK(error == NULL);
  EQUAL(all.asked.asked, 4);
  all.asked.answer = TLSOCK_OK;
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_say(pair.server, pair.client, "from the server");
  memory_say(pair.client, pair.server, "from the client");
  memory_free(&pair);
  ends_free(&all);
}

static void objects(void) { each(in_memory); }

static void given_up(kind what, int version) {
  ends all;
  ends_new(&all, what, version);
  memory pair = memory_new(all.client, all.server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_WANT_CALLBACK);
  memory_free(&pair);
  ends_free(&all);
}

static void freed_while_waiting(void) { each(given_up); }

static void silent(kind what, int version) {
  ends all;
  ends_new(&all, what, version);
  memory pair = memory_new(all.client, all.server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_WANT_CALLBACK);
  tlsock_object **waits = waits_at_client(what) ? &pair.client : &pair.server;
  const tlsock_bio *written = waits_at_client(what) ? pair.up : pair.down;
  size_t before = tlsock_bio_pending(written);
  tlsock_object_free(*waits), *waits = NULL;
  EQUAL(tlsock_bio_pending(written), before);
  memory_free(&pair);
  EQUAL(all.asked.asked, 1);
  ends_free(&all);
}

static void one_that_is_freed_says_nothing(void) { each(silent); }

static void *serve(void *socket) {
  OK(tlsock_socket_do_handshake(socket, E));
  OK(tlsock_socket_sendall(socket, "hello", 5, E));
  return NULL;
}

static void blocking(kind what, int version) {
  ends all;
  char buffer[10];
  size_t len = 0;
  pthread_t thread;
  ends_new(&all, what, version);
  wire pair = over_sockets(&all);
  tlsock_socket *waits = waits_at_client(what) ? pair.client : pair.server;
  CHECK(pthread_create(&thread, NULL, serve, waits_at_client(what) ? pair.server : pair.client) == 0);
  EQUAL(tlsock_socket_do_handshake(waits, E), TLSOCK_WANT_CALLBACK);
  EQUAL(tlsock_socket_recv(waits, buffer, sizeof buffer, &len, E), TLSOCK_WANT_CALLBACK);
  EQUAL(tlsock_socket_wait(waits, TLSOCK_WANT_READ, -1, E), TLSOCK_WANT_CALLBACK);
  EQUAL(tlsock_socket_wait(waits, TLSOCK_WANT_WRITE, -1, E), TLSOCK_WANT_CALLBACK);
  EQUAL(tlsock_socket_pending(waits), 0);
  all.asked.answer = TLSOCK_OK;
  OK(tlsock_socket_recv(waits, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, "hello", 5);
  pthread_join(thread, NULL);
  wire_free(&pair);
  ends_free(&all);
}

static void sockets(void) { each(blocking); }

// The child goes on, and the parent cannot any more.
static void forked_at(kind what) {
  ends all;
  int ended = 0;
  ends_new(&all, what, TLSOCK_TLS_VERSION_TLSV1_2);
  wire pair = over_sockets(&all);
  OK(tlsock_socket_settimeout(pair.client, 0, E));
  OK(tlsock_socket_settimeout(pair.server, 0, E));
  tlsock_status status = TLSOCK_OK;
  for (int turn = 0; status != TLSOCK_WANT_CALLBACK; turn++) {
    CHECK(turn < 1000);
    EQUAL(tlsock_socket_do_handshake(pair.client, E), TLSOCK_WANT_READ);
    status = tlsock_socket_do_handshake(pair.server, E);
    if (status == TLSOCK_WANT_READ) OK(tlsock_socket_wait(pair.client, TLSOCK_WANT_READ, 10, E));
  }
  OK(tlsock_socket_settimeout(pair.client, -1, E));
  OK(tlsock_socket_settimeout(pair.server, -1, E));
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    all.asked.answer = TLSOCK_OK;
    status = tlsock_socket_do_handshake(pair.server, NULL);
    wire_free(&pair);
    ends_free(&all);
    _exit(status == TLSOCK_OK ? 0 : 1);
  }
  OK(tlsock_socket_do_handshake(pair.client, E));
  CHECK(waitpid(child, &ended, 0) == child && WIFEXITED(ended));
  EQUAL(WEXITSTATUS(ended), 0);
  FAILS(TLSOCK_VALUE, "another process has used this connection since the fork*",
        tlsock_socket_do_handshake(pair.server, E));
  wire_free(&pair);
  ends_free(&all);
}

static void forked(void) {
  forked_at(HELLO);
  forked_at(OF_CLIENT);
}

// What is read by a C stream says so in its own way.
static void streams(kind what, int version) {
  ends all;
  char buffer[10];
  FILE *file = NULL;
  pthread_t thread;
  ends_new(&all, what, version);
  wire pair = over_sockets(&all);
  tlsock_socket *waits = waits_at_client(what) ? pair.client : pair.server;
  CHECK(pthread_create(&thread, NULL, serve, waits_at_client(what) ? pair.server : pair.client) == 0);
  OK(tlsock_socket_makefile(waits, "r", &file, E));
  for (int i = 0; i < 2; i++) {
    errno = 0;
    EQUAL(fread(buffer, 1, 5, file), 0);
    EQUAL(errno, EAGAIN);
    CHECK(ferror(file));
    clearerr(file);
  }
  all.asked.answer = TLSOCK_OK;
  EQUAL(fread(buffer, 1, 5, file), 5);
  SAME_BYTES(buffer, 5, "hello", 5);
  pthread_join(thread, NULL);
  fclose(file);
  wire_free(&pair);
  ends_free(&all);
}

static void c_streams(void) { each(streams); }

static void *greet(void *socket) {
  (void)tlsock_socket_do_handshake(socket, NULL);
  return NULL;
}

static void without_a_handle(void) {
  ends all;
  int fds[2];
  pthread_t thread;
  tlsock_socket *client = NULL, *server = NULL;
  ends_new(&all, HELLO, 0);
  tcp_pair(fds);
  OK(tlsock_context_wrap_socket(all.client, fds[0], TLSOCK_WRAP_NO_HANDSHAKE, "localhost", NULL, &client, E));
  CHECK(pthread_create(&thread, NULL, greet, client) == 0);
  FAILS(TLSOCK_VALUE, "a callback of the handshake has no answer yet, and this call has no handle*",
        tlsock_context_wrap_socket(all.server, fds[1], TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &server, E));
  CHECK(strstr(tlsock_error_message(LAST), "TLSOCK_WRAP_NO_HANDSHAKE") && server == NULL);
  close(fds[1]);
  pthread_join(thread, NULL);
  tlsock_socket_free(client);
  ends_free(&all);
}

// What a callback returns counts, whatever the status of the error beside it.
static int fails_with(void *userdata, tlsock_error **error) {
  question *own = userdata;
  own->asked++;
  *error = tlsock_error_new(TLSOCK_WANT_CALLBACK, "that of another connection");
  return TLSOCK_OS;
}

static int failed_hello(void *userdata, const tlsock_connection *connection, const tlsock_client_hello *hello,
                        int *alert, tlsock_error **error) {
  (void)connection, (void)hello, (void)alert;
  return fails_with(userdata, error);
}

static int failed_identity(void *userdata, const tlsock_connection *connection, tlsock_identity_request *request,
                           tlsock_error **error) {
  (void)connection, (void)request;
  return fails_with(userdata, error);
}

static int failed_verification(void *userdata, const tlsock_connection *connection, const tlsock_verification *seen,
                               tlsock_error **error) {
  (void)connection, (void)seen;
  return fails_with(userdata, error);
}

static int failed_signature(void *userdata, const char *algorithm, const char *digest, const uint8_t *data,
                            size_t data_len, uint8_t *signature, size_t size, size_t *signature_len,
                            tlsock_error **error) {
  (void)algorithm, (void)digest, (void)data, (void)data_len, (void)signature, (void)size, (void)signature_len;
  return fails_with(userdata, error);
}

static void failing(kind what, int version) {
  ends all;
  ends_new(&all, what, version);
  tlsock_context *asks = waits_at_client(what) ? all.client : all.server;
  if (what == HELLO)
    OK(tlsock_context_set_client_hello_callback(all.server, failed_hello, &all.asked, NULL, E));
  else if (what == IDENTITY || what == CLIENTS_IDENTITY)
    OK(tlsock_context_set_identity_callback(asks, failed_identity, &all.asked, NULL, E));
  else if (is_signature(what)) {
    use_signer(asks, what == SIGNATURE ? "rsa" : "client", TLSOCK_SIGNER_MAY_WAIT, failed_signature, &all.asked);
    EQUAL(all.asked.freed--, 1);
  } else
    OK(tlsock_context_set_verify_callback(asks, 0, failed_verification, &all.asked, NULL, E));
  memory pair = memory_new(all.client, all.server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), is_verification(what) ? TLSOCK_CERT_VERIFICATION : TLSOCK_SSL);
  EQUAL(tlsock_error_status(tlsock_error_cause(LAST)), TLSOCK_OS);
  SAME_TEXT(tlsock_error_message(tlsock_error_cause(LAST)), "that of another connection");
  EQUAL(all.asked.asked, 1);
  memory_free(&pair);
  ends_free(&all);
}

static void failures_do_not_wait(void) { each(failing); }

// Without the flag a signer cannot wait.
static void signers_that_did_not_say_so(void) {
  question asked = {0, 0, TLSOCK_WANT_CALLBACK, NULL, NULL};
  tlsock_context *client = new_client(0), *server = new_server("rsa", 0);
  use_signer(server, "rsa", 0, of_signature, &asked);
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_SSL);
  EQUAL(tlsock_error_status(tlsock_error_cause(LAST)), TLSOCK_VALUE);
  CHECK(strstr(tlsock_error_message(tlsock_error_cause(LAST)), "TLSOCK_SIGNER_MAY_WAIT"));
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
  EQUAL(asked.freed, 1);
}

// libssl is in the middle of the identity, on a thread that a child does not have.
static void forked_while_signing(void) {
  ends all;
  char buffer[10];
  size_t len = 0;
  int ended = 0;
  ends_new(&all, SIGNATURE, 0);
  memory pair = memory_new(all.client, all.server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_WANT_CALLBACK);
  FAILS(TLSOCK_VALUE, "this connection waits for a signature*", tlsock_object_set_context(pair.server, all.server, E));
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    all.asked.answer = TLSOCK_OK;
    tlsock_error *error = NULL;
    bool refused = tlsock_object_do_handshake(pair.server, &error) == TLSOCK_VALUE &&
                   strstr(tlsock_error_message(error), "only the parent can go on with it") != NULL;
    tlsock_error_free(error);
    refused = refused && tlsock_object_read(pair.server, buffer, sizeof buffer, &len, NULL) == TLSOCK_VALUE;
    memory_free(&pair);
    tlsock_context_free(all.server);
    // Another connection does what it did before.
    tlsock_context *server = new_server("rsa", 0);
    pair = memory_new(all.client, server, "localhost", NULL);
    refused = refused && memory_try(&pair, NULL) == TLSOCK_OK;
    // What was left is not freed here, and a memory checker would tell.
    if (refused && all.asked.asked == 1) raise(SIGKILL);
    _exit(1);
  }
  CHECK(waitpid(child, &ended, 0) == child && WIFSIGNALED(ended));
  EQUAL(WTERMSIG(ended), SIGKILL);
  all.asked.answer = TLSOCK_OK;
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_free(&pair);
  ends_free(&all);
}

static int of_name(void *userdata, const tlsock_connection *connection, const char *name, tlsock_context *context,
                   tlsock_error **error) {
  (void)userdata, (void)connection, (void)name, (void)context, (void)error;
  return TLSOCK_WANT_CALLBACK;
}

static void names_cannot_wait(void) {
  tlsock_object *at = NULL;
  tlsock_context *client = new_client(0), *server = new_server("rsa", 0);
  OK(tlsock_context_set_sni_callback(server, of_name, NULL, NULL, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, &at), TLSOCK_SSL);
  CHECK(at == pair.server);
  EQUAL(tlsock_error_alert_sent(LAST), TLSOCK_ALERT_DESCRIPTION_INTERNAL_ERROR);
  EQUAL(tlsock_error_status(tlsock_error_cause(LAST)), TLSOCK_VALUE);
  CHECK(strstr(tlsock_error_message(LAST), "this callback cannot wait"));
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

TESTS(CASE(objects), CASE(freed_while_waiting), CASE(one_that_is_freed_says_nothing), CASE(sockets), CASE(forked),
      CASE(c_streams), CASE(without_a_handle), CASE(failures_do_not_wait), CASE(names_cannot_wait),
      CASE(signers_that_did_not_say_so), CASE(forked_while_signing))
