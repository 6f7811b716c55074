// tlsock_context_wrap_socket and create_connection: what cannot be wrapped, and a host with several addresses, of which
// some do not answer: the resolver is this program's.
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>

#include "fixture.h"

// The result of the look-up; the program's function of this name replaces that of the C library.
static const char *hosts[4];
static int host_count;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
  static struct sockaddr_in addresses[4];
  static struct addrinfo infos[4];
  (void)node, (void)service, (void)hints;
  for (int i = 0; i < host_count; i++) {
    addresses[i] = (struct sockaddr_in){.sin_family = AF_INET};
    CHECK(inet_pton(AF_INET, hosts[i], &addresses[i].sin_addr) == 1);
    infos[i] = (struct addrinfo){.ai_family = AF_INET,
                                 .ai_socktype = SOCK_STREAM,
                                 .ai_addrlen = sizeof addresses[i],
                                 .ai_addr = (struct sockaddr *)&addresses[i],
                                 .ai_next = i + 1 < host_count ? &infos[i + 1] : NULL};
  }
  *result = infos;
  return 0;
}

void freeaddrinfo(struct addrinfo *result) { (void)result; }

static void host_has(int count, const char *first, const char *second) {
  hosts[0] = first, hosts[1] = second;
  host_count = count;
}

static struct sockaddr_in at(const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  CHECK(inet_pton(AF_INET, host, &address.sin_addr) == 1);
  return address;
}

// A listener with a full queue, which answers nobody.
typedef struct silence {
  int fds[17];
} silence;

static silence silent(const char *host, int port) {
  struct sockaddr_in address = at(host, port);
  silence made;
  made.fds[0] = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(bind(made.fds[0], (struct sockaddr *)&address, sizeof address) == 0 && listen(made.fds[0], 0) == 0);
  for (int i = 1; i < 17; i++) {
    made.fds[i] = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fcntl(made.fds[i], F_SETFL, O_NONBLOCK) == 0);
    connect(made.fds[i], (struct sockaddr *)&address, sizeof address);
  }
  return made;
}

static void silence_free(const silence *made) {
  for (int i = 0; i < 17; i++) close(made->fds[i]);
}

static void *accept_one(void *listener) {
  tlsock_socket *accepted = NULL;
  OK(tlsock_socket_accept(listener, &accepted, NULL, E));
  tlsock_socket_free(accepted);
  return NULL;
}

static int descriptors(void) {
  int count = 0;
  DIR *folder = opendir("/proc/self/fd");
  while (folder && readdir(folder)) count++;
  if (folder) closedir(folder);
  return count;
}

static void silent_first_address(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  tlsock_socket *listener = NULL, *one = NULL;
  tlsock_address here, peer;
  pthread_t thread;
  OK(tlsock_context_create_server(server, "127.0.0.1", 0, 0, 0, &listener, E));
  OK(tlsock_socket_getsockname(listener, &here, E));
  silence deaf = silent("127.0.0.2", here.port);
  host_has(2, "127.0.0.2", "127.0.0.1");
  CHECK(pthread_create(&thread, NULL, accept_one, listener) == 0);
  OK(tlsock_context_create_connection(client, "localhost", here.port, 20.0, &one, E));
  pthread_join(thread, NULL);
  OK(tlsock_socket_getpeername(one, &peer, E));
  SAME_TEXT(peer.host, "127.0.0.1");
  silence_free(&deaf);
  tlsock_socket_free(one);
  tlsock_socket_free(listener);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void no_address_answers(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  tlsock_socket *listener = NULL, *one = NULL;
  tlsock_address here;
  char told[200];
  OK(tlsock_context_create_server(server, "127.0.0.1", 0, 0, 0, &listener, E));
  OK(tlsock_socket_getsockname(listener, &here, E));
  tlsock_socket_free(listener);
  silence deaf = silent("127.0.0.2", here.port);
  int before = descriptors();

  host_has(2, "127.0.0.2", "127.0.0.1");
  double start, seconds = 0.25;
  snprintf(told, sizeof told,
           "connecting to localhost timed out: 127.0.0.1:%d: Connection refused; 127.0.0.2:%d did not answer",
           here.port, here.port);
  // On a busy machine the look-up, or the first answer, may take all of the time.
  do {
    seconds *= 2, start = now();
    FAILS(TLSOCK_TIMEOUT, NULL, tlsock_context_create_connection(client, "localhost", here.port, seconds, &one, E));
  } while (strcmp(tlsock_error_message(LAST), told) != 0 && seconds < 30);
  EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_CONNECT);
  SAME_TEXT(tlsock_error_message(LAST), told);
  CHECK(now() - start >= seconds - 0.01 && now() - start < 60);

  host_has(2, "127.0.0.1", "127.0.0.3");
  snprintf(told, sizeof told,
           "cannot connect to localhost: 127.0.0.1:%d: Connection refused; 127.0.0.3:%d: Connection refused", here.port,
           here.port);
  FAILS(TLSOCK_OS, told, tlsock_context_create_connection(client, "localhost", here.port, 20.0, &one, E));
  EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_CONNECT);
  CHECK(!one && descriptors() == before);
  silence_free(&deaf);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// ---- over a descriptor ----

static void wrap_errors(void) {
  int fds[2], stream = socket(AF_INET, SOCK_STREAM, 0), datagram = socket(AF_INET, SOCK_DGRAM, 0);
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  tlsock_socket *one = NULL;
  local_pair(fds);
  FAILS(TLSOCK_NOT_IMPLEMENTED, "only stream sockets are supported",
        tlsock_context_wrap_socket(client, datagram, 0, "localhost", NULL, &one, E));
  FAILS(TLSOCK_OS, NULL, tlsock_context_wrap_socket(client, 9999, 0, "localhost", NULL, &one, E));
  EQUAL(tlsock_error_os_errno(LAST), EBADF);
  FAILS(TLSOCK_VALUE, "server_hostname can only be specified in client mode",
        tlsock_context_wrap_socket(server, stream, TLSOCK_WRAP_SERVER_SIDE, "localhost", NULL, &one, E));
  FAILS(TLSOCK_VALUE, "check_hostname requires server_hostname",
        tlsock_context_wrap_socket(client, stream, 0, NULL, NULL, &one, E));
  FAILS(TLSOCK_VALUE, "check_hostname requires server_hostname",
        tlsock_context_wrap_socket(client, stream, 0, "", NULL, &one, E));
  OK(tlsock_context_set_check_hostname(client, false, E));
  FAILS(TLSOCK_SSL, "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context",
        tlsock_context_wrap_socket(client, fds[0], TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &one, E));
  FAILS(TLSOCK_SSL, "Cannot create a client socket with a PROTOCOL_TLS_SERVER context",
        tlsock_context_wrap_socket(server, fds[0], 0, NULL, NULL, &one, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_wrap_socket(client, stream, 1u << 20, "localhost", NULL, &one, E));
  fcntl(fds[0], F_SETFL, O_NONBLOCK);
  FAILS(TLSOCK_VALUE, "do_handshake_on_connect should not be specified for non-blocking sockets",
        tlsock_context_wrap_socket(client, fds[0], 0, "localhost", NULL, &one, E));
  CHECK(!one);
  OK(tlsock_context_wrap_socket(client, fds[0], TLSOCK_WRAP_NO_HANDSHAKE, "localhost", NULL, &one, E));
  CHECK(tlsock_socket_gettimeout(one) == 0);  // as it was
  tlsock_socket_free(one);
  // After every failure the descriptor is still the caller's.
  CHECK(close(fds[1]) == 0 && close(stream) == 0 && close(datagram) == 0);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

TESTS(CASE(silent_first_address), CASE(no_address_answers), CASE(wrap_errors))
