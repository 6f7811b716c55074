// tlsock_object: Python's SSLObject, over memory buffers and through tlsock_object_pump.
#include "fixture.h"

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};
static const char *const version_names[] = {"TLSv1.2", "TLSv1.3"};

static memory connected(int version, const char *name) {
  tlsock_context *client = new_client(version), *server = new_server(name, version);
  memory pair = memory_new(client, server, "localhost", NULL);
  tlsock_context_free(client);
  tlsock_context_free(server);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  return pair;
}

static void conversation(void) {
  static const char *const names[] = {"rsa", "ecdsa", "ed25519"};
  for (int i = 0; i < 6; i++) {
    memory pair = connected(versions[i % 2], names[i / 2]);
    SAME_TEXT(tlsock_object_version(pair.client), version_names[i % 2]);
    SAME_TEXT(tlsock_object_version(pair.server), version_names[i % 2]);
    memory_say(pair.client, pair.server, "hello");
    memory_say(pair.server, pair.client, "hello yourself");
    OK(tlsock_object_do_handshake(pair.client, E));  // nothing left to do
    memory_free(&pair);
  }
}

static void before_handshake(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  tlsock_certificate *certificate = (tlsock_certificate *)&pair;
  tlsock_certificate_list *chain = NULL;
  tlsock_session *session = (tlsock_session *)&pair;
  tlsock_cipher cipher = {"x", "y", 3};
  tlsock_object *one = pair.client;
  CHECK(!tlsock_object_version(one) && !tlsock_object_compression(one));
  CHECK(!tlsock_object_selected_alpn_protocol(one) && !tlsock_object_selected_npn_protocol(one));
  CHECK(!tlsock_object_cipher(one, &cipher));
  SAME_TEXT(cipher.name, "x");
  OK(tlsock_object_session(one, &session, E));
  CHECK(!session);
  CHECK(!tlsock_object_session_reused(one));
  CHECK(!tlsock_object_group(one) && !tlsock_object_ech_outer_name(one));
  EQUAL(tlsock_object_ech_status(one), TLSOCK_ECH_STATUS_NONE);
  FAILS(TLSOCK_VALUE, "handshake not done yet", tlsock_object_getpeercert(one, &certificate, E));
  FAILS(TLSOCK_VALUE, "handshake not done yet", tlsock_object_peer_certificate(one, &certificate, E));
  CHECK(certificate == (tlsock_certificate *)&pair);
  OK(tlsock_object_get_verified_chain(one, &chain, E));
  EQUAL(tlsock_certificate_list_count(chain), 0);
  tlsock_certificate_list_free(chain);
  OK(tlsock_object_get_unverified_chain(one, &chain, E));
  EQUAL(tlsock_certificate_list_count(chain), 0);
  tlsock_certificate_list_free(chain);
  EQUAL(tlsock_object_pending(one), 0);
  CHECK(!tlsock_object_server_side(one) && tlsock_object_server_side(pair.server));
  SAME_TEXT(tlsock_object_server_hostname(one), "localhost");
  CHECK(!tlsock_object_server_hostname(pair.server));
  FAILS_FOR(TLSOCK_SSL, "SHUTDOWN_WHILE_IN_INIT", tlsock_object_unwrap(one, E));
  EQUAL(tlsock_error_code(LAST), TLSOCK_SSL_ERROR_SSL);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void after_handshake(void) {
  for (int i = 0; i < 2; i++) {
    memory pair = connected(versions[i], "ecdsa");
    tlsock_cipher client = {0}, server = {0};
    CHECK(tlsock_object_cipher(pair.client, &client) && tlsock_object_cipher(pair.server, &server));
    SAME_TEXT(client.name, i ? "TLS_AES_256_GCM_SHA384" : "ECDHE-ECDSA-AES256-GCM-SHA384");
    SAME_TEXT(client.protocol, version_names[i]);
    EQUAL(client.secret_bits, 256);
    SAME_TEXT(server.name, client.name);
    CHECK(tlsock_object_group(pair.client));
    SAME_TEXT(tlsock_object_group(pair.server), tlsock_object_group(pair.client));
    memory_free(&pair);
  }
}

static void records(void) {
  memory pair = connected(0, "ecdsa");
  size_t size = 1 << 20, got = 0, len;
  char *data = malloc(size), *back = malloc(size);
  for (size_t i = 0; i < size; i++) data[i] = (char)(i * 11 + i / 1000);
  OK(tlsock_object_write(pair.client, data, 30000, &len, E));
  EQUAL(len, 30000);
  OK(tlsock_object_read(pair.server, back, 1, &len, E));
  EQUAL(len, 1);
  EQUAL(tlsock_object_pending(pair.server), 16383);
  OK(tlsock_object_read(pair.server, back, size, &len, E));
  EQUAL(len, 16383);
  OK(tlsock_object_read(pair.server, back, size, &len, E));
  EQUAL(len, 13616);
  EQUAL(tlsock_object_read(pair.server, back, size, &len, E), TLSOCK_WANT_READ);
  OK(tlsock_object_write(pair.client, data, size, &len, E));
  EQUAL(len, size);
  while (got < size) {
    OK(tlsock_object_read(pair.server, back + got, size - got, &len, E));
    CHECK(len > 0 && len <= TLSOCK_RECORD_SIZE);
    got += len;
  }
  SAME_BYTES(back, got, data, size);
  OK(tlsock_object_write(pair.client, NULL, 0, &len, E));
  EQUAL(len, 0);
  OK(tlsock_object_read(pair.server, NULL, 0, &len, E));  // touches nothing
  EQUAL(len, 0);
  memory_free(&pair);
  free(data);
  free(back);
}

// Reading and writing do the handshake by themselves.
static void unasked(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  char buffer[10];
  size_t len = 77;
  EQUAL(tlsock_object_write(pair.client, "hello", 5, NULL, E), TLSOCK_WANT_READ);
  EQUAL(tlsock_object_read(pair.server, buffer, sizeof buffer, &len, E), TLSOCK_WANT_READ);
  EQUAL(len, 77);
  OK(tlsock_object_write(pair.client, "hello", 5, NULL, E));
  OK(tlsock_object_read(pair.server, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, "hello", 5);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void wrap_errors(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  tlsock_object *object = NULL;
  tlsock_bio *bio = NULL;
  OK(tlsock_bio_new(&bio, E));
  FAILS(TLSOCK_VALUE, "check_hostname requires server_hostname",
        tlsock_context_wrap_bio(client, bio, bio, 0, NULL, NULL, &object, E));
  OK(tlsock_context_wrap_bio(client, bio, bio, TLSOCK_WRAP_INSECURE_NO_HOSTNAME, NULL, NULL, &object, E));
  CHECK(!tlsock_object_server_hostname(object));
  tlsock_object_free(object);
  object = NULL;
  FAILS(TLSOCK_SSL, "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context",
        tlsock_context_wrap_bio(client, bio, bio, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &object, E));
  FAILS(TLSOCK_SSL, "Cannot create a client socket with a PROTOCOL_TLS_SERVER context",
        tlsock_context_wrap_bio(server, bio, bio, 0, "localhost", NULL, &object, E));
  const char *text = "server_hostname cannot be an empty string or start with a leading dot.";
  OK(tlsock_context_set_check_hostname(client, false, E));
  FAILS(TLSOCK_VALUE, text, tlsock_context_wrap_bio(client, bio, bio, 0, "", NULL, &object, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_wrap_bio(client, bio, bio, 0, ".example.org", NULL, &object, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_wrap_bio(client, bio, bio, 0, "a..b", NULL, &object, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_wrap_bio(client, bio, bio, 0x80000000u, "localhost", NULL, &object, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_wrap_bio(client, bio, NULL, 0, "localhost", NULL, &object, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_wrap_bio(client, NULL, bio, 0, "localhost", NULL, &object, E));
  CHECK(!object);
  OK(tlsock_context_wrap_bio(client, bio, bio, 0,
                             "b\xc3\xbc"
                             "cher.example",
                             NULL, &object, E));
  SAME_TEXT(tlsock_object_server_hostname(object), "xn--bcher-kva.example");
  tlsock_object_free(object);
  tlsock_bio_free(bio);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void any_order(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  tlsock_certificate *certificate = NULL;
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  OK(tlsock_object_getpeercert(pair.client, &certificate, E));
  tlsock_context_free(client);
  tlsock_context_free(server);
  memory_free(&pair);
  SAME_TEXT(tlsock_certificate_subject_text(certificate), "CN=localhost,O=tlsock");
  tlsock_certificate_free(certificate);
  tlsock_object_free(NULL);
}

static void userdata(void) {
  memory pair = connected(0, "ecdsa");
  CHECK(!tlsock_object_userdata(pair.client));
  tlsock_object_set_userdata(pair.client, &pair);
  CHECK(tlsock_object_userdata(pair.client) == &pair);
  tlsock_object_set_userdata(pair.client, NULL);
  CHECK(!tlsock_object_userdata(pair.client));
  memory_free(&pair);
}

// ---- the pump ----

typedef struct side {
  tlsock_object *object;
  unsigned char in[200000], out[200000];  // ciphertext to and from the engine
  size_t in_len;
} side;

// One call; moves what it made to the other side. Leaves what was not used where it was.
static tlsock_status pump(side *one, side *other, unsigned flags, const void *data, size_t *data_len, void *text,
                          size_t *text_len, size_t out_size) {
  tlsock_pump_result done;
  tlsock_status status = tlsock_object_pump(one->object, flags, one->in, one->in_len, data, *data_len, text, *text_len,
                                            one->out, out_size, &done, E);
  memmove(one->in, one->in + done.ciphertext_used, one->in_len - done.ciphertext_used);
  one->in_len -= done.ciphertext_used;
  CHECK(done.ciphertext_len <= out_size && other->in_len + done.ciphertext_len <= sizeof other->in);
  memcpy(other->in + other->in_len, one->out, done.ciphertext_len);
  other->in_len += done.ciphertext_len;
  *data_len = done.plaintext_used;
  *text_len = done.plaintext_len;
  return status;
}

static void pump_pair(side *client, side *server, int version, const char *name) {
  tlsock_context *one = new_client(version), *other = new_server(name, version);
  memset(client, 0, sizeof *client);
  memset(server, 0, sizeof *server);
  OK(tlsock_context_wrap_bio(one, NULL, NULL, 0, "localhost", NULL, &client->object, E));
  OK(tlsock_context_wrap_bio(other, NULL, NULL, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &server->object, E));
  tlsock_context_free(one);
  tlsock_context_free(other);
}

static void pump_talks(void) {
  static side client, server;
  static char data[100000], back[100000];
  for (size_t i = 0; i < sizeof data; i++) data[i] = (char)(i * 13 + i / 777);
  for (int i = 0; i < 4; i++) {
    size_t out_size = i < 2 ? 100 : sizeof client.out;  // through a keyhole, too
    size_t sent = 0, got = 0;
    pump_pair(&client, &server, versions[i % 2], "ecdsa");
    for (int turn = 0; turn < 20000 && got < sizeof data; turn++) {
      size_t used = sizeof data - sent, none = 0, len = sizeof back - got, no_text = 0;
      tlsock_status status = pump(&client, &server, 0, data + sent, &used, NULL, &no_text, out_size);
      CHECK(status == TLSOCK_OK || status == TLSOCK_WANT_READ || status == TLSOCK_WANT_WRITE);
      sent += used;
      status = pump(&server, &client, 0, NULL, &none, back + got, &len, out_size);
      CHECK(status == TLSOCK_OK || status == TLSOCK_WANT_READ || status == TLSOCK_WANT_WRITE);
      got += len;
    }
    SAME_BYTES(back, got, data, sizeof data);
    tlsock_object_free(client.object);
    tlsock_object_free(server.object);
  }
}

// The end of our data, the peer's answer to it, and the end without close_notify.
static void pump_ends(void) {
  static side client, server;
  char text[100];
  size_t none = 0, len = 0;
  tlsock_pump_result done;
  pump_pair(&client, &server, 0, "ecdsa");
  for (int turn = 0; turn < 6; turn++) {
    none = len = 0;
    pump(turn % 2 ? &server : &client, turn % 2 ? &client : &server, 0, NULL, &none, NULL, &len, sizeof client.out);
  }
  size_t five = 5;
  none = 0;
  OK(pump(&client, &server, TLSOCK_PUMP_CLOSE_WRITE, "hello", &five, NULL, &none, sizeof client.out));
  EQUAL(five, 5);
  none = 0, len = sizeof text;
  OK(pump(&server, &client, 0, NULL, &none, text, &len, sizeof server.out));
  SAME_BYTES(text, len, "hello", 5);
  OK(tlsock_object_pump(server.object, 0, server.in, server.in_len, NULL, 0, text, sizeof text, server.out,
                        sizeof server.out, &done, E));
  CHECK(done.peer_closed && done.handshake_done && done.plaintext_len == 0);
  five = 5, none = 0;
  OK(pump(&server, &client, 0, "reply", &five, NULL, &none, sizeof server.out));
  none = 0, len = sizeof text;
  OK(pump(&client, &server, 0, NULL, &none, text, &len, sizeof client.out));
  SAME_BYTES(text, len, "reply", 5);
  none = 0, len = sizeof text;
  EQUAL(pump(&client, &server, TLSOCK_PUMP_EOF, NULL, &none, text, &len, sizeof client.out), TLSOCK_EOF);
  tlsock_object_free(client.object);
  tlsock_object_free(server.object);
}

// A failure still fills the result, with the alert to send.
static void pump_fails(void) {
  static side client, server;
  size_t none = 0, len = 0;
  tlsock_pump_result done;
  pump_pair(&client, &server, 0, "expired");
  EQUAL(pump(&client, &server, 0, NULL, &none, NULL, &len, sizeof client.out), TLSOCK_WANT_READ);
  none = len = 0;
  EQUAL(pump(&server, &client, 0, NULL, &none, NULL, &len, sizeof server.out), TLSOCK_WANT_READ);
  none = len = 0;
  FAILS(TLSOCK_CERT_VERIFICATION, NULL, pump(&client, &server, 0, NULL, &none, NULL, &len, sizeof client.out));
  CHECK(server.in_len > 0);
  none = len = 0;
  FAILS_FOR(TLSOCK_SSL, "SSLV3_ALERT_CERTIFICATE_EXPIRED",
            pump(&server, &client, 0, NULL, &none, NULL, &len, sizeof server.out));
  memset(&done, 0xff, sizeof done);
  FAILS(TLSOCK_VALUE, NULL, tlsock_object_pump(NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, &done, E));
  CHECK(done.ciphertext_used == 0 && done.ciphertext_len == 0 && done.plaintext_len == 0 && !done.handshake_done);
  FAILS(TLSOCK_VALUE, NULL, tlsock_object_pump(client.object, 64, NULL, 0, NULL, 0, NULL, 0, NULL, 0, &done, E));
  tlsock_object_free(client.object);
  tlsock_object_free(server.object);
}

// One end has finished sending, and still reads.
static void half_closed(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  char buffer[10];
  size_t len = 7;
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  OK(tlsock_object_close_write(pair.client, E));
  OK(tlsock_object_read(pair.server, buffer, sizeof buffer, &len, E));
  EQUAL(len, 0);
  memory_say(pair.server, pair.client, "still heard");
  CHECK(tlsock_object_write(pair.client, "x", 1, NULL, E) != TLSOCK_OK);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

TESTS(CASE(conversation), CASE(before_handshake), CASE(after_handshake), CASE(records), CASE(unasked),
      CASE(wrap_errors), CASE(any_order), CASE(userdata), CASE(pump_talks), CASE(pump_ends), CASE(pump_fails),
      CASE(half_closed))
