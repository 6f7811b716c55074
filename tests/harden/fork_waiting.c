// Fork while a handshake waits for an answer, or a thread is inside of it. The child frees what it has, ends, or tries to go on: it
// is told where it cannot, and does not wait then for a thread that it does not have. The parent goes on as if nothing had been.
#include <sys/syscall.h>

#include "../c/waiting.h"
#include "child.h"

#define LEFT "this connection was waiting for a signature when the process forked: only the parent can go on with it"
#define INSIDE "a thread of the parent was inside of this connection when the process forked: only the parent can go on with it"

typedef struct scene {
  ends all;
  memory pair;
  tlsock_object *waits;
} scene;

static void scene_new(scene *made, kind what, int version) {
  ends_new(&made->all, what, version);
  made->pair = memory_new(made->all.client, made->all.server, "localhost", NULL);
  made->waits = waits_at_client(what) ? made->pair.client : made->pair.server;
  EQUAL(memory_try(&made->pair, NULL), TLSOCK_WANT_CALLBACK);
}

static void scene_goes_on(scene *made) {
  made->all.asked.answer = TLSOCK_OK;
  EQUAL(memory_try(&made->pair, NULL), TLSOCK_OK);
  memory_say(made->pair.server, made->pair.client, "from the server");
  memory_say(made->pair.client, made->pair.server, "from the client");
  memory_free(&made->pair);
  ends_free(&made->all);
}

static void frees_all(void *argument) {
  scene *copy = argument;
  int asked = copy->all.asked.asked;
  memory_free(&copy->pair);
  tlsock_context_free(copy->all.client);
  tlsock_context_free(copy->all.server);
  tlsock_identity_free(copy->all.identity);
  MUST(copy->all.asked.asked == asked);
}

// With all that is registered for the end of a process, OpenSSL's own too.
static void ends_as_usual(void *ignored) {
  (void)ignored;
  exit(0);
}

static void the_child_frees_and_ends(kind what, int version) {
  scene one;
  scene_new(&one, what, version);
  in_child(frees_all, &one);
  in_child(ends_as_usual, &one);
  scene_goes_on(&one);
}

static void freed_in_the_child(void) { each(the_child_frees_and_ends); }

static bool is_told(int status, const char *expected) {
  return status == TLSOCK_VALUE && strcmp(tlsock_error_message(LAST), expected) == 0;
}

static void tries_all(void *argument) {
  scene *copy = argument;
  tlsock_object *waits = copy->waits;
  char byte;
  size_t len;
  copy->all.asked.answer = TLSOCK_OK;
  for (int i = 0; i < 2; i++) {
    MUST(is_told(tlsock_object_do_handshake(waits, E), LEFT));
    MUST(is_told(tlsock_object_read(waits, &byte, 1, &len, E), LEFT));
    MUST(is_told(tlsock_object_write(waits, "x", 1, NULL, E), LEFT));
    MUST(is_told(tlsock_object_unwrap(waits, E), LEFT));
    MUST(is_told(tlsock_object_close_write(waits, E), LEFT));
    MUST(tlsock_object_set_context(waits, copy->all.server, E) == TLSOCK_VALUE);
    MUST(tlsock_object_key_update(waits, true, E) == TLSOCK_VALUE);
    MUST(tlsock_object_pending(waits) == 0 && tlsock_object_version(waits) == NULL);
  }
  MUST(copy->all.asked.asked == 1);
  // Another connection does what it did before.
  tlsock_context *server = new_server("rsa", 0), *client = new_client(0);
  memory other = memory_new(client, server, "localhost", NULL);
  MUST(memory_try(&other, NULL) == TLSOCK_OK);
}

static void asks_a_grandchild(void *argument) { in_child(tries_all, argument); }

static void a_signature_is_the_parents(void) {
  for (int version = TLSOCK_TLS_VERSION_TLSV1_2; version <= TLSOCK_TLS_VERSION_TLSV1_3; version++)
    for (int what = SIGNATURE; what <= CLIENTS_SIGNATURE; what += CLIENTS_SIGNATURE - SIGNATURE) {
      scene one;
      scene_new(&one, (kind)what, version);
      in_child(tries_all, &one);
      in_child(asks_a_grandchild, &one);
      scene_goes_on(&one);
    }
}

static void closes_sockets(void *argument) {
  wire *pair = argument;
  MUST(is_told(tlsock_socket_do_handshake(pair->server, E), LEFT));
  MUST(tlsock_socket_close(pair->server, E) == TLSOCK_OK);
  tlsock_socket_free(pair->server);
  tlsock_socket_free(pair->client);
}

static void aborts_sockets(void *argument) {
  wire *pair = argument;
  MUST(tlsock_socket_abort(pair->server, E) == TLSOCK_OK);
  MUST(tlsock_socket_abort(pair->client, E) == TLSOCK_OK);
  tlsock_socket_free(pair->server);
}

static void *shakes(void *socket) {
  OK(tlsock_socket_do_handshake(socket, E));
  return NULL;
}

// The child has copies of the descriptors, and closes only these.
static void sockets(void) {
  ends all;
  pthread_t thread;
  ends_new(&all, SIGNATURE, 0);
  wire pair = over_sockets(&all);
  CHECK(pthread_create(&thread, NULL, shakes, pair.client) == 0);
  EQUAL(tlsock_socket_do_handshake(pair.server, E), TLSOCK_WANT_CALLBACK);
  in_child(closes_sockets, &pair);
  in_child(aborts_sockets, &pair);
  all.asked.answer = TLSOCK_OK;
  OK(tlsock_socket_do_handshake(pair.server, E));
  pthread_join(thread, NULL);
  wire_say(pair.server, pair.client, "after the fork");
  wire_free(&pair);
  ends_free(&all);
}

// ---- a callback that forks ----

static pid_t forked_child;

static int forks(void *userdata, const char *algorithm, const char *digest, const uint8_t *data, size_t data_len,
                 uint8_t *signature, size_t size, size_t *signature_len, tlsock_error **error) {
  forked_child = fork();
  if (forked_child == 0) alarm(300);
  return of_signature(userdata, algorithm, digest, data, data_len, signature, size, signature_len, error);
}

// The callback comes back in both processes.
static void a_signer_that_forks(void) {
  for (int version = TLSOCK_TLS_VERSION_TLSV1_2; version <= TLSOCK_TLS_VERSION_TLSV1_3; version++) {
    question asked = {0, 0, TLSOCK_OK, NULL, NULL};
    int status = 0;
    tlsock_context *client = new_client(version), *server = new_server("rsa", version);
    use_signer(server, "rsa", TLSOCK_SIGNER_MAY_WAIT, forks, &asked);
    memory pair = memory_new(client, server, "localhost", NULL);
    forked_child = -1;
    int said = memory_try(&pair, NULL);
    if (forked_child == 0) {
      MUST(is_told(said, LEFT));
      MUST(is_told(tlsock_object_do_handshake(pair.server, E), LEFT));
      memory_free(&pair);
      _exit(0);
    }
    EQUAL(said, TLSOCK_OK);
    CHECK(waitpid(forked_child, &status, 0) == forked_child);
    EQUAL(status, 0);
    memory_say(pair.server, pair.client, "the parent goes on");
    memory_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

// ---- a thread that is inside ----

static int inside[2], go_on[2];

// Has no answer for a while, and waits for it itself.
static int blocks(void *userdata, const char *algorithm, const char *digest, const uint8_t *data, size_t data_len,
                  uint8_t *signature, size_t size, size_t *signature_len, tlsock_error **error) {
  char byte;
  if (write(inside[1], "x", 1) != 1 || read(go_on[0], &byte, 1) != 1) return TLSOCK_OS;
  return of_signature(userdata, algorithm, digest, data, data_len, signature, size, signature_len, error);
}

// What has an error for it tells why, and the rest has no answer.
static void getters_are_told(tlsock_socket *socket, tlsock_context *context) {
  int result = 7;
  tlsock_bytes bytes = {NULL, 0};
  tlsock_cipher cipher;
  tlsock_certificate *certificate = NULL;
  tlsock_certificate_list *chain = NULL;
  tlsock_session *session = NULL;
  MUST(is_told(tlsock_socket_verify_result(socket, &result, E), INSIDE) && result == 7);
  MUST(is_told(tlsock_socket_peer_certificate(socket, &certificate, E), INSIDE) && !certificate);
  MUST(is_told(tlsock_socket_own_certificate(socket, &certificate, E), INSIDE) && !certificate);
  MUST(is_told(tlsock_socket_get_verified_chain(socket, &chain, E), INSIDE) && !chain);
  MUST(is_told(tlsock_socket_get_unverified_chain(socket, &chain, E), INSIDE) && !chain);
  MUST(is_told(tlsock_socket_verify_again(socket, &chain, E), INSIDE) && !chain);
  MUST(is_told(tlsock_socket_session(socket, &session, E), INSIDE) && !session);
  MUST(is_told(tlsock_socket_get_channel_binding(socket, "tls-exporter", &bytes, E), INSIDE) && !bytes.data);
  MUST(is_told(tlsock_socket_info_json(socket, &bytes, E), INSIDE) && !bytes.data);
  MUST(is_told(tlsock_socket_set_context(socket, context, E), INSIDE));
  MUST(tlsock_socket_scts(socket, &bytes, E) == TLSOCK_OK && !bytes.data);
  MUST(!tlsock_socket_version(socket) && !tlsock_socket_cipher(socket, &cipher) && !tlsock_socket_group(socket));
  MUST(!tlsock_socket_selected_alpn_protocol(socket) && !tlsock_socket_compression(socket));
  MUST(!tlsock_socket_session_reused(socket) && tlsock_socket_pending(socket) == 0);
  MUST(tlsock_socket_ech_status(socket) == TLSOCK_ECH_STATUS_NONE && tlsock_socket_server_side(socket));
}

static void is_kept_out(void *argument) {
  wire *pair = argument;
  char buffer[10];
  size_t len;
  MUST(is_told(tlsock_socket_do_handshake(pair->server, E), INSIDE));
  MUST(is_told(tlsock_socket_recv(pair->server, buffer, sizeof buffer, &len, E), INSIDE));
  tlsock_context *context = new_server("ecdsa", 0);
  getters_are_told(pair->server, context);
  tlsock_context_free(context);
  MUST(tlsock_socket_close(pair->server, E) == TLSOCK_OK);
  tlsock_socket_free(pair->server);
  tlsock_socket_free(pair->client);
}

static void a_thread_in_a_signer(void) {
  for (unsigned flags = 0; flags <= TLSOCK_SIGNER_MAY_WAIT; flags++) {
    question asked = {0, 0, TLSOCK_OK, NULL, NULL};
    ends all = {new_client(0), new_server("rsa", 0), NULL, asked};
    pthread_t threads[2];
    char byte;
    CHECK(pipe(inside) == 0 && pipe(go_on) == 0);
    use_signer(all.server, "rsa", flags, blocks, &all.asked);
    wire pair = over_sockets(&all);
    CHECK(pthread_create(&threads[0], NULL, shakes, pair.client) == 0);
    CHECK(pthread_create(&threads[1], NULL, shakes, pair.server) == 0);
    CHECK(read(inside[0], &byte, 1) == 1);
    in_child(is_kept_out, &pair);
    CHECK(write(go_on[1], "x", 1) == 1);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    wire_say(pair.server, pair.client, "the parent goes on");
    wire_free(&pair);
    for (int i = 0; i < 2; i++) close(inside[i]), close(go_on[i]);
    tlsock_context_free(all.client);
    tlsock_context_free(all.server);
    EQUAL(all.asked.freed, 1);
  }
}

// ---- a thread that waits for the peer ----

typedef struct user {
  tlsock_socket *socket;
  int id, says;
  size_t len;
  char got[10];
} user;

static void *receives(void *argument) {
  user *one = argument;
  __atomic_store_n(&one->id, (int)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
  one->says = (int)tlsock_socket_recv(one->socket, one->got, sizeof one->got, &one->len, E);
  return NULL;
}

// Fills the system's buffers, which nobody empties.
static void *sends(void *argument) {
  static char much[1 << 24];
  user *one = argument;
  __atomic_store_n(&one->id, (int)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
  one->says = (int)tlsock_socket_sendall(one->socket, much, sizeof much, E);
  return NULL;
}

// Until it waits in the system: for the network, as nothing else is waited for there.
static void until_asleep(const user *one) {
  char name[64], line[200] = "";
  while (__atomic_load_n(&one->id, __ATOMIC_SEQ_CST) == 0) sched_yield();
  snprintf(name, sizeof name, "/proc/self/task/%d/stat", one->id);
  for (const char *state = NULL; !state || state[2] != 'S'; sched_yield()) {
    FILE *file = fopen(name, "r");
    CHECK(file && fgets(line, sizeof line, file));
    fclose(file);
    state = strrchr(line, ')');
  }
}

static void reading_is_refused(void *argument) {
  user others[2] = {{((wire *)argument)->client, 0, 0, 0, ""}, {((wire *)argument)->client, 0, 0, 0, ""}};
  tlsock_socket *socket = others[0].socket;
  pthread_t threads[2];
  tlsock_bytes rest = {NULL, 0};
  for (int i = 0; i < 2; i++) MUST(pthread_create(&threads[i], NULL, receives, &others[i]) == 0);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < 2; i++) MUST(others[i].says == TLSOCK_VALUE);
  MUST(is_told(tlsock_socket_recv(socket, others[0].got, 1, &others[0].len, E), INSIDE));
  MUST(is_told(tlsock_socket_do_handshake(socket, E), INSIDE));
  MUST(is_told(tlsock_socket_unwrap(socket, &rest, E), INSIDE));
  MUST(tlsock_socket_version(socket) && tlsock_socket_pending(socket) == 0);
  MUST(tlsock_socket_close(socket, E) == TLSOCK_OK);
}

static void a_thread_that_reads(void) {
  wire pair = wire_new(tcp_pair, 0, 0);
  user reader = {pair.client, 0, 0, 0, ""};
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, receives, &reader) == 0);
  until_asleep(&reader);
  in_child(reading_is_refused, &pair);
  OK(tlsock_socket_sendall(pair.server, "late", 4, E));
  pthread_join(thread, NULL);
  EQUAL(reader.says, TLSOCK_OK);
  SAME_BYTES(reader.got, reader.len, "late", 4);
  wire_say(pair.client, pair.server, "the parent goes on");
  wire_free(&pair);
}

static void writing_is_refused(void *argument) {
  tlsock_socket *socket = ((wire *)argument)->client;
  size_t sent = 0, len = 0;
  char buffer[10];
  MUST(is_told(tlsock_socket_sendall(socket, "x", 1, E), INSIDE));
  MUST(is_told(tlsock_socket_send(socket, "x", 1, &sent, E), INSIDE));
  MUST(is_told(tlsock_socket_close_write(socket, E), INSIDE));
  // Reading would take the connection over, in the middle of a record that the parent sends.
  MUST(tlsock_socket_settimeout(socket, 0, E) == TLSOCK_OK);
  MUST(is_told(tlsock_socket_recv(socket, buffer, sizeof buffer, &len, E), INSIDE));
  MUST(tlsock_socket_version(socket));
}

static void a_thread_that_writes(void) {
  wire pair = wire_new(tcp_pair, 0, 0);
  user writer = {pair.client, 0, 0, 0, ""};
  pthread_t thread;
  char buffer[1 << 16];
  size_t left = 1 << 24, len = 0;
  CHECK(pthread_create(&thread, NULL, sends, &writer) == 0);
  until_asleep(&writer);
  in_child(writing_is_refused, &pair);
  for (; left > 0; left -= len) OK(tlsock_socket_recv(pair.server, buffer, sizeof buffer, &len, E));
  pthread_join(thread, NULL);
  EQUAL(writer.says, TLSOCK_OK);
  wire_say(pair.client, pair.server, "the parent goes on");
  wire_free(&pair);
}

static void *shakes_late(void *argument) {
  user *one = argument;
  __atomic_store_n(&one->id, (int)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
  one->says = (int)tlsock_socket_do_handshake(one->socket, E);
  return NULL;
}

static void writing_would_shake(void *argument) {
  MUST(is_told(tlsock_socket_sendall(((wire *)argument)->client, "x", 1, E), INSIDE));
}

static void a_thread_that_shakes(void) {
  ends all = {new_client(0), new_server("ecdsa", 0), NULL, {0, 0, TLSOCK_OK, NULL, NULL}};
  wire pair = over_sockets(&all);
  user shaker = {pair.client, 0, 0, 0, ""};
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, shakes_late, &shaker) == 0);
  until_asleep(&shaker);
  in_child(writing_would_shake, &pair);
  OK(tlsock_socket_do_handshake(pair.server, E));
  pthread_join(thread, NULL);
  EQUAL(shaker.says, TLSOCK_OK);
  wire_say(pair.client, pair.server, "the parent goes on");
  wire_free(&pair);
  tlsock_context_free(all.client);
  tlsock_context_free(all.server);
}

// ---- threads of the child ----

static void *asks(void *argument) {
  user *one = argument;
  int result;
  __atomic_store_n(&one->id, (int)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
  one->says = !is_told(tlsock_socket_verify_result(one->socket, &result, E), INSIDE);
  return NULL;
}

static void *shakes_in_the_child(void *socket) {
  MUST(tlsock_socket_do_handshake(socket, E) == TLSOCK_OK);
  return NULL;
}

// While one is in a callback for longer than anything is waited for, the other waits for it, and is not told of the parent.
static void two_go_on(void *argument) {
  wire *pair = argument;
  user one = {pair->server, 0, 0, 0, ""};
  pthread_t threads[3];
  char byte;
  MUST(pthread_create(&threads[0], NULL, shakes_in_the_child, pair->client) == 0);
  MUST(pthread_create(&threads[1], NULL, shakes_in_the_child, pair->server) == 0);
  MUST(read(inside[0], &byte, 1) == 1);
  MUST(pthread_create(&threads[2], NULL, asks, &one) == 0);
  until_asleep(&one);
  for (double end = now() + 0.4; now() < end;) sched_yield();
  MUST(write(go_on[1], "x", 1) == 1);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  MUST(one.says == 1);
}

static void two_threads_of_the_child(void) {
  question asked = {0, 0, TLSOCK_OK, NULL, NULL};
  ends all = {new_client(TLSOCK_TLS_VERSION_TLSV1_2), new_server("rsa", 0), NULL, asked};
  CHECK(pipe(inside) == 0 && pipe(go_on) == 0);
  use_signer(all.server, "rsa", 0, blocks, &all.asked);
  wire pair = over_sockets(&all);
  in_child(two_go_on, &pair);
  wire_free(&pair);
  for (int i = 0; i < 2; i++) close(inside[i]), close(go_on[i]);
  tlsock_context_free(all.client);
  tlsock_context_free(all.server);
}

TESTS(CASE(freed_in_the_child), CASE(a_signature_is_the_parents), CASE(sockets), CASE(a_signer_that_forks),
      CASE(a_thread_in_a_signer), CASE(a_thread_that_reads), CASE(a_thread_that_writes), CASE(a_thread_that_shakes), CASE(two_threads_of_the_child))
