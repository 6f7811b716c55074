// Secrets leave no copy behind: the memory of this process is searched for them, once they should be gone.
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>

#include "fixture.h"

enum { CHUNK = 1 << 20, MASK = 0x5a, OPENSSL_LEAVES = 2 };

// What is searched for is never in memory as it is: each byte is masked.
typedef struct secret {
  unsigned char masked[32];
  size_t len;
} secret;

static secret mask(const unsigned char *bytes, size_t len) {
  secret made = {{0}, len};
  CHECK(len >= 6 && len <= sizeof made.masked);
  for (size_t i = 0; i < len; i++) made.masked[i] = bytes[i] ^ MASK;
  return made;
}

// The test's own copy, to be forgotten after the call.
static char *unmask(const secret *one, char *text) {
  for (size_t i = 0; i < one->len; i++) text[i] = (char)(one->masked[i] ^ MASK);
  text[one->len] = '\0';
  return text;
}

static secret mirrored(const secret *one) {
  secret made = {{0}, one->len};
  for (size_t i = 0; i < one->len; i++) made.masked[i] = one->masked[one->len - 1 - i];
  return made;
}

// A whole file and a NUL, without stdio, whose buffer would keep it.
static char *slurp(const char *path, size_t *len) {
  enum { ROOM = 1 << 14 };
  int file = open(path, O_RDONLY);
  char *data = calloc(1, ROOM);
  CHECK(file >= 0 && data);
  ssize_t got = read(file, data, ROOM - 1);
  CHECK(got > 0 && got < ROOM - 1);
  close(file);
  *len = (size_t)got;
  return data;
}

static void forget(void *data, size_t len) {
  volatile unsigned char *bytes = data;
  while (len--) bytes[len] = 0;
}

static bool is_at(const secret *one, const unsigned char *bytes) {
  for (size_t i = 0; i < one->len; i++) {
    if ((bytes[i] ^ MASK) != one->masked[i]) return false;
  }
  return true;
}

static int count_in(int memory, const secret *one, unsigned char *chunk, uintptr_t from, uintptr_t to) {
  int found = 0;
  while (from + one->len <= to) {
    ssize_t got = pread(memory, chunk, to - from < CHUNK ? to - from : CHUNK, (off_t)from);
    if (got < (ssize_t)one->len) break;
    for (size_t i = 0; i + one->len <= (size_t)got; i++) found += is_at(one, chunk + i);
    from += (size_t)got - one->len + 1;
  }
  return found;
}

// How often a secret is in memory that this process can write. Not in the stack: OpenSSL leaves passwords in the frames
// of functions that have returned, until others come there.
static int copies(const secret *one) {
  static char line[512];
  unsigned char *chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int memory = open("/proc/self/mem", O_RDONLY), found = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  CHECK(chunk != MAP_FAILED && memory >= 0 && maps);
  while (fgets(line, sizeof line, maps)) {
    unsigned long from, to;
    char rights[5];
    if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) != 3 || rights[1] != 'w' || strstr(line, "[stack]")) continue;
    // A mapping next to this one may have been joined with it.
    uintptr_t own = (uintptr_t)chunk;
    if (own >= from && own < to) {
      found += count_in(memory, one, chunk, from, own) + count_in(memory, one, chunk, own + CHUNK, to);
    } else {
      found += count_in(memory, one, chunk, from, to);
    }
  }
  fclose(maps);
  close(memory);
  munmap(chunk, CHUNK);
  return found;
}

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

// ---- keys and passwords ----

static int value_of(char letter) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const char *at = letter ? strchr(letters, letter) : NULL;
  return at ? (int)(at - letters) : -1;
}

typedef struct key {
  secret text, number;  // a piece of its PEM, a piece of a number of its
} key;

// Takes the pieces out of the middle of a PKCS #8 file, which is where an RSA key has its private exponent.
static key pieces_of(const char *path) {
  size_t len;
  char *pem = slurp(path, &len);
  unsigned char der[2048];
  size_t size = 0, bits = 0;
  uint32_t held = 0;
  for (const char *at = strchr(pem, '\n'); *at && *at != '-'; at++) {
    if (value_of(*at) < 0) continue;
    held = held << 6 | (uint32_t)value_of(*at), bits += 6;
    if (bits >= 8) bits -= 8, der[size++] = (unsigned char)(held >> bits);
  }
  const char *line = pem;
  for (int i = 0; i < 9; i++) line = strchr(line, '\n') + 1;
  key made = {mask((const unsigned char *)line, 32), mask(der + 400, 24)};
  forget(pem, len);
  forget(der, sizeof der);
  free(pem);
  return made;
}

// Checks for the file's text and for the numbers that OpenSSL works with. (OpenSSL itself leaves the key's DER in freed memory:
// OPENSSL_LEAVES copies for each key that is read.)
static void no_copies(const key *one) {
  secret limbs = mirrored(&one->number);
  EQUAL(copies(&one->text), 0);
  EQUAL(copies(&limbs), 0);
}

static void key_of_file(void) {
  key one = pieces_of(cert("rsa.key"));
  secret limbs = mirrored(&one.number);
  no_copies(&one);
  int before = copies(&one.number);  // what OpenSSL has left of it in another test
  tlsock_context *context = new_server("rsa", 0);
  CHECK(copies(&limbs) >= 1);  // the context has it, as OpenSSL writes numbers
  EQUAL(copies(&one.text), 0);
  CHECK(copies(&one.number) <= before + OPENSSL_LEAVES);
  tlsock_context *client = new_client(0);
  memory pair = memory_new(client, context, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(context);
  no_copies(&one);
}

// A file of certificates may hold the key as well.
static void key_beside_its_certificate(void) {
  key one = pieces_of(cert("rsa.key"));
  char path[600];
  size_t lens[2];
  char *parts[] = {read_file(cert("rsa.pem"), &lens[0]), slurp(cert("rsa.key"), &lens[1])};
  snprintf(path, sizeof path, "%s/wiped-%d.pem", test_certs, (int)getpid());
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  for (int i = 0; i < 2; i++) CHECK(write(file, parts[i], lens[i]) == (ssize_t)lens[i]);
  close(file);
  forget(parts[1], lens[1]);
  free(parts[0]), free(parts[1]);
  tlsock_context *context = NULL;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &context, E));
  OK(tlsock_context_load_cert_chain(context, path, NULL, NULL, E));
  CHECK(unlink(path) == 0);
  EQUAL(copies(&one.text), 0);
  tlsock_context_free(context);
  no_copies(&one);
}

static void key_of_memory(void) {
  key one = pieces_of(cert("rsa.key"));
  size_t cert_len, key_len;
  char *chain = read_file(cert("rsa.pem"), &cert_len), *pem = slurp(cert("rsa.key"), &key_len);
  tlsock_context *context = NULL;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &context, E));
  EQUAL(copies(&one.text), 1);
  OK(tlsock_context_load_cert_chain_data(context, chain, cert_len, pem, key_len, NULL, E));
  EQUAL(copies(&one.text), 1);  // still the caller's only
  forget(pem, key_len);
  EQUAL(copies(&one.text), 0);
  free(chain), free(pem);
  tlsock_context_free(context);
  no_copies(&one);
}

static int give_password(void *userdata, uint8_t *buffer, size_t size, size_t *len, tlsock_error **error) {
  const secret *one = userdata;
  (void)error;
  CHECK(size >= one->len);
  for (size_t i = 0; i < one->len; i++) buffer[i] = one->masked[i] ^ MASK;
  *len = one->len;
  return TLSOCK_OK;
}

// "sesame", which the code does not hold as it is.
static const secret password = {{'s' ^ MASK, 'e' ^ MASK, 's' ^ MASK, 'a' ^ MASK, 'm' ^ MASK, 'e' ^ MASK}, 6};

static void passwords(void) {
  key one = pieces_of(cert("rsa.key"));
  char text[40];
  EQUAL(copies(&password), 0);
  for (int i = 0; i < 2; i++) {
    tlsock_context *context = NULL;
    OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &context, E));
    if (i) OK(tlsock_context_set_password_callback(context, give_password, (void *)(uintptr_t)&password, NULL, E));
    tlsock_status status = tlsock_context_load_cert_chain(context, cert("rsa.pem"), cert("rsa-encrypted.key"),
                                                          i ? NULL : unmask(&password, text), E);
    forget(text, sizeof text);
    EQUAL(status, TLSOCK_OK);
    EQUAL(copies(&password), 0);
    tlsock_context_free(context);
    no_copies(&one);
  }
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
  for (int i = 0; i < 2; i++) {
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

// A piece of the master secret, which follows the id: both are octet strings, of 32 and of 48 bytes.
static secret piece_of(const unsigned char *data, size_t len) {
  for (size_t i = 0; i + 84 <= len; i++) {
    if (data[i] == 4 && data[i + 1] == 32 && data[i + 34] == 4 && data[i + 35] == 48) return mask(data + i + 40, 32);
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

TESTS(CASE(seen_when_there), CASE(key_of_file), CASE(key_beside_its_certificate), CASE(key_of_memory), CASE(passwords),
      CASE(shared_keys), CASE(keys_that_nobody_takes), CASE(lines_of_the_key_log), CASE(session_bytes))
