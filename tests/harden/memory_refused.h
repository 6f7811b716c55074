// Peers that have to be refused, whichever allocation fails while they are judged: each is refused for one reason alone, so what forgets
// that one accepts the peer. From where libssl begins to verify each allocation fails once, in a process of its own.
#ifndef MEMORY_REFUSED_H
#define MEMORY_REFUSED_H

#include <dlfcn.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "../c/fixture.h"
#include "memory.h"
#include "spread.h"

typedef enum wrong { NOTHING, NO_LIST, REVOKED, NO_RESPONSE, REVOKED_BY_RESPONSE, NO_CLIENT, UNTRUSTED_CLIENT, ONLY_REPORTED } wrong;

typedef struct refusal {
  const char *about;
  const char *host;      // for which the client asks
  const char *identity;  // of the server
  const char *trusted;   // by the client
  wrong wrong;
  bool kept;  // the client keeps chains, and has met this server without asking for a host
  int code;   // of verification
} refusal;

static const refusal refusals[] = {
    {"another name", "other.example", "ecdsa", "ca.pem", NOTHING, false, 62},
    {"another address", "10.0.0.1", "ecdsa", "ca.pem", NOTHING, false, 64},
    {"another name, chains kept", "other.example", "ecdsa", "ca.pem", NOTHING, true, 62},
    {"another address, chains kept", "10.0.0.1", "ecdsa", "ca.pem", NOTHING, true, 64},
    {"a common name beside other names", "names", "names", "ca.pem", NOTHING, false, 62},
    {"another root", "localhost", "ecdsa", "unknown-ca.pem", NOTHING, false, 20},
    {"a root of the same name", "localhost", "twin", "ca.pem", NOTHING, false, 20},
    {"a certificate that is over", "localhost", "expired", "ca.pem", NOTHING, false, 10},
    {"a client's certificate", "client", "client", "ca.pem", NOTHING, false, 26},
    {"no list of revoked ones", "localhost", "ecdsa", "ca.pem", NO_LIST, false, 3},
    {"a root that is only reported", "localhost", "ecdsa", "unknown-ca.pem", ONLY_REPORTED, false, 20},
    {"a list that has it", "localhost", "revoked", "ca.pem", REVOKED, false, 23},
    {"no OCSP response", "localhost", "ecdsa", "ca.pem", NO_RESPONSE, false, 73},
    {"a revocation beside good news", "localhost", "ecdsa", "ca.pem", REVOKED_BY_RESPONSE, false, 23},
    {"a client without a certificate", "localhost", "ecdsa", "ca.pem", NO_CLIENT, false, 0},
    {"a client of a root of the same name", "localhost", "ecdsa", "ca.pem", UNTRUSTED_CLIENT, false, 7},
};
enum { REFUSALS = sizeof refusals / sizeof *refusals, EDGE = 100 };

// ---- where it begins ----

static X509_STORE_CTX *(*begin_to_verify)(OSSL_LIB_CTX *, const char *);

// Takes the place of the one in libcrypto, for libssl too.
X509_STORE_CTX *X509_STORE_CTX_new_ex(OSSL_LIB_CTX *libctx, const char *properties) {
  if (armed && told->begun == 0) told->begun = told->made;
  return begin_to_verify(libctx, properties);
}

// ---- who meets ----

static bool server_judges(const refusal *about) { return about->wrong == NO_CLIENT || about->wrong == UNTRUSTED_CLIENT; }

// A response of the intermediate's by which the server's certificate is good, and another part says, by another digest, that it is revoked.
static void use_response(tlsock_context *server) {
  unsigned char *der = NULL;
  BIO *file = BIO_new_file(cert("ecdsa.pem"), "r"), *key_file = BIO_new_file(cert("inter.key"), "r");
  CHECK(file && key_file);
  X509 *leaf = PEM_read_bio_X509(file, NULL, NULL, NULL), *issuer = PEM_read_bio_X509(file, NULL, NULL, NULL);
  EVP_PKEY *key_of_issuer = PEM_read_bio_PrivateKey(key_file, NULL, NULL, NULL);
  CHECK(leaf && issuer && key_of_issuer);
  OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
  ASN1_TIME *since = X509_gmtime_adj(NULL, -60), *next = X509_gmtime_adj(NULL, 3600);
  OCSP_CERTID *good = OCSP_cert_to_id(EVP_sha1(), leaf, issuer), *bad = OCSP_cert_to_id(EVP_sha256(), leaf, issuer);
  CHECK(OCSP_basic_add1_status(basic, good, V_OCSP_CERTSTATUS_GOOD, 0, NULL, since, next));
  CHECK(OCSP_basic_add1_status(basic, bad, V_OCSP_CERTSTATUS_REVOKED, OCSP_REVOKED_STATUS_KEYCOMPROMISE, since, since, next));
  CHECK(OCSP_basic_sign(basic, issuer, key_of_issuer, EVP_sha256(), NULL, 0) == 1);
  OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
  int len = i2d_OCSP_RESPONSE(response, &der);
  CHECK(len > 0);
  OK(tlsock_context_set_ocsp_response(server, der, (size_t)len, E));
  OPENSSL_free(der);
  OCSP_RESPONSE_free(response), OCSP_BASICRESP_free(basic), OCSP_CERTID_free(good), OCSP_CERTID_free(bad);
  ASN1_TIME_free(since), ASN1_TIME_free(next), EVP_PKEY_free(key_of_issuer), X509_free(leaf), X509_free(issuer);
  BIO_free(file), BIO_free(key_file);
}

static tlsock_context *context_of(int protocol, int version, const char *identity) {
  char file[64], key_file[64];
  tlsock_context *context = NULL;
  OK(tlsock_context_new(protocol, &context, E));
  only_version(context, version);
  if (!identity) return context;
  snprintf(file, sizeof file, "%s.pem", identity), snprintf(key_file, sizeof key_file, "%s.key", identity);
  OK(tlsock_context_load_cert_chain(context, cert(file), cert(key_file), NULL, E));
  return context;
}

static tlsock_context *client_of(const refusal *about, int version) {
  const char *identity = about->wrong == UNTRUSTED_CLIENT ? "twin-plain" : NULL;
  tlsock_context *client = context_of(TLSOCK_PROTOCOL_TLS_CLIENT, version, identity);
  OK(tlsock_context_load_verify_locations(client, cert(about->trusted), NULL, NULL, 0, E));
  OK(tlsock_context_set_chain_cache(client, about->kept, E));
  if (about->wrong == NO_LIST || about->wrong == REVOKED) {
    uint64_t flags = tlsock_context_verify_flags(client) | TLSOCK_VERIFY_CRL_CHECK_LEAF;
    OK(tlsock_context_set_verify_flags(client, flags, E));
  }
  if (about->wrong == REVOKED) OK(tlsock_context_set_crl_data(client, lists, lists_len, E));
  if (about->wrong == NO_RESPONSE || about->wrong == REVOKED_BY_RESPONSE)
    OK(tlsock_context_set_ocsp(client, TLSOCK_OCSP_REQUIRE, E));
  if (about->wrong == ONLY_REPORTED) {
    OK(tlsock_context_set_check_hostname(client, false, E));
    OK(tlsock_context_set_verify_mode(client, TLSOCK_CERT_NONE, E));
  }
  return client;
}

static tlsock_context *server_of(const refusal *about, int version) {
  tlsock_context *server = context_of(TLSOCK_PROTOCOL_TLS_SERVER, version, about->identity);
  if (about->wrong == REVOKED_BY_RESPONSE) use_response(server);
  if (!server_judges(about)) return server;
  OK(tlsock_context_load_verify_locations(server, cert("ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_set_verify_mode(server, TLSOCK_CERT_REQUIRED, E));
  return server;
}

static memory meeting(tlsock_context *client, tlsock_context *server, const char *host) {
  memory pair = {NULL, NULL, NULL, NULL};
  uint32_t flags = host ? 0 : TLSOCK_WRAP_INSECURE_NO_HOSTNAME;
  OK(tlsock_bio_new(&pair.up, E));
  OK(tlsock_bio_new(&pair.down, E));
  OK(tlsock_context_wrap_bio(client, pair.down, pair.up, flags, host, NULL, &pair.client, E));
  OK(tlsock_context_wrap_bio(server, pair.up, pair.down, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &pair.server, E));
  return pair;
}

// Both sides in turn, `steps` times, the client first; false at the first failure.
static bool advance(memory *pair, int steps) {
  for (int step = 0; step < steps; step++) {
    int said = tlsock_object_do_handshake(step % 2 ? pair->server : pair->client, NULL);
    if (said != TLSOCK_OK && said != TLSOCK_WANT_READ) return false;
  }
  return true;
}

static bool meets(tlsock_context *client, tlsock_context *server, const char *host) {
  memory pair = meeting(client, server, host);
  bool works = advance(&pair, 8);
  memory_free(&pair);
  return works;
}

// The step in which the peer is judged. Then there is memory again, and both go on for as long as they can: OK if the peer was accepted.
static void judged(const refusal *about, memory *pair) {
  tlsock_object *judge = server_judges(about) ? pair->server : pair->client;
  tlsock_error *error = NULL;
  armed = true;
  told->status = tlsock_object_do_handshake(judge, &error);
  armed = false;
  for (int i = 0; i < 8 && told->status == TLSOCK_WANT_READ; i++) {
    (void)tlsock_object_do_handshake(judge == pair->client ? pair->server : pair->client, NULL);
    tlsock_error_free(error), error = NULL;
    told->status = tlsock_object_do_handshake(judge, &error);
  }
  told->code = error ? tlsock_error_verify_code(error) : 0;
  int tells = error ? (int)tlsock_error_status(error) : TLSOCK_OK;
  told->told = tells == TLSOCK_NO_MEMORY || (tells == told->status && tlsock_error_message(error)[0]);
  tlsock_error_free(error);
  if (about->wrong != ONLY_REPORTED || told->status != TLSOCK_OK) return;
  // What is reported takes the place of a refusal.
  OK(tlsock_object_verify_result(judge, &told->code, E));
  told->status = told->code ? TLSOCK_CERT_VERIFICATION : TLSOCK_OK;
  told->told = true;
}

// ---- one fault after the other ----

// A connection lives in one process alone, so each child makes its own.
static report judge_with(const refusal *about, tlsock_context *client, tlsock_context *server, fault fails_at) {
  memset(told, 0, sizeof *told);
  fflush(stdout);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    alarm(60);
    CHECK(freopen("/dev/null", "w", stderr));
    memory pair = meeting(client, server, about->host);
    if (!advance(&pair, server_judges(about) ? 3 : 2)) _exit(1);
    wanted = fails_at;
    judged(about, &pair);
    wanted.first = 0;
    told->again = about->kept && meets(client, server, about->host);
    told->done = true;
    _exit(0);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  if (status != 0) told->done = false;
  told->fatal = told->fatal && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
  return *told;
}

static bool few(void) { return every > 100; }

static const char *let_in(const report *got) {
  if (!got->done) return got->fatal && got->size <= SMALL ? NULL : "it crashed";
  if (got->status == TLSOCK_OK) return "it was accepted";
  if (got->again) return "the next one was accepted";
  bool right = got->status == TLSOCK_NO_MEMORY || got->status == TLSOCK_SSL || got->status == TLSOCK_CERT_VERIFICATION;
  return right && got->told ? NULL : "no status for this";
}

// The allocation that fails after this one: of those before the verification begins every n-th, of the others each. Where few are tried
// each version has one half of these, as both verify alike, and of many the first and the last.
static unsigned long after(unsigned long first, const report *good, int version) {
  unsigned long step = few() ? 2 : 1, next = first + step, last = good->made > 2 * EDGE ? good->made - 2 * EDGE : 0;
  if (first + every <= good->begun) return first + every;
  if (first <= good->begun) return good->begun + (version == TLSOCK_TLS_VERSION_TLSV1_2 ? step : 1);
  if (few() && next > good->begun + EDGE && next < last) return last + (last - next) % step;
  return next;
}

static void sweep(const refusal *about, int version) {
  tlsock_context *client = client_of(about, version), *server = server_of(about, version);
  if (about->kept) CHECK(meets(client, server, NULL));
  // What OpenSSL makes once is made.
  CHECK(meets(client, server, about->host) == (about->wrong == ONLY_REPORTED));
  report good = judge_with(about, client, server, (fault){0, false});
  if (!good.done || good.code != about->code) printf("%s is refused by code %d: %s\n", about->about, good.code, tlsock_status_name(good.status));
  CHECK(good.done && !good.again && good.told && good.code == about->code);
  CHECK(good.status == (about->code ? TLSOCK_CERT_VERIFICATION : TLSOCK_SSL));
  CHECK((good.begun > 0) == (about->wrong != NO_CLIENT));
  for (unsigned long first = 1; first <= good.made; first = after(first, &good, version)) {
    if (!spread_is_mine()) continue;
    report got = judge_with(about, client, server, (fault){first, false});
    if (got.done && got.failed == 0) continue;
    const char *wrong = let_in(&got);
    spread_add(&spread_sum->injected);
    if (!wrong) spread_add(&spread_sum->right);
    if (!got.done && !wrong) spread_add(&spread_sum->survived);
    if (!wrong) continue;
    printf("%s, %s, allocation %lu of %lu, of %zu bytes: %s: %s\n", about->about, version == TLSOCK_TLS_VERSION_TLSV1_2 ? "1.2" : "1.3",
           first, good.made, got.size, wrong, tlsock_status_name(got.status));
  }
  tlsock_context_free(client), tlsock_context_free(server);
}

static const char *refusals_wanted = "";

static bool all_refusals(void) {
  told = spread_shared(sizeof *told);
  for (int i = 0; i < REFUSALS; i++) {
    if (!strstr(refusals[i].about, refusals_wanted)) continue;
    sweep(&refusals[i], TLSOCK_TLS_VERSION_TLSV1_2);
    sweep(&refusals[i], TLSOCK_TLS_VERSION_TLSV1_3);
  }
  return true;
}

#endif
