// Two threads on one connection: a blocked reader never stops a writer, nor the reverse; deadlines are total; close and
// abort wake all waiting threads. TLSOCK_TEST_MIB is how much is sent (64).
#include <errno.h>
#include <poll.h>

#include "fixture.h"

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};

static size_t amount(void) {
  const char *mib = getenv("TLSOCK_TEST_MIB");
  return (size_t)(mib ? atoi(mib) : 64) << 20;
}

static unsigned char pattern(size_t at) { return (unsigned char)(at * 31 + (at >> 12)); }

// One direction's work, done in a thread of its own.
typedef struct job {
  tlsock_socket *socket;
  size_t size;
  bool started;
} job;

static void begin(job *work) { __atomic_store_n(&work->started, true, __ATOMIC_SEQ_CST); }
static void await(job *work) {
  while (!__atomic_load_n(&work->started, __ATOMIC_SEQ_CST)) poll(NULL, 0, 1);
}

static void *send_all(void *arg) {
  job *work = arg;
  static __thread unsigned char block[1 << 17];
  begin(work);
  for (size_t at = 0; at < work->size; at += sizeof block) {
    for (size_t i = 0; i < sizeof block; i++) block[i] = pattern(at + i);
    OK(tlsock_socket_sendall(work->socket, block, sizeof block, E));
  }
  return NULL;
}

static void *recv_all(void *arg) {
  job *work = arg;
  static __thread unsigned char block[1 << 17];
  size_t len;
  begin(work);
  for (size_t at = 0; at < work->size; at += len) {
    OK(tlsock_socket_recv(work->socket, block, sizeof block, &len, E));
    CHECK(len > 0);
    for (size_t i = 0; i < len; i++) CHECK(block[i] == pattern(at + i));
  }
  return NULL;
}

// Runs senders and receivers at once.
static void run(job *work, int count, void *(*run[])(void *)) {
  pthread_t threads[4];
  for (int i = 0; i < count; i++) CHECK(pthread_create(&threads[i], NULL, run[i], &work[i]) == 0);
  for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

static void *recv_byte(void *arg) {
  job *work = arg;
  char byte;
  size_t len;
  begin(work);
  OK(tlsock_socket_recv(work->socket, &byte, 1, &len, E));
  EQUAL(len, 1);
  EQUAL(byte, '!');
  return NULL;
}

// One thread waits in recv of this socket; another one sends through it; at last the reader gets its byte.
static void reader_blocks(int version, bool client_reads, double timeout) {
  wire pair = wire_new(local_pair, version, 0);
  tlsock_socket *one = client_reads ? pair.client : pair.server, *peer = client_reads ? pair.server : pair.client;
  job waiting = {one, 0, false}, work[] = {{one, amount(), false}, {peer, amount(), false}};
  void *(*how[])(void *) = {send_all, recv_all};
  pthread_t reader;
  OK(tlsock_socket_settimeout(one, timeout, E));
  CHECK(pthread_create(&reader, NULL, recv_byte, &waiting) == 0);
  await(&waiting);
  run(work, 2, how);
  OK(tlsock_socket_sendall(peer, "!", 1, E));
  pthread_join(reader, NULL);
  wire_free(&pair);
}

static void blocked_reader(void) {
  for (int i = 0; i < 4; i++) reader_blocks(versions[i % 2], i / 2, -1.0);
}

static void waiting_reader(void) {
  for (int i = 0; i < 2; i++) reader_blocks(versions[i], i, 60.0);
}

// Fills the transport so that a writer waits, then reads through the same socket.
static void *send_much(void *arg) {
  job *work = arg;
  static char data[8 << 20];
  begin(work);
  OK(tlsock_socket_sendall(work->socket, data, work->size, E));
  return NULL;
}

static void blocked_writer(void) {
  static char drain[1 << 16];
  for (int i = 0; i < 4; i++) {
    wire pair = wire_new(local_pair, versions[i % 2], 0);
    tlsock_socket *one = i / 2 ? pair.client : pair.server, *peer = i / 2 ? pair.server : pair.client;
    job writing = {one, 8 << 20, false}, work[] = {{peer, amount(), false}, {one, amount(), false}};
    void *(*how[])(void *) = {send_all, recv_all};
    pthread_t writer;
    struct pollfd full = {tlsock_socket_fileno(one), POLLOUT, 0};
    CHECK(pthread_create(&writer, NULL, send_much, &writing) == 0);
    await(&writing);
    while (poll(&full, 1, 0) == 1) poll(NULL, 0, 1);  // until the transport takes no more
    run(work, 2, how);
    for (size_t got = 0, len; got < writing.size; got += len) {
      OK(tlsock_socket_recv(peer, drain, sizeof drain, &len, E));
      CHECK(len > 0);
    }
    pthread_join(writer, NULL);
    wire_free(&pair);
  }
}

static void both_ways(void) {
  for (int i = 0; i < 2; i++) {
    wire pair = wire_new(i ? tcp_pair : local_pair, versions[i], 0);
    job work[] = {{pair.client, amount(), false},
                  {pair.server, amount(), false},
                  {pair.client, amount(), false},
                  {pair.server, amount(), false}};
    void *(*how[])(void *) = {send_all, send_all, recv_all, recv_all};
    run(work, 4, how);
    wire_free(&pair);
  }
}

// ---- deadlines ----

// Passes one byte every 20 ms on.
static void *drip(void *arg) {
  const int *fds = arg;
  unsigned char byte;
  while (read(fds[0], &byte, 1) == 1 && send(fds[1], &byte, 1, MSG_NOSIGNAL) == 1) poll(NULL, 0, 20);
  return NULL;
}

static void *relay(void *arg) {
  const int *fds = arg;
  unsigned char data[4096];
  ssize_t len;
  while ((len = read(fds[0], data, sizeof data)) > 0 && send(fds[1], data, (size_t)len, MSG_NOSIGNAL) == len) {
  }
  return NULL;
}

// A record that arrives byte by byte does not prolong a read.
static void total_deadline(void) {
  int left[2], right[2];
  char buffer[100];
  size_t len;
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  OK(tlsock_context_set_num_tickets(server, 0, E));
  local_pair(left);
  local_pair(right);
  int outer[2] = {left[0], right[0]}, up[2] = {left[1], right[1]}, down[2] = {right[1], left[1]};
  pthread_t one, two, slow;
  // The handshake goes through two quick relays. They end with the connections.
  CHECK(pthread_create(&one, NULL, relay, up) == 0 && pthread_create(&two, NULL, relay, down) == 0);
  wire pair = wire_over(outer, client, server, 0, NULL);
  OK(tlsock_socket_settimeout(pair.client, 0.3, E));
  // The next bytes of the server come through the slow relay.
  int copy = dup(tlsock_socket_fileno(pair.client)), gate[2];
  local_pair(gate);
  int through[2] = {gate[1], left[1]};
  CHECK(pthread_create(&slow, NULL, drip, through) == 0);
  // Header of a record that would be 256 bytes long: its body drips for five seconds.
  unsigned char record[261] = {23, 3, 3, 1, 0};
  CHECK(write(gate[0], record, sizeof record) == (ssize_t)sizeof record);
  double start = now();
  FAILS(TLSOCK_TIMEOUT, "The read operation timed out",
        tlsock_socket_recv(pair.client, buffer, sizeof buffer, &len, E));
  double took = now() - start;
  CHECK(took >= 0.29 && took < 2.0);
  shutdown(gate[0], SHUT_RDWR);
  shutdown(gate[1], SHUT_RDWR);
  shutdown(copy, SHUT_RDWR);
  shutdown(tlsock_socket_fileno(pair.server), SHUT_RDWR);
  pthread_join(slow, NULL);
  pthread_join(one, NULL);
  pthread_join(two, NULL);
  wire_free(&pair);
  close(copy), close(gate[0]), close(gate[1]), close(left[1]), close(right[1]);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void timeouts(void) {
  wire pair = wire_new(local_pair, 0, 0);
  static char data[4 << 20];
  char buffer[10];
  size_t len;
  double start;
  OK(tlsock_socket_settimeout(pair.client, 0.05, E));
  CHECK(tlsock_socket_gettimeout(pair.client) == 0.05);
  start = now();
  FAILS(TLSOCK_TIMEOUT, "The read operation timed out", tlsock_socket_recv(pair.client, buffer, 10, &len, E));
  CHECK(now() - start >= 0.049 && now() - start < 2.0);
  CHECK(tlsock_error_os_errno(LAST) == 0);
  wire_say(pair.server, pair.client, "in time");  // the connection still works
  start = now();
  FAILS(TLSOCK_TIMEOUT, "The write operation timed out", tlsock_socket_sendall(pair.client, data, sizeof data, E));
  CHECK(now() - start >= 0.049 && now() - start < 2.0);
  wire_free(&pair);

  int fds[2];
  tlsock_socket *one = NULL;
  tlsock_context *client = new_client(0);
  local_pair(fds);
  OK(tlsock_context_wrap_socket(client, fds[0], TLSOCK_WRAP_NO_HANDSHAKE, "localhost", NULL, &one, E));
  OK(tlsock_socket_settimeout(one, 0.05, E));
  FAILS(TLSOCK_TIMEOUT, "The handshake operation timed out", tlsock_socket_do_handshake(one, E));
  EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_HANDSHAKE);
  FAILS(TLSOCK_TIMEOUT, NULL, tlsock_socket_wait(one, TLSOCK_WANT_READ, 0.01, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_socket_wait(one, TLSOCK_OK, 0.01, E));
  tlsock_socket_free(one);
  close(fds[1]);
  tlsock_context_free(client);
}

// A send whose deadline passed is repeated with the same bytes, as after WANT_WRITE, and they arrive once.
static void timed_retry(void) {
  for (int i = 0; i < 2; i++) {
    wire pair = wire_new(local_pair, versions[i], 0);
    static unsigned char data[4 << 20], back[1 << 16];
    size_t len;
    for (size_t at = 0; at < sizeof data; at++) data[at] = pattern(at);
    OK(tlsock_socket_settimeout(pair.client, 0.02, E));
    FAILS(TLSOCK_TIMEOUT, NULL, tlsock_socket_sendall(pair.client, data, sizeof data, E));
    job work = {pair.server, sizeof data, false};
    pthread_t reader;
    OK(tlsock_socket_settimeout(pair.client, 20.0, E));
    CHECK(pthread_create(&reader, NULL, recv_all, &work) == 0);
    OK(tlsock_socket_sendall(pair.client, data, sizeof data, E));
    pthread_join(reader, NULL);
    OK(tlsock_socket_close_write(pair.client, E));
    OK(tlsock_socket_recv(pair.server, back, sizeof back, &len, E));
    EQUAL(len, 0);  // nothing came twice
    wire_free(&pair);
  }
}

// One deadline for look-up, connect and handshake: a server that says nothing.
static void silent_server(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  tlsock_socket *listener = NULL, *one = NULL, *accepted = NULL;
  tlsock_address here;
  OK(tlsock_context_create_server(server, "127.0.0.1", 0, 0, 0, &listener, E));
  OK(tlsock_socket_getsockname(listener, &here, E));
  double start = now();
  FAILS(TLSOCK_TIMEOUT, NULL, tlsock_context_create_connection(client, "127.0.0.1", here.port, 0.1, &one, E));
  EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_HANDSHAKE);
  CHECK(now() - start >= 0.09 && now() - start < 2.0);
  CHECK(!one);
  // That peer waited in the queue and is gone. The listener's own deadline:
  CHECK(tlsock_socket_accept(listener, &accepted, NULL, E) != TLSOCK_OK);
  EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_HANDSHAKE);
  OK(tlsock_socket_settimeout(listener, 0.05, E));
  FAILS(TLSOCK_TIMEOUT, NULL, tlsock_socket_accept(listener, &accepted, NULL, E));
  EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_ACCEPT);
  OK(tlsock_socket_settimeout(listener, 0.0, E));
  EQUAL(tlsock_socket_accept(listener, &accepted, NULL, E), TLSOCK_WANT_READ);
  CHECK(!accepted);
  tlsock_socket_free(listener);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// ---- waking up ----

static void *accept_long(void *arg) {
  job *work = arg;
  tlsock_socket *accepted = NULL;
  begin(work);
  tlsock_status status = tlsock_socket_accept(work->socket, &accepted, NULL, E);
  CHECK(status >= TLSOCK_SSL && status < TLSOCK_PANIC && !accepted);
  EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_ACCEPT);
  return NULL;
}

static void woken_listener(void) {
  for (int variant = 0; variant < 4; variant++) {
    tlsock_context *server = new_server("ecdsa", 0);
    tlsock_socket *listener = NULL;
    pthread_t thread;
    OK(tlsock_context_create_server(server, "127.0.0.1", 0, 0, 0, &listener, E));
    if (variant & 1) OK(tlsock_socket_settimeout(listener, 50.0, E));
    job work = {listener, 0, false};
    CHECK(pthread_create(&thread, NULL, accept_long, &work) == 0);
    await(&work);
    poll(NULL, 0, 20);
    if (variant & 2)
      OK(tlsock_socket_abort(listener, E));
    else
      OK(tlsock_socket_close(listener, E));
    pthread_join(thread, NULL);
    tlsock_socket_free(listener);
    tlsock_context_free(server);
  }
}

typedef struct wake {
  job work;
  bool writes, timed, aborts;
  tlsock_status status;
  char message[100];
} wake;

static void *wait_long(void *arg) {
  wake *one = arg;
  static char data[8 << 20];
  char buffer[10];
  size_t len = 0;
  tlsock_socket *socket = one->work.socket;
  begin(&one->work);
  one->status = one->writes ? tlsock_socket_sendall(socket, data, sizeof data, E)
                            : tlsock_socket_recv(socket, buffer, sizeof buffer, &len, E);
  snprintf(one->message, sizeof one->message, "%s", tlsock_error_message(LAST));
  return NULL;
}

static void woken(void) {
  for (int variant = 0; variant < 16; variant++) {
    wire pair = wire_new(variant & 1 ? tcp_pair : local_pair, versions[variant >> 3], 0);
    wake one = {{pair.client, 0, false}, variant & 2, variant & 4, variant & 1, TLSOCK_OK, ""};
    pthread_t thread;
    if (one.timed) OK(tlsock_socket_settimeout(pair.client, 50.0, E));
    CHECK(pthread_create(&thread, NULL, wait_long, &one) == 0);
    await(&one.work);
    poll(NULL, 0, 20);  // most likely it waits by now; when not, the outcome is the same
    double start = now();
    if (one.aborts)
      OK(tlsock_socket_abort(pair.client, E));
    else
      OK(tlsock_socket_close(pair.client, E));
    pthread_join(thread, NULL);
    CHECK(now() - start < 5.0);
    if (one.status != TLSOCK_OS) {  // a descriptor that was closed before the call began is the system's EBADF
      EQUAL(one.status, TLSOCK_SSL);
      SAME_TEXT(one.message, "Underlying socket has been closed.");
    }
    EQUAL(tlsock_socket_fileno(pair.client), TLSOCK_INVALID_FD);
    wire_free(&pair);
  }
}

// Getters answer while a reader waits.
static void getters_never_wait(void) {
  wire pair = wire_new(local_pair, 0, 0);
  job waiting = {pair.client, 0, false};
  pthread_t reader;
  tlsock_certificate *certificate = NULL;
  CHECK(pthread_create(&reader, NULL, recv_byte, &waiting) == 0);
  await(&waiting);
  poll(NULL, 0, 10);
  CHECK(tlsock_socket_version(pair.client) && tlsock_socket_fileno(pair.client) >= 0);
  EQUAL(tlsock_socket_pending(pair.client), 0);
  OK(tlsock_socket_getpeercert(pair.client, &certificate, E));
  tlsock_certificate_free(certificate);
  OK(tlsock_socket_settimeout(pair.client, 30.0, E));
  OK(tlsock_socket_sendall(pair.server, "!", 1, E));
  pthread_join(reader, NULL);
  wire_free(&pair);
}

TESTS(CASE(blocked_reader), CASE(waiting_reader), CASE(blocked_writer), CASE(both_ways), CASE(total_deadline),
      CASE(timeouts), CASE(timed_retry), CASE(silent_server), CASE(woken), CASE(woken_listener),
      CASE(getters_never_wait))
