// Sessions that a context keeps for its clients: sockets resume by themselves.
#include <sys/wait.h>

#include "fixture.h"

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};

typedef struct place {
  tlsock_context *context;
  tlsock_socket *listener;
  int port, visits;
  pthread_t thread;
} place;

// Serves as many connections as are to come: tells each whether its session was resumed, and waits for its end.
static void *serve(void *argument) {
  place *own = argument;
  for (int i = 0; i < own->visits; i++) {
    tlsock_socket *connection = NULL;
    char byte;
    size_t len;
    OK(tlsock_socket_accept(own->listener, &connection, NULL, E));
    OK(tlsock_socket_sendall(connection, tlsock_socket_session_reused(connection) ? "r" : "f", 1, E));
    OK(tlsock_socket_recv(connection, &byte, 1, &len, E));
    EQUAL(len, 0);
    tlsock_socket_free(connection);
  }
  return NULL;
}

static void listen_at(place *own, int version, int visits) {
  tlsock_address address;
  *own = (place){.context = new_server("ecdsa", version), .visits = visits};
  OK(tlsock_context_create_server(own->context, "127.0.0.1", 0, 0, 0, &own->listener, E));
  OK(tlsock_socket_getsockname(own->listener, &address, E));
  own->port = address.port;
}

static void free_place(place *own) {
  tlsock_socket_free(own->listener);
  tlsock_context_free(own->context);
}

static void open_place(place *own, int version, int visits) {
  listen_at(own, version, visits);
  CHECK(pthread_create(&own->thread, NULL, serve, own) == 0);
}

static void close_place(place *own) {
  pthread_join(own->thread, NULL);
  free_place(own);
}

// What the server says: 'r' where a session was resumed, 'f' for a full handshake.
static char visit(tlsock_context *client, const place *there) {
  tlsock_socket *connection = NULL;
  char answer = '?';
  size_t len = 0;
  OK(tlsock_context_create_connection(client, "localhost", there->port, 60, &connection, E));
  OK(tlsock_socket_recv(connection, &answer, 1, &len, E));
  EQUAL(len, 1);
  EQUAL(answer == 'r', tlsock_socket_session_reused(connection));
  OK(tlsock_socket_close_write(connection, E));
  tlsock_socket_free(connection);
  return answer;
}

static tlsock_context *keeping(int version, size_t size) {
  tlsock_context *client = new_client(version);
  OK(tlsock_context_set_client_session_cache(client, size, E));
  EQUAL(tlsock_context_client_session_cache(client), size);
  return client;
}

static void by_itself(void) {
  for (int i = 0; i < 2; i++) {
    place there;
    open_place(&there, versions[i], 6);
    tlsock_context *client = keeping(versions[i], 4);
    EQUAL(visit(client, &there), 'f');
    EQUAL(visit(client, &there), 'r');
    EQUAL(visit(client, &there), 'r');
    OK(tlsock_context_set_client_session_cache(client, 0, E));
    EQUAL(visit(client, &there), 'f');
    OK(tlsock_context_set_client_session_cache(client, 4, E));
    EQUAL(visit(client, &there), 'f');
    EQUAL(visit(client, &there), 'r');
    tlsock_context_free(client);
    close_place(&there);
  }
}

static void ends_well(pid_t child) {
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child);
  EQUAL(status, 0);
}

// A child has its parent's memory, but not its tickets: each is for one use.
static void not_by_a_child(void) {
  for (int i = 0; i < 2; i++) {
    place there;
    listen_at(&there, versions[i], 4);
    pid_t server = fork();
    CHECK(server >= 0);
    if (server == 0) {
      serve(&there);
      free_place(&there);
      _exit(0);
    }
    tlsock_context *client = keeping(versions[i], 4);
    EQUAL(visit(client, &there), 'f');
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      bool right = visit(client, &there) == 'f' && visit(client, &there) == 'r';
      tlsock_context_free(client);
      free_place(&there);
      _exit(right ? 0 : 1);
    }
    ends_well(child);
    EQUAL(visit(client, &there), 'r');
    ends_well(server);
    tlsock_context_free(client);
    free_place(&there);
  }
}

static void refusals(void) {
  tlsock_context *server = new_server("ecdsa", 0);
  FAILS(TLSOCK_VALUE, "this cache is for clients, and this is a PROTOCOL_TLS_SERVER context: see set_session_cache",
        tlsock_context_set_client_session_cache(server, 4, E));
  FAILS(TLSOCK_VALUE, "context must not be NULL", tlsock_context_set_client_session_cache(NULL, 4, E));
  EQUAL(tlsock_context_client_session_cache(NULL), 0);
  EQUAL(tlsock_context_client_session_cache(server), 0);
  tlsock_context_free(server);
}

TESTS(CASE(by_itself), CASE(not_by_a_child), CASE(refusals))
