// Secrets leave no copy behind: the memory of this process is searched for them, once they should be gone.
#include "wiped.h"

static void seen_when_there(void) {
  char *text = malloc(40);
  CHECK(text);
  secret one = mask((const unsigned char *)"\x9a\x13\x77\x5f\xee\x01\x42\xc8\x39", 9);
  EQUAL(copies(&one), 0);
  unmask(&one, text);
  EQUAL(copies(&one), 1);
  forget(text, 40);
  EQUAL(copies(&one), 0);
  free(text);
}

// Though nothing of it is left then.
static void seen_when_freed(void) {
#ifdef __GLIBC__
  secret one = mask((const unsigned char *)"\x9a\x13\x77\x5f\xee\x01\x42\xc8\x3a", 9);
  char *text = malloc(20);
  CHECK(text);
  EQUAL(copies(&one), 0);
  unmask(&one, text);
  text = realloc(text, 21);
  CHECK(text);
  EQUAL(freed(&one), 1);
  free(text);
  EQUAL(freed(&one), 2);
#endif
}

// ---- keys of callbacks ----

static const secret shared = {{0xa1, 0x5e, 0x33, 0x90, 0x77, 0x12, 0xfe, 0x4d, 0x8b, 0x66, 0x21, 0xd9,
                               0x0c, 0xb7, 0xe8, 0x35, 0x19, 0xc4, 0x7a, 0x52, 0xef, 0x08, 0x93, 0x6b},
                              24};

static void give_shared(uint8_t *psk, size_t *len) {
  for (size_t i = 0; i < shared.len; i++) psk[i] = shared.masked[i] ^ MASK;
  *len = shared.len;
}

static bool was_given, was_asked;

static int client_key(void *userdata, const tlsock_connection *connection, const char *hint, char *identity,
                      size_t size, uint8_t *psk, size_t psk_size, size_t *len, tlsock_error **error) {
  (void)userdata, (void)connection, (void)hint, (void)psk_size, (void)error;
  snprintf(identity, size, "client");
  give_shared(psk, len);
  was_given = true;
  return TLSOCK_OK;
}

static int server_key(void *userdata, const tlsock_connection *connection, const char *identity, uint8_t *psk,
                      size_t psk_size, size_t *len, tlsock_error **error) {
  (void)userdata, (void)connection, (void)identity, (void)psk_size, (void)error;
  give_shared(psk, len);
  return TLSOCK_OK;
}

static void shared_keys(void) {
  for (int i = 0; i < 1 + tlsock_has(TLSOCK_HAS_PSK_TLS13); i++) {
    tlsock_context *client = NULL, *server = NULL;
    OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &client, E));
    OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &server, E));
    OK(tlsock_context_set_check_hostname(client, false, E));
    OK(tlsock_context_set_verify_mode(client, TLSOCK_CERT_NONE, E));
    only_version(client, i ? TLSOCK_TLS_VERSION_TLSV1_3 : TLSOCK_TLS_VERSION_TLSV1_2);
    OK(tlsock_context_set_ciphers(client, "PSK", E));
    OK(tlsock_context_set_ciphers(server, "PSK", E));
    OK(tlsock_context_set_psk_client_callback(client, client_key, NULL, NULL, E));
    OK(tlsock_context_set_psk_server_callback(server, server_key, NULL, NULL, NULL, E));
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    memory_say(pair.client, pair.server, "hello");
    memory_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
    EQUAL(copies(&shared), 0);
  }
}

// How a callback ends that has written a key.
static tlsock_status came_to;

// As often as there is room: what libssl does afterwards may overwrite some of it.
static void fill(uint8_t *psk, size_t size) {
  for (size_t at = 0, len; at + shared.len <= size; at += len) give_shared(psk + at, &len);
}

static int spoilt_client_key(void *userdata, const tlsock_connection *connection, const char *hint, char *identity,
                             size_t size, uint8_t *psk, size_t psk_size, size_t *len, tlsock_error **error) {
  client_key(userdata, connection, hint, identity, size, psk, psk_size, len, error);
  fill(psk, psk_size);
  if (came_to == TLSOCK_OK) *len = 0;
  was_asked = true;
  return (int)came_to;
}

static int spoilt_server_key(void *userdata, const tlsock_connection *connection, const char *identity, uint8_t *psk,
                             size_t psk_size, size_t *len, tlsock_error **error) {
  server_key(userdata, connection, identity, psk, psk_size, len, error);
  fill(psk, psk_size);
  if (came_to == TLSOCK_OK) *len = 0;
  was_asked = true;
  return (int)came_to;
}

static void *one_step(void *object) {
  CHECK(tlsock_object_do_handshake(object, E) != TLSOCK_OK);
  return NULL;
}

// libssl has the place for the key in its frame, so that the stack it runs on is searched as well.
static void on_a_stack_that_is_searched(void *(*work)(void *), void *argument) {
  enum { SIZE = 1 << 20 };
  pthread_t thread;
  pthread_attr_t attributes;
  void *stack = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(stack != MAP_FAILED && pthread_attr_init(&attributes) == 0 &&
        pthread_attr_setstack(&attributes, stack, SIZE) == 0);
  CHECK(pthread_create(&thread, &attributes, work, argument) == 0 && pthread_join(thread, NULL) == 0);
  EQUAL(copies(&shared), 0);
  pthread_attr_destroy(&attributes);
  munmap(stack, SIZE);
}

// A callback that fails, or declines, may have written its key before.
static void keys_that_nobody_takes(void) {
  static const tlsock_status outcomes[] = {TLSOCK_VALUE, TLSOCK_OK};
  for (int i = 0; i < 8; i++) {
    bool of_server = i & 1;
    if (i & 2 && !tlsock_has(TLSOCK_HAS_PSK_TLS13)) continue;
    tlsock_context *client = NULL, *server = NULL;
    OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &client, E));
    OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &server, E));
    OK(tlsock_context_set_check_hostname(client, false, E));
    OK(tlsock_context_set_verify_mode(client, TLSOCK_CERT_NONE, E));
    only_version(client, i & 2 ? TLSOCK_TLS_VERSION_TLSV1_3 : TLSOCK_TLS_VERSION_TLSV1_2);
    OK(tlsock_context_set_ciphers(client, "PSK", E));
    OK(tlsock_context_set_ciphers(server, "PSK", E));
    OK(tlsock_context_set_psk_client_callback(client, of_server ? client_key : spoilt_client_key, NULL, NULL, E));
    OK(tlsock_context_set_psk_server_callback(server, of_server ? spoilt_server_key : server_key, NULL, NULL, NULL, E));
    came_to = outcomes[i / 4];
    was_given = was_asked = false;
    memory pair = memory_new(client, server, "localhost", NULL);
    while (!was_asked) {
      if (!of_server) {
        on_a_stack_that_is_searched(one_step, pair.client);
        one_step(pair.server);
        continue;
      }
      if (pair.client) one_step(pair.client);
      // Until it is freed, the client has the key for good reason.
      if (was_given) tlsock_object_free(pair.client), pair.client = NULL;
      on_a_stack_that_is_searched(one_step, pair.server);
    }
    memory_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

// ---- the key log ----

// The library's own copy of a line, with its newline. Only the file has it, nothing else in this process.
static void lines_of_the_key_log(void) {
  char path[600];
  size_t len;
  snprintf(path, sizeof path, "%s/wiped-%d.log", test_certs, (int)getpid());
  tlsock_context *client = new_client(TLSOCK_TLS_VERSION_TLSV1_3), *server = new_server("ecdsa", 0);
  OK(tlsock_context_set_keylog_filename(client, path, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  char *log = slurp(path, &len), *line = strstr(log, "CLIENT_TRAFFIC_SECRET_0 ");
  CHECK(line && unlink(path) == 0);
  secret one = mask((unsigned char *)strchr(line, '\n') - 32, 32);
  EQUAL(copies(&one), 1);
  forget(log, len);
  free(log);
  EQUAL(copies(&one), 0);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// ---- sessions ----

// A piece of the master secret, of 48 bytes, or 32 in AWS-LC's sessions of TLS 1.3. It follows the number of the cipher,
// of 2 bytes, and the id: all are octet strings.
static secret piece_of(const unsigned char *data, size_t len) {
  for (size_t i = 0; i + 84 <= len; i++) {
    const unsigned char *id = data + i + 4, *key = id + 2 + id[1] % 33;
    bool is_found = data[i] == 4 && data[i + 1] == 2 && id[0] == 4 && id[1] <= 32 && key[0] == 4;
    if (is_found && (key[1] == 48 || key[1] == 32)) return mask(key + 2 + (key[1] - 32) / 4, 32);
  }
  CHECK(!"no secret");
  return (secret){{0}, 0};
}

static void session_bytes(void) {
  static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};
  for (int i = 0; i < 2; i++) {
    tlsock_context *client = new_client(versions[i]), *server = new_server("ecdsa", versions[i]);
    // To make a ticket OpenSSL writes the session into memory that it frees as it is.
    OK(tlsock_context_set_options(server, tlsock_context_options(server) | TLSOCK_OP_NO_TICKET, E));
    memory pair = memory_new(client, server, "localhost", NULL);
    tlsock_session *session = NULL;
    tlsock_bytes data = {0};
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    memory_say(pair.server, pair.client, "hello");
    OK(tlsock_object_session(pair.client, &session, E));
    memory_free(&pair);
    tlsock_context_free(server);  // has the session too
    OK(tlsock_session_data(session, &data, E));
    secret one = piece_of(data.data, data.len);
    EQUAL(copies(&one), 2);  // the session's own, and the bytes
    data.len += 7;           // what is wiped does not go by it
    tlsock_bytes_free(&data);
    CHECK(!data.data && !data.len);
    EQUAL(copies(&one), 1);
    tlsock_session_free(session);
    tlsock_context_free(client);
    EQUAL(copies(&one), 0);
  }
}

// A cache of sessions is one more place to wipe.
static void kept_sessions(void) {
  static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};
  for (int i = 0; i < 2; i++) {
    int fds[2];
    tlsock_context *client = new_client(versions[i]), *server = new_server("ecdsa", versions[i]);
    OK(tlsock_context_set_options(server, tlsock_context_options(server) | TLSOCK_OP_NO_TICKET, E));
    OK(tlsock_context_set_client_session_cache(client, 4, E));
    tcp_pair(fds);
    wire pair = wire_over(fds, client, server, 0, NULL);
    wire_say(pair.server, pair.client, "hello");
    tlsock_session *session = NULL;
    tlsock_bytes data = {0};
    OK(tlsock_socket_session(pair.client, &session, E));
    OK(tlsock_session_data(session, &data, E));
    secret one = piece_of(data.data, data.len);
    tlsock_bytes_free(&data);
    tlsock_session_free(session);
    wire_free(&pair);
    tlsock_context_free(server);
    EQUAL(copies(&one), 1);
    OK(tlsock_context_set_client_session_cache(client, 0, E));
    EQUAL(copies(&one), 0);
    tlsock_context_free(client);
  }
}

TESTS(CASE(seen_when_there), CASE(seen_when_freed), CASE(shared_keys), CASE(keys_that_nobody_takes),
      CASE(lines_of_the_key_log), CASE(session_bytes), CASE(kept_sessions))
