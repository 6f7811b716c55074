// Poll loops over sockets of ours, with sends of a byte, for every call that can say TLSOCK_WANT_*: over TCP and over
// local sockets, which hold some five such sends. See polls.h.
#define _GNU_SOURCE
#include "polls.h"

static int sends_all(end *one) { return tlsock_socket_sendall(one->socket, data, AMOUNT, E); }
static int sends_parts(end *one) {
  tlsock_part parts[] = {{data, 1}, {data + 1, AMOUNT - 1}};
  return tlsock_socket_sendv(one->socket, parts, 2, NULL, E);
}

static int knows_client(end *one) {
  tlsock_certificate *certificate = NULL;
  OK(tlsock_socket_getpeercert(one->socket, &certificate, E));
  CHECK(certificate != NULL);
  tlsock_certificate_free(certificate);
  return TLSOCK_OK;
}

#define OF_CLIENT sends, takes, sends_parts, takes, closes_half, takes, unwraps, NULL
#define OF_SERVER sends_all, takes, sends, meets_end, knows_client, sends, unwraps, NULL

static const action of_client[] = {shakes, OF_CLIENT};
static const action of_server[] = {shakes, takes, OF_SERVER};
static const action of_server_that_asks[] = {shakes, takes, asks, OF_SERVER};
// The server speaks first: its tickets and a client that only sends would both wait for room (see polls_libssl.c).
static const action of_second_client[] = {shakes, takes, OF_CLIENT};
static const action of_first_server[] = {shakes, sends, takes, OF_SERVER};
static const action of_first_server_that_asks[] = {shakes, asks, sends, takes, OF_SERVER};

typedef struct circumstances {
  void (*make)(int fds[2]);
  hindrance hinders;
  bool attentive, long_chains;
} circumstances;

static void with(int version, bool asks_late, const circumstances *how) {
  static talk both;
  tlsock_context *ours = new_client(version), *theirs = new_server("rsa", version);
  bool local = how->make == local_pair;
  int fds[2];
  if (how->long_chains) {
    with_long_chain(ours, "client");
    with_long_chain(theirs, "rsa");
  } else {
    OK(tlsock_context_load_cert_chain(ours, cert("client.pem"), cert("client.key"), NULL, E));
  }
  answers_late(ours, true);
  answers_late(theirs, asks_late);
  OK(tlsock_context_load_verify_locations(theirs, cert("ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_set_verify_mode(theirs, TLSOCK_CERT_REQUIRED, E));
  small_pair(how->make, fds);
  both = (talk){.hinders = how->hinders, .stall = STALLED};
  both.actions[0] = local ? of_second_client : of_client;
  if (local) both.actions[1] = asks_late ? of_first_server_that_asks : of_first_server;
  else both.actions[1] = asks_late ? of_server_that_asks : of_server;
  wraps(&both.ends[0], ours, fds[0], false);
  wraps(&both.ends[1], theirs, fds[1], true);
  both.ends[0].attentive = both.ends[1].attentive = how->attentive;
  must_get_through(&both);
  tlsock_socket_free(both.ends[0].socket);
  tlsock_socket_free(both.ends[1].socket);
  tlsock_context_free(ours);
  tlsock_context_free(theirs);
}

static void each_version(const circumstances *how) {
  fill_data();
  with(TLSOCK_TLS_VERSION_TLSV1_2, false, how);
  with(TLSOCK_TLS_VERSION_TLSV1_3, false, how);
  // Over local sockets the answer and data that come the other way both wait for room: a loop has to look at
  // tlsock_socket_pending_write, and go on reading. libssl cannot: see polls_libssl.c.
  if (tlsock_has(TLSOCK_HAS_PHA) && (how->make != local_pair || how->attentive)) with(TLSOCK_TLS_VERSION_TLSV1_3, true, how);
}

static void bytes_over_tcp(void) { each_version(&(circumstances){tcp_pair, all_short, false, false}); }
static void bytes_over_local_sockets(void) { each_version(&(circumstances){local_pair, all_short, false, false}); }
static void nothing_every_other_time(void) { each_version(&(circumstances){tcp_pair, none_every_other_time, false, false}); }
static void looking_at_what_is_pending(void) {
  each_version(&(circumstances){tcp_pair, all_short, true, false});
  each_version(&(circumstances){local_pair, all_short, true, false});
  each_version(&(circumstances){local_pair, none_every_other_time, true, false});
}
static void long_chains(void) {
  each_version(&(circumstances){tcp_pair, all_short, false, true});
  each_version(&(circumstances){local_pair, all_short, false, true});
  each_version(&(circumstances){local_pair, all_short, true, true});
}

// What a send has left goes out with the calls of the other direction, for a loop that looks at what is pending: the peer
// answers only once it has all of it. The send is repeated at the end, which sends nothing twice.
static int begins_to_send(end *one) {
  EQUAL(sends(one), TLSOCK_WANT_WRITE);
  CHECK(tlsock_socket_pending_write(one->socket) > 0);
  return TLSOCK_OK;
}

static void a_rest_goes_out_with_the_other_direction(void) {
  static const action asks_first[] = {shakes, begins_to_send, takes, sends, takes, unwraps, NULL};
  static const action answers[] = {shakes, takes, sends, sends, unwraps, NULL};
  void (*const pairs[])(int fds[2]) = {tcp_pair, local_pair};
  fill_data();
  for (int i = 0; i < 4; i++) {
    static talk both;
    int fds[2], version = i / 2 ? TLSOCK_TLS_VERSION_TLSV1_3 : TLSOCK_TLS_VERSION_TLSV1_2;
    tlsock_context *ours = new_client(version), *theirs = new_server("rsa", version);
    OK(tlsock_context_set_num_tickets(theirs, 0, E));
    small_pair(pairs[i % 2], fds);
    both = (talk){.hinders = all_short, .stall = STALLED, .actions = {asks_first, answers}};
    wraps(&both.ends[0], ours, fds[0], false);
    wraps(&both.ends[1], theirs, fds[1], true);
    both.ends[0].attentive = both.ends[1].attentive = true;
    must_get_through(&both);
    tlsock_socket_free(both.ends[0].socket);
    tlsock_socket_free(both.ends[1].socket);
    tlsock_context_free(ours);
    tlsock_context_free(theirs);
  }
}

TESTS(CASE(bytes_over_tcp), CASE(bytes_over_local_sockets), CASE(nothing_every_other_time),
      CASE(looking_at_what_is_pending), CASE(long_chains),
      CASE(a_rest_goes_out_with_the_other_direction))
