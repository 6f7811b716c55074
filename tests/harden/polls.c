// A poll loop over both ends of a connection, in one thread, whose sends take a byte or nothing: each call that says
// TLSOCK_WANT_* is repeated when poll says what it wanted, and never else. Where nobody is ready both ends hang.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>

#include "../c/fixture.h"
#include "shim.h"

#define AMOUNT 5000
#define SMALL 4096
#define STALLED 10000  // milliseconds

static unsigned char data[AMOUNT];

typedef struct end {
  tlsock_socket *socket;
  unsigned char taken[AMOUNT];
  size_t at;
  int step, want;
  bool asks;  // for a certificate after the handshake
} end;

typedef int (*action)(end *one);

static int shakes(end *one) { return tlsock_socket_do_handshake(one->socket, E); }
static int asks(end *one) {
  return one->asks ? tlsock_socket_verify_client_post_handshake(one->socket, E) : TLSOCK_OK;
}
static int sends(end *one) { return tlsock_socket_send(one->socket, data, AMOUNT, NULL, E); }
static int sends_all(end *one) { return tlsock_socket_sendall(one->socket, data, AMOUNT, E); }
static int sends_parts(end *one) {
  tlsock_part parts[] = {{data, 1}, {data + 1, AMOUNT - 1}};
  return tlsock_socket_sendv(one->socket, parts, 2, NULL, E);
}
static int takes(end *one) {
  size_t len = 0;
  while (one->at < AMOUNT) {
    int status = tlsock_socket_recv(one->socket, one->taken + one->at, AMOUNT - one->at, &len, E);
    if (status != TLSOCK_OK) return status;
    CHECK(len > 0);
    one->at += len;
  }
  SAME_BYTES(one->taken, AMOUNT, data, AMOUNT);
  one->at = 0;
  return TLSOCK_OK;
}
static int closes_half(end *one) { return tlsock_socket_close_write(one->socket, E); }
static int meets_end(end *one) {
  size_t len = 1;
  int status = tlsock_socket_recv(one->socket, one->taken, 1, &len, E);
  if (status == TLSOCK_OK) EQUAL(len, 0);
  return status;
}
static int unwraps(end *one) { return tlsock_socket_unwrap(one->socket, NULL, E); }

static const action of_client[] = {shakes, sends, takes, sends_parts, takes, closes_half, takes, unwraps, NULL};
static const action of_server[] = {shakes, takes, asks, sends_all, takes, sends, meets_end, sends, unwraps, NULL};

// How a call's sends fare.
static void all_short(unsigned call) {
  (void)call;
  shim_arm(&(fault){AT_send, SHORT, 1, 0x7fffffff});
}
static void none_every_other_time(unsigned call) {
  if (call % 2) shim_arm(&(fault){AT_send, EAGAIN, 1, 0x7fffffff});
  else all_short(call);
}

static bool is_over(const end *one, const action *actions) { return !actions[one->step]; }

// Calls until the end has to wait, or is done.
static void goes_on(end *one, const action *actions, void (*hinders)(unsigned)) {
  static unsigned calls;
  while (!is_over(one, actions)) {
    shim_reset();
    hinders(calls++);
    one->want = actions[one->step](one);
    shim_disarm();
    if (one->want != TLSOCK_OK) {
      CHECK(one->want == TLSOCK_WANT_READ || one->want == TLSOCK_WANT_WRITE);
      return;
    }
    one->step++;
  }
}

static struct pollfd awaited(const end *one, const action *actions) {
  int fd = is_over(one, actions) ? -1 : tlsock_socket_fileno(one->socket);
  return (struct pollfd){fd, one->want == TLSOCK_WANT_WRITE ? POLLOUT : POLLIN, 0};
}

static void loops(end *client, end *server, void (*hinders)(unsigned)) {
  goes_on(client, of_client, hinders);
  goes_on(server, of_server, hinders);
  while (!is_over(client, of_client) || !is_over(server, of_server)) {
    struct pollfd fds[] = {awaited(client, of_client), awaited(server, of_server)};
    if (poll(fds, 2, STALLED) <= 0) {
      fprintf(stderr, "client in step %d wants %d, server in step %d wants %d\n", client->step, client->want, server->step,
              server->want);
      test_fail(__FILE__, __LINE__, "nobody is ready", "");
    }
    if (fds[0].revents) goes_on(client, of_client, hinders);
    if (fds[1].revents) goes_on(server, of_server, hinders);
  }
}

static void with(int version, void (*make)(int fds[2]), void (*hinders)(unsigned)) {
  static end client, server;
  tlsock_context *ours = new_client(version), *theirs = new_server("rsa", version);
  int fds[2], small = SMALL;
  OK(tlsock_context_load_cert_chain(ours, cert("client.pem"), cert("client.key"), NULL, E));
  OK(tlsock_context_set_post_handshake_auth(ours, true, E));
  OK(tlsock_context_set_post_handshake_auth(theirs, true, E));
  OK(tlsock_context_load_verify_locations(theirs, cert("ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_set_verify_mode(theirs, TLSOCK_CERT_REQUIRED, E));
  // A local socket holds some five sends of a byte: tickets to a client that only sends, and the answer to a server that
  // only sends, would wait for ever there, as with libssl.
  bool roomy = make == tcp_pair;
  if (!roomy) OK(tlsock_context_set_num_tickets(theirs, 0, E));
  make(fds);
  for (int i = 0; i < 2; i++) CHECK(setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &small, sizeof small) == 0);
  client = (end){0}, server = (end){.asks = roomy && version == TLSOCK_TLS_VERSION_TLSV1_3};
  OK(tlsock_context_wrap_socket(ours, fds[0], TLSOCK_WRAP_NO_HANDSHAKE, "localhost", NULL, &client.socket, E));
  OK(tlsock_context_wrap_socket(theirs, fds[1], TLSOCK_WRAP_NO_HANDSHAKE | TLSOCK_WRAP_SERVER_SIDE, NULL, NULL,
                                &server.socket, E));
  OK(tlsock_socket_setblocking(client.socket, false, E));
  OK(tlsock_socket_setblocking(server.socket, false, E));
  loops(&client, &server, hinders);
  tlsock_socket_free(client.socket);
  tlsock_socket_free(server.socket);
  tlsock_context_free(ours);
  tlsock_context_free(theirs);
}

static void both_versions(void (*make)(int fds[2]), void (*hinders)(unsigned)) {
  for (size_t i = 0; i < AMOUNT; i++) data[i] = (unsigned char)(i * 131 + i / 251);
  with(TLSOCK_TLS_VERSION_TLSV1_2, make, hinders);
  with(TLSOCK_TLS_VERSION_TLSV1_3, make, hinders);
}

static void bytes_over_tcp(void) { both_versions(tcp_pair, all_short); }
static void bytes_over_local_sockets(void) { both_versions(local_pair, all_short); }
static void nothing_every_other_time(void) { both_versions(tcp_pair, none_every_other_time); }

TESTS(CASE(bytes_over_tcp), CASE(bytes_over_local_sockets), CASE(nothing_every_other_time))
