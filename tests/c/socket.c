// tlsock_socket: Python's SSLSocket, over descriptors and the loopback.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "fixture.h"

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};

static void conversation(void) {
  for (int i = 0; i < 4; i++) {
    wire pair = wire_new(i < 2 ? local_pair : tcp_pair, versions[i % 2], 0);
    tlsock_certificate *certificate = NULL;
    tlsock_cipher cipher = {0};
    wire_say(pair.client, pair.server, "hello");
    wire_say(pair.server, pair.client, "hello yourself");
    SAME_TEXT(tlsock_socket_version(pair.client), i % 2 ? "TLSv1.3" : "TLSv1.2");
    CHECK(tlsock_socket_cipher(pair.server, &cipher) && cipher.secret_bits == 256);
    OK(tlsock_socket_getpeercert(pair.client, &certificate, E));
    CHECK(tlsock_certificate_verified(certificate));
    tlsock_certificate_free(certificate);
    CHECK(!tlsock_socket_server_side(pair.client) && tlsock_socket_server_side(pair.server));
    SAME_TEXT(tlsock_socket_server_hostname(pair.client), "localhost");
    CHECK(!tlsock_socket_session_reused(pair.client) && !tlsock_socket_ragged_eof(pair.client));
    CHECK(!tlsock_socket_compression(pair.client) && !tlsock_socket_selected_npn_protocol(pair.client));
    wire_free(&pair);
  }
}

// ---- listener and create_connection ----

typedef struct served {
  tlsock_socket *listener;
  const char *say;
  tlsock_status status;
  tlsock_phase phase;
} served;

static void *serve_one(void *arg) {
  served *job = arg;
  tlsock_socket *accepted = NULL;
  tlsock_address address = {0};
  job->status = tlsock_socket_accept(job->listener, &accepted, &address, E);
  job->phase = tlsock_error_phase(LAST);
  if (job->status) return NULL;
  SAME_TEXT(address.host, "127.0.0.1");
  OK(tlsock_socket_sendall(accepted, job->say, strlen(job->say), E));
  OK(tlsock_socket_unwrap(accepted, NULL, E));
  tlsock_socket_free(accepted);
  return NULL;
}

static void connect_and_accept(void) {
  tlsock_context *client = new_client(0), *server = new_server("rsa", 0);
  tlsock_socket *listener = NULL, *one = NULL;
  tlsock_address here, there, peer;
  char buffer[20];
  size_t len;
  pthread_t thread;
  OK(tlsock_context_create_server(server, "127.0.0.1", 0, 0, 0, &listener, E));
  OK(tlsock_socket_getsockname(listener, &here, E));
  CHECK(here.port > 0 && here.family == AF_INET);
  served job = {listener, "welcome", TLSOCK_OK, TLSOCK_PHASE_NONE};

  CHECK(pthread_create(&thread, NULL, serve_one, &job) == 0);
  OK(tlsock_context_create_connection(client, "localhost", here.port, 10.0, &one, E));
  OK(tlsock_socket_getpeername(one, &peer, E));
  OK(tlsock_socket_getsockname(one, &there, E));
  EQUAL(peer.port, here.port);
  CHECK(there.port > 0 && tlsock_socket_gettimeout(one) == 10.0);
  OK(tlsock_socket_recv(one, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, "welcome", 7);
  OK(tlsock_socket_recv(one, buffer, sizeof buffer, &len, E));
  EQUAL(len, 0);
  OK(tlsock_socket_unwrap(one, NULL, E));
  pthread_join(thread, NULL);
  EQUAL(job.status, TLSOCK_OK);
  tlsock_socket_free(one);

  // A peer that fails leaves the listener working.
  tlsock_context *stranger = NULL;
  OK(tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, cert("unknown-ca.pem"), NULL, NULL, 0, &stranger, E));
  CHECK(pthread_create(&thread, NULL, serve_one, &job) == 0);
  one = NULL;
  FAILS(TLSOCK_CERT_VERIFICATION, NULL,
        tlsock_context_create_connection(stranger, "127.0.0.1", here.port, 10.0, &one, E));
  EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_HANDSHAKE);
  CHECK(!one);
  pthread_join(thread, NULL);
  EQUAL(job.status, TLSOCK_SSL);
  EQUAL(job.phase, TLSOCK_PHASE_HANDSHAKE);
  CHECK(pthread_create(&thread, NULL, serve_one, &job) == 0);
  OK(tlsock_context_create_connection(client, "127.0.0.1", here.port, 10.0, &one, E));
  OK(tlsock_socket_recv(one, buffer, sizeof buffer, &len, E));
  OK(tlsock_socket_unwrap(one, NULL, E));
  pthread_join(thread, NULL);
  tlsock_socket_free(one);
  tlsock_socket_free(listener);

  FAILS(TLSOCK_OS, NULL, tlsock_context_create_connection(client, "127.0.0.1", here.port, 10.0, &one, E));
  EQUAL(tlsock_error_os_errno(LAST), ECONNREFUSED);
  EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_CONNECT);
  FAILS(TLSOCK_OS, NULL, tlsock_context_create_connection(client, "no-such-host.invalid", 1, 10.0, &one, E));
  EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_RESOLVE);
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_create_connection(client, "localhost", 70000, 10.0, &one, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_create_connection(client, "localhost", -1, 10.0, &one, E));
  tlsock_context_free(client);
  tlsock_context_free(server);
  tlsock_context_free(stranger);
}

// The peer sent plaintext and was gone before TLS began: that must never look like data of the TLS connection.
static void plaintext_first(void) {
  int fds[2];
  struct linger hard = {1, 0};
  tlsock_context *client = new_client(0);
  tlsock_socket *one = NULL;
  tcp_pair(fds);
  struct pollfd hung = {fds[0], 0, 0};
  CHECK(write(fds[1], "trust me", 8) == 8);
  CHECK(setsockopt(fds[1], SOL_SOCKET, SO_LINGER, &hard, sizeof hard) == 0 && close(fds[1]) == 0);
  CHECK(poll(&hung, 1, 10000) == 1);  // the reset has come
  FAILS(TLSOCK_SSL, "Closed before TLS handshake with data in recv buffer.",
        tlsock_context_wrap_socket(client, fds[0], 0, "localhost", NULL, &one, E));
  SAME_TEXT(tlsock_error_reason(LAST), "Closed before TLS handshake with data in recv buffer.");
  CHECK(!tlsock_error_library(LAST) && !one);
  EQUAL(tlsock_error_code(LAST), ENOTCONN);
  CHECK(close(fds[0]) == 0);
  tlsock_context_free(client);
}

// A socket that is not connected yet. What moves bytes is in states.c.
static void unconnected(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), os_errno = 7;
  tlsock_context *client = new_client(0);
  tlsock_socket *one = NULL;
  tlsock_certificate *certificate = NULL;
  OK(tlsock_context_wrap_socket(client, fd, 0, "localhost", NULL, &one, E));
  FAILS(TLSOCK_OS, NULL, tlsock_socket_getpeercert(one, &certificate, E));
  EQUAL(tlsock_error_os_errno(LAST), ENOTCONN);
  FAILS(TLSOCK_OS, NULL, tlsock_socket_shutdown(one, SHUT_RDWR, E));
  EQUAL(tlsock_error_os_errno(LAST), ENOTCONN);
  EQUAL(tlsock_socket_pending(one), 0);
  CHECK(!tlsock_socket_version(one) && tlsock_socket_fileno(one) == fd);
  FAILS(TLSOCK_VALUE, NULL, tlsock_socket_settimeout(one, 0.0 / 0.0, E));
  // A port nobody listens at: the one of a socket that is bound only.
  struct sockaddr_in address = {0};
  socklen_t size = sizeof address;
  int bound = socket(AF_INET, SOCK_STREAM, 0);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(bind(bound, (struct sockaddr *)&address, size) == 0);
  CHECK(getsockname(bound, (struct sockaddr *)&address, &size) == 0);
  FAILS(TLSOCK_OS, NULL, tlsock_socket_connect_address(one, &address, sizeof address, E));
  EQUAL(tlsock_error_os_errno(LAST), ECONNREFUSED);
  OK(tlsock_socket_connect_ex_address(one, &address, sizeof address, &os_errno, E));
  EQUAL(os_errno, ECONNREFUSED);
  close(bound);
  tlsock_socket_free(one);
  tlsock_context_free(client);
}

static void connect_later(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  tlsock_socket *listener = NULL, *one = NULL;
  tlsock_address here;
  pthread_t thread;
  char buffer[20];
  size_t len;
  OK(tlsock_context_create_server(server, "127.0.0.1", 0, 0, 0, &listener, E));
  OK(tlsock_socket_getsockname(listener, &here, E));
  served job = {listener, "welcome", TLSOCK_OK, TLSOCK_PHASE_NONE};
  FAILS(TLSOCK_VALUE, "can't connect in server-side mode", tlsock_socket_connect(listener, "127.0.0.1", here.port, E));
  CHECK(pthread_create(&thread, NULL, serve_one, &job) == 0);
  OK(tlsock_context_wrap_socket(client, fd, 0, "localhost", NULL, &one, E));
  OK(tlsock_socket_connect(one, "127.0.0.1", here.port, E));
  FAILS(TLSOCK_VALUE, "attempt to connect already-connected SSLSocket!",
        tlsock_socket_connect(one, "127.0.0.1", here.port, E));
  OK(tlsock_socket_recv(one, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, "welcome", 7);
  OK(tlsock_socket_unwrap(one, NULL, E));
  pthread_join(thread, NULL);
  tlsock_socket_free(one);
  tlsock_socket_free(listener);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void sends(void) {
  wire pair = wire_new(local_pair, 0, 0);
  char buffer[100];
  size_t len = 0;
  OK(tlsock_socket_send(pair.client, "abcdef", 6, &len, E));
  EQUAL(len, 6);
  OK(tlsock_socket_recv(pair.server, buffer, 2, &len, E));
  SAME_BYTES(buffer, len, "ab", 2);
  EQUAL(tlsock_socket_pending(pair.server), 4);
  OK(tlsock_socket_recv(pair.server, NULL, 0, &len, E));
  EQUAL(len, 0);
  OK(tlsock_socket_read(pair.server, buffer, 100, &len, E));
  SAME_BYTES(buffer, len, "cdef", 4);
  OK(tlsock_socket_send(pair.client, NULL, 0, &len, E));
  EQUAL(len, 0);
  OK(tlsock_socket_sendall(pair.client, NULL, 0, E));
  wire_free(&pair);
}

static void nonblocking(void) {
  wire pair = wire_new(local_pair, 0, 0);
  static char data[1 << 16], back[1 << 16];
  char buffer[4];
  size_t len, sent = 0;
  tlsock_status status;
  OK(tlsock_socket_setblocking(pair.client, false, E));
  CHECK(tlsock_socket_gettimeout(pair.client) == 0);
  EQUAL(tlsock_socket_recv(pair.client, buffer, sizeof buffer, &len, E), TLSOCK_WANT_READ);
  CHECK(!LAST);
  EQUAL(tlsock_socket_unwrap(pair.client, NULL, E), TLSOCK_WANT_READ);
  wire_free(&pair);

  pair = wire_new(local_pair, 0, 0);
  OK(tlsock_socket_setblocking(pair.client, false, E));
  while ((status = tlsock_socket_send(pair.client, data, sizeof data, NULL, E)) == TLSOCK_OK) sent += sizeof data;
  EQUAL(status, TLSOCK_WANT_WRITE);
  FAILS(TLSOCK_TIMEOUT, NULL, tlsock_socket_wait(pair.client, TLSOCK_WANT_WRITE, 0.01, E));
  size_t got = 0;
  while (got < sent + sizeof data) {  // the repeated send arrives once
    if (status == TLSOCK_WANT_WRITE) status = tlsock_socket_send(pair.client, data, sizeof data, NULL, E);
    CHECK(status == TLSOCK_OK || status == TLSOCK_WANT_WRITE);
    OK(tlsock_socket_recv(pair.server, back, sizeof back, &len, E));
    got += len;
  }
  EQUAL(got, sent + sizeof data);
  OK(tlsock_socket_setblocking(pair.client, true, E));
  CHECK(tlsock_socket_gettimeout(pair.client) < 0);
  wire_say(pair.server, pair.client, "still fine");
  wire_free(&pair);
}

// Data that cannot be sent neither blocks reading nor loses a byte that was read.
static void read_while_full(void) {
  static const double timeouts[] = {0.0, 0.2, -1.0};
  static char data[1 << 16];
  char buffer[100];
  size_t len;
  for (int i = 0; i < 3; i++) {
    wire pair = wire_new(local_pair, 0, 0);
    OK(tlsock_socket_setblocking(pair.client, false, E));
    while (tlsock_socket_send(pair.client, data, sizeof data, NULL, E) == TLSOCK_OK) {
    }
    OK(tlsock_socket_settimeout(pair.client, timeouts[i], E));
    OK(tlsock_socket_sendall(pair.server, "a word in between", 17, E));
    OK(tlsock_socket_recv(pair.client, buffer, sizeof buffer, &len, E));
    SAME_BYTES(buffer, len, "a word in between", 17);
    if (i == 0) EQUAL(tlsock_socket_recv(pair.client, buffer, sizeof buffer, &len, E), TLSOCK_WANT_READ);
    wire_free(&pair);
  }
}

// After WANT_WRITE the same bytes must be repeated.
static void changed_retry(void) {
  wire pair = wire_new(local_pair, 0, 0);
  static char data[1 << 16];
  OK(tlsock_socket_setblocking(pair.client, false, E));
  while (tlsock_socket_send(pair.client, data, sizeof data, NULL, E) == TLSOCK_OK) {
  }
  tlsock_status status = tlsock_socket_send(pair.client, data, 10, NULL, E);
  CHECK(status == TLSOCK_SSL || status == TLSOCK_VALUE);
  CHECK(strstr(tlsock_error_message(LAST), "bad length") || strstr(tlsock_error_message(LAST), "bad write retry"));
  wire_free(&pair);
}

static void detached(void) {
  wire pair = wire_new(local_pair, 0, 0);
  int fd = tlsock_socket_detach(pair.client);
  CHECK(fd >= 0 && fcntl(fd, F_GETFD) >= 0);
  EQUAL(tlsock_socket_fileno(pair.client), TLSOCK_INVALID_FD);
  EQUAL(tlsock_socket_detach(pair.client), TLSOCK_INVALID_FD);
  FAILS(TLSOCK_SSL, "Underlying socket connection gone", tlsock_socket_unwrap(pair.client, NULL, E));
  EQUAL(tlsock_error_code(LAST), 0);
  tlsock_socket_free(pair.client);
  CHECK(fcntl(fd, F_GETFD) >= 0);  // still open
  close(fd);
  pair.client = NULL;
  wire_free(&pair);
}

static void closed(void) {
  wire pair = wire_new(local_pair, 0, 0);
  tlsock_cipher cipher;
  char buffer[4];
  size_t len;
  int fd = tlsock_socket_fileno(pair.client);
  OK(tlsock_socket_close(pair.client, E));
  OK(tlsock_socket_close(pair.client, E));
  CHECK(fcntl(fd, F_GETFD) < 0);
  EQUAL(tlsock_socket_fileno(pair.client), TLSOCK_INVALID_FD);
  CHECK(!tlsock_socket_version(pair.client) && !tlsock_socket_cipher(pair.client, &cipher));
  EQUAL(tlsock_socket_pending(pair.client), 0);
  FAILS(TLSOCK_OS, NULL, tlsock_socket_recv(pair.client, buffer, sizeof buffer, &len, E));
  EQUAL(tlsock_error_os_errno(LAST), EBADF);
  FAILS(TLSOCK_OS, NULL, tlsock_socket_send(pair.client, "x", 1, NULL, E));
  EQUAL(tlsock_error_os_errno(LAST), EBADF);
  FAILS(TLSOCK_VALUE, "Read on closed or unwrapped SSL socket.",
        tlsock_socket_read(pair.client, buffer, sizeof buffer, &len, E));
  wire_free(&pair);
  tlsock_socket_free(NULL);
}

static void resumed(void) {
  for (int i = 0; i < 2; i++) {
    int fds[2];
    tlsock_context *client = new_client(versions[i]), *server = new_server("ecdsa", versions[i]);
    tlsock_session *session = NULL;
    local_pair(fds);
    wire pair = wire_over(fds, client, server, 0, NULL);
    wire_say(pair.server, pair.client, "tickets came before this");
    OK(tlsock_socket_session(pair.client, &session, E));
    OK(tlsock_socket_close(pair.client, E));
    wire_free(&pair);
    local_pair(fds);
    tlsock_socket *refused = NULL;
    FAILS(TLSOCK_VALUE, "session can only be specified in client mode",
          tlsock_context_wrap_socket(server, fds[0], TLSOCK_WRAP_SERVER_SIDE, NULL, session, &refused, E));
    pair = wire_over(fds, client, server, 0, session);
    CHECK(tlsock_socket_session_reused(pair.client) && tlsock_socket_session_reused(pair.server));
    FAILS(TLSOCK_VALUE, "Cannot set session after handshake.", tlsock_socket_set_session(pair.client, session, E));
    wire_free(&pair);
    tlsock_session_free(session);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

// Every way to send; the other end receives it all as one text.
static void ways_to_send(void) {
  wire pair = wire_new(local_pair, 0, 0);
  const tlsock_part parts[] = {{"sent ", 5}, {"in parts, ", 10}};
  char buffer[100], path[] = "/tmp/tlsock-file-XXXXXX";
  size_t len = 0, all = 0;
  uint64_t sent = 0;
  int file = mkstemp(path);
  CHECK(file >= 0 && unlink(path) == 0 && write(file, "from a file", 11) == 11);
  OK(tlsock_socket_do_handshake(pair.client, E));  // at once: it is done
  OK(tlsock_socket_write(pair.client, "written, ", 9, &len, E));
  EQUAL(len, 9);
  OK(tlsock_socket_sendv(pair.client, parts, 2, &len, E));
  EQUAL(len, 15);
  OK(tlsock_socket_sendfile(pair.client, file, 0, 11, &sent, E));
  EQUAL(sent, 11);
  EQUAL(tlsock_socket_pending_write(pair.client), 0);
  OK(tlsock_socket_close_write(pair.client, E));
  OK(tlsock_socket_set_read_ahead(pair.server, true, E));
  CHECK(tlsock_socket_read_ahead(pair.server) && !tlsock_socket_read_ahead(pair.client));
  do {
    OK(tlsock_socket_recv(pair.server, buffer + all, sizeof buffer - all, &len, E));
    all += len;
  } while (len > 0);
  SAME_BYTES(buffer, all, "written, sent in parts, from a file", 35);
  close(file);
  OK(tlsock_socket_abort(pair.client, E));
  EQUAL(tlsock_socket_fileno(pair.client), TLSOCK_INVALID_FD);
  wire_free(&pair);
}

// A listener made by hand, with a socket option, and a client.
static void made_by_hand(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  tlsock_socket *listener = NULL, *other = NULL, *one = NULL;
  struct sockaddr_in any = {0};
  tlsock_address here;
  int on = 1, value = 0, os_errno = 7;
  size_t len = 0;
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  OK(tlsock_context_wrap_socket(server, socket(AF_INET, SOCK_STREAM, 0), TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &listener,
                                E));
  OK(tlsock_context_wrap_socket(server, socket(AF_INET, SOCK_STREAM, 0), TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &other,
                                E));
  OK(tlsock_context_wrap_socket(client, socket(AF_INET, SOCK_STREAM, 0), 0, "localhost", NULL, &one, E));
  OK(tlsock_socket_setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on, E));
  OK(tlsock_socket_getsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &value, sizeof value, &len, E));
  CHECK(value != 0 && len == sizeof value);
  OK(tlsock_socket_bind(listener, "127.0.0.1", 0, E));
  OK(tlsock_socket_bind_address(other, &any, sizeof any, E));
  OK(tlsock_socket_getsockname(other, &here, E));
  OK(tlsock_socket_connect_ex(one, "127.0.0.1", here.port, &os_errno, E));
  EQUAL(os_errno, ECONNREFUSED);  // bound, and not listening
  OK(tlsock_socket_listen(listener, 1, E));
  tlsock_socket_free(one);
  tlsock_socket_free(other);
  tlsock_socket_free(listener);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

TESTS(CASE(conversation), CASE(connect_and_accept), CASE(plaintext_first), CASE(unconnected), CASE(connect_later),
      CASE(sends), CASE(nonblocking), CASE(read_while_full), CASE(changed_retry), CASE(detached), CASE(closed),
      CASE(resumed), CASE(ways_to_send), CASE(made_by_hand))
