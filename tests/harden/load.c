// Very many connections: at once, and one after the other.
//
// usage: load CERTS IDLE HANDSHAKES
#include <sys/resource.h>

#include "../c/fixture.h"

static int idle = 500, handshakes = 2000;
static char idle_line[80], handshakes_line[120];

static long resident(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file && fscanf(file, "%*d %ld", &pages) == 1);
  fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

// Both ends by turns, without waiting: one thread is enough.
static void shake(tlsock_socket *client, tlsock_socket *server) {
  bool client_done = false, server_done = false;
  OK(tlsock_socket_settimeout(client, 0, E));
  OK(tlsock_socket_settimeout(server, 0, E));
  for (int turn = 0; turn < 40 && !(client_done && server_done); turn++) {
    bool *done = turn % 2 ? &server_done : &client_done;
    if (*done) continue;
    int status = tlsock_socket_do_handshake(turn % 2 ? server : client, E);
    if (status != TLSOCK_WANT_READ) OK(status);
    *done = status == TLSOCK_OK;
  }
  CHECK(client_done && server_done);
}

static wire connect_pair(void (*make)(int fds[2]), tlsock_context *client, tlsock_context *server) {
  const unsigned flags = TLSOCK_WRAP_NO_HANDSHAKE;
  int fds[2];
  wire pair = {NULL, NULL};
  make(fds);
  OK(tlsock_context_wrap_socket(client, fds[0], flags, "localhost", NULL, &pair.client, E));
  OK(tlsock_context_wrap_socket(server, fds[1], flags | TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &pair.server, E));
  shake(pair.client, pair.server);
  return pair;
}

static void ping(const wire *pair) {
  char buffer[10];
  size_t len = 0;
  OK(tlsock_socket_sendall(pair->client, "ping", 4, E));
  OK(tlsock_socket_recv(pair->server, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, "ping", 4);
  OK(tlsock_socket_sendall(pair->server, "pong", 4, E));
  int status;
  while ((status = tlsock_socket_recv(pair->client, buffer, sizeof buffer, &len, E)) == TLSOCK_WANT_READ) continue;
  OK(status);
  SAME_BYTES(buffer, len, "pong", 4);
}

// An idle connection costs this much at most, OpenSSL's part included. Both its ends are in this process, so they are two.
#define MOST (36 * 1024)

static void idle_connections(void) {
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  if (limit.rlim_max < (rlim_t)idle + 100) {
    idle = (int)limit.rlim_max - 100;
    printf("only %d connections: there are no more descriptors\n", idle);
  }
  int count = idle / 2;
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  wire *pairs = calloc((size_t)count, sizeof *pairs);
  wire first = connect_pair(tcp_pair, client, server);
  ping(&first);
  long before = resident();
  for (int i = 0; i < count; i++) {
    pairs[i] = connect_pair(tcp_pair, client, server);
    ping(&pairs[i]);
  }
  long each = (resident() - before) / (2 * count);
  snprintf(idle_line, sizeof idle_line, "%d idle connections: %ld bytes each", 2 * count, each);
  CHECK(each < MOST);
  // They are there still, also the oldest.
  for (int i = 0; i < count; i += count / 50 + 1) ping(&pairs[i]);
  ping(&first);
  for (int i = 0; i < count; i++) wire_free(&pairs[i]);
  wire_free(&first);
  free(pairs);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

typedef struct worker {
  tlsock_context *client, *server;
  int count;
} worker;

static void *works(void *argument) {
  worker *one = argument;
  for (int i = 0; i < one->count; i++) {
    wire pair = connect_pair(local_pair, one->client, one->server);
    if (i % 10 == 0) ping(&pair);
    wire_free(&pair);
  }
  return NULL;
}

static void two_threads(worker *one, int count) {
  pthread_t threads[2];
  one->count = count / 2;
  for (int i = 0; i < 2; i++) CHECK(pthread_create(&threads[i], NULL, works, one) == 0);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

static void many_handshakes(void) {
  worker one = {new_client(0), new_server("ecdsa", 0), 0};
  two_threads(&one, handshakes / 4);
  int open_before = test_descriptors();
  size_t handles = tlsock_handle_count();
  long before = resident();
  double begin = now();
  two_threads(&one, handshakes);
  double took = now() - begin;
  long grown = resident() - before;
  snprintf(handshakes_line, sizeof handshakes_line, "%d handshakes from 2 threads: %.0f a second, %ld KiB more memory",
           handshakes, handshakes / took, grown / 1024);
  // One byte too many for each handshake is too much; what the C library keeps for a thread is not.
  CHECK(grown < 2 * 1024 * 1024 + handshakes);
  EQUAL(test_descriptors(), open_before);
  EQUAL(tlsock_handle_count(), handles);
  tlsock_context_free(one.client);
  tlsock_context_free(one.server);
}

int main(int argc, char **argv) {
  static const test_case cases[] = {CASE(idle_connections), CASE(many_handshakes)};
  test_certs = argc > 1 ? argv[1] : ".";
  if (argc > 2) idle = atoi(argv[2]);
  if (argc > 3) handshakes = atoi(argv[3]);
  setvbuf(stdout, NULL, _IOLBF, 0);
  int result = test_run(cases, sizeof cases / sizeof *cases);
  printf("%s; %s\n", idle_line, handshakes_line);
  return result;
}
