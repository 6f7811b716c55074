// Memory is short while certificates are loaded, so that the store has some of them and not the others. Sessions go only
// between contexts that trust the same, whatever a call that failed was to load.
#define _GNU_SOURCE
#include <sys/wait.h>

#include "failing.h"

static long left = -1;  // allocations until one fails; none does below 0

static bool fails(size_t size, const void *caller) {
  (void)size, (void)caller;
  if (left < 0 || left-- > 0) return false;
  errno = ENOMEM;
  return true;
}

// How a load ended: without a failure, with one that left nothing or did not matter, or half-way.
enum { UNTOUCHED = 10, WITHOUT, HALF };

enum { MOST = 20000, EVERY = 5 };

static char *two;
static size_t two_len;

static tlsock_context *trusting(const char *name) {
  tlsock_context *context = NULL;
  OK(tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, cert(name), NULL, NULL, 0, &context, E));
  return context;
}

static size_t count(tlsock_context *context) {
  tlsock_cert_store_stats stats;
  OK(tlsock_context_cert_store_stats(context, &stats, E));
  return stats.x509;
}

// The bytes of a session with the server of this name.
static tlsock_bytes session_with(const char *name, tlsock_context *client) {
  tlsock_context *server = new_server(name, 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  OK(memory_try(&pair, NULL));
  memory_say(pair.server, pair.client, "a ticket");
  tlsock_session *session = NULL;
  OK(tlsock_object_session(pair.client, &session, E));
  tlsock_bytes data = {NULL, 0};
  OK(tlsock_session_data(session, &data, E));
  tlsock_session_free(session);
  memory_free(&pair);
  tlsock_context_free(server);
  return data;
}

static void refuses(tlsock_context *context, const char *name, tlsock_bytes *data) {
  tlsock_context *server = new_server(name, 0);
  memory pair = memory_new(context, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  memory_free(&pair);
  tlsock_context_free(server);
  tlsock_session *session = NULL;
  EQUAL(tlsock_session_new_data(context, data->data, data->len, &session, E), TLSOCK_VALUE);
  tlsock_bytes_free(data);
}

// One context trusts an authority of which it was told that it was not loaded. The others do not trust that, or trust what it
// does not.
static void same_trust_only(tlsock_context *half) {
  tlsock_context *neither = trusting("unknown-ca.pem"), *both = trusting("unknown-ca.pem");
  OK(tlsock_context_load_verify_locations(both, NULL, NULL, two, two_len, E));
  tlsock_bytes data = session_with("ecdsa", half);
  refuses(neither, "ecdsa", &data);
  data = session_with("self-signed", both);
  refuses(half, "self-signed", &data);
  OK(tlsock_context_load_verify_locations(half, NULL, NULL, two, two_len, E));
  data = session_with("self-signed", both);
  tlsock_session *session = NULL;
  OK(tlsock_session_new_data(half, data.data, data.len, &session, E));
  tlsock_session_free(session);
  tlsock_bytes_free(&data);
  tlsock_context_free(neither);
  tlsock_context_free(both);
}

// In a child: the allocation fails.
static int load(long number) {
  tlsock_context *context = trusting("unknown-ca.pem");
  left = number;
  tlsock_status status = tlsock_context_load_verify_locations(context, NULL, NULL, two, two_len, E);
  bool failed = left < 0;
  left = -1;
  if (!failed) return UNTOUCHED;
  if (count(context) != 2) return WITHOUT;
  EQUAL(status, TLSOCK_NO_MEMORY);
  same_trust_only(context);
  return HALF;
}

static void each_allocation(void) {
  size_t len = 0, other_len = 0;
  char *authority = read_file(cert("ca.pem"), &len), *other = read_file(cert("self-signed.pem"), &other_len);
  two_len = len + other_len;
  two = malloc(two_len + 1);
  CHECK(two != NULL);
  memcpy(two, authority, len);
  memcpy(two + len, other, other_len);
  int halves = 0;
  bool untouched = false;
  for (long number = 0; number < MOST && !untouched; number += EVERY) {
    pid_t child = fork();
    CHECK(child >= 0);
    // Rust's library ends the process where a small allocation of its own fails, and says so.
    if (child == 0) _exit(load(number));
    int how = 0;
    CHECK(waitpid(child, &how, 0) == child);
    // A failed check of the child ends it with 1.
    CHECK(!WIFEXITED(how) || WEXITSTATUS(how) >= UNTOUCHED);
    halves += WIFEXITED(how) && WEXITSTATUS(how) == HALF;
    untouched = WIFEXITED(how) && WEXITSTATUS(how) == UNTOUCHED;
  }
  CHECK(untouched);
  CHECK(halves > 0);
  printf("%d loads ended half-way\n", halves);
  free(authority);
  free(other);
  free(two);
}

TESTS(CASE(each_allocation))
