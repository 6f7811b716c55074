// tlsock_set_interrupt_callback, call by call: each that waits can be ended, after which it can be repeated, and goes on
// within its deadline otherwise.
#include <errno.h>
#include <fcntl.h>

#include "interrupt.h"

#define AMOUNT (4 * 1024 * 1024)
#define SHORT_TIME 0.2

// ---- connecting ----

// A listener whose queue is full: what connects waits.
typedef struct crowd {
  int listener, first, port;
} crowd;

static crowd crowded(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof address;
  crowd made = {.listener = socket(AF_INET, SOCK_STREAM, 0), .first = socket(AF_INET, SOCK_STREAM, 0)};
  CHECK(bind(made.listener, (struct sockaddr *)&address, len) == 0 && listen(made.listener, 0) == 0);
  CHECK(getsockname(made.listener, (struct sockaddr *)&address, &len) == 0);
  CHECK(connect(made.first, (struct sockaddr *)&address, len) == 0);
  made.port = ntohs(address.sin_port);
  return made;
}

static void crowd_goes(crowd *one) {
  close(accept(one->listener, NULL, NULL));
  close(one->first);
}

static void *serves_one(void *argument) {
  crowd *place = argument;
  tlsock_context *context = new_server("ecdsa", 0);
  tlsock_socket *server = NULL;
  int fd = accept(place->listener, NULL, NULL);
  CHECK(fd >= 0);
  OK(tlsock_context_wrap_socket(context, fd, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &server, E));
  OK(tlsock_socket_sendall(server, "served", 6, E));
  tlsock_socket_free(server);
  tlsock_context_free(context);
  return NULL;
}

static void is_served(tlsock_socket *client) {
  char buffer[10];
  size_t len = 0;
  OK(tlsock_socket_recv(client, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, "served", 6);
}

static tlsock_socket *unconnected(tlsock_context *context, double timeout) {
  tlsock_socket *made = NULL;
  OK(tlsock_context_wrap_socket(context, socket(AF_INET, SOCK_STREAM, 0), 0, "localhost", NULL, &made, E));
  OK(tlsock_socket_settimeout(made, timeout, E));
  return made;
}

static void is_not_connected(tlsock_socket *socket) {
  FAILS(TLSOCK_OS, NULL, tlsock_socket_sendall(socket, "secret", 6, E));
  EQUAL(tlsock_error_os_errno(LAST), ENOTCONN);
}

// A connect that was ended can be made anew; connect_ex, as ever, only once.
static void connects_end(void) {
  tlsock_context *context = new_client(0);
  for (int way = 0; way < 2; way++) {
    crowd place = crowded();
    asked one = {.ends = true};
    int number = -1;
    tlsock_socket *client = unconnected(context, timeouts[way]), *other = unconnected(context, timeouts[way]);
    tlsock_socket *none = NULL;
    pthread_t thread = signals_begin(&one), server;
    ENDS(TLSOCK_PHASE_CONNECT, tlsock_socket_connect(client, "127.0.0.1", place.port, slot));
    ENDS(TLSOCK_PHASE_CONNECT, tlsock_socket_connect_ex(other, "127.0.0.1", place.port, &number, slot));
    ENDS(TLSOCK_PHASE_CONNECT,
         tlsock_context_create_connection(context, "127.0.0.1", place.port, timeouts[way], &none, slot));
    CHECK(!none);
    EQUAL(one.count, 3);
    signals_end(thread, &one);
    FAILS(TLSOCK_VALUE, "attempt to connect already-connected SSLSocket!",
          tlsock_socket_connect_ex(other, "127.0.0.1", place.port, &number, E));
    // No attempt is still under way.
    is_not_connected(other);
    is_not_connected(client);
    crowd_goes(&place);
    CHECK(pthread_create(&server, NULL, serves_one, &place) == 0);
    OK(tlsock_socket_connect(client, "127.0.0.1", place.port, E));
    is_served(client);
    pthread_join(server, NULL);
    tlsock_socket_free(client);
    tlsock_socket_free(other);
    close(place.listener);
  }
  tlsock_context_free(context);
}

// Runs `act` once the call that another thread makes was asked some times.
typedef struct late {
  asked *one;
  void *(*act)(void *argument);
  void *argument;
} late;

static void *acts_late(void *argument) {
  late *what = argument;
  await_signals(what->one);
  return what->act(what->argument);
}

static pthread_t begin_late(late *what) {
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, acts_late, what) == 0);
  return thread;
}

static void *lets_in(void *place) {
  crowd_goes(place);
  return serves_one(place);
}

// This many signals cannot all miss the time in which a call waits. A machine with much else to do may not send them in time.
#define ENOUGH_SIGNALS 20

// A call keeps its deadline, however often it is asked.
#define IS_LATE(phase, call) \
  do { \
    double begin = now(); \
    int before = __atomic_load_n(&handled, __ATOMIC_SEQ_CST); \
    one.count = 0; \
    FAILS(TLSOCK_TIMEOUT, NULL, call); \
    EQUAL(tlsock_error_phase(LAST), phase); \
    CHECK(now() - begin >= SHORT_TIME - 0.001 && now() - begin < 60); \
    CHECK(one.count > 1 || __atomic_load_n(&handled, __ATOMIC_SEQ_CST) - before < ENOUGH_SIGNALS); \
  } while (0)

static void connects_go_on(void) {
  tlsock_context *context = new_client(0);
  for (int way = 0; way < 2; way++) {
    crowd place = crowded();
    asked one = {.ends = false};
    tlsock_socket *client = unconnected(context, SHORT_TIME), *none = NULL;
    pthread_t thread = signals_begin(&one);
    if (way == 0)
      IS_LATE(TLSOCK_PHASE_CONNECT, tlsock_socket_connect(client, "127.0.0.1", place.port, E));
    else
      IS_LATE(TLSOCK_PHASE_CONNECT,
              tlsock_context_create_connection(context, "127.0.0.1", place.port, SHORT_TIME, &none, E));
    CHECK(!none);
    pthread_t server = begin_late(&(late){&one, lets_in, &place});
    if (way == 0) {
      OK(tlsock_socket_settimeout(client, 60, E));
      OK(tlsock_socket_connect(client, "127.0.0.1", place.port, E));
    } else {
      tlsock_socket_free(client);
      OK(tlsock_context_create_connection(context, "127.0.0.1", place.port, 60, &client, E));
    }
    is_served(client);
    signals_end(thread, &one);
    pthread_join(server, NULL);
    tlsock_socket_free(client);
    close(place.listener);
  }
  tlsock_context_free(context);
}

// ---- accepting ----

static int visitor(tlsock_socket *listener) {
  tlsock_address address;
  OK(tlsock_socket_getsockname(listener, &address, E));
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  to.sin_port = htons((uint16_t)address.port);
  int fd = socket(AF_INET, SOCK_STREAM, 0), result;
  // A signal may meet this call too, which then goes on by itself.
  do result = connect(fd, (struct sockaddr *)&to, sizeof to);
  while (result != 0 && (errno == EINTR || errno == EALREADY));
  CHECK(result == 0 || errno == EISCONN);
  return fd;
}

static void *visits(void *listener) {
  tlsock_context *context = new_client(0);
  tlsock_socket *client = NULL;
  char buffer[10];
  size_t len;
  OK(tlsock_context_wrap_socket(context, visitor(listener), 0, "localhost", NULL, &client, E));
  OK(tlsock_socket_recv(client, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, "welcome", 7);
  tlsock_socket_free(client);
  tlsock_context_free(context);
  return NULL;
}

static void welcomes(tlsock_socket *listener) {
  tlsock_socket *peer = NULL;
  OK(tlsock_socket_accept(listener, &peer, NULL, E));
  OK(tlsock_socket_sendall(peer, "welcome", 7, E));
  tlsock_socket_free(peer);
}

// An accept that is ended in the handshake has closed its peer, and the listener serves the next one.
static void accepts(void) {
  tlsock_context *server = new_server("ecdsa", 0);
  tlsock_socket *listener = NULL, *peer = NULL;
  char byte;
  ssize_t got;
  OK(tlsock_context_create_server(server, "127.0.0.1", 0, 0, 0, &listener, E));
  for (int way = 0; way < 2; way++) {
    asked one = {.ends = true};
    OK(tlsock_socket_settimeout(listener, timeouts[way], E));
    int silent = visitor(listener);
    pthread_t thread = signals_begin(&one);
    ENDS(TLSOCK_PHASE_HANDSHAKE, tlsock_socket_accept(listener, &peer, NULL, slot));
    CHECK(!peer);
    do got = recv(silent, &byte, 1, 0);
    while (got < 0 && errno == EINTR);
    EQUAL(got, 0);
    close(silent);
    ENDS(TLSOCK_PHASE_ACCEPT, tlsock_socket_accept(listener, &peer, NULL, slot));
    one.ends = false;
    pthread_t client = begin_late(&(late){&one, visits, listener});
    welcomes(listener);
    pthread_join(client, NULL);
    OK(tlsock_socket_settimeout(listener, SHORT_TIME, E));
    IS_LATE(TLSOCK_PHASE_ACCEPT, tlsock_socket_accept(listener, &peer, NULL, E));
    silent = visitor(listener);
    IS_LATE(TLSOCK_PHASE_HANDSHAKE, tlsock_socket_accept(listener, &peer, NULL, E));
    close(silent);
    CHECK(!peer);
    signals_end(thread, &one);
  }
  tlsock_socket_free(listener);
  tlsock_context_free(server);
}

// ---- sending and ending ----

// Over local sockets, whose room stays what it is until the peer takes something.

// Sends until the system takes no more. How much the peer will get.
static size_t fill(tlsock_socket *socket) {
  static const char block[10000];
  size_t sent = 0;
  int status = TLSOCK_OK;
  OK(tlsock_socket_setblocking(socket, false, E));
  while (status == TLSOCK_OK) {
    // What was encrypted when there was no more room goes out first, with the next call.
    status = tlsock_socket_send(socket, block, sizeof block, NULL, E);
    sent += sizeof block;
  }
  EQUAL(status, TLSOCK_WANT_WRITE);
  CHECK(tlsock_socket_pending_write(socket) > 0);
  return sent;
}

typedef struct taker {
  tlsock_socket *socket;
  int file;  // what it is to get, if not zeros
  size_t amount;
  bool unwraps;
} taker;

// Takes everything, and where the peer unwraps too, its goodbye.
static void *takes(void *argument) {
  taker *one = argument;
  static unsigned char buffer[100000];
  size_t at = 0, len = 1;
  while (at < one->amount) {
    OK(tlsock_socket_recv(one->socket, buffer, sizeof buffer, &len, E));
    CHECK(len > 0);
    for (size_t i = 0; i < len; i++)
      if (buffer[i] != (one->file ? byte_at(at + i) : 0)) test_fail(__FILE__, __LINE__, "a byte is wrong", "");
    at += len;
  }
  EQUAL(at, one->amount);
  if (one->file) return NULL;
  OK(tlsock_socket_recv(one->socket, buffer, sizeof buffer, &len, E));
  EQUAL(len, 0);
  if (one->unwraps) OK(tlsock_socket_unwrap(one->socket, NULL, E));
  return NULL;
}

static tlsock_status closes_write(tlsock_socket *socket, tlsock_error **error) {
  return tlsock_socket_close_write(socket, error);
}
static tlsock_status unwraps(tlsock_socket *socket, tlsock_error **error) {
  return tlsock_socket_unwrap(socket, NULL, error);
}

// A close_notify that waits for room: ended, late, and continued.
static void ends_wait_for_room(void) {
  tlsock_status (*const ways[])(tlsock_socket *, tlsock_error **) = {closes_write, unwraps};
  for (int i = 0; i < 8; i++) {
    wire pair = wire_new(local_pair, versions[i % 2], 0);
    tlsock_status (*end)(tlsock_socket *, tlsock_error **) = ways[i / 4];
    taker rest = {pair.server, 0, fill(pair.client), i / 4 == 1};
    asked one = {.ends = true};
    OK(tlsock_socket_settimeout(pair.client, timeouts[i / 2 % 2], E));
    pthread_t thread = signals_begin(&one);
    ENDS(TLSOCK_PHASE_SHUTDOWN, end(pair.client, slot));
    ENDS(TLSOCK_PHASE_SHUTDOWN, end(pair.client, slot));
    one.ends = false;
    OK(tlsock_socket_settimeout(pair.client, SHORT_TIME, E));
    IS_LATE(TLSOCK_PHASE_SHUTDOWN, end(pair.client, E));
    OK(tlsock_socket_settimeout(pair.client, timeouts[i / 2 % 2], E));
    pthread_t server = begin_late(&(late){&one, takes, &rest});
    OK(end(pair.client, E));
    signals_end(thread, &one);
    pthread_join(server, NULL);
    if (!rest.unwraps) wire_say(pair.server, pair.client, "the other half");
    wire_free(&pair);
  }
}

static void *unwraps_too(void *socket) {
  OK(tlsock_socket_unwrap(socket, NULL, E));
  return NULL;
}

// A close_notify that waits for the peer's.
static void unwraps_wait_for_the_peer(void) {
  for (int i = 0; i < 4; i++) {
    wire pair = wire_new(tcp_pair, versions[i % 2], 0);
    asked one = {.ends = true};
    OK(tlsock_socket_settimeout(pair.client, timeouts[i / 2], E));
    pthread_t thread = signals_begin(&one);
    ENDS(TLSOCK_PHASE_SHUTDOWN, tlsock_socket_unwrap(pair.client, NULL, slot));
    // The other half is open until the peer's close_notify.
    wire_say(pair.server, pair.client, "not yet");
    one.ends = false;
    OK(tlsock_socket_settimeout(pair.client, SHORT_TIME, E));
    IS_LATE(TLSOCK_PHASE_SHUTDOWN, tlsock_socket_unwrap(pair.client, NULL, E));
    OK(tlsock_socket_settimeout(pair.client, timeouts[i / 2], E));
    pthread_t server = begin_late(&(late){&one, unwraps_too, pair.server});
    OK(tlsock_socket_unwrap(pair.client, NULL, E));
    signals_end(thread, &one);
    pthread_join(server, NULL);
    wire_say(pair.server, pair.client, "plain");
    wire_free(&pair);
  }
}

static FILE *filled_file(void) {
  static unsigned char data[AMOUNT];
  FILE *file = tmpfile();
  for (size_t i = 0; i < AMOUNT; i++) data[i] = byte_at(i);
  CHECK(file && fwrite(data, 1, AMOUNT, file) == AMOUNT && fflush(file) == 0);
  return file;
}

// What sendfile reports as sent is sent: it continues from there, with TLS and after it, and no byte is sent twice.
static void files_resume(void) {
  FILE *file = filled_file();
  for (int i = 0; i < 6; i++) {
    wire pair = wire_new(local_pair, versions[i % 2], 0);
    asked one = {.ends = true};
    taker all = {pair.server, fileno(file), AMOUNT, false};
    uint64_t sent = 0, more = 0;
    pthread_t thread, server;
    if (i >= 4) {
      CHECK(pthread_create(&server, NULL, unwraps_too, pair.server) == 0);
      OK(tlsock_socket_unwrap(pair.client, NULL, E));
      pthread_join(server, NULL);
    }
    OK(tlsock_socket_settimeout(pair.client, timeouts[i / 2 % 2], E));
    thread = signals_begin(&one);
    ENDS(TLSOCK_PHASE_WRITE, tlsock_socket_sendfile(pair.client, fileno(file), 0, 0, &sent, slot));
    CHECK(sent > 0 && sent < AMOUNT);
    EQUAL(lseek(fileno(file), 0, SEEK_CUR), sent);
    ENDS(TLSOCK_PHASE_WRITE, tlsock_socket_sendfile(pair.client, fileno(file), sent, 0, &more, slot));
    sent += more;
    one.ends = false;
    OK(tlsock_socket_settimeout(pair.client, SHORT_TIME, E));
    IS_LATE(TLSOCK_PHASE_WRITE, tlsock_socket_sendfile(pair.client, fileno(file), sent, 0, &more, E));
    sent += more;
    OK(tlsock_socket_settimeout(pair.client, timeouts[i / 2 % 2], E));
    server = begin_late(&(late){&one, takes, &all});
    OK(tlsock_socket_sendfile(pair.client, fileno(file), sent, 0, &more, E));
    EQUAL(sent + more, AMOUNT);
    signals_end(thread, &one);
    pthread_join(server, NULL);
    wire_say(pair.server, pair.client, "thanks");
    wire_free(&pair);
  }
  fclose(file);
}

static void *shakes_hands(void *server) {
  OK(tlsock_socket_do_handshake(server, E));
  return NULL;
}

static void handshakes_go_on(void) {
  for (int i = 0; i < 4; i++) {
    tlsock_context *client = new_client(versions[i % 2]), *server = new_server("ecdsa", versions[i % 2]);
    int fds[2];
    wire pair;
    asked one = {.ends = false};
    tcp_pair(fds);
    OK(tlsock_context_wrap_socket(client, fds[0], TLSOCK_WRAP_NO_HANDSHAKE, "localhost", NULL, &pair.client, E));
    OK(tlsock_context_wrap_socket(server, fds[1], TLSOCK_WRAP_NO_HANDSHAKE | TLSOCK_WRAP_SERVER_SIDE, NULL, NULL,
                                  &pair.server, E));
    OK(tlsock_socket_settimeout(pair.client, SHORT_TIME, E));
    pthread_t thread = signals_begin(&one);
    IS_LATE(TLSOCK_PHASE_HANDSHAKE, tlsock_socket_do_handshake(pair.client, E));
    OK(tlsock_socket_settimeout(pair.client, timeouts[i / 2], E));
    pthread_t other = begin_late(&(late){&one, shakes_hands, pair.server});
    OK(tlsock_socket_do_handshake(pair.client, E));
    signals_end(thread, &one);
    pthread_join(other, NULL);
    wire_say(pair.server, pair.client, "hello");
    wire_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

TESTS(CASE(connects_end), CASE(connects_go_on), CASE(accepts), CASE(ends_wait_for_room),
      CASE(unwraps_wait_for_the_peer), CASE(files_resume), CASE(handshakes_go_on))
