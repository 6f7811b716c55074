// The n-th allocation of the process fails, ours as well as OpenSSL's, once or from then on: each call then ends with
// NO_MEMORY, or with what it gives otherwise. Rust's standard library ends the process where a small allocation of its
// own fails, and the C library where it cannot note what is to be dropped at the end of a thread: counted, and nothing larger
// may end so. With memory there again everything works.
//
// usage: memory CERTS EVERY-HOW-MANY [PART-OF-A-NAME]
#define _GNU_SOURCE
#include <signal.h>

#include "memory.h"
#include "spread.h"
#include "fleet.h"

// What Rust's library may not get without the end of the process.
#define SMALL 1024

// A call that ends with `expected`, unless memory is short. What comes behind one that failed is not called.
#define STEP(expected, call) \
  do { \
    if (told->status != TLSOCK_OK) break; \
    tlsock_error *error = NULL; \
    told->step = __LINE__; \
    armed = true; \
    int said = (int)(call); \
    armed = false; \
    if (said != (expected)) { \
      told->status = said; \
      told->told = error != NULL && (int)tlsock_error_status(error) == said && tlsock_error_message(error)[0]; \
    } \
    tlsock_error_free(error); \
  } while (0)

static char *chain, *key, *authority, *lists, *large;
static size_t chain_len, key_len, authority_len, lists_len;
enum { LARGE = 1 << 20 };

static void shake(tlsock_object *client, tlsock_object *server) {
  bool ready[2] = {false, false};
  for (int i = 0; i < 40 && told->status == TLSOCK_OK && !(ready[0] && ready[1]); i++) {
    tlsock_error *error = NULL;
    told->step = __LINE__;
    armed = true;
    int said = tlsock_object_do_handshake(i % 2 ? server : client, &error);
    armed = false;
    if (said == TLSOCK_OK) ready[i % 2] = true;
    else if (said != TLSOCK_WANT_READ && said != TLSOCK_WANT_CALLBACK) {
      told->status = said;
      told->told = error != NULL && (int)tlsock_error_status(error) == said;
      told->threadless = said == TLSOCK_OS && strstr(tlsock_error_message(error), "no thread");
    }
    tlsock_error_free(error);
  }
}

static void conversation(void) {
  tlsock_context *client = NULL, *server = NULL;
  tlsock_bio *up = NULL, *down = NULL;
  tlsock_object *from = NULL, *to = NULL;
  tlsock_session *session = NULL, *kept = NULL;
  tlsock_certificate *peer = NULL;
  tlsock_certificate_list *verified = NULL;
  tlsock_bytes data = {NULL, 0}, print = {NULL, 0};
  const char *json = NULL, *protocols[] = {"h2", "http/1.1"};
  static char buffer[4096];
  size_t len = 0;
  STEP(TLSOCK_OK, tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, NULL, NULL, authority, authority_len, &client, &error));
  STEP(TLSOCK_SSL, tlsock_context_set_ciphers(client, "there is no such cipher", &error));
  STEP(TLSOCK_VALUE, tlsock_context_set_groups(client, "P-256:X25518", &error));
  STEP(TLSOCK_VALUE, tlsock_context_set_verify_mode(client, 77, &error));
  STEP(TLSOCK_OK, tlsock_context_set_alpn_protocols(client, protocols, 2, &error));
  STEP(TLSOCK_OK, tlsock_create_default_context(TLSOCK_PURPOSE_CLIENT_AUTH, NULL, NULL, NULL, 0, &server, &error));
  STEP(TLSOCK_OK, tlsock_context_load_cert_chain_data(server, chain, chain_len, key, key_len, NULL, &error));
  STEP(TLSOCK_OK, tlsock_bio_new(&up, &error));
  STEP(TLSOCK_OK, tlsock_bio_new(&down, &error));
  STEP(TLSOCK_OK, tlsock_context_wrap_bio(client, down, up, 0, "localhost", NULL, &from, &error));
  STEP(TLSOCK_OK, tlsock_context_wrap_bio(server, up, down, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &to, &error));
  shake(from, to);
  STEP(TLSOCK_OK, tlsock_object_write(from, large, 40000, NULL, &error));
  STEP(TLSOCK_OK, tlsock_object_read(to, buffer, sizeof buffer, &len, &error));
  STEP(TLSOCK_OK, tlsock_object_write(to, large, 100, NULL, &error));
  STEP(TLSOCK_OK, tlsock_object_read(from, buffer, sizeof buffer, &len, &error));
  STEP(TLSOCK_OK, tlsock_object_session(from, &session, &error));
  STEP(TLSOCK_OK, tlsock_session_data(session, &data, &error));
  STEP(TLSOCK_OK, tlsock_session_new_data(client, data.data, data.len, &kept, &error));
  STEP(TLSOCK_OK, tlsock_object_get_verified_chain(from, &verified, &error));
  STEP(TLSOCK_OK, tlsock_object_peer_certificate(from, &peer, &error));
  STEP(TLSOCK_OK, tlsock_certificate_json(peer, &json, &error));
  STEP(TLSOCK_OK, tlsock_certificate_fingerprint(peer, NULL, &print, &error));
  STEP(TLSOCK_OK, tlsock_bio_write(up, large, LARGE, &error));
  STEP(TLSOCK_SSL, tlsock_object_read(to, buffer, 1, &len, &error) == TLSOCK_OK ? TLSOCK_SSL : TLSOCK_OK);
  tlsock_bytes_free(&data), tlsock_bytes_free(&print);
  tlsock_session_free(session), tlsock_session_free(kept);
  tlsock_certificate_free(peer), tlsock_certificate_list_free(verified);
  tlsock_object_free(from), tlsock_object_free(to);
  tlsock_bio_free(up), tlsock_bio_free(down);
  tlsock_context_free(client), tlsock_context_free(server);
}

// ---- whom a context believes ----

// Says TYPE, which memory is no reason for, where a trust store holds other things than these.
static int holds(tlsock_context *context, size_t certificates, size_t crls, tlsock_error **error) {
  tlsock_cert_store_stats stats = {0, 0, 0};
  int said = tlsock_context_cert_store_stats(context, &stats, error);
  if (said != TLSOCK_OK) return said;
  return stats.x509 == certificates && stats.crl == crls ? TLSOCK_OK : TLSOCK_TYPE;
}

// A connection is made in between, so that the store is searched and gives way to another.
static void trust(void) {
  tlsock_context *context = NULL;
  tlsock_object *object = NULL;
  STEP(TLSOCK_OK, tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &context, &error));
  STEP(TLSOCK_OK, tlsock_context_load_verify_locations(context, NULL, NULL, authority, authority_len, &error));
  STEP(TLSOCK_OK, tlsock_context_load_verify_locations(context, NULL, NULL, chain, chain_len, &error));
  STEP(TLSOCK_OK, holds(context, 3, 0, &error));
  STEP(TLSOCK_OK, tlsock_context_wrap_bio(context, NULL, NULL, 0, "localhost", NULL, &object, &error));
  STEP(TLSOCK_OK, tlsock_context_set_crl_data(context, lists, lists_len, &error));
  STEP(TLSOCK_OK, holds(context, 3, 2, &error));
  tlsock_object_free(object), object = NULL;
  STEP(TLSOCK_OK, tlsock_context_wrap_bio(context, NULL, NULL, 0, "localhost", NULL, &object, &error));
  STEP(TLSOCK_OK, tlsock_context_load_verify_locations(context, NULL, cert("."), NULL, 0, &error));
  STEP(TLSOCK_OK, holds(context, 3, 2, &error));
  STEP(TLSOCK_OK, tlsock_context_set_crl_data(context, lists, 0, &error));
  STEP(TLSOCK_OK, holds(context, 3, 0, &error));
  tlsock_object_free(object);
  tlsock_context_free(context);
}

// Whether two ends meet, with memory for everything.
static bool meet(tlsock_context *client, tlsock_context *server) {
  tlsock_bio *up = NULL, *down = NULL;
  tlsock_object *from = NULL, *to = NULL;
  bool ready[2] = {false, false};
  OK(tlsock_bio_new(&up, E));
  OK(tlsock_bio_new(&down, E));
  OK(tlsock_context_wrap_bio(client, down, up, 0, "localhost", NULL, &from, E));
  OK(tlsock_context_wrap_bio(server, up, down, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &to, E));
  for (int i = 0; i < 8; i++) ready[i % 2] = tlsock_object_do_handshake(i % 2 ? to : from, NULL) == TLSOCK_OK;
  tlsock_object_free(from), tlsock_object_free(to);
  tlsock_bio_free(up), tlsock_bio_free(down);
  return ready[0] && ready[1];
}

// The process keeps what it has read of a file: whole, so that it verifies whom it should. OpenSSL may lack what one failed
// allocation kept it from setting up, as with a handshake that has memory for everything; a second context that does not verify
// either is one too many.
static void authorities_of_file(void) {
  tlsock_context *client = NULL, *server = NULL;
  STEP(TLSOCK_OK, tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &server, &error));
  STEP(TLSOCK_OK, tlsock_context_load_cert_chain_data(server, chain, chain_len, key, key_len, NULL, &error));
  STEP(TLSOCK_OK, tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &client, &error));
  STEP(TLSOCK_OK, tlsock_context_load_verify_locations(client, cert("ca.pem"), NULL, NULL, 0, &error));
  if (told->status == TLSOCK_OK && !meet(client, server)) told->status = TLSOCK_SSL, told->told = true;
  tlsock_context_free(client), tlsock_context_free(server);
}

// ---- what servers share ----

// Two handshakes, the second of which may resume what the first has begun; the facts of both.
static void twice(tlsock_context *client, tlsock_context *server) {
  tlsock_session *session = NULL;
  char byte;
  size_t len = 0;
  for (int i = 0; i < 2; i++) {
    tlsock_bio *up = NULL, *down = NULL;
    tlsock_object *from = NULL, *to = NULL;
    tlsock_bytes facts = {NULL, 0};
    STEP(TLSOCK_OK, tlsock_bio_new(&up, &error));
    STEP(TLSOCK_OK, tlsock_bio_new(&down, &error));
    STEP(TLSOCK_OK, tlsock_context_wrap_bio(client, down, up, 0, "localhost", session, &from, &error));
    STEP(TLSOCK_OK, tlsock_context_wrap_bio(server, up, down, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &to, &error));
    shake(from, to);
    STEP(TLSOCK_OK, tlsock_object_key_update(to, true, &error));
    STEP(TLSOCK_OK, tlsock_object_write(to, "!", 1, NULL, &error));
    STEP(TLSOCK_OK, tlsock_object_read(from, &byte, 1, &len, &error));
    STEP(TLSOCK_OK, tlsock_object_info_json(from, &facts, &error));
    tlsock_session_free(session), session = NULL;
    STEP(TLSOCK_OK, tlsock_object_session(from, &session, &error));
    tlsock_bytes_free(&facts);
    tlsock_object_free(from), tlsock_object_free(to);
    tlsock_bio_free(up), tlsock_bio_free(down);
  }
  tlsock_session_free(session);
}

static void fleet(void) {
  tlsock_context *client = NULL, *server = NULL;
  uint8_t keys[160];
  place *place = calloc(1, sizeof *place);
  for (size_t i = 0; i < sizeof keys; i++) keys[i] = (uint8_t)(i + 1);
  STEP(TLSOCK_OK, tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, NULL, NULL, authority, authority_len, &client, &error));
  STEP(TLSOCK_OK, tlsock_create_default_context(TLSOCK_PURPOSE_CLIENT_AUTH, NULL, NULL, NULL, 0, &server, &error));
  STEP(TLSOCK_OK, tlsock_context_load_cert_chain_data(server, chain, chain_len, key, key_len, NULL, &error));
  STEP(TLSOCK_OK, tlsock_context_set_ticket_keys(server, keys, 160, 80, &error));
  twice(client, server);
  STEP(TLSOCK_OK, tlsock_context_set_options(server, tlsock_context_options(server) | TLSOCK_OP_NO_TICKET, &error));
  STEP(TLSOCK_OK, tlsock_context_set_session_cache(server, put, get, NULL, place, NULL, &error));
  twice(client, server);
  STEP(TLSOCK_OK, tlsock_context_set_verify_callback(client, 0, accept_peer, NULL, NULL, &error));
  STEP(TLSOCK_OK, tlsock_context_set_client_hello_callback(server, see_hello, NULL, NULL, &error));
  twice(client, server);
  tlsock_context_free(client), tlsock_context_free(server);
  free(place);
}

#include "memory_waits.h"
#include "memory_identity.h"
#include "memory_raw.h"

static unsigned long every = 97;

#include "memory_refused.h"

// ---- what may be called first ----

static void first_context(void) {
  tlsock_context *context = NULL;
  STEP(TLSOCK_OK, tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &context, &error));
  tlsock_context_free(context);
}

static void first_certificate(void) {
  tlsock_certificate *one = NULL, *other = NULL;
  tlsock_bytes print = {NULL, 0};
  STEP(TLSOCK_OK, tlsock_certificate_new_data(chain, chain_len, &one, &error));
  STEP(TLSOCK_OK, tlsock_certificate_new_data(authority, authority_len, &other, &error));
  if (told->status == TLSOCK_OK) {
    armed = true;
    bool same = tlsock_certificate_equal(one, other);
    armed = false;
    if (same) told->status = TLSOCK_VALUE;
  }
  STEP(TLSOCK_OK, tlsock_certificate_fingerprint(one, NULL, &print, &error));
  if (told->status == TLSOCK_OK && tlsock_certificate_der(one).len == 0) told->status = TLSOCK_VALUE;
  tlsock_bytes_free(&print);
  tlsock_certificate_free(one), tlsock_certificate_free(other);
}

static void first_random(void) {
  unsigned char bytes[32];
  STEP(TLSOCK_OK, tlsock_rand_bytes(bytes, sizeof bytes, &error));
}

static void first_object(void) {
  tlsock_asn1_object object;
  STEP(TLSOCK_OK, tlsock_txt2obj("serverAuth", true, &object, &error));
}

// ---- one fault after the other ----

static report run(void (*subject)(void), fault fails_at) {
  memset(told, 0, sizeof *told);
  fflush(stdout);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    alarm(300);
    watch_crashes();
    CHECK(freopen("/dev/null", "w", stderr));
    size_t handles = tlsock_handle_count();
    wanted = fails_at;
    subject();
    told->handles = (long)(tlsock_handle_count() - handles);
    report first = *told;
    wanted.first = 0;
    told->status = TLSOCK_OK;
    subject();
    // What OpenSSL cannot set up once it never can.
    bool again = told->status == TLSOCK_OK || !raw_works();
    *told = first;
    told->again = again, told->done = true;
    _exit(0);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  if (status != 0) told->done = false;
  told->fatal = told->fatal && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
  return *told;
}

// Whether OpenSSL, called directly, crashes at the same instruction: 3.0's stores do so at about one allocation in a hundred.
static bool crashes_alone(const void *at) {
  static const void *known;
  if (!at || !is_of(&openssls, at)) return false;
  unsigned long made = known == at ? 0 : run(raw_uri, (fault){0, false}).made;
  for (unsigned long first = 1; known != at && first <= made; first += 7) {
    report got = run(raw_uri, (fault){first, true});
    if (!got.done && got.crashed_at == at) known = at;
  }
  return known == at;
}

static const char *mistake(const report *got, bool for_good) {
  // OpenSSL itself may not come back from this.
  if (!got->done && got->openssls_first) return run(raw_first, (fault){1, for_good}).done ? "it crashed" : NULL;
  if (!got->done && crashes_alone(got->crashed_at)) return NULL;
  if (!got->done) return got->fatal && got->size <= SMALL ? NULL : "it crashed";
  if (got->status == TLSOCK_OK) return got->again ? NULL : "it does not work with memory there again";
  // What OpenSSL could not make it tells as something that is not there, where only one allocation fails.
  bool unlucky = !for_good && (got->status == TLSOCK_SSL || got->status == TLSOCK_CERT_VERIFICATION);
  if (got->status != TLSOCK_NO_MEMORY && !unlucky && !got->threadless) return "no status for this";
  if (!got->told) return "no error";
  if (got->handles != 0) return "handles were not freed";
  return got->again ? NULL : "it does not work with memory there again";
}

static struct {
  const char *name;
  void (*run)(void);
  unsigned long last;  // each of these last ones fails, those in which a peer is judged; of the others every n-th
  unsigned long made;
} subjects[] = {{"conversation", conversation, 0, 0},
                {"trust", trust, 0, 0},
                {"authorities of a file", authorities_of_file, 500, 0},
                {"fleet", fleet, 0, 0},
                {"waits, 1.2", waits_1_2, 0, 0},
                {"waits, 1.3", waits_1_3, 0, 0},
                {"bad client, 1.2", bad_client_1_2, 0, 0},
                {"bad client, 1.3", bad_client_1_3, 0, 0},
                {"bad server", bad_server, 0, 0},
                {"bad signature", bad_signature, 0, 0},
                {"bad pin, 1.2", bad_pin_1_2, 300, 0},
                {"bad pin, 1.3", bad_pin_1_3, 300, 0},
                {"keys of tickets", ticket_keys, 0, 0},
                {"identity of PKCS#12", identity_of_archive, 600, 0},
                {"identity of a URI", identity_of_uri, 600, 0},
                {"fields of a certificate", fields_of_certificate, 100, 0},
                {"first context", first_context, 0, 0},
                {"first certificate", first_certificate, 0, 0},
                {"first random bytes", first_random, 0, 0},
                {"first object", first_object, 0, 0}};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

static void judge(int subject, fault fails_at) {
  report got = run(subjects[subject].run, fails_at);
  if (got.done && got.failed == 0) return;
  const char *wrong = mistake(&got, fails_at.for_good);
  spread_add(&spread_sum->injected);
  if (!wrong) {
    spread_add(&spread_sum->right);
    if (!got.done) spread_add(&spread_sum->survived);
    return;
  }
  printf("%s, allocation %lu%s of %zu bytes: %s: %s (line %d%s)\n", subjects[subject].name, fails_at.first,
         fails_at.for_good ? " and later" : "", got.size, wrong, tlsock_status_name(got.status), got.step,
         got.fatal ? ", ended by Rust or the C library" : "");
}

// The allocation that fails after this one.
static unsigned long next(int subject, unsigned long first) {
  unsigned long made = subjects[subject].made, last = subjects[subject].last;
  unsigned long each_one = made > last ? made - last : 1;
  if (first >= each_one) return first + 1;
  return first + every < each_one ? first + every : each_one;
}

static bool all_places(void) {
  told = spread_shared(sizeof *told);
  for (int subject = 0; subject < SUBJECTS; subject++) {
    for (unsigned long first = 1; first <= subjects[subject].made; first = next(subject, first)) {
      if (!spread_is_mine()) continue;
      judge(subject, (fault){first, true});
      judge(subject, (fault){first, false});
    }
  }
  return true;
}

static char *read_whole(const char *path, size_t *len) {
  char *data = read_file(path, len);
  CHECK(data && *len > 0);
  return data;
}

int main(int argc, char **argv) {
  test_set_up(argc, argv);
  if (argc > 2) every = strtoul(argv[2], NULL, 10);
  const char *only = argc > 3 ? argv[3] : "";
  test_thread = pthread_self();
  setvbuf(stdout, NULL, _IOLBF, 0);
  signal(SIGPIPE, SIG_IGN);
  dl_iterate_phdr(find_library, &ours);
  dl_iterate_phdr(find_library, &openssls);
  dl_iterate_phdr(find_library, &of_libc);
  begin_to_verify = (X509_STORE_CTX * (*)(OSSL_LIB_CTX *, const char *)) dlsym(RTLD_NEXT, "X509_STORE_CTX_new_ex");
  CHECK(begin_to_verify);
  CHECK(ours.end > 0 && openssls.end > 0 && of_libc.end > 0);
  chain = read_whole(cert("ecdsa.pem"), &chain_len);
  key = read_whole(cert("ecdsa.key"), &key_len);
  authority = read_whole(cert("ca.pem"), &authority_len);
  lists = read_whole(cert("crl.pem"), &lists_len);
  large = calloc(1, LARGE);
  write_ticket_files();
  write_identity_file();
  told = spread_shared(sizeof *told);
  // Nothing of the library is called in this process: each child is the first to use it.
  for (int subject = 0; subject < SUBJECTS; subject++) {
    if (!strstr(subjects[subject].name, only)) continue;
    report good = run(subjects[subject].run, (fault){0, false});
    if (!good.done || good.status != TLSOCK_OK || good.handles != 0 || !good.again) {
      printf("%s does not work: %s (line %d)\n", subjects[subject].name, tlsock_status_name(good.status), good.step);
      return 1;
    }
    subjects[subject].made = good.made;
    printf("%s: %lu allocations\n", subjects[subject].name, good.made);
  }
  bool whole = spread(all_places);
  remove_ticket_files();
  remove_identity_file();
  spread_sums sum = *spread_sum;
  refusals_wanted = only;
  whole = spread(all_refusals) && whole;
  sum.injected += spread_sum->injected, sum.right += spread_sum->right, sum.survived += spread_sum->survived;
  printf("%d allocations failed, %d as specified (%d of at most %d bytes ended the process)%s\n", sum.injected, sum.right,
         sum.survived, SMALL, whole ? "" : "; not all were tried");
  return whole && sum.injected > 20 && sum.injected == sum.right ? 0 : 1;
}
