// The names that a peer may prove, and the name that SNI sends.
#include "fixture.h"

static void names_of_objects(void) {
  static const char *const expected[] = {"one.example", "other.example"}, *const bad[] = {"one.example", NULL};
  tlsock_context *client = new_client(0), *server = new_server("wrong-name", 0);
  memory pair = memory_new(client, server, "front.example", NULL);
  OK(tlsock_object_set_expected_names(pair.client, expected, 2, E));
  FAILS(TLSOCK_VALUE, "expected names cannot be none: *", tlsock_object_set_expected_names(pair.client, NULL, 0, E));
  FAILS(TLSOCK_VALUE, "names[i] must not be NULL", tlsock_object_set_expected_names(pair.client, bad, 2, E));
  FAILS(TLSOCK_VALUE, "names cannot be *", tlsock_object_set_expected_names(pair.client, bad, SIZE_MAX, E));
  OK(tlsock_object_set_server_name(pair.client, NULL, E));
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  CHECK(!tlsock_object_server_name(pair.server) && !tlsock_object_server_name(pair.client));
  FAILS(TLSOCK_VALUE, "names cannot be set once *", tlsock_object_set_server_name(pair.client, "x", E));
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void names_of_sockets(void) {
  static const char *const other[] = {"other.example"};
  int fds[2];
  tlsock_context *client = new_client(0), *server = new_server("wrong-name", 0);
  tlsock_socket *one = NULL, *accepted = NULL;
  pthread_t thread;
  OK(tlsock_context_wrap_socket(client, socket(AF_INET, SOCK_STREAM, 0), 0, "localhost", NULL, &one, E));
  FAILS(TLSOCK_OS, NULL, tlsock_socket_set_expected_names(one, other, 1, E));
  FAILS(TLSOCK_OS, NULL, tlsock_socket_set_server_name(one, "x.example", E));
  tlsock_socket_free(one);
  tcp_pair(fds);
  OK(tlsock_context_wrap_socket(client, fds[0], TLSOCK_WRAP_NO_HANDSHAKE, "localhost", NULL, &one, E));
  OK(tlsock_context_wrap_socket(server, fds[1], TLSOCK_WRAP_SERVER_SIDE | TLSOCK_WRAP_NO_HANDSHAKE, NULL, NULL,
                                &accepted, E));
  OK(tlsock_socket_set_expected_names(one, other, 1, E));
  OK(tlsock_socket_set_server_name(one, "sent.example", E));
  CHECK(pthread_create(&thread, NULL, wire_serve, accepted) == 0);
  OK(tlsock_socket_do_handshake(one, E));
  pthread_join(thread, NULL);
  SAME_TEXT(tlsock_socket_server_name(accepted), "sent.example");
  tlsock_socket_free(one);
  tlsock_socket_free(accepted);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

TESTS(CASE(names_of_objects), CASE(names_of_sockets))
