// Fork: one of the two processes goes on with a connection, whichever is first; the other one is told, and disturbs
// nothing. Contexts and listeners work in both.
#define _GNU_SOURCE
#include <sys/syscall.h>

#include "child.h"

#define OTHER "another process has used this connection since the fork: only one of them can go on with it"

static wire connected(void) { return wire_new(tcp_pair, 0, 0); }

static void says_hello(void *client) { MUST(tlsock_socket_sendall(client, "hello", 5, E) == TLSOCK_OK); }

static void is_refused(void *client) {
  char buffer[10];
  size_t len;
  MUST(tlsock_socket_sendall(client, "no", 2, E) == TLSOCK_VALUE);
  MUST(strcmp(tlsock_error_message(LAST), OTHER) == 0);
  MUST(tlsock_socket_recv(client, buffer, sizeof buffer, &len, E) == TLSOCK_VALUE);
  MUST(tlsock_socket_close_write(client, E) == TLSOCK_VALUE);
  MUST(tlsock_socket_do_handshake(client, E) == TLSOCK_VALUE);
  MUST(tlsock_socket_pending(client) == 0 && tlsock_socket_version(client));
  tlsock_socket_free(client);
}

// As CPython's ForkingMixIn does it: the parent accepts and does the handshake, the child continues.
static void the_child_goes_on(void) {
  wire pair = connected();
  char buffer[10];
  size_t len = 0;
  in_child(says_hello, pair.client);
  OK(tlsock_socket_recv(pair.server, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, "hello", 5);
  FAILS(TLSOCK_VALUE, OTHER, tlsock_socket_sendall(pair.client, "no", 2, E));
  // What was refused has sent nothing.
  OK(tlsock_socket_settimeout(pair.server, 0.05, E));
  FAILS(TLSOCK_TIMEOUT, NULL, tlsock_socket_recv(pair.server, buffer, sizeof buffer, &len, E));
  wire_free(&pair);
}

static void the_parent_goes_on(void) {
  wire pair = connected();
  wire_say(pair.client, pair.server, "before");
  int go[2];
  CHECK(pipe(go) == 0);
  pid_t child = fork();
  if (child == 0) {
    char byte;
    alarm(300);
    MUST(read(go[0], &byte, 1) == 1);
    is_refused(pair.client);
    _exit(0);
  }
  wire_say(pair.client, pair.server, "after");
  int status = 1;
  CHECK(write(go[1], "x", 1) == 1 && waitpid(child, &status, 0) == child);
  EQUAL(status, 0);
  wire_say(pair.client, pair.server, "the child has left no trace");
  wire_say(pair.server, pair.client, "nor here");
  close(go[0]);
  close(go[1]);
  wire_free(&pair);
}

static void frees_all(void *argument) {
  wire *pair = argument;
  int fd = tlsock_socket_fileno(pair->client);
  tlsock_socket_free(pair->client);
  MUST(write(fd, "x", 1) == -1);  // its copy is closed
  MUST(tlsock_socket_close(pair->server, E) == TLSOCK_OK);
  tlsock_socket_free(pair->server);
}

static void aborts_all(void *argument) {
  wire *pair = argument;
  MUST(tlsock_socket_abort(pair->client, E) == TLSOCK_OK);
  MUST(tlsock_socket_abort(pair->server, E) == TLSOCK_OK);
}

static void freeing_in_the_child_sends_nothing(void) {
  wire pair = connected();
  in_child(frees_all, &pair);
  wire_say(pair.client, pair.server, "still here");
  in_child(aborts_all, &pair);
  wire_say(pair.server, pair.client, "still here");
  wire_free(&pair);
}

typedef struct reader {
  tlsock_socket *socket;
  char got[10];
  size_t len;
  int ready;
} reader;

static void *reads(void *argument) {
  reader *one = argument;
  __atomic_store_n(&one->ready, 1, __ATOMIC_SEQ_CST);
  OK(tlsock_socket_recv(one->socket, one->got, sizeof one->got, &one->len, E));
  return NULL;
}

// A thread that is inside a call at the time of the fork is not there in the child, but what it holds is.
static void a_blocked_reader_is_not_woken(void) {
  wire pair = connected();
  reader one = {pair.client, "", 0, 0};
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, reads, &one) == 0);
  while (!__atomic_load_n(&one.ready, __ATOMIC_SEQ_CST)) sched_yield();
  for (int i = 0; i < 5; i++) in_child(frees_all, &pair);
  OK(tlsock_socket_sendall(pair.server, "late", 4, E));
  pthread_join(thread, NULL);
  SAME_BYTES(one.got, one.len, "late", 4);
  wire_free(&pair);
}

static void serves(void *server) {
  char buffer[10];
  size_t len;
  MUST(tlsock_socket_do_handshake(server, E) == TLSOCK_OK);
  MUST(tlsock_socket_recv(server, buffer, sizeof buffer, &len, E) == TLSOCK_OK);
  MUST(tlsock_socket_sendall(server, buffer, len, E) == TLSOCK_OK);
}

static void *asks(void *client) {
  char buffer[10];
  size_t len = 0;
  OK(tlsock_socket_do_handshake(client, E));
  OK(tlsock_socket_sendall(client, "ping", 4, E));
  OK(tlsock_socket_recv(client, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, "ping", 4);
  return NULL;
}

// A server that gives each connection to a child, closes its own copy and takes the next one.
static void a_child_for_each_connection(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  OK(tlsock_context_set_num_tickets(server, 0, E));
  for (int i = 0; i < 10; i++) {
    int fds[2];
    wire pair;
    pthread_t thread;
    tcp_pair(fds);
    OK(tlsock_context_wrap_socket(client, fds[0], TLSOCK_WRAP_NO_HANDSHAKE, "localhost", NULL, &pair.client, E));
    OK(tlsock_context_wrap_socket(server, fds[1], TLSOCK_WRAP_NO_HANDSHAKE | TLSOCK_WRAP_SERVER_SIDE, NULL, NULL,
                                  &pair.server, E));
    pid_t child = fork();
    if (child == 0) {
      alarm(300);
      serves(pair.server);
      _exit(0);
    }
    tlsock_socket_free(pair.server);
    CHECK(pthread_create(&thread, NULL, asks, pair.client) == 0);
    pthread_join(thread, NULL);
    int status = 1;
    CHECK(waitpid(child, &status, 0) == child);
    EQUAL(status, 0);
    tlsock_socket_free(pair.client);
  }
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// In each of two children that live at once: a connection of its own, made with the context of the parent.
static void connects_itself(void *contexts) {
  tlsock_context **both = contexts;
  for (int i = 0; i < 3; i++) {
    memory pair = memory_new(both[0], both[1], "localhost", NULL);
    MUST(memory_try(&pair, NULL) == TLSOCK_OK);
    MUST(tlsock_object_write(pair.client, "x", 1, NULL, E) == TLSOCK_OK);
    memory_free(&pair);
  }
}

static void contexts_work_in_both(void) {
  tlsock_context *both[2] = {new_client(0), new_server("ecdsa", 0)};
  memory before = memory_new(both[0], both[1], "localhost", NULL);
  EQUAL(memory_try(&before, NULL), TLSOCK_OK);
  pid_t first = fork();
  if (first == 0) {
    alarm(300);
    connects_itself(both);
    _exit(0);
  }
  in_child(connects_itself, both);
  connects_itself(both);
  int status = 1;
  CHECK(waitpid(first, &status, 0) == first);
  EQUAL(status, 0);
  memory_say(before.client, before.server, "still fine");
  memory_free(&before);
  tlsock_context_free(both[0]);
  tlsock_context_free(both[1]);
}

static void writes_object(void *object) { MUST(tlsock_object_write(object, "x", 1, NULL, E) == TLSOCK_OK); }

static void objects_too(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  in_child(writes_object, pair.client);
  FAILS(TLSOCK_VALUE, OTHER, tlsock_object_write(pair.client, "x", 1, NULL, E));
  tlsock_pump_result done;
  FAILS(TLSOCK_VALUE, OTHER, tlsock_object_pump(pair.client, 0, NULL, 0, "x", 1, NULL, 0, NULL, 0, &done, E));
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void asks_grandchild(void *client) {
  pid_t child = fork();
  if (child == 0) {
    says_hello(client);
    _exit(0);
  }
  int status = 1;
  MUST(waitpid(child, &status, 0) == child && status == 0);
  MUST(tlsock_socket_sendall(client, "no", 2, E) == TLSOCK_VALUE);
}

static void a_grandchild_goes_on(void) {
  wire pair = connected();
  in_child(asks_grandchild, pair.client);
  FAILS(TLSOCK_VALUE, OTHER, tlsock_socket_sendall(pair.client, "no", 2, E));
  wire_free(&pair);
}

static void *accepts(void *listener) {
  tlsock_socket *server = NULL;
  OK(tlsock_socket_accept(listener, &server, NULL, E));
  tlsock_socket_free(server);
  return NULL;
}

static void closes_listener(void *listener) {
  MUST(tlsock_socket_close(listener, E) == TLSOCK_OK);
  tlsock_socket_free(listener);
}

static void a_listener_stays_open(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  tlsock_socket *listener = NULL, *made = NULL;
  tlsock_address address;
  pthread_t thread;
  OK(tlsock_context_create_server(server, "127.0.0.1", 0, 0, 0, &listener, E));
  OK(tlsock_socket_getsockname(listener, &address, E));
  CHECK(pthread_create(&thread, NULL, accepts, listener) == 0);
  for (int i = 0; i < 5; i++) in_child(closes_listener, listener);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  OK(tlsock_context_wrap_socket(client, fd, 0, "localhost", NULL, &made, E));
  OK(tlsock_socket_connect(made, "127.0.0.1", address.port, E));
  pthread_join(thread, NULL);
  tlsock_socket_free(made);
  tlsock_socket_free(listener);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// The number that the system gives to a process tells it from none in another namespace.
static pid_t number;

pid_t getpid(void) { return number ? number : (pid_t)syscall(SYS_getpid); }

static void children_of_the_same_number(void) {
  wire pair = connected();
  number = 1;
  in_child(says_hello, pair.client);
  in_child(is_refused, pair.client);
  FAILS(TLSOCK_VALUE, OTHER, tlsock_socket_sendall(pair.client, "no", 2, E));
  number = 0;
  char buffer[10];
  size_t len = 0;
  OK(tlsock_socket_recv(pair.server, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, "hello", 5);
  wire_free(&pair);
}

static void randomness_differs(void) {
  unsigned char mine[16], of_child[16];
  int fds[2];
  OK(tlsock_rand_bytes(mine, sizeof mine, E));
  CHECK(pipe(fds) == 0);
  pid_t child = fork();
  if (child == 0) {
    MUST(tlsock_rand_bytes(mine, sizeof mine, E) == TLSOCK_OK && write(fds[1], mine, sizeof mine) == sizeof mine);
    _exit(0);
  }
  OK(tlsock_rand_bytes(mine, sizeof mine, E));
  CHECK(read(fds[0], of_child, sizeof of_child) == sizeof of_child);
  CHECK(waitpid(child, NULL, 0) == child && memcmp(mine, of_child, sizeof mine) != 0);
  close(fds[0]);
  close(fds[1]);
}

TESTS(CASE(the_child_goes_on), CASE(the_parent_goes_on), CASE(freeing_in_the_child_sends_nothing),
      CASE(a_blocked_reader_is_not_woken), CASE(a_child_for_each_connection), CASE(contexts_work_in_both),
      CASE(objects_too), CASE(a_grandchild_goes_on), CASE(a_listener_stays_open), CASE(randomness_differs), CASE(children_of_the_same_number))
