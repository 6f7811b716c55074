// A write that finds no memory in its middle. libssl then keeps a record, and goes on at its place within the data, whatever data
// comes next: so the same bytes go on, other ones are refused, and the peer gets what was written, once and whole.
//
// Only large allocations of the library's own code fail, which are room for ciphertext; OpenSSL's would end the connection. A thread
// keeps some buffers to use them again: so each round has a thread of its own, and what it needs before is made in another one.
//
// usage: writes CERTS [TEST]
#define _GNU_SOURCE
#include <fcntl.h>

#include "failing.h"

static code library = {"libtlsock", 0, 0};
static __thread size_t limit, most;  // those that fail; 0: none
static __thread int failed;

static bool fails(size_t size, const void *caller) {
  if (limit == 0 || size < limit || size > most || !is_of(&library, caller)) return false;
  failed++;
  errno = ENOMEM;
  return true;
}

// The call fails, as no allocation of this size or above succeeds.
#define SHORT(size, call) WITHOUT(size, SIZE_MAX, call)
// The same, of sizes from one to another.
#define WITHOUT(from, to, call) \
  do { \
    int before = failed; \
    tlsock_error **slot = test_error(); \
    most = (to), limit = (from); \
    tlsock_status said = (call); \
    limit = 0; \
    CHECK(failed > before); \
    test_status((int)said, TLSOCK_NO_MEMORY, "out of memory", __FILE__, __LINE__, #call); \
    (void)slot; \
  } while (0)

#define AGAIN "bad write retry: *"

enum { LEN = 100000, MORE = 1234 };

static char one[LEN + MORE], other[LEN];

static void fill(void) {
  for (size_t i = 0; i < sizeof one; i++) one[i] = (char)('A' + i / 5000);
  for (size_t i = 0; i < sizeof other; i++) other[i] = (char)('a' + i / 5000);
}

// The other data has the same end.
static void fill_other_end(void) { memcpy(other + LEN - 64, one + LEN - 64, 64); }

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};

// ---- threads ----

typedef struct round {
  void (*run)(int number);
  int number;
} round_of;

static void *runs(void *what) {
  round_of *one_round = what;
  one_round->run(one_round->number);
  return NULL;
}

// In a thread that has kept no buffer.
static void run_apart(void (*run)(int number), int number) {
  round_of one_round = {run, number};
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, runs, &one_round) == 0);
  pthread_join(thread, NULL);
}

static void apart(void (*run)(int number), int count) {
  for (int i = 0; i < count; i++) run_apart(run, i);
}

// ---- objects ----

static memory made;

static void connects(int version) {
  tlsock_context *client = new_client(version), *server = new_server("ecdsa", version);
  made = memory_new(client, server, "localhost", NULL);
  OK(memory_try(&made, NULL));
  memory_say(made.server, made.client, "the tickets");
  tlsock_context_free(client), tlsock_context_free(server);
}

// In this version, by another thread.
static memory connected(int version) {
  run_apart(connects, version);
  return made;
}

// All that has come, up to where more may come.
static void object_gets(tlsock_object *to, const char *data, size_t len) {
  static char got[2 * sizeof one];
  size_t all = 0, count = 0;
  tlsock_status status;
  while ((status = tlsock_object_read(to, got + all, sizeof got - all, &count, E)) == TLSOCK_OK) all += count;
  EQUAL(status, TLSOCK_WANT_READ);
  SAME_BYTES(got, all, data, len);
}

static void object_goes_on(int i) {
  int version = versions[i];
  memory pair = connected(version);
  size_t written = 7;
  // More than once, and before it has moved: nothing of it is counted as written.
  SHORT(LEN, tlsock_object_write(pair.client, one, LEN, &written, slot));
  SHORT(LEN, tlsock_object_write(pair.client, one, LEN, &written, slot));
  EQUAL(written, 7);
  FAILS(TLSOCK_VALUE, AGAIN, tlsock_object_write(pair.client, other, LEN, &written, E));
  FAILS(TLSOCK_VALUE, AGAIN, tlsock_object_write(pair.client, one, LEN - 1, &written, E));
  FAILS(TLSOCK_VALUE, AGAIN, tlsock_object_write(pair.client, "", 0, &written, E));
  FAILS(TLSOCK_VALUE, AGAIN, tlsock_object_close_write(pair.client, E));
  FAILS(TLSOCK_VALUE, AGAIN, tlsock_object_unwrap(pair.client, E));
  if (version == TLSOCK_TLS_VERSION_TLSV1_3) {
    FAILS(TLSOCK_VALUE, AGAIN, tlsock_object_key_update(pair.client, true, E));
    // The new keys that the peer asks for come after the data.
    OK(tlsock_object_key_update(pair.server, true, E));
  }
  memory_say(pair.server, pair.client, "reading goes on");
  char *elsewhere = malloc(sizeof one);
  memcpy(elsewhere, one, sizeof one);
  OK(tlsock_object_write(pair.client, elsewhere, sizeof one, &written, E));
  free(elsewhere);
  EQUAL(written, sizeof one);
  object_gets(pair.server, one, sizeof one);
  OK(tlsock_object_write(pair.client, other, LEN, &written, E));
  object_gets(pair.server, other, LEN);
  memory_say(pair.server, pair.client, "and back");
  OK(tlsock_object_close_write(pair.client, E));
  OK(tlsock_object_read(pair.server, &(char){0}, 1, &written, E));
  EQUAL(written, 0);
  memory_free(&pair);
}

// A post-handshake request is refused until the write is whole.
static void request_meanwhile(int i) {
  (void)i;
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  OK(tlsock_context_set_post_handshake_auth(client, true, E));
  OK(tlsock_context_set_post_handshake_auth(server, true, E));
  OK(tlsock_context_load_verify_locations(server, cert("ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_set_verify_mode(server, TLSOCK_CERT_OPTIONAL, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  OK(memory_try(&pair, NULL));
  SHORT(LEN, tlsock_object_write(pair.server, one, LEN, NULL, slot));
  FAILS(TLSOCK_VALUE, AGAIN, tlsock_object_verify_client_post_handshake(pair.server, E));
  OK(tlsock_object_write(pair.server, one, LEN, NULL, E));
  object_gets(pair.client, one, LEN);
  OK(tlsock_object_verify_client_post_handshake(pair.server, E));
  memory_free(&pair);
  tlsock_context_free(client), tlsock_context_free(server);
}

// The pump has room for a part of the record alone, and no memory for the rest.
static void pump_goes_on(int i) {
  memory pair = connected(versions[i]);
  tlsock_pump_result done;
  unsigned char room[40000], stream[60000];
  size_t len = 0;
  SHORT(8192, tlsock_object_pump(pair.client, 0, NULL, 0, one, 20000, NULL, 0, room, 100, &done, slot));
  EQUAL(done.plaintext_used, 0);
  EQUAL(done.ciphertext_len, 100);
  memcpy(stream, room, len = 100);
  FAILS(TLSOCK_VALUE, AGAIN,
        tlsock_object_pump(pair.client, 0, NULL, 0, other, 20000, NULL, 0, room, sizeof room, &done, E));
  FAILS(TLSOCK_VALUE, AGAIN,
        tlsock_object_pump(pair.client, TLSOCK_PUMP_CLOSE_WRITE, NULL, 0, NULL, 0, NULL, 0, room, sizeof room, &done, E));
  EQUAL(done.ciphertext_len, 0);
  OK(tlsock_object_pump(pair.client, 0, NULL, 0, one, 20000, NULL, 0, room, sizeof room, &done, E));
  EQUAL(done.plaintext_used, 20000);
  memcpy(stream + len, room, done.ciphertext_len);
  OK(tlsock_bio_write(pair.up, stream, len + done.ciphertext_len, E));
  object_gets(pair.server, one, 20000);
  memory_free(&pair);
}

// A close_notify for which there is no memory is sent by the call that is repeated.
static void goodbye_goes_on(int i) {
  static tlsock_status (*const ends[])(tlsock_object *, tlsock_error **) = {tlsock_object_close_write, tlsock_object_unwrap};
  memory pair = connected(versions[i % 2]);
  size_t len = 1;
  SHORT(4096, ends[i / 2](pair.client, slot));
  EQUAL(tlsock_object_read(pair.server, &(char){0}, 1, &len, E), TLSOCK_WANT_READ);
  EQUAL(ends[i / 2](pair.client, E), i / 2 ? TLSOCK_WANT_READ : TLSOCK_OK);
  OK(tlsock_object_read(pair.server, &(char){0}, 1, &len, E));
  EQUAL(len, 0);
  EQUAL(ends[i / 2](pair.client, E), i / 2 ? TLSOCK_WANT_READ : TLSOCK_OK);
  OK(tlsock_object_close_write(pair.server, E));
  OK(tlsock_object_unwrap(pair.client, E));
  memory_free(&pair);
}

// A client's chain of several records stops in its middle, and then the client writes: its place is one in the chain.
static void handshake_goes_on(int i) {
  size_t len, count = 0;
  char *ca = read_file(cert("ca.pem"), &len), *own = read_file(cert("client.pem"), NULL), *key = read_file(cert("client.key"), NULL);
  enum { COPIES = 120 };
  char *chain = calloc(1, strlen(own) + COPIES * len + 1), *at = stpcpy(chain, own);
  for (int copy = 0; copy < COPIES; copy++) at = stpcpy(at, ca);
  tlsock_context *client = new_client(versions[i]), *server = new_server("ecdsa", versions[i]);
  OK(tlsock_context_load_cert_chain_data(client, chain, strlen(chain), key, strlen(key), NULL, E));
  OK(tlsock_context_load_verify_locations(server, cert("ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_set_verify_mode(server, TLSOCK_CERT_REQUIRED, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(tlsock_object_do_handshake(pair.client, E), TLSOCK_WANT_READ);
  EQUAL(tlsock_object_do_handshake(pair.server, E), TLSOCK_WANT_READ);
  SHORT(50000, tlsock_object_do_handshake(pair.client, slot));
  for (int turn = 0; turn < 10; turn++) {
    tlsock_status status = tlsock_object_write(pair.client, one, LEN, &count, E);
    if (status == TLSOCK_OK) break;
    EQUAL(status, TLSOCK_WANT_READ);
    tlsock_object_do_handshake(pair.server, E);
  }
  EQUAL(count, LEN);
  object_gets(pair.server, one, LEN);
  memory_free(&pair);
  tlsock_context_free(client), tlsock_context_free(server);
  free(chain), free(ca), free(own), free(key);
}

// ---- sockets ----

typedef struct drain {
  tlsock_socket *from;
  char *got;
  size_t wanted, len;
} drain;

static void *drains(void *what) {
  drain *to = what;
  while (to->len < to->wanted) {
    size_t count = 0;
    if (tlsock_socket_recv(to->from, to->got + to->len, to->wanted - to->len, &count, NULL) != TLSOCK_OK || count == 0) break;
    to->len += count;
  }
  return NULL;
}

enum { LARGE = 1 << 20 };
static char large[LARGE], back[2 * LARGE];

// Both versions; what the system takes ends in the first chunk, and after some.
static wire made_wire;

static void wires(int version) { made_wire = wire_new(local_pair, version, 0); }

static wire wired(int version, int room) {
  run_apart(wires, version);
  wire pair = made_wire;
  if (room > 0) CHECK(setsockopt(tlsock_socket_fileno(pair.client), SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == 0);
  for (size_t i = 0; i < sizeof large; i++) large[i] = (char)('A' + i / 1000 % 50);
  return pair;
}

static const int rooms[] = {20000, 0};

typedef tlsock_status (*sender)(tlsock_socket *socket, size_t len, tlsock_error **error);

static tlsock_status sends(tlsock_socket *socket, size_t len, tlsock_error **error) {
  return tlsock_socket_send(socket, large, len, NULL, error);
}
static tlsock_status writes(tlsock_socket *socket, size_t len, tlsock_error **error) {
  return tlsock_socket_write(socket, large, len, NULL, error);
}
static tlsock_status sends_all(tlsock_socket *socket, size_t len, tlsock_error **error) {
  return tlsock_socket_sendall(socket, large, len, error);
}
// In pieces whose borders are nowhere near those of chunks.
static tlsock_status sends_pieces(tlsock_socket *socket, size_t len, tlsock_error **error) {
  tlsock_part parts[LARGE / 30000 + 1];
  size_t count = 0;
  for (size_t at = 0; at < len; at += 30000) parts[count++] = (tlsock_part){large + at, len - at < 30000 ? len - at : 30000};
  return tlsock_socket_sendv(socket, parts, count, NULL, error);
}

// What `first` has begun `then` goes on with.
static void socket_goes_on_with(int version, int room, double timeout, sender first, sender then) {
  static const char others[LARGE] = {'x', 'y'};
  wire pair = wired(version, room);
  drain to = {pair.server, back, LARGE, 0};
  pthread_t thread;
  OK(tlsock_socket_settimeout(pair.client, timeout, E));
  SHORT(8192, first(pair.client, LARGE - MORE, slot));
  FAILS(TLSOCK_VALUE, AGAIN, tlsock_socket_send(pair.client, others, LARGE - MORE, NULL, E));
  FAILS(TLSOCK_VALUE, AGAIN, tlsock_socket_send(pair.client, large, 10, NULL, E));
  FAILS(TLSOCK_VALUE, AGAIN, tlsock_socket_send(pair.client, "", 0, NULL, E));
  FAILS(TLSOCK_VALUE, AGAIN, tlsock_socket_close_write(pair.client, E));
  FAILS(TLSOCK_VALUE, AGAIN, tlsock_socket_unwrap(pair.client, NULL, E));
  CHECK(pthread_create(&thread, NULL, drains, &to) == 0);
  tlsock_status status;
  while ((status = then(pair.client, LARGE, E)) == TLSOCK_WANT_WRITE) OK(tlsock_socket_wait(pair.client, status, 60, E));
  EQUAL(status, TLSOCK_OK);
  pthread_join(thread, NULL);
  SAME_BYTES(back, to.len, large, LARGE);
  wire_say(pair.client, pair.server, "after that");
  wire_free(&pair);
}

static void socket_goes_on(int i) {
  static const sender ways[][2] = {{sends, sends}, {writes, sends_pieces}, {sends_pieces, sends_all}};
  socket_goes_on_with(versions[i % 2], rooms[i / 2 % 2], i / 4 % 2 ? 60 : 0, ways[i / 8][0], ways[i / 8][1]);
}

// Goes on where it says that it has stopped.
static void file_goes_on(int i) {
  char path[] = "/tmp/tlsock-writes-XXXXXX";
  int fd = mkstemp(path);
  CHECK(fd >= 0);
  unlink(path);
  wire pair = wired(versions[i % 2], rooms[i / 2]);
  drain to = {pair.server, back, LARGE, 0};
  pthread_t thread;
  uint64_t sent = 0, rest = 0;
  CHECK(pwrite(fd, large, LARGE, 0) == LARGE);
  OK(tlsock_socket_settimeout(pair.client, 60, E));
  // But for the 64 KiB that it reads at a time.
  WITHOUT(20000, 65535, tlsock_socket_sendfile(pair.client, fd, 0, 0, &sent, slot));
  FAILS(TLSOCK_VALUE, AGAIN, tlsock_socket_sendfile(pair.client, fd, sent + 1, 0, &rest, E));
  FAILS(TLSOCK_VALUE, AGAIN, tlsock_socket_send(pair.client, "other", 5, NULL, E));
  CHECK(pthread_create(&thread, NULL, drains, &to) == 0);
  OK(tlsock_socket_sendfile(pair.client, fd, sent, 0, &rest, E));
  pthread_join(thread, NULL);
  EQUAL(sent + rest, LARGE);
  SAME_BYTES(back, to.len, large, LARGE);
  wire_free(&pair);
  close(fd);
}

static void objects(void) { apart(object_goes_on, 2); }
static void requests(void) { apart(request_meanwhile, 1); }
static void pumps(void) { apart(pump_goes_on, 2); }
static void goodbyes(void) { apart(goodbye_goes_on, 4); }
static void handshakes(void) { apart(handshake_goes_on, 2); }
static void sockets(void) { apart(socket_goes_on, 24); }
static void sent_files(void) { apart(file_goes_on, 4); }

int main(int argc, char **argv) {
  static const test_case cases[] = {CASE(objects),    CASE(requests), CASE(pumps),     CASE(goodbyes),
                                    CASE(handshakes), CASE(sockets),  CASE(sent_files)};
  test_set_up(argc, argv);
  dl_iterate_phdr(find_library, &library);
  fill();
  fill_other_end();
  return test_run(cases, sizeof cases / sizeof *cases);
}
