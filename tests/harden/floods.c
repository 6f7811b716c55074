// Peers with the right keys that send for ever what carries no data. Calls that do not wait come back, and those that may
// wait come back at their deadline.
#include <sys/ioctl.h>

#include "craft.h"

// A peer that asks for answers and reads none cannot make us store them: in the end nothing more is received from it.
static void key_updates_without_a_reader(void) {
  enum { RECORDS = 400, TURNS = 150, SETTLED = 20 };
  tlsock_context *client = new_client(TLSOCK_TLS_VERSION_TLSV1_3), *server = new_server("ecdsa", TLSOCK_TLS_VERSION_TLSV1_3);
  secrets keys;
  int fds[2], status = TLSOCK_OK, small = 32 * 1024, left = 0, later = 0, fd;
  OK(tlsock_context_set_num_tickets(server, 0, E));
  OK(tlsock_context_set_keylog_callback(client, craft_learn, &keys, NULL, E));
  tcp_pair(fds);
  // The less the system holds, the sooner it is full.
  for (int i = 0; i < 2; i++) CHECK(setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &small, sizeof small) == 0);
  int own = dup(fds[0]);
  wire pair = wire_over(fds, client, server, 0, NULL);
  OK(tlsock_socket_settimeout(pair.server, 0, E));
  static unsigned char records[RECORDS * 27];
  char buffer[100];
  long before = 0;
  size_t sent = 0, got;
  for (int turn = 0; turn < TURNS; turn++) {
    size_t len = 0;
    for (int i = 0; i < RECORDS; i++) {
      len += craft_record(&keys.client, HANDSHAKE, "\x18\0\0\1\1", 5, records + len);
      craft_next_keys(&keys.client);
    }
    ssize_t taken = 0;
    // What does not fit is lost, and with it the stream.
    for (size_t at = 0; at < len; at += (size_t)taken) {
      taken = send(own, records + at, len - at, MSG_DONTWAIT);
      if (taken < 0) goto stuck;
      sent += (size_t)taken;
    }
    status = tlsock_socket_recv(pair.server, buffer, sizeof buffer, &got, E);
    CHECK(status == TLSOCK_WANT_READ || status == TLSOCK_WANT_WRITE);
    if (turn == SETTLED) before = resident();
  }
stuck:
  printf("key updates that want an answer: %zu KiB sent, %ld KiB held\n", sent / 1024, (resident() - before) / 1024);
  CHECK(before > 0 && resident() - before < 2 * 1024 * 1024);
  // AWS-LC gives one answer to all that are asked for, with its next write, so that nothing waits for room.
  if (is_aws_lc()) goto answered;
  EQUAL(tlsock_socket_recv(pair.server, buffer, sizeof buffer, &got, E), TLSOCK_WANT_WRITE);
  // With a timeout the call waits for the peer to read.
  fd = tlsock_socket_fileno(pair.server);
  OK(tlsock_socket_settimeout(pair.server, 0.01, E));
  CHECK(ioctl(fd, FIONREAD, &left) == 0 && left > 0);
  EQUAL(tlsock_socket_recv(pair.server, buffer, sizeof buffer, &got, E), TLSOCK_TIMEOUT);
  CHECK(ioctl(fd, FIONREAD, &later) == 0 && later >= left);
answered:
  close(own);
  wire_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// A call that does not wait comes back while there is still something to receive, and loses nothing of it.
static void a_flood_does_not_keep(bool to_server, const void *message, size_t len, bool rekeys) {
  enum { RECORDS = 4000 };
  tlsock_context *client = new_client(TLSOCK_TLS_VERSION_TLSV1_3), *server = new_server("ecdsa", TLSOCK_TLS_VERSION_TLSV1_3);
  secrets keys;
  craft *from = to_server ? &keys.client : &keys.server;
  int fds[2], room = 4 * 1024 * 1024, waits = 0;
  OK(tlsock_context_set_num_tickets(server, 0, E));
  OK(tlsock_context_set_keylog_callback(client, craft_learn, &keys, NULL, E));
  local_pair(fds);
  int own = dup(fds[to_server ? 0 : 1]);
  CHECK(setsockopt(own, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room) == 0 ||
        setsockopt(own, SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == 0);
  wire pair = wire_over(fds, client, server, 0, NULL);
  tlsock_socket *victim = to_server ? pair.server : pair.client;
  OK(tlsock_socket_settimeout(victim, 0, E));
  static unsigned char records[RECORDS * 260];
  char buffer[100];
  size_t size = 0, got = 0;
  for (int i = 0; i < RECORDS; i++) {
    size += craft_record(from, HANDSHAKE, message, len, records + size);
    if (rekeys) craft_next_keys(from);
  }
  size += craft_record(from, DATA, "end", 3, records + size);
  CHECK(send(own, records, size, MSG_DONTWAIT) == (ssize_t)size);
  int status = tlsock_socket_recv(victim, buffer, sizeof buffer, &got, E), left = 0;
  CHECK(ioctl(tlsock_socket_fileno(victim), FIONREAD, &left) == 0);
  printf("a flood of %zu bytes: %s with %d left\n", size, tlsock_status_name(status), left);
  EQUAL(status, TLSOCK_WANT_READ);
  CHECK(left > (int)size / 2);
  while ((status = tlsock_socket_recv(victim, buffer, sizeof buffer, &got, E)) == TLSOCK_WANT_READ) CHECK(waits++ < RECORDS);
  OK(status);
  SAME_BYTES(buffer, got, "end", 3);
  close(own);
  wire_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void floods_that_do_not_keep(void) {
  a_flood_does_not_keep(true, craft_key_update, sizeof craft_key_update, true);
  a_flood_does_not_keep(false, craft_key_update, sizeof craft_key_update, true);
  a_flood_does_not_keep(false, craft_ticket, sizeof craft_ticket, false);
}

// ---- for ever ----

typedef struct flooder {
  int fd;
  craft *keys;
  const void *message;
  size_t len;
  bool rekeys, stop, over;
} flooder;

// Goes on until it is told to stop. A victim that would never come back is let go in the end.
static void *floods(void *argument) {
  enum { RECORDS = 64, SECONDS = 20 };
  static unsigned char records[RECORDS * 260];
  flooder *one = argument;
  for (double end = now() + SECONDS; now() < end && !__atomic_load_n(&one->stop, __ATOMIC_SEQ_CST);) {
    size_t size = 0;
    for (int i = 0; i < RECORDS; i++) {
      size += craft_record(one->keys, HANDSHAKE, one->message, one->len, records + size);
      if (one->rekeys) craft_next_keys(one->keys);
    }
    ssize_t taken = 0;
    for (size_t at = 0; at < size; at += (size_t)taken) {
      taken = send(one->fd, records + at, size - at, MSG_NOSIGNAL);
      if (taken < 0) return NULL;
    }
  }
  __atomic_store_n(&one->over, true, __ATOMIC_SEQ_CST);
  shutdown(one->fd, SHUT_RDWR);
  return NULL;
}

static int receives(tlsock_socket *socket) {
  char buffer[100];
  size_t got;
  return tlsock_socket_recv(socket, buffer, sizeof buffer, &got, E);
}

static int unwraps(tlsock_socket *socket) { return tlsock_socket_unwrap(socket, NULL, E); }

static void a_deadline_holds(int (*call)(tlsock_socket *), bool to_server, bool ahead, const void *message, size_t len, bool rekeys) {
  tlsock_context *client = new_client(TLSOCK_TLS_VERSION_TLSV1_3), *server = new_server("ecdsa", TLSOCK_TLS_VERSION_TLSV1_3);
  secrets keys;
  int fds[2];
  pthread_t thread;
  OK(tlsock_context_set_num_tickets(server, 0, E));
  OK(tlsock_context_set_keylog_callback(client, craft_learn, &keys, NULL, E));
  local_pair(fds);
  flooder one = {.fd = dup(fds[to_server ? 0 : 1]), .keys = to_server ? &keys.client : &keys.server, .message = message, .len = len,
                 .rekeys = rekeys};
  wire pair = wire_over(fds, client, server, 0, NULL);
  tlsock_socket *victim = to_server ? pair.server : pair.client;
  OK(tlsock_socket_settimeout(victim, 0.1, E));
  OK(tlsock_socket_set_read_ahead(victim, ahead, E));
  CHECK(pthread_create(&thread, NULL, floods, &one) == 0);
  // Twice: what the first call has left does not keep the second one either.
  for (int i = 0; i < 2; i++) {
    FAILS(TLSOCK_TIMEOUT, "The read operation timed out", call(victim));
    CHECK(!__atomic_load_n(&one.over, __ATOMIC_SEQ_CST));
  }
  __atomic_store_n(&one.stop, true, __ATOMIC_SEQ_CST);
  shutdown(one.fd, SHUT_RDWR);
  pthread_join(thread, NULL);
  close(one.fd);
  wire_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void deadlines_hold(void) {
  int (*calls[])(tlsock_socket *) = {receives, unwraps};
  for (int i = 0; i < 2; i++) {
    for (int ahead = 0; ahead < 2; ahead++) {
      a_deadline_holds(calls[i], true, ahead, craft_key_update, sizeof craft_key_update, true);
      a_deadline_holds(calls[i], false, ahead, craft_ticket, sizeof craft_ticket, false);
    }
  }
}

TESTS(CASE(floods_that_do_not_keep), CASE(key_updates_without_a_reader), CASE(deadlines_hold))
