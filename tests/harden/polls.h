// A poll loop over both ends of a connection, in one thread, whose sends take a byte or nothing: each call that says
// TLSOCK_WANT_* is repeated when poll says what it wanted, and never otherwise. Where nobody is ready both ends hang.
#ifndef POLLS_H
#define POLLS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include <openssl/ssl.h>

#include "../c/fixture.h"
#include "shim.h"

#define AMOUNT 5000
#define SMALL 4096
#define STALLED 10000  // milliseconds

static unsigned char data[AMOUNT];

// One end: a socket of ours, an object of ours with a transport of its own, or libssl as it is.
typedef struct end {
  int fd;
  tlsock_socket *socket;
  struct transport *transport;
  SSL *ssl;
  unsigned char taken[AMOUNT];
  size_t at;
  int step, want;
  bool reads;      // the last call was one that reads
  bool attentive;  // looks at tlsock_socket_pending_write too, and reads whenever it can
  bool begun;      // libssl was asked for new keys in this step
  int keys, finished;  // messages that libssl has received
} end;

typedef int (*action)(end *one);

// Adds what was taken; OK once it is all there.
static inline int took(end *one, size_t len) {
  CHECK(len > 0);
  one->at += len;
  if (one->at < AMOUNT) return TLSOCK_OK;
  SAME_BYTES(one->taken, AMOUNT, data, AMOUNT);
  one->at = 0;
  return TLSOCK_OK;
}

// ---- how an end's sends fare ----

typedef void (*hindrance)(const end *one, unsigned call);

// libssl writes where ours sends.
static inline site sends_by(const end *one) { return one->ssl ? AT_write : AT_send; }

static inline void all_short(const end *one, unsigned call) {
  (void)call;
  shim_arm(&(fault){sends_by(one), SHORT, 1, 0x7fffffff});
}

static inline void none_every_other_time(const end *one, unsigned call) {
  if (call % 2) shim_arm(&(fault){sends_by(one), EAGAIN, 1, 0x7fffffff});
  else all_short(one, call);
}

// ---- the loop ----

typedef struct talk {
  end ends[2];
  const action *actions[2];
  hindrance hinders;
  int stall;  // milliseconds after which nobody being ready is a stall
} talk;

static inline bool is_over(const talk *both, int side) { return !both->actions[side][both->ends[side].step]; }

// Calls until the end has to wait, or is done.
static inline void goes_on(talk *both, int side) {
  static unsigned calls;
  end *one = &both->ends[side];
  while (!is_over(both, side)) {
    one->reads = false;
    shim_reset();
    both->hinders(one, calls++);
    one->want = both->actions[side][one->step](one);
    shim_disarm();
    if (one->want != TLSOCK_OK) {
      if (one->want > TLSOCK_WANT_WRITE) test_fail(__FILE__, __LINE__, "a call failed", tlsock_error_message(LAST));
      return;
    }
    one->begun = false;
    one->step++;
  }
}

static inline struct pollfd awaited(const talk *both, int side) {
  const end *one = &both->ends[side];
  short events = one->want == TLSOCK_WANT_WRITE ? POLLOUT : POLLIN;
  if (one->attentive && one->reads) events |= POLLIN;
  if (one->attentive && tlsock_socket_pending_write(one->socket) > 0) events |= POLLOUT;
  return (struct pollfd){is_over(both, side) ? -1 : one->fd, events, 0};
}

// Whether both ends get to the end of what they do.
static inline bool gets_through(talk *both) {
  for (int side = 0; side < 2; side++) goes_on(both, side);
  while (!is_over(both, 0) || !is_over(both, 1)) {
    struct pollfd fds[] = {awaited(both, 0), awaited(both, 1)};
    if (poll(fds, 2, both->stall) <= 0) return false;
    for (int side = 0; side < 2; side++)
      if (fds[side].revents) goes_on(both, side);
  }
  return true;
}

static inline void must_get_through(talk *both) {
  if (gets_through(both)) return;
  for (int side = 0; side < 2; side++)
    fprintf(stderr, "end %d in step %d wants %d\n", side, both->ends[side].step, both->ends[side].want);
  test_fail(__FILE__, __LINE__, "nobody is ready", "");
}

// ---- sockets of ours ----

static inline int shakes(end *one) { return tlsock_socket_do_handshake(one->socket, E); }
// Where there is authentication after the handshake.
static inline void answers_late(tlsock_context *context, bool on) {
  if (tlsock_has(TLSOCK_HAS_PHA)) OK(tlsock_context_set_post_handshake_auth(context, on, E));
}

static inline int asks(end *one) { return tlsock_socket_verify_client_post_handshake(one->socket, E); }
static inline int sends(end *one) { return tlsock_socket_send(one->socket, data, AMOUNT, NULL, E); }
static inline int takes(end *one) {
  size_t len = 0;
  one->reads = true;
  do {
    int status = tlsock_socket_recv(one->socket, one->taken + one->at, AMOUNT - one->at, &len, E);
    if (status != TLSOCK_OK) return status;
    took(one, len);
  } while (one->at > 0);
  return TLSOCK_OK;
}
static inline int closes_half(end *one) { return tlsock_socket_close_write(one->socket, E); }
static inline int meets_end(end *one) {
  size_t len = 1;
  one->reads = true;
  int status = tlsock_socket_recv(one->socket, one->taken, 1, &len, E);
  if (status == TLSOCK_OK) EQUAL(len, 0);
  return status;
}
static inline int unwraps(end *one) { return tlsock_socket_unwrap(one->socket, NULL, E); }

// A context whose chain is so long that a flight is much larger than the room for it.
static inline void with_long_chain(tlsock_context *context, const char *name) {
  enum { MORE = 24 };
  char file[64], key_file[64];
  size_t len, root_len, key_len;
  snprintf(file, sizeof file, "%s.pem", name);
  snprintf(key_file, sizeof key_file, "%s.key", name);
  char *chain = read_file(cert(file), &len), *root = read_file(cert("ca.pem"), &root_len);
  char *key = read_file(cert(key_file), &key_len);
  char *all = malloc(len + MORE * root_len);
  memcpy(all, chain, len);
  for (int i = 0; i < MORE; i++) memcpy(all + len + i * root_len, root, root_len);
  OK(tlsock_context_load_cert_chain_data(context, all, len + MORE * root_len, key, key_len, NULL, E));
  free(all), free(key), free(root), free(chain);
}

static inline void wraps(end *one, tlsock_context *context, int fd, bool server) {
  one->fd = fd;
  OK(tlsock_context_wrap_socket(context, fd, TLSOCK_WRAP_NO_HANDSHAKE | (server ? TLSOCK_WRAP_SERVER_SIDE : 0),
                                server ? NULL : "localhost", NULL, &one->socket, E));
  OK(tlsock_socket_setblocking(one->socket, false, E));
}

// A pair of sockets that hold little.
static inline void small_pair(void (*make)(int fds[2]), int fds[2]) {
  int small = SMALL;
  make(fds);
  for (int i = 0; i < 2; i++) CHECK(setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &small, sizeof small) == 0);
}

static inline void fill_data(void) {
  for (size_t i = 0; i < AMOUNT; i++) data[i] = (unsigned char)(i * 131 + i / 251);
}

#endif
