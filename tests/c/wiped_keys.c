// Private keys and their passwords leave no copy behind, wherever they come from.
#include "wiped.h"

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

// Copies a file to a descriptor, and keeps nothing of it.
static void pour(const char *path, int into) {
  size_t len;
  char *data = slurp(path, &len);
  CHECK(write(into, data, len) == (ssize_t)len);
  forget(data, len);
  free(data);
}

// A file of this test alone, and its path, which lasts until the next call.
static int own_file(const char **path) {
  static char place[600];
  snprintf(place, sizeof place, "%s/wiped-%d.pem", test_certs, (int)getpid());
  *path = place;
  return open(place, O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

// A file of certificates may hold the key as well.
static void key_beside_its_certificate(void) {
  key one = pieces_of(cert("rsa.key"));
  const char *path;
  int file = own_file(&path);
  pour(cert("rsa.pem"), file);
  pour(cert("rsa.key"), file);
  close(file);
  tlsock_context *context = NULL;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &context, E));
  FAILS(TLSOCK_OS, "*", tlsock_context_load_cert_chain(context, path, "/nowhere", NULL, E));
  EQUAL(copies(&one.text), 0);
  OK(tlsock_context_load_cert_chain(context, path, NULL, NULL, E));
  CHECK(unlink(path) == 0);
  EQUAL(copies(&one.text), 0);
  tlsock_context_free(context);
  no_copies(&one);
}

// A pipe has no size: what was read is moved to a larger buffer more than once.
static void key_of_pipe(void) {
  key one = pieces_of(cert("rsa.key"));
  char line[64], path[40];
  int ends[2];
  CHECK(pipe(ends) == 0);
  pour(cert("rsa.key"), ends[1]);
  memset(line, '#', sizeof line);
  line[sizeof line - 1] = '\n';
  for (int i = 0; i < 400; i++) CHECK(write(ends[1], line, sizeof line) == sizeof line);
  close(ends[1]);
  snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
  tlsock_context *context = NULL;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &context, E));
  OK(tlsock_context_load_cert_chain(context, cert("rsa.pem"), path, NULL, E));
  close(ends[0]);
  EQUAL(copies(&one.text), 0);
  tlsock_context_free(context);
  no_copies(&one);
}

static void key_of_a_file_that_is_too_large(void) {
  key one = pieces_of(cert("rsa.key"));
  const char *path;
  int file = own_file(&path);
  pour(cert("rsa.key"), file);
  CHECK(ftruncate(file, (256 << 20) + 1) == 0);
  close(file);
  EQUAL(copies(&one.text), 0);
  tlsock_context *context = NULL;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &context, E));
  FAILS(TLSOCK_OS, "*", tlsock_context_load_cert_chain(context, cert("rsa.pem"), path, NULL, E));
  EQUAL(tlsock_error_os_errno(LAST), EFBIG);
  CHECK(unlink(path) == 0);
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

// A URI may hold the PIN of a token. OpenSSL itself leaves the whole of it in freed memory: it tries any URI as the name of a file
// and writes that into its error, so that only what others free is looked at.
static void pin_of_uri(void) {
  static const secret pin = {
      {'4' ^ MASK, '7' ^ MASK, '1' ^ MASK, '1' ^ MASK, '0' ^ MASK, '8' ^ MASK, '1' ^ MASK, '5' ^ MASK}, 8};
  char uri[120], certificates[4200], whole[4096], text[40];
  CHECK(realpath(cert("ecdsa.pem"), whole));
  snprintf(certificates, sizeof certificates, "file:%s", whole);
  EQUAL(freed(&pin), 0);
  for (int i = 0; i < 2; i++) {
    tlsock_identity *identity = NULL;
    int len = snprintf(uri, sizeof uri, "unserved:token=a-token;object=an-object;type=private?pin-value=");
    memcpy(uri + len, unmask(&pin, text), pin.len + 1);
    tlsock_status status = tlsock_identity_new_uri(i ? certificates : uri, i ? uri : NULL, NULL, &identity, E);
    forget(uri, sizeof uri);
    forget(text, sizeof text);
    EQUAL(status, TLSOCK_NOT_IMPLEMENTED);
    EQUAL(freed(&pin), 0);
  }
}

// ---- keys of tickets ----

// A part of the key that the files of ../table/ticket_keys.py have by a seed.
static secret part_of(int seed) {
  secret made = {{0}, 24};
  for (size_t i = 0; i < made.len; i++) made.masked[i] = (unsigned char)((size_t)seed + 7 * (i + 20)) ^ MASK;
  return made;
}

static void ticket_keys_of_files(void) {
  size_t len;
  char *text = slurp(cert("table/tickets/keys.80"), &len);
  const secret line = mask((const unsigned char *)text + 20, 32), parts[] = {part_of(1), part_of(3)};
  const char *raw = cert("table/tickets/3.80"), *lines = cert("table/tickets/keys.80");
  tlsock_context *context = NULL;
  forget(text, len);
  free(text);
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &context, E));
  EQUAL(copies(&parts[1]), 0);
  OK(tlsock_context_load_ticket_keys(context, TLSOCK_TICKET_KEYS_NGINX, &raw, 1, E));
  EQUAL(copies(&parts[1]), 1);  // the context has it
  OK(tlsock_context_load_ticket_keys(context, TLSOCK_TICKET_KEYS_HAPROXY, &lines, 1, E));
  EQUAL(copies(&parts[1]), 1);
  EQUAL(copies(&parts[0]), 0);  // four keys are there, and three count
  EQUAL(copies(&line), 0);
  tlsock_context_free(context);
  EQUAL(copies(&parts[1]), 0);
}

// ---- keys of Encrypted ClientHello ----

// A key of Encrypted ClientHello that is made here belongs to the caller alone.
static void key_of_ech(void) {
  if (!tlsock_has(TLSOCK_HAS_ECH)) return;
  tlsock_bytes keys = {NULL, 0}, configs = {NULL, 0};
  OK(tlsock_generate_ech_keys("other.example", 0, &keys, &configs, E));
  secret text = mask((const unsigned char *)strchr((const char *)keys.data, '\n') + 25, 32);
  EQUAL(copies(&text), 1);
  tlsock_context *server = new_server("ecdsa", 0);
  OK(tlsock_context_load_ech_keys(server, keys.data, keys.len, NULL, 0, E));
  EQUAL(copies(&text), 1);
  tlsock_bytes_free(&keys);
  tlsock_bytes_free(&configs);
  EQUAL(copies(&text), 0);
  tlsock_context_free(server);
  EQUAL(copies(&text), 0);
}

// ---- PKCS#12 ----

// The number of ecdsa.key: in its PKCS #8 there stands nothing of variable length before it.
static secret number_of_ecdsa(void) {
  enum { AT = 36 };
  size_t len, size = 0, bits = 0;
  unsigned char der[AT + 32];
  uint32_t held = 0;
  char *pem = slurp(cert("ecdsa.key"), &len);
  for (const char *at = strchr(pem, '\n'); size < sizeof der; at++) {
    if (value_of(*at) < 0) continue;
    held = held << 6 | (uint32_t)value_of(*at), bits += 6;
    if (bits >= 8) bits -= 8, der[size++] = (unsigned char)(held >> bits);
  }
  CHECK(der[AT - 2] == 4 && der[AT - 1] == 32);
  secret one = mask(der + AT, 32);
  forget(pem, len);
  forget(der, sizeof der);
  free(pem);
  return one;
}

// "wicked", which opens nothing.
static const secret wrong = {{'w' ^ MASK, 'i' ^ MASK, 'c' ^ MASK, 'k' ^ MASK, 'e' ^ MASK, 'd' ^ MASK}, 6};

// Reads a file, of whose password nothing is left then. (Of its form with two bytes for each letter, OpenSSL leaves a block in memory
// that it frees, from which it has made the key of the file's digest.)
static tlsock_status read_pkcs12(const char *name, size_t cut, const secret *one, tlsock_identity **identity) {
  size_t len;
  char text[40], *file = read_file(cert(name), &len);
  tlsock_status status = tlsock_identity_new_pkcs12(file, len - cut, unmask(one, text), identity, E);
  forget(text, sizeof text);
  free(file);
  EQUAL(copies(one), 0);
  return status;
}

static void pkcs12(void) {
  secret number = number_of_ecdsa(), limbs = mirrored(&number);
  EQUAL(copies(&number) + copies(&limbs), 0);
  tlsock_identity *identity = NULL;
  EQUAL(read_pkcs12("ecdsa.p12", 0, &password, &identity), TLSOCK_OK);
  CHECK(copies(&limbs) >= 1);
  CHECK(copies(&number) <= OPENSSL_LEAVES);
  tlsock_context *server = NULL, *client = new_client(0);
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &server, E));
  OK(tlsock_context_use_identity(server, identity, E));
  tlsock_identity_free(identity);
  CHECK(copies(&limbs) >= 1);  // the context has it
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
  EQUAL(copies(&limbs), 0);
  CHECK(copies(&number) <= OPENSSL_LEAVES);
}

// The key may have been read by then.
static void pkcs12_that_fails(void) {
  static const struct {
    const char *name;
    size_t cut;
    const secret *password;
  } cases[] = {{"ecdsa.p12", 0, &wrong},
               {"ecdsa.p12", 7, &password},
               {"ecdsa-key.p12", 0, &password},
               {"ecdsa-key.p12", 0, &wrong}};
  secret number = number_of_ecdsa(), limbs = mirrored(&number);
  int before = copies(&number);  // what OpenSSL has left of it in another test
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    tlsock_identity *identity = NULL;
    EQUAL(read_pkcs12(cases[i].name, cases[i].cut, cases[i].password, &identity), TLSOCK_SSL);
    CHECK(!identity);
    EQUAL(copies(&limbs), 0);
    CHECK(copies(&number) <= before + OPENSSL_LEAVES);
  }
}

TESTS(CASE(key_of_file), CASE(key_beside_its_certificate), CASE(key_of_memory), CASE(passwords), CASE(pin_of_uri),
      CASE(key_of_pipe), CASE(key_of_a_file_that_is_too_large), CASE(ticket_keys_of_files), CASE(pkcs12),
      CASE(pkcs12_that_fails), CASE(key_of_ech))
