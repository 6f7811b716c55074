// Clients of TLS 1.3 that put their last messages into one record, as some libraries do. A server's libssl has finished the
// handshake then by the time that it is asked for the verdict on the client, which counts as open nevertheless.
#include "craft.h"

#define CERTIFICATE_VERIFY 15
#define FINISHED 20
#define MOST 20000

// Passes on what a client sends, with the messages of a handshake that come together in one record.
typedef struct packer {
  craft from[2], to[2];  // the secrets of the handshake, and those of the data
  size_t epoch;
  unsigned char messages[MOST];
  size_t len;
  bool spoils;  // the client's signature
} packer;

static int learn(void *userdata, const tlsock_connection *connection, const char *line, tlsock_error **error) {
  static const char *const words[2] = {"CLIENT_HANDSHAKE_TRAFFIC_SECRET ", "CLIENT_TRAFFIC_SECRET_0 "};
  packer *own = userdata;
  (void)connection, (void)error;
  for (int i = 0; i < 2; i++) {
    if (strncmp(line, words[i], strlen(words[i])) != 0) continue;
    const char *hex = strrchr(line, ' ') + 1;
    craft *one = &own->from[i];
    one->secret_len = strlen(hex) / 2;
    for (size_t at = 0; at < one->secret_len; at++) sscanf(hex + 2 * at, "%2hhx", &one->secret[at]);
    craft_keys(one);
    own->to[i] = *one;
  }
  return TLSOCK_OK;
}

// Decrypts a record; gives its content's length and type.
static size_t open_record(craft *one, const unsigned char *record, size_t len, unsigned char *out, int *type) {
  unsigned char nonce[12];
  int part = 0;
  size_t inner = len - 5 - 16;
  memcpy(nonce, one->iv, sizeof nonce);
  for (int i = 0; i < 8; i++) nonce[11 - i] ^= (unsigned char)(one->sequence >> (8 * i));
  one->sequence++;
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
  CHECK(EVP_DecryptInit_ex(cipher, one->secret_len == 48 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(), NULL, one->key, nonce));
  CHECK(EVP_DecryptUpdate(cipher, NULL, &part, record, 5) == 1);
  CHECK(EVP_DecryptUpdate(cipher, out, &part, record + 5, (int)inner) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, 16, (void *)(record + len - 16)) == 1);
  CHECK(EVP_DecryptFinal_ex(cipher, out + inner, &part) == 1);
  EVP_CIPHER_CTX_free(cipher);
  while (inner > 0 && out[inner - 1] == 0) inner--;
  *type = out[inner - 1];
  return inner - 1;
}

static void seal(packer *own, int type, const void *data, size_t len, tlsock_bio *to) {
  unsigned char record[MOST + 100];
  OK(tlsock_bio_write(to, record, craft_record(&own->to[own->epoch], type, data, len, record), E));
}

// Whether the messages so far end the client's part.
static bool is_whole(packer *own) {
  for (size_t at = 0; at + 4 <= own->len;) {
    size_t len = (size_t)own->messages[at + 1] << 16 | (size_t)own->messages[at + 2] << 8 | own->messages[at + 3];
    if (own->spoils && own->messages[at] == CERTIFICATE_VERIFY) own->messages[at + 20] ^= 1, own->spoils = false;
    if (own->messages[at] == FINISHED) return true;
    at += 4 + len;
  }
  return false;
}

static void pass(packer *own, tlsock_bio *from, tlsock_bio *to) {
  unsigned char bytes[MOST], plain[MOST];
  size_t len = 0, at = 0;
  OK(tlsock_bio_read(from, bytes, sizeof bytes, &len, E));
  while (at + 5 <= len) {
    size_t size = 5 + ((size_t)bytes[at + 3] << 8 | bytes[at + 4]);
    if (bytes[at] != 23) {
      OK(tlsock_bio_write(to, bytes + at, size, E));
    } else {
      int type = 0;
      size_t inner = open_record(&own->from[own->epoch], bytes + at, size, plain, &type);
      if (type == HANDSHAKE) {
        memcpy(own->messages + own->len, plain, inner), own->len += inner;
        if (is_whole(own)) seal(own, HANDSHAKE, own->messages, own->len, to), own->len = 0, own->epoch = 1;
      } else {
        seal(own, type, plain, inner, to);
      }
    }
    at += size;
  }
}

typedef struct stage {
  tlsock_context *client, *server;
  memory pair;
  tlsock_bio *sent;  // by the client, before it is packed
  packer packer;
  int asked;
  tlsock_status answer;
} stage;

static int judge(void *userdata, const tlsock_connection *connection, const tlsock_verification *seen,
                 tlsock_error **error) {
  stage *own = userdata;
  (void)connection, (void)error;
  EQUAL(tlsock_verification_code(seen), 0);
  own->asked++;
  return own->answer;
}

// A client with a certificate, after its handshake; with `later` the server has not asked for it yet.
static void open_stage(stage *one, bool later, bool spoils) {
  memset(one, 0, sizeof *one);
  one->answer = TLSOCK_WANT_CALLBACK;
  one->packer.spoils = spoils;
  one->client = new_client(TLSOCK_TLS_VERSION_TLSV1_3);
  one->server = new_server("ecdsa", TLSOCK_TLS_VERSION_TLSV1_3);
  OK(tlsock_context_load_cert_chain(one->client, cert("client.pem"), cert("client.key"), NULL, E));
  OK(tlsock_context_load_verify_locations(one->server, cert("ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_set_verify_mode(one->server, later ? TLSOCK_CERT_OPTIONAL : TLSOCK_CERT_REQUIRED, E));
  if (tlsock_has(TLSOCK_HAS_PHA)) {
    OK(tlsock_context_set_post_handshake_auth(one->client, later, E));
    OK(tlsock_context_set_post_handshake_auth(one->server, later, E));
  }
  OK(tlsock_context_set_verify_callback(one->server, 0, judge, one, NULL, E));
  OK(tlsock_context_set_keylog_callback(one->client, learn, &one->packer, NULL, E));
  one->pair = memory_new(one->client, one->server, "localhost", NULL);
  tlsock_object_free(one->pair.client);
  OK(tlsock_bio_new(&one->sent, E));
  OK(tlsock_context_wrap_bio(one->client, one->pair.down, one->sent, 0, "localhost", NULL, &one->pair.client, E));
  EQUAL(tlsock_object_do_handshake(one->pair.client, E), TLSOCK_WANT_READ);
  pass(&one->packer, one->sent, one->pair.up);
  EQUAL(tlsock_object_do_handshake(one->pair.server, E), TLSOCK_WANT_READ);
  OK(tlsock_object_do_handshake(one->pair.client, E));
  pass(&one->packer, one->sent, one->pair.up);
}

static void close_stage(stage *one) {
  memory_free(&one->pair);
  tlsock_bio_free(one->sent);
  tlsock_context_free(one->client);
  tlsock_context_free(one->server);
}

static void say_early(stage *one) {
  OK(tlsock_object_write(one->pair.client, "early", 5, NULL, E));
  pass(&one->packer, one->sent, one->pair.up);
}

typedef enum call { SHAKE, READ, WRITE, PUMP, CALLS } call;

static tlsock_status make(tlsock_object *server, call what) {
  char buffer[100];
  size_t len = 0;
  tlsock_pump_result result;
  switch (what) {
  case SHAKE: return tlsock_object_do_handshake(server, E);
  case READ: return tlsock_object_read(server, buffer, sizeof buffer, &len, E);
  case WRITE: return tlsock_object_write(server, "secret", 6, NULL, E);
  default:;
    tlsock_status status =
        tlsock_object_pump(server, 0, NULL, 0, "secret", 6, buffer, sizeof buffer, NULL, 0, &result, E);
    CHECK(!result.handshake_done && result.plaintext_used == 0 && result.plaintext_len == 0);
    return status;
  }
}

// Whichever call finds the verdict open, it is one, and nothing has been sent or given out.
static void assert_open(stage *one) {
  tlsock_certificate *certificate = NULL;
  tlsock_session *session = NULL;
  int code = 0;
  for (int what = SHAKE; what < CALLS; what++) {
    EQUAL(make(one->pair.server, what), TLSOCK_WANT_CALLBACK);
    EQUAL(tlsock_bio_pending(one->pair.down), 0);
    CHECK(tlsock_object_version(one->pair.server) == NULL);
    FAILS(TLSOCK_VALUE, "handshake not done yet", tlsock_object_verify_result(one->pair.server, &code, E));
    FAILS(TLSOCK_VALUE, NULL, tlsock_object_getpeercert(one->pair.server, &certificate, E));
    OK(tlsock_object_session(one->pair.server, &session, E));
    CHECK(session == NULL);
    FAILS(TLSOCK_SSL, "[SSL: SHUTDOWN_WHILE_IN_INIT] shutdown while in init", tlsock_object_unwrap(one->pair.server, E));
  }
}

static void accepted(void) {
  stage one;
  for (int first = SHAKE; first < CALLS; first++) {
    open_stage(&one, false, false);
    say_early(&one);
    EQUAL(make(one.pair.server, first), TLSOCK_WANT_CALLBACK);
    EQUAL(one.asked, 1);
    assert_open(&one);
    one.answer = TLSOCK_OK;
    OK(tlsock_object_do_handshake(one.pair.server, E));
    char buffer[10];
    size_t len = 0;
    OK(tlsock_object_read(one.pair.server, buffer, sizeof buffer, &len, E));
    SAME_BYTES(buffer, len, "early", 5);
    memory_say(one.pair.server, one.pair.client, "welcome");
    int code = -1;
    OK(tlsock_object_verify_result(one.pair.server, &code, E));
    EQUAL(code, 0);
    close_stage(&one);
  }
}

// What the client reads in place of data.
static void assert_refused(stage *one) {
  char buffer[10];
  size_t len = 0;
  FAILS(TLSOCK_SSL, NULL, tlsock_object_read(one->pair.client, buffer, sizeof buffer, &len, E));
  CHECK(tlsock_error_alert_received(LAST) > 0);
  printf("the client is told: %s\n", tlsock_error_message(LAST));
}

static void refused(void) {
  stage one;
  for (int first = SHAKE; first < CALLS; first++) {
    open_stage(&one, false, false);
    say_early(&one);
    EQUAL(make(one.pair.server, first), TLSOCK_WANT_CALLBACK);
    assert_open(&one);
    one.answer = TLSOCK_VALUE;
    FAILS(TLSOCK_CERT_VERIFICATION, NULL, make(one.pair.server, first));
    CHECK(tlsock_error_alert_sent(LAST) > 0);
    assert_refused(&one);
    FAILS(TLSOCK_CERT_VERIFICATION, NULL, make(one.pair.server, READ));
    close_stage(&one);
  }
}

// A signature that is bad ends it at once, and nobody is asked again. AWS-LC looks at it once the program has decided.
static void bad(void) {
  stage one;
  for (int first = SHAKE; first < CALLS; first++) {
    open_stage(&one, false, true);
    if (is_aws_lc()) {
      EQUAL(make(one.pair.server, first), TLSOCK_WANT_CALLBACK);
      one.answer = TLSOCK_OK;
    }
    FAILS(TLSOCK_SSL, NULL, make(one.pair.server, first));
    assert_refused(&one);
    one.answer = TLSOCK_OK;
    for (int what = SHAKE; what < CALLS; what++) {
      int status = make(one.pair.server, what);
      CHECK(status != TLSOCK_OK && status != TLSOCK_WANT_CALLBACK);
      CHECK(tlsock_object_version(one.pair.server) == NULL);
    }
    EQUAL(one.asked, is_aws_lc() ? 2 : 1);
    close_stage(&one);
  }
}

static void asked_later(void) {
  if (!tlsock_has(TLSOCK_HAS_PHA)) return;
  for (int refuses = 0; refuses < 2; refuses++) {
    stage one;
    char buffer[10];
    size_t len = 0;
    open_stage(&one, true, false);
    OK(tlsock_object_do_handshake(one.pair.server, E));
    OK(tlsock_object_verify_client_post_handshake(one.pair.server, E));
    memory_say(one.pair.server, one.pair.client, "who?");
    say_early(&one);
    EQUAL(one.asked, 0);
    EQUAL(make(one.pair.server, READ), TLSOCK_WANT_CALLBACK);
    for (int i = 0; i < 3; i++) {
      EQUAL(make(one.pair.server, i % 2 ? WRITE : READ), TLSOCK_WANT_CALLBACK);
      EQUAL(tlsock_bio_pending(one.pair.down), 0);
    }
    one.answer = refuses ? TLSOCK_VALUE : TLSOCK_OK;
    if (refuses) {
      FAILS(TLSOCK_CERT_VERIFICATION, NULL, make(one.pair.server, READ));
      assert_refused(&one);
    } else {
      OK(tlsock_object_read(one.pair.server, buffer, sizeof buffer, &len, E));
      SAME_BYTES(buffer, len, "early", 5);
      memory_say(one.pair.server, one.pair.client, "welcome");
    }
    close_stage(&one);
  }
}

// ---- all within one call ----

static stage *pumped;

// Has the client answer in the middle of the server's call.
static int answer_meanwhile(void *userdata, const tlsock_connection *connection, const char *line, tlsock_error **error) {
  (void)userdata, (void)connection, (void)line, (void)error;
  tlsock_object_do_handshake(pumped->pair.client, NULL);
  pass(&pumped->packer, pumped->sent, pumped->pair.up);
  return TLSOCK_OK;
}

static int choose(void *userdata, const tlsock_connection *connection, const char *name, tlsock_context *context,
                  tlsock_error **error) {
  (void)name, (void)context;
  return tlsock_object_set_context(connection->object, userdata, error) ? -1 : 0;
}

// A write is the first call, and the context that judges is chosen within it.
static void a_write_that_shakes_hands(void) {
  stage one = {.answer = TLSOCK_WANT_CALLBACK};
  pumped = &one;
  one.client = new_client(TLSOCK_TLS_VERSION_TLSV1_3);
  one.server = new_server("ecdsa", TLSOCK_TLS_VERSION_TLSV1_3);
  tlsock_context *first = new_server("ecdsa", TLSOCK_TLS_VERSION_TLSV1_3);
  OK(tlsock_context_load_cert_chain(one.client, cert("client.pem"), cert("client.key"), NULL, E));
  OK(tlsock_context_load_verify_locations(one.server, cert("ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_set_verify_mode(one.server, TLSOCK_CERT_REQUIRED, E));
  OK(tlsock_context_set_verify_callback(one.server, 0, judge, &one, NULL, E));
  OK(tlsock_context_set_keylog_callback(one.client, learn, &one.packer, NULL, E));
  OK(tlsock_context_set_keylog_callback(one.server, answer_meanwhile, NULL, NULL, E));
  OK(tlsock_context_set_keylog_callback(first, answer_meanwhile, NULL, NULL, E));
  OK(tlsock_context_set_sni_callback(first, choose, one.server, NULL, E));
  one.pair = memory_new(one.client, first, "localhost", NULL);
  tlsock_object_free(one.pair.client);
  OK(tlsock_bio_new(&one.sent, E));
  OK(tlsock_context_wrap_bio(one.client, one.pair.down, one.sent, 0, "localhost", NULL, &one.pair.client, E));
  EQUAL(tlsock_object_do_handshake(one.pair.client, E), TLSOCK_WANT_READ);
  pass(&one.packer, one.sent, one.pair.up);
  char buffer[10];
  size_t len = 0;
  // AWS-LC tells its keys before it writes what they are for, so that a client has no answer within the call.
  if (is_aws_lc()) {
    EQUAL(make(one.pair.server, WRITE), TLSOCK_WANT_READ);
    EQUAL(answer_meanwhile(NULL, NULL, NULL, NULL), TLSOCK_OK);
  }
  for (int i = 0; i < 3; i++) {
    EQUAL(make(one.pair.server, WRITE), TLSOCK_WANT_CALLBACK);
    EQUAL(tlsock_object_read(one.pair.client, buffer, sizeof buffer, &len, E), TLSOCK_WANT_READ);
  }
  one.answer = TLSOCK_OK;
  OK(make(one.pair.server, WRITE));
  OK(tlsock_object_read(one.pair.client, buffer, sizeof buffer, &len, E));
  SAME_BYTES(buffer, len, "secret", 6);
  close_stage(&one);
  tlsock_context_free(first);
}

TESTS(CASE(accepted), CASE(refused), CASE(bad), CASE(asked_later), CASE(a_write_that_shakes_hands))
