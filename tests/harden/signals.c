// A storm of signals that interrupts every call loses no byte and moves no deadline, and nothing raises SIGPIPE.
#include <signal.h>

#include "../c/fixture.h"

#define MIB (1024 * 1024)
#define AMOUNT (8 * MIB)
#define ENOUGH 20

static int interruptions;
static volatile sig_atomic_t pipes_broken;

static void on_interruption(int number) {
  (void)number;
  __atomic_add_fetch(&interruptions, 1, __ATOMIC_SEQ_CST);
}

static int interrupted(void) { return __atomic_load_n(&interruptions, __ATOMIC_SEQ_CST); }

static void on_pipe(int number) {
  (void)number;
  pipes_broken++;
}

typedef struct pest {
  pthread_t thread, victims[2];
  int count, stop;
} pest;

static void *pesters(void *argument) {
  pest *one = argument;
  struct timespec pause = {0, 200000};
  for (int turn = 0; !__atomic_load_n(&one->stop, __ATOMIC_SEQ_CST); turn++) {
    pthread_kill(one->victims[turn % one->count], SIGUSR1);
    nanosleep(&pause, NULL);
  }
  return NULL;
}

// Interrupts this thread, and perhaps another one, again and again.
static void storm_begins(pest *one, pthread_t *other) {
  struct sigaction action = {0};
  action.sa_handler = on_interruption;  // without SA_RESTART: the kernel gives EINTR
  sigaction(SIGUSR1, &action, NULL);
  action.sa_handler = on_pipe;
  sigaction(SIGPIPE, &action, NULL);
  interruptions = 0;
  memset(one, 0, sizeof *one);
  one->victims[one->count++] = pthread_self();
  if (other) one->victims[one->count++] = *other;
  CHECK(pthread_create(&one->thread, NULL, pesters, one) == 0);
}

static int storm_ends(pest *one) {
  __atomic_store_n(&one->stop, 1, __ATOMIC_SEQ_CST);
  pthread_join(one->thread, NULL);
  EQUAL(pipes_broken, 0);
  return interrupted();
}

static unsigned char byte_at(size_t position) { return (unsigned char)(position * 131 + position / 251); }

typedef struct flow {
  tlsock_socket *socket;
  int fd;        // of a file with the bytes, for sendfile
  FILE *stream;  // for makefile
  size_t piece;
} flow;

static void fill(unsigned char *buffer, size_t at, size_t len) {
  for (size_t i = 0; i < len; i++) buffer[i] = byte_at(at + i);
}

static void *sends(void *argument) {
  flow *out = argument;
  unsigned char *buffer = malloc(out->piece);
  for (size_t at = 0; at < AMOUNT; at += out->piece) {
    fill(buffer, at, out->piece);
    OK(tlsock_socket_sendall(out->socket, buffer, out->piece, E));
  }
  free(buffer);
  return NULL;
}

static void *sends_file(void *argument) {
  flow *out = argument;
  uint64_t sent = 0;
  OK(tlsock_socket_sendfile(out->socket, out->fd, 0, 0, &sent, E));
  EQUAL(sent, AMOUNT);
  return NULL;
}

static void *sends_stream(void *argument) {
  flow *out = argument;
  unsigned char buffer[5000];
  for (size_t at = 0; at < AMOUNT;) {
    size_t len = AMOUNT - at < sizeof buffer ? AMOUNT - at : sizeof buffer;
    fill(buffer, at, len);
    CHECK(fwrite(buffer, 1, len, out->stream) == len);
    at += len;
  }
  CHECK(fclose(out->stream) == 0);
  return NULL;
}

// Half of it, then nothing before enough interruptions came: the sender is met inside its call.
static void takes_all(tlsock_socket *socket) {
  static unsigned char buffer[70000];
  size_t at = 0, len;
  while (at < AMOUNT) {
    OK(tlsock_socket_recv(socket, buffer, sizeof buffer, &len, E));
    CHECK(len > 0);
    for (size_t i = 0; i < len; i++)
      if (buffer[i] != byte_at(at + i)) test_fail(__FILE__, __LINE__, "a byte was lost or changed", "");
    at += len;
    while (at > AMOUNT / 2 && interrupted() < ENOUGH) pause();
  }
  EQUAL(at, AMOUNT);
}

// One way, then what the other way has at its end.
static void flows(wire *pair, void *(*send)(void *), flow *out) {
  pthread_t thread;
  pest one;
  CHECK(pthread_create(&thread, NULL, send, out) == 0);
  storm_begins(&one, &thread);
  takes_all(pair->server);
  CHECK(storm_ends(&one) >= ENOUGH);
  pthread_join(thread, NULL);
}

static void through(void (*make)(int fds[2]), double timeout) {
  wire pair = wire_new(make, 0, 0);
  OK(tlsock_socket_settimeout(pair.client, timeout, E));
  OK(tlsock_socket_settimeout(pair.server, timeout, E));
  flow out = {pair.client, -1, NULL, 65536};
  flows(&pair, sends, &out);
  out.piece = 512;
  flows(&pair, sends, &out);
  wire_free(&pair);
}

static void blocking(void) { through(tcp_pair, -1); }
static void timed(void) { through(tcp_pair, 20); }
static void local_sockets(void) { through(local_pair, 20); }

static void files_and_streams(void) {
  wire pair = wire_new(tcp_pair, 0, 0);
  FILE *file = tmpfile();
  unsigned char buffer[4096];
  for (size_t at = 0; at < AMOUNT; at += sizeof buffer) {
    fill(buffer, at, sizeof buffer);
    CHECK(fwrite(buffer, 1, sizeof buffer, file) == sizeof buffer);
  }
  CHECK(fflush(file) == 0);
  flow out = {pair.client, fileno(file), NULL, 0};
  flows(&pair, sends_file, &out);
  OK(tlsock_socket_makefile(pair.client, "w", &out.stream, E));
  flows(&pair, sends_stream, &out);
  fclose(file);
  wire_free(&pair);
}

// Sockets without TLS: both ends after unwrap.
static void *unwraps(void *socket) {
  OK(tlsock_socket_unwrap(socket, NULL, E));
  return NULL;
}

static void without_tls(void) {
  for (int timed = 0; timed < 2; timed++) {
    wire pair = wire_new(tcp_pair, 0, 0);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, unwraps, pair.server) == 0);
    OK(tlsock_socket_unwrap(pair.client, NULL, E));
    pthread_join(thread, NULL);
    OK(tlsock_socket_settimeout(pair.client, timed ? 20 : -1, E));
    OK(tlsock_socket_settimeout(pair.server, timed ? 20 : -1, E));
    flow out = {pair.client, -1, NULL, 65536};
    flows(&pair, sends, &out);
    wire_free(&pair);
  }
}

static void *shakes_hands(void *server) {
  OK(tlsock_socket_do_handshake(server, E));
  return NULL;
}

static void handshakes(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  int all = 0;
  for (int i = 0; i < 30 || all <= 30; i++) {
    int fds[2];
    pthread_t thread;
    pest one;
    wire pair;
    tcp_pair(fds);
    OK(tlsock_context_wrap_socket(client, fds[0], TLSOCK_WRAP_NO_HANDSHAKE, "localhost", NULL, &pair.client, E));
    OK(tlsock_context_wrap_socket(server, fds[1], TLSOCK_WRAP_NO_HANDSHAKE | TLSOCK_WRAP_SERVER_SIDE, NULL, NULL,
                                  &pair.server, E));
    CHECK(pthread_create(&thread, NULL, shakes_hands, pair.server) == 0);
    storm_begins(&one, &thread);
    OK(tlsock_socket_do_handshake(pair.client, E));
    all += storm_ends(&one);
    pthread_join(thread, NULL);
    wire_say(pair.client, pair.server, "hello");
    wire_free(&pair);
  }
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// Interruptions neither lengthen nor shorten a deadline.
static void deadlines_stay(void) {
  wire pair = wire_new(tcp_pair, 0, 0);
  char buffer[10];
  size_t len;
  pest one;
  storm_begins(&one, NULL);
  for (int i = 0; i < 3; i++) {
    OK(tlsock_socket_settimeout(pair.client, 0.2, E));
    double begin = now();
    FAILS(TLSOCK_TIMEOUT, NULL, tlsock_socket_recv(pair.client, buffer, sizeof buffer, &len, E));
    double took = now() - begin;
    CHECK(took >= 0.199 && took < 0.35);
    begin = now();
    FAILS(TLSOCK_TIMEOUT, NULL, tlsock_socket_wait(pair.client, TLSOCK_WANT_READ, 0.2, E));
    took = now() - begin;
    CHECK(took >= 0.199 && took < 0.35);
  }
  CHECK(storm_ends(&one) > 5);
  wire_say(pair.client, pair.server, "as if nothing had been");
  wire_free(&pair);
}

// Every way to send to a peer that is gone gives an error, never a signal.
static void no_sigpipe(void) {
  struct sigaction action = {0};
  action.sa_handler = on_pipe;
  sigaction(SIGPIPE, &action, NULL);
  pipes_broken = 0;
  char data[100000] = "";
  for (int way = 0; way < 7; way++) {
    wire pair = wire_new(way % 2 ? local_pair : tcp_pair, 0, 0);
    tlsock_part part = {data, sizeof data};
    FILE *file = NULL, *bytes = NULL;
    uint64_t sent = 0;
    size_t len = 0;
    if (way == 5) {
      pthread_t thread;
      CHECK(pthread_create(&thread, NULL, unwraps, pair.server) == 0);
      OK(tlsock_socket_unwrap(pair.client, NULL, E));
      pthread_join(thread, NULL);
    }
    if (way == 3) OK(tlsock_socket_makefile(pair.client, "w", &file, E));
    tlsock_socket_free(pair.server);
    int status = TLSOCK_OK;
    for (int turn = 0; turn < 50 && status == TLSOCK_OK; turn++) switch (way) {
        case 0: case 1: case 5: status = tlsock_socket_sendall(pair.client, data, sizeof data, E); break;
        case 2: status = tlsock_socket_sendv(pair.client, &part, 1, &len, E); break;
        case 3:
          status = fwrite(data, 1, sizeof data, file) == sizeof data && fflush(file) == 0 ? TLSOCK_OK : TLSOCK_OS;
          break;
        case 4:
          bytes = tmpfile();
          CHECK(fwrite(data, 1, sizeof data, bytes) == sizeof data && fflush(bytes) == 0);
          status = tlsock_socket_sendfile(pair.client, fileno(bytes), 0, 0, &sent, E);
          fclose(bytes);
          break;
        case 6: status = tlsock_socket_close_write(pair.client, E) || turn < 3 ? TLSOCK_OK : TLSOCK_OS; break;
      }
    EQUAL(status, TLSOCK_OS);
    EQUAL(pipes_broken, 0);
    if (file) fclose(file);
    tlsock_socket_free(pair.client);
  }
  signal(SIGPIPE, SIG_DFL);
}

TESTS(CASE(blocking), CASE(timed), CASE(local_sockets), CASE(files_and_streams), CASE(without_tls), CASE(handshakes),
      CASE(deadlines_stay), CASE(no_sigpipe))
