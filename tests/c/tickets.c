// The keys of session tickets: two processes that share them behind one address.
#include <sys/wait.h>

#include "fixture.h"

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};

// A key with a name of its own.
static void fill(unsigned char *key, size_t len, unsigned char seed) {
  for (size_t i = 0; i < len; i++) key[i] = (unsigned char)(seed + i * 7);
}

// One process of a server: takes a connection for each byte that it is told, and serves it.
static void serve(int listener, int orders, int version, const unsigned char *key) {
  tlsock_context *context = new_server("ecdsa", version);
  char order;
  OK(tlsock_context_set_ticket_keys(context, key, 80, 80, E));
  while (read(orders, &order, 1) == 1) {
    tlsock_socket *connection = NULL;
    int fd = accept(listener, NULL, NULL);
    CHECK(fd >= 0);
    OK(tlsock_context_wrap_socket(context, fd, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &connection, E));
    OK(tlsock_socket_sendall(connection, tlsock_socket_session_reused(connection) ? "r" : "f", 1, E));
    tlsock_socket_free(connection);
  }
  tlsock_context_free(context);
  _exit(0);
}

static int start(int listener, int version, const unsigned char *key, pid_t *pid) {
  int orders[2];
  CHECK(pipe(orders) == 0);
  *pid = fork();
  CHECK(*pid >= 0);
  if (*pid == 0) {
    close(orders[1]);
    serve(listener, orders[0], version, key);
  }
  close(orders[0]);
  return orders[1];
}

// Connects, while the one process that was told to accepts: 'r' where the session was resumed, 'f' otherwise.
static char visit(tlsock_context *client, int port, int orders, tlsock_session **session) {
  tlsock_socket *connection = NULL;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = (in_port_t)port, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  char answer = '?';
  size_t len = 0;
  CHECK(write(orders, "1", 1) == 1);
  CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
  OK(tlsock_context_wrap_socket(client, fd, 0, "localhost", *session, &connection, E));
  OK(tlsock_socket_recv(connection, &answer, 1, &len, E));
  EQUAL(len, 1);
  EQUAL(answer == 'r', tlsock_socket_session_reused(connection));
  if (!*session) OK(tlsock_socket_session(connection, session, E));
  tlsock_socket_free(connection);
  return answer;
}

static void processes(void) {
  for (int i = 0; i < 2; i++) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    unsigned char key[80], other[80];
    int listener = socket(AF_INET, SOCK_STREAM, 0), orders[3], status;
    pid_t pids[3];
    tlsock_session *session = NULL;
    fill(key, sizeof key, 1);
    fill(other, sizeof other, 2);
    CHECK(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 5) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    for (int n = 0; n < 3; n++) orders[n] = start(listener, versions[i], n < 2 ? key : other, &pids[n]);
    // Made after the forks: the other processes would not free theirs.
    tlsock_context *client = new_client(versions[i]);
    EQUAL(visit(client, address.sin_port, orders[0], &session), 'f');
    CHECK(session);
    EQUAL(visit(client, address.sin_port, orders[0], &session), 'r');
    EQUAL(visit(client, address.sin_port, orders[1], &session), 'r');
    EQUAL(visit(client, address.sin_port, orders[2], &session), 'f');
    for (int n = 0; n < 3; n++) close(orders[n]);
    for (int n = 0; n < 3; n++) CHECK(waitpid(pids[n], &status, 0) == pids[n] && status == 0);
    close(listener);
    tlsock_session_free(session);
    tlsock_context_free(client);
  }
}

static void arguments(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  unsigned char keys[2 * 80];
  fill(keys, sizeof keys, 1);
  FAILS(TLSOCK_VALUE, "context must not be NULL", tlsock_context_set_ticket_keys(NULL, keys, 80, 80, E));
  FAILS(TLSOCK_VALUE, "keys must not be NULL", tlsock_context_set_ticket_keys(server, NULL, 80, 80, E));
  FAILS(TLSOCK_VALUE, "keys has 160 bytes: *", tlsock_context_set_ticket_keys(server, keys, 160, 0, E));
  FAILS(TLSOCK_VALUE, "keys has 159 bytes: *", tlsock_context_set_ticket_keys(server, keys, 159, 80, E));
  FAILS(TLSOCK_VALUE, "keys cannot be *", tlsock_context_set_ticket_keys(server, keys, SIZE_MAX, 80, E));
  FAILS(TLSOCK_VALUE, "keys[0] is 79 bytes long: *", tlsock_context_set_ticket_keys(server, keys, 158, 79, E));
  FAILS(TLSOCK_VALUE, "keys are for a server, *", tlsock_context_set_ticket_keys(client, keys, 80, 80, E));
  OK(tlsock_context_set_ticket_keys(server, keys, 160, 80, E));
  OK(tlsock_context_set_ticket_keys(server, keys, 96, 48, E));
  OK(tlsock_context_set_ticket_keys(server, NULL, 0, 0, E));
  OK(tlsock_context_set_ticket_keys(server, NULL, 0, 80, E));
  tlsock_context_free(client);
  tlsock_context_free(server);
}

TESTS(CASE(processes), CASE(arguments))
