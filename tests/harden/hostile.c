// Peers with the right keys that try to wear the other side down: floods of what carries no data, messages and records
// of any size, peers that are endlessly slow. Each ends with an error, in time, or costs no more memory than it may.
#include "craft.h"

typedef struct stage {
  tlsock_context *client, *server;
  memory pair;
  secrets keys;
} stage;

static void open_stage(stage *one) {
  memset(one, 0, sizeof *one);
  one->client = new_client(TLSOCK_TLS_VERSION_TLSV1_3);
  one->server = new_server("ecdsa", TLSOCK_TLS_VERSION_TLSV1_3);
  OK(tlsock_context_set_num_tickets(one->server, 0, E));
  OK(tlsock_context_set_keylog_callback(one->client, craft_learn, &one->keys, NULL, E));
  one->pair = memory_new(one->client, one->server, "localhost", NULL);
  EQUAL(memory_try(&one->pair, NULL), TLSOCK_OK);
}

static void close_stage(stage *one) {
  memory_free(&one->pair);
  tlsock_context_free(one->client);
  tlsock_context_free(one->server);
}

// Sends one record after the other and reads after each: how many it takes until there is an error, or the limit.
static int flood(stage *one, bool to_server, int type, const void *data, size_t len, int limit, bool rekeys) {
  unsigned char record[20100];
  char buffer[100];
  size_t got;
  craft *keys = to_server ? &one->keys.client : &one->keys.server;
  tlsock_object *victim = to_server ? one->pair.server : one->pair.client;
  for (int sent = 0; sent < limit; sent++) {
    size_t size = craft_record(keys, type, data, len, record);
    OK(tlsock_bio_write(to_server ? one->pair.up : one->pair.down, record, size, E));
    if (rekeys) craft_next_keys(keys);
    int status = tlsock_object_read(victim, buffer, sizeof buffer, &got, E);
    if (status != TLSOCK_WANT_READ && status != TLSOCK_OK) return sent;
  }
  return limit;
}

static void empty_records(void) {
  stage one;
  for (int to_server = 0; to_server < 2; to_server++) {
    open_stage(&one);
    // They count as long as nothing else comes, also over several reads.
    int survived = flood(&one, to_server, DATA, "", 0, 1000, false);
    printf("empty records: %d, then %s\n", survived, tlsock_error_message(LAST));
    CHECK(survived >= 1 && survived < 100);
    close_stage(&one);
  }
}

static void warnings(void) {
  stage one;
  for (int to_server = 0; to_server < 2; to_server++) {
    open_stage(&one);
    int survived = flood(&one, to_server, ALERT, "\1\x5a", 2, 1000, false);
    printf("warnings: %d, then %s\n", survived, tlsock_error_message(LAST));
    CHECK(survived < 100);
    close_stage(&one);
  }
}

static void records_of_one_byte(void) {
  stage one;
  open_stage(&one);
  flood(&one, true, DATA, "x", 1, 1000, false);
  long before = resident();
  EQUAL(flood(&one, true, DATA, "x", 1, 50000, false), 50000);
  CHECK(resident() - before < 1024 * 1024);
  close_stage(&one);
}

static void key_updates(void) {
  stage one;
  open_stage(&one);
  flood(&one, true, HANDSHAKE, craft_key_update, sizeof craft_key_update, 500, true);
  long before = resident();
  int survived = flood(&one, true, HANDSHAKE, craft_key_update, sizeof craft_key_update, 20000, true);
  printf("key updates: %d\n", survived);
  CHECK(resident() - before < 1024 * 1024);
  close_stage(&one);
}

static void tickets(void) {
  stage one;
  open_stage(&one);
  flood(&one, false, HANDSHAKE, craft_ticket, sizeof craft_ticket, 500, false);
  long before = resident();
  int survived = flood(&one, false, HANDSHAKE, craft_ticket, sizeof craft_ticket, 20000, false);
  printf("tickets: %d %s\n", survived, survived < 20000 ? tlsock_error_message(LAST) : "");
  CHECK(survived == 20000 && resident() - before < 1024 * 1024);
  close_stage(&one);
}

// What a server says to these first bytes, without keeping much.
static void sizes_that_are_lies(void) {
  static const unsigned char starts[][12] = {
      {22, 3, 1, 0xff, 0xff, 1, 0xff, 0xff, 0xff, 3, 3},     // a record too large
      {22, 3, 1, 0x40, 0x01, 1, 0, 0x3f, 0xfd, 3, 3},        // by one byte
      {22, 3, 1, 0x40, 0x00, 1, 0xff, 0xff, 0xff, 3, 3},     // a message too large
      {22, 3, 1, 0, 0, 22, 3, 1, 0, 0, 22},                  // empty handshake records
  };
  tlsock_context *server = new_server("ecdsa", 0);
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
    tlsock_bio *in = NULL, *out = NULL;
    tlsock_object *object = NULL;
    static unsigned char zeros[17000];
    OK(tlsock_bio_new(&in, E));
    OK(tlsock_bio_new(&out, E));
    OK(tlsock_context_wrap_bio(server, in, out, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &object, E));
    OK(tlsock_bio_write(in, starts[i], 11, E));
    OK(tlsock_bio_write(in, zeros, sizeof zeros, E));
    FAILS(TLSOCK_SSL, NULL, tlsock_object_do_handshake(object, E));
    tlsock_object_free(object);
    tlsock_bio_free(in);
    tlsock_bio_free(out);
  }
  tlsock_context_free(server);
}

typedef struct drip {
  int fd;
  double pause;
  int stop;
} drip;

// A ClientHello that never ends: a byte now and then.
static void *drips(void *argument) {
  drip *one = argument;
  static const unsigned char hello[] = {22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3};
  struct timespec pause = {0, (long)(one->pause * 1e9)};
  for (int i = 0; !__atomic_load_n(&one->stop, __ATOMIC_SEQ_CST); i++) {
    unsigned char byte = i < (int)sizeof hello ? hello[i] : 0;
    if (send(one->fd, &byte, 1, MSG_NOSIGNAL) != 1) break;
    nanosleep(&pause, NULL);
  }
  return NULL;
}

static void slow_peers(void) {
  tlsock_context *server = new_server("ecdsa", 0);
  for (int turn = 0; turn < 4; turn++) {
    int fds[2];
    tlsock_socket *socket = NULL;
    pthread_t thread;
    tcp_pair(fds);
    drip one = {fds[0], turn % 2 ? 0.001 : 0.03, 0};
    OK(tlsock_context_wrap_socket(server, fds[1], TLSOCK_WRAP_SERVER_SIDE | TLSOCK_WRAP_NO_HANDSHAKE, NULL, NULL, &socket, E));
    OK(tlsock_socket_settimeout(socket, 0.3, E));
    CHECK(pthread_create(&thread, NULL, drips, &one) == 0);
    double begin = now();
    FAILS(TLSOCK_TIMEOUT, "The handshake operation timed out", tlsock_socket_do_handshake(socket, E));
    double took = now() - begin;
    CHECK(took >= 0.299 && took < 0.45);
    __atomic_store_n(&one.stop, 1, __ATOMIC_SEQ_CST);
    pthread_join(thread, NULL);
    close(fds[0]);
    tlsock_socket_free(socket);
  }
  tlsock_context_free(server);
}

// A peer that takes a little now and then does not hold a writer beyond its deadline.
static void *sips(void *argument) {
  drip *one = argument;
  char buffer[1500];
  struct timespec pause = {0, (long)(one->pause * 1e9)};
  while (!__atomic_load_n(&one->stop, __ATOMIC_SEQ_CST)) {
    if (recv(one->fd, buffer, sizeof buffer, MSG_DONTWAIT) == 0) break;
    nanosleep(&pause, NULL);
  }
  return NULL;
}

static void slow_readers(void) {
  for (int turn = 0; turn < 2; turn++) {
    wire pair = wire_new(turn ? local_pair : tcp_pair, 0, 0);
    int small = 1, fd = dup(tlsock_socket_fileno(pair.server));
    static char data[8 * 1024 * 1024];
    pthread_t thread;
    drip one = {fd, 0.005, 0};
    setsockopt(tlsock_socket_fileno(pair.client), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    OK(tlsock_socket_settimeout(pair.client, 0.3, E));
    CHECK(pthread_create(&thread, NULL, sips, &one) == 0);
    double begin = now();
    FAILS(TLSOCK_TIMEOUT, "The write operation timed out", tlsock_socket_sendall(pair.client, data, sizeof data, E));
    double took = now() - begin;
    CHECK(took >= 0.299 && took < 0.45);
    __atomic_store_n(&one.stop, 1, __ATOMIC_SEQ_CST);
    pthread_join(thread, NULL);
    close(fd);
    wire_free(&pair);
  }
}

TESTS(CASE(empty_records), CASE(warnings), CASE(records_of_one_byte), CASE(key_updates), CASE(tickets),
      CASE(sizes_that_are_lies), CASE(slow_peers), CASE(slow_readers))
