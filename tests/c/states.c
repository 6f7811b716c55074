// Every call that moves bytes, in every state of a socket: its result, and that nothing is sent plain before unwrap.
#define _GNU_SOURCE  // memmem
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "fixture.h"

static const char secret[] = "the password of somebody";

// A socket in a state, and what belongs to it.
typedef struct scene {
  tlsock_socket *socket, *peer;
  int raw;       // the other end's descriptor, to look at what arrived there
  bool own_raw;  // nobody else closes it
} scene;

static int loopback(struct sockaddr_in *address, int backlog) {
  socklen_t len = sizeof *address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  CHECK(bind(listener, (struct sockaddr *)address, len) == 0 && listen(listener, backlog) == 0);
  CHECK(getsockname(listener, (struct sockaddr *)address, &len) == 0);
  return listener;
}

static int dial(int fd, struct sockaddr_in *address) {
  return connect(fd, (struct sockaddr *)address, sizeof *address) == 0 ? 0 : errno;
}

static tlsock_socket *wrapped(int fd) {
  tlsock_context *context = new_client(0);
  tlsock_socket *socket = NULL;
  OK(tlsock_context_wrap_socket(context, fd, TLSOCK_WRAP_NO_HANDSHAKE, "localhost", NULL, &socket, E));
  tlsock_context_free(context);
  return socket;
}

static scene unconnected(void) { return (scene){wrapped(socket(AF_INET, SOCK_STREAM, 0)), NULL, -1, false}; }

// A listener whose queue is full, and the connections that fill it: a new connect waits.
static struct {
  struct sockaddr_in address;
  int fds[64], count;
} full;

static void fill(void) {
  full.fds[full.count++] = loopback(&full.address, 0);
  for (bool waits = false; !waits && full.count < 64;) {
    int fd = full.fds[full.count++] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct pollfd ready = {fd, POLLOUT, 0};
    waits = dial(fd, &full.address) == EINPROGRESS && poll(&ready, 1, 200) == 0;
  }
}

static void empty(void) {
  while (full.count) close(full.fds[--full.count]);
}

static scene connecting(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  EQUAL(dial(fd, &full.address), EINPROGRESS);
  return (scene){wrapped(fd), NULL, -1, false};
}

// Wrapped first and connected by its owner.
static scene late(void) {
  struct sockaddr_in address;
  int listener = loopback(&address, 1);
  scene made = unconnected();
  CHECK(dial(tlsock_socket_fileno(made.socket), &address) == 0);
  made.raw = accept(listener, NULL, NULL);
  made.own_raw = true;
  close(listener);
  return made;
}

static scene connected(void) {
  int fds[2];
  local_pair(fds);
  return (scene){wrapped(fds[0]), NULL, fds[1], true};
}

static scene tls(void) {
  wire made = wire_new(local_pair, 0, 0);
  return (scene){made.client, made.server, tlsock_socket_fileno(made.server), false};
}

static scene ended(void) {
  char byte;
  size_t len;
  scene made = tls();
  OK(tlsock_socket_close_write(made.peer, E));
  OK(tlsock_socket_recv(made.socket, &byte, 1, &len, E));
  EQUAL(len, 0);
  return made;
}

static void *leave(void *peer) {
  OK(tlsock_socket_unwrap(peer, NULL, E));
  return NULL;
}

static scene unwrapped(void) {
  pthread_t thread;
  scene made = tls();
  CHECK(pthread_create(&thread, NULL, leave, made.peer) == 0);
  OK(tlsock_socket_unwrap(made.socket, NULL, E));
  pthread_join(thread, NULL);
  return made;
}

static scene shut(void) {
  scene made = tls();
  OK(tlsock_socket_shutdown(made.socket, SHUT_RDWR, E));
  return made;
}

static scene detached(void) {
  scene made = tls();
  int fd = tlsock_socket_detach(made.socket);
  CHECK(fd >= 0 && close(fd) == 0);
  return made;
}

static scene closed(void) {
  scene made = tls();
  OK(tlsock_socket_close(made.socket, E));
  return made;
}

static scene listening(void) {
  scene made = unconnected();
  OK(tlsock_socket_listen(made.socket, 1, E));
  return made;
}

// A peer that never sends TLS.
static scene failed(void) {
  scene made = connected();
  CHECK(write(made.raw, "this is no TLS at all\r\n", 23) == 23 && shutdown(made.raw, SHUT_WR) == 0);
  FAILS(TLSOCK_SSL, NULL, tlsock_socket_do_handshake(made.socket, E));
  return made;
}

// ---- calls ----

static tlsock_status call_send(tlsock_socket *s) { return tlsock_socket_send(s, secret, sizeof secret, NULL, E); }
static tlsock_status call_sendall(tlsock_socket *s) { return tlsock_socket_sendall(s, secret, sizeof secret, E); }
static tlsock_status call_write(tlsock_socket *s) { return tlsock_socket_write(s, secret, sizeof secret, NULL, E); }
static tlsock_status call_sendv(tlsock_socket *s) {
  tlsock_part parts[] = {{secret, 4}, {secret + 4, sizeof secret - 4}};
  return tlsock_socket_sendv(s, parts, 2, NULL, E);
}
static tlsock_status call_recv(tlsock_socket *s) {
  char buffer[100];
  size_t len = 0;
  tlsock_status status = tlsock_socket_recv(s, buffer, sizeof buffer, &len, E);
  CHECK(len == 0);
  return status;
}
static tlsock_status call_read(tlsock_socket *s) {
  char buffer[100];
  size_t len = 0;
  tlsock_status status = tlsock_socket_read(s, buffer, sizeof buffer, &len, E);
  CHECK(len == 0);
  return status;
}
static tlsock_status call_handshake(tlsock_socket *s) { return tlsock_socket_do_handshake(s, E); }
static tlsock_status call_unwrap(tlsock_socket *s) { return tlsock_socket_unwrap(s, NULL, E); }
static tlsock_status call_close_write(tlsock_socket *s) { return tlsock_socket_close_write(s, E); }
static tlsock_status call_accept(tlsock_socket *s) {
  tlsock_socket *accepted = NULL;
  return tlsock_socket_accept(s, &accepted, NULL, E);
}
static tlsock_status call_peercert(tlsock_socket *s) {
  tlsock_certificate *certificate = NULL;
  tlsock_status status = tlsock_socket_getpeercert(s, &certificate, E);
  tlsock_certificate_free(certificate);
  return status;
}
static tlsock_status call_post_handshake(tlsock_socket *s) { return tlsock_socket_verify_client_post_handshake(s, E); }

// ---- the table ----

enum { NOTCONN = ENOTCONN, PIPE = EPIPE, BADF = EBADF, INVAL = EINVAL };  // errno, for OS
enum {
  FINE = -TLSOCK_OK,
  READS = -TLSOCK_WANT_READ,
  WRITES = -TLSOCK_WANT_WRITE,
  VALUE = -TLSOCK_VALUE,
  SSL = -TLSOCK_SSL,
  FAILED = -1000,  // as versions of OpenSSL have it; to a reader an end without close_notify is FINE
};

static const struct {
  const char *name;
  scene (*make)(void);
} states[] = {
    {"unconnected", unconnected},
    {"connecting", connecting},
    {"late", late},
    {"connected", connected},
    {"failed", failed},
    {"tls", tls},
    {"ended", ended},
    {"unwrapped", unwrapped},
    {"shut", shut},
    {"detached", detached},
    {"closed", closed},
    {"listening", listening},
};

#define STATES (sizeof states / sizeof states[0])

static const struct {
  const char *name;
  tlsock_status (*call)(tlsock_socket *);
  int expected[STATES];  // an errno, or a status with a minus
} calls[] = {
    {"send", call_send, {NOTCONN, WRITES, READS, READS, FAILED, FINE, FINE, FINE, PIPE, SSL, BADF, NOTCONN}},
    {"sendall", call_sendall, {NOTCONN, WRITES, READS, READS, FAILED, FINE, FINE, FINE, PIPE, SSL, BADF, NOTCONN}},
    {"sendv", call_sendv, {NOTCONN, WRITES, READS, READS, FAILED, FINE, FINE, FINE, PIPE, SSL, BADF, NOTCONN}},
    {"write", call_write, {NOTCONN, WRITES, READS, READS, FAILED, FINE, FINE, VALUE, VALUE, SSL, VALUE, NOTCONN}},
    {"recv", call_recv, {NOTCONN, WRITES, READS, READS, FAILED, READS, FINE, READS, FINE, SSL, BADF, NOTCONN}},
    {"read", call_read, {NOTCONN, WRITES, READS, READS, FAILED, READS, FINE, VALUE, VALUE, SSL, VALUE, NOTCONN}},
    {"do_handshake",
     call_handshake,
     {NOTCONN, WRITES, READS, READS, FAILED, FINE, FINE, VALUE, VALUE, BADF, BADF, NOTCONN}},
    {"unwrap", call_unwrap, {NOTCONN, WRITES, SSL, SSL, SSL, READS, FINE, VALUE, VALUE, SSL, VALUE, NOTCONN}},
    {"close_write", call_close_write, {NOTCONN, WRITES, SSL, SSL, SSL, FINE, FINE, VALUE, VALUE, SSL, VALUE, NOTCONN}},
    {"accept", call_accept, {INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, BADF, BADF, READS}},
    {"getpeercert",
     call_peercert,
     {NOTCONN, NOTCONN, VALUE, VALUE, VALUE, FINE, FINE, VALUE, VALUE, FINE, VALUE, NOTCONN}},
    {"verify_client", call_post_handshake, {VALUE, VALUE, VALUE, SSL, SSL, SSL, SSL, VALUE, VALUE, SSL, VALUE, VALUE}},
};

// What the other end's descriptor has received shows nothing of what was sent.
static void shows_nothing(const scene *made) {
  char seen[8192];
  ssize_t len = made->raw < 0 ? 0 : recv(made->raw, seen, sizeof seen, MSG_PEEK | MSG_DONTWAIT);
  CHECK(len <= 0 || !memmem(seen, (size_t)len, secret, 8));
}

static void play(size_t call, size_t state) {
  scene made = states[state].make();
  tlsock_socket_settimeout(made.socket, 0, E);
  tlsock_status status = calls[call].call(made.socket);
  int told = status == TLSOCK_OS ? tlsock_error_os_errno(LAST) : -(int)status;
  int expected = calls[call].expected[state];
  if (calls[call].call == call_post_handshake && expected == SSL && !tlsock_has(TLSOCK_HAS_PHA))
    expected = -TLSOCK_NOT_IMPLEMENTED;
  bool reads = calls[call].call == call_recv || calls[call].call == call_read;
  bool failed = status == TLSOCK_EOF || status == TLSOCK_SSL || (reads && status == TLSOCK_OK);
  if (expected == FAILED ? !failed : told != expected) {
    fprintf(stderr, "%s when %s: %d, not %d\n", calls[call].name, states[state].name, told, expected);
    CHECK(!"the outcome of the table");
  }
  bool plain = states[state].make == unwrapped || (calls[call].call == call_unwrap && status == TLSOCK_OK);
  call_send(made.socket);
  call_sendall(made.socket);
  call_write(made.socket);
  if (!plain) shows_nothing(&made);
  if (made.own_raw) close(made.raw);
  tlsock_socket_free(made.socket);
  tlsock_socket_free(made.peer);
}

static void every_call_in_every_state(void) {
  fill();
  for (size_t call = 0; call < sizeof calls / sizeof calls[0]; call++)
    for (size_t state = 0; state < STATES; state++) play(call, state);
  empty();
}

TESTS(CASE(every_call_in_every_state))
