// The keys of session tickets: two processes that share them behind one address.
#include <sys/wait.h>

#include "fixture.h"

enum { KEY = 80 };

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};

// A key with a name of its own.
static void fill(unsigned char *key, size_t len, unsigned char seed) {
  for (size_t i = 0; i < len; i++) key[i] = (unsigned char)(seed + i * 7);
}

// A path of its own, for the caller to free.
static char *cert_of(const char *name) {
  char *path = strdup(cert(name));
  CHECK(path);
  return path;
}

// Where a process has its keys from.
typedef struct source {
  int format;  // 0 for bytes
  const unsigned char *key;
  const char *file;
} source;

static void use(tlsock_context *context, source from) {
  if (from.format) {
    OK(tlsock_context_load_ticket_keys(context, from.format, &from.file, 1, E));
  } else {
    OK(tlsock_context_set_ticket_keys(context, from.key, KEY, KEY, E));
  }
}

// One process of a server: takes a connection for each byte that it is told, and serves it.
static void serve(int listener, int orders, int version, source from) {
  tlsock_context *context = new_server("ecdsa", version);
  char order;
  use(context, from);
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

static int start(int listener, int version, source from, pid_t *pid) {
  int orders[2];
  CHECK(pipe(orders) == 0);
  *pid = fork();
  CHECK(*pid >= 0);
  if (*pid == 0) {
    close(orders[1]);
    serve(listener, orders[0], version, from);
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

// Three processes behind one address, of which the first two have the same keys.
static void share(int version, const source *from) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0), orders[3], status;
  pid_t pids[3];
  tlsock_session *session = NULL;
  CHECK(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 5) == 0);
  CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
  for (int n = 0; n < 3; n++) orders[n] = start(listener, version, from[n], &pids[n]);
  // Made after the forks: the other processes would not free theirs.
  tlsock_context *client = new_client(version);
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

static void processes(void) {
  unsigned char key[KEY], other[KEY];
  fill(key, sizeof key, 1);
  fill(other, sizeof other, 2);
  const source from[] = {{.key = key}, {.key = key}, {.key = other}};
  for (int i = 0; i < 2; i++) share(versions[i], from);
}

// One of them reads the key from nginx's file, another has it in memory.
static void files_of_nginx(void) {
  unsigned char key[KEY];
  fill(key, sizeof key, 1);
  const source from[] = {{TLSOCK_TICKET_KEYS_NGINX, NULL, cert_of("table/tickets/1.80")},
                         {.key = key},
                         {TLSOCK_TICKET_KEYS_NGINX, NULL, cert_of("table/tickets/2.80")}};
  for (int i = 0; i < 2; i++) share(versions[i], from);
  for (int i = 0; i < 3; i += 2) free((char *)from[i].file);
}

static void files_of_haproxy(void) {
  char *file = cert_of("table/tickets/keys.80"), *another = cert_of("table/tickets/keys.48");
  const source from[] = {{TLSOCK_TICKET_KEYS_HAPROXY, NULL, file},
                         {TLSOCK_TICKET_KEYS_HAPROXY, NULL, file},
                         {TLSOCK_TICKET_KEYS_HAPROXY, NULL, another}};
  for (int i = 0; i < 2; i++) share(versions[i], from);
  free(file);
  free(another);
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

static void arguments_of_files(void) {
  tlsock_context *server = new_server("ecdsa", 0);
  const char *files[] = {cert("table/tickets/1.80"), NULL};
  FAILS(TLSOCK_VALUE, "context must not be NULL",
        tlsock_context_load_ticket_keys(NULL, TLSOCK_TICKET_KEYS_NGINX, files, 1, E));
  FAILS(TLSOCK_VALUE, "files must not be NULL",
        tlsock_context_load_ticket_keys(server, TLSOCK_TICKET_KEYS_NGINX, NULL, 1, E));
  FAILS(TLSOCK_VALUE, "files[i] must not be NULL",
        tlsock_context_load_ticket_keys(server, TLSOCK_TICKET_KEYS_NGINX, files, 2, E));
  FAILS(TLSOCK_VALUE, "files cannot be *",
        tlsock_context_load_ticket_keys(server, TLSOCK_TICKET_KEYS_NGINX, files, SIZE_MAX, E));
  FAILS(TLSOCK_VALUE, "files is empty: *",
        tlsock_context_load_ticket_keys(server, TLSOCK_TICKET_KEYS_NGINX, files, 0, E));
  FAILS(TLSOCK_VALUE, "format -1 is not *", tlsock_context_load_ticket_keys(server, -1, files, 1, E));
  FAILS(TLSOCK_OS, "No such file or directory: files[0] ''",
        tlsock_context_load_ticket_keys(server, TLSOCK_TICKET_KEYS_NGINX, &(const char *){""}, 1, E));
  OK(tlsock_context_load_ticket_keys(server, TLSOCK_TICKET_KEYS_NGINX, files, 1, E));
  tlsock_context_free(server);
}

// The error tells the file by itself as well.
static void a_file_that_is_refused_is_named(void) {
  tlsock_context *server = new_server("ecdsa", 0);
  tlsock_error *error = NULL;
  const char *file = cert("table/tickets/keys.80");
  EQUAL(tlsock_context_load_ticket_keys(server, TLSOCK_TICKET_KEYS_NGINX, &file, 1, &error), TLSOCK_VALUE);
  SAME_TEXT(tlsock_error_filename(error), file);
  tlsock_error_free(error);
  tlsock_context_free(server);
}

TESTS(CASE(processes), CASE(files_of_nginx), CASE(files_of_haproxy), CASE(arguments), CASE(arguments_of_files),
      CASE(a_file_that_is_refused_is_named))
