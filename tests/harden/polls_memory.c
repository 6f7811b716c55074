// Poll loops over the pump, and over objects with memory BIOs, whose transport takes and gives a few bytes at a time:
// each is driven by nothing but what its calls say. See polls.h.
#define _GNU_SOURCE
#include "polls.h"

#define LITTLE 7

// What moves the bytes of an object.
typedef struct transport {
  tlsock_object *object;
  tlsock_bio *incoming, *outgoing;  // NULL where the pump is used
  unsigned char in[LITTLE], out[LITTLE];
  size_t in_len, out_at, out_len;
  bool ended, closes;
} transport;

// Sends what waits here.
static int pushes(end *one) {
  transport *by = one->transport;
  while (by->out_at < by->out_len) {
    ssize_t len = send(one->fd, by->out + by->out_at, by->out_len - by->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (len < 0 && errno == EAGAIN) return TLSOCK_WANT_WRITE;
    CHECK(len > 0);
    by->out_at += (size_t)len;
  }
  by->out_at = by->out_len = 0;
  return TLSOCK_OK;
}

// Receives a little.
static int pulls(end *one) {
  transport *by = one->transport;
  ssize_t len = recv(one->fd, by->in + by->in_len, LITTLE - by->in_len, MSG_DONTWAIT);
  if (len < 0 && errno == EAGAIN) return TLSOCK_WANT_READ;
  CHECK(len >= 0 && !by->ended);
  by->ended = len == 0;
  by->in_len += (size_t)len;
  return TLSOCK_OK;
}

// ---- the pump ----

// Calls it until it is done or the transport has to be waited for: more ciphertext when it wants to read, room for its
// own when it wants to write, and nothing else is looked at.
static int pumps(end *one, size_t *written, size_t len, unsigned char *buffer, size_t size, size_t *got) {
  transport *by = one->transport;
  for (;;) {
    tlsock_pump_result done;
    int status = pushes(one);
    if (status != TLSOCK_OK) return status;
    unsigned flags = (by->ended ? TLSOCK_PUMP_EOF : 0) | (by->closes ? TLSOCK_PUMP_CLOSE_WRITE : 0);
    status = tlsock_object_pump(by->object, flags, by->in, by->in_len, len ? data + *written : NULL,
                                len ? len - *written : 0, buffer, size, by->out, LITTLE, &done, E);
    memmove(by->in, by->in + done.ciphertext_used, by->in_len -= done.ciphertext_used);
    by->out_len = done.ciphertext_len;
    if (len) *written += done.plaintext_used;
    if (done.plaintext_len > 0) {
      *got = done.plaintext_len;
      return TLSOCK_OK;
    }
    if (status == TLSOCK_WANT_WRITE) continue;
    int sent = pushes(one);
    if (sent != TLSOCK_OK || status == TLSOCK_OK) return sent;
    if (status != TLSOCK_WANT_READ || (status = pulls(one)) != TLSOCK_OK) return status;
  }
}

static int pump_shakes(end *one) { return pumps(one, NULL, 0, NULL, 0, NULL); }
static int pump_sends(end *one) {
  int status = pumps(one, &one->at, AMOUNT, NULL, 0, NULL);
  if (status != TLSOCK_OK) return status;
  EQUAL(one->at, AMOUNT);
  one->at = 0;
  return TLSOCK_OK;
}
static int pump_takes(end *one) {
  do {
    size_t got = 0;
    int status = pumps(one, NULL, 0, one->taken + one->at, AMOUNT - one->at, &got);
    if (status != TLSOCK_OK) return status;
    took(one, got);
  } while (one->at > 0);
  return TLSOCK_OK;
}
static int pump_closes_half(end *one) {
  one->transport->closes = true;
  return pumps(one, NULL, 0, NULL, 0, NULL);
}
static int pump_meets_end(end *one) {
  size_t got = 0;
  int status = pumps(one, NULL, 0, one->taken, 1, &got);
  EQUAL(got, 0);
  return status;
}

// ---- objects over memory BIOs ----

typedef int (*object_call)(end *one);

// Makes a call until it is done, and moves what it leaves and what it lacks.
static int moves(end *one, object_call call) {
  transport *by = one->transport;
  for (;;) {
    int status = pushes(one);
    if (status != TLSOCK_OK) return status;
    // Only once it is sent: a send that was done is not made again.
    if (tlsock_bio_pending(by->outgoing) > 0) {
      OK(tlsock_bio_read(by->outgoing, by->out, LITTLE, &by->out_len, E));
      continue;
    }
    if (one->begun) return TLSOCK_OK;
    status = call(one);
    one->begun = status == TLSOCK_OK;
    if (tlsock_bio_pending(by->outgoing) > 0 || one->begun) continue;
    if (status != TLSOCK_WANT_READ || (status = pulls(one)) != TLSOCK_OK) return status;
    if (by->in_len > 0) OK(tlsock_bio_write(by->incoming, by->in, by->in_len, E));
    if (by->ended) OK(tlsock_bio_write_eof(by->incoming, E));
    by->in_len = 0;
  }
}

static int does_shake(end *one) { return tlsock_object_do_handshake(one->transport->object, E); }
static int does_send(end *one) { return tlsock_object_write(one->transport->object, data, AMOUNT, NULL, E); }
static int does_take(end *one) {
  do {
    size_t len = 0;
    int status = tlsock_object_read(one->transport->object, one->taken + one->at, AMOUNT - one->at, &len, E);
    if (status != TLSOCK_OK) return status;
    took(one, len);
  } while (one->at > 0);
  return TLSOCK_OK;
}
static int does_close_half(end *one) { return tlsock_object_close_write(one->transport->object, E); }
static int does_meet_end(end *one) {
  size_t len = 1;
  int status = tlsock_object_read(one->transport->object, one->taken, 1, &len, E);
  if (status == TLSOCK_OK) EQUAL(len, 0);
  return status;
}
static int does_unwrap(end *one) { return tlsock_object_unwrap(one->transport->object, E); }

static int object_shakes(end *one) { return moves(one, does_shake); }
static int object_sends(end *one) { return moves(one, does_send); }
static int object_takes(end *one) { return moves(one, does_take); }
static int object_closes_half(end *one) { return moves(one, does_close_half); }
static int object_meets_end(end *one) { return moves(one, does_meet_end); }
static int object_unwraps(end *one) { return moves(one, does_unwrap); }
static int object_asks(end *one) {
  return tlsock_object_verify_client_post_handshake(one->transport->object, E);
}

// ---- conversations ----

typedef enum kind { SOCKET, PUMP, OBJECT, KINDS } kind;

// The server speaks first: see polls_libssl.c.
static const action of_client[KINDS][9] = {
    {shakes, takes, sends, takes, sends, closes_half, takes, meets_end, NULL},
    {pump_shakes, pump_takes, pump_sends, pump_takes, pump_sends, pump_closes_half, pump_takes, pump_meets_end, NULL},
    {object_shakes, object_takes, object_sends, object_takes, object_sends, object_closes_half, object_takes,
     object_unwraps, NULL}};
static const action of_server[KINDS][9] = {
    {shakes, sends, takes, sends, takes, meets_end, sends, closes_half, NULL},
    {pump_shakes, pump_sends, pump_takes, pump_sends, pump_takes, pump_meets_end, pump_sends, pump_closes_half, NULL},
    {object_shakes, object_sends, object_takes, object_sends, object_takes, object_meets_end, object_sends,
     object_closes_half, NULL}};
static const action of_server_that_asks[] = {object_shakes, object_sends, object_takes, object_asks, object_sends,
                                             object_takes, object_meets_end, object_sends, object_closes_half, NULL};

static void makes(end *one, transport *by, tlsock_context *context, kind what, int fd, bool server) {
  if (what == SOCKET) {
    wraps(one, context, fd, server);
    return;
  }
  *by = (transport){0};
  one->fd = fd, one->transport = by;
  if (what == OBJECT) {
    OK(tlsock_bio_new(&by->incoming, E));
    OK(tlsock_bio_new(&by->outgoing, E));
  }
  OK(tlsock_context_wrap_bio(context, by->incoming, by->outgoing, server ? TLSOCK_WRAP_SERVER_SIDE : 0,
                             server ? NULL : "localhost", NULL, &by->object, E));
}

static void frees(end *one) {
  if (one->socket) {
    tlsock_socket_free(one->socket);
    return;
  }
  tlsock_object_free(one->transport->object);
  tlsock_bio_free(one->transport->incoming);
  tlsock_bio_free(one->transport->outgoing);
  close(one->fd);
}

static void between(kind client, kind server, int version, void (*make)(int fds[2]), hindrance hinders, bool asks_late) {
  static talk both;
  static transport by[2];
  int fds[2];
  tlsock_context *ours = new_client(version), *theirs = new_server("rsa", version);
  with_long_chain(ours, "client");
  with_long_chain(theirs, "rsa");
  answers_late(ours, true);
  answers_late(theirs, asks_late);
  OK(tlsock_context_load_verify_locations(theirs, cert("ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_set_verify_mode(theirs, TLSOCK_CERT_REQUIRED, E));
  small_pair(make, fds);
  both = (talk){.hinders = hinders, .stall = STALLED};
  both.actions[0] = of_client[client], both.actions[1] = asks_late ? of_server_that_asks : of_server[server];
  makes(&both.ends[0], &by[0], ours, client, fds[0], false);
  makes(&both.ends[1], &by[1], theirs, server, fds[1], true);
  must_get_through(&both);
  for (int side = 0; side < 2; side++) frees(&both.ends[side]);
  tlsock_context_free(ours);
  tlsock_context_free(theirs);
}

static void each_version(kind client, kind server) {
  static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};
  fill_data();
  for (int i = 0; i < 2; i++) {
    between(client, server, versions[i], local_pair, all_short, false);
    between(client, server, versions[i], tcp_pair, none_every_other_time, false);
  }
}

static void pump_to_pump(void) { each_version(PUMP, PUMP); }
static void pump_to_socket(void) { each_version(PUMP, SOCKET), each_version(SOCKET, PUMP); }
static void object_to_object(void) { each_version(OBJECT, OBJECT); }
static void object_to_pump(void) { each_version(OBJECT, PUMP), each_version(PUMP, OBJECT); }
static void late_authentication(void) {
  if (!tlsock_has(TLSOCK_HAS_PHA)) return;
  fill_data();
  between(OBJECT, OBJECT, TLSOCK_TLS_VERSION_TLSV1_3, tcp_pair, all_short, true);
  between(PUMP, OBJECT, TLSOCK_TLS_VERSION_TLSV1_3, tcp_pair, all_short, true);
  between(SOCKET, OBJECT, TLSOCK_TLS_VERSION_TLSV1_3, tcp_pair, all_short, true);
}

TESTS(CASE(pump_to_pump), CASE(pump_to_socket), CASE(object_to_object), CASE(object_to_pump), CASE(late_authentication))
