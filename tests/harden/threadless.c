// The system gives no thread for a handshake whose signer may wait. The call says so, nothing is sent, and it can be repeated.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>

#include "../c/waiting.h"

typedef int creates(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

static int refused, asked_for;

// Stands before the C library's, for the library too.
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *argument) {
  static creates *real;
  if (!real) real = (creates *)dlsym(RTLD_NEXT, "pthread_create");
  asked_for++;
  return refused > 0 ? (refused--, EAGAIN) : real(thread, attributes, work, argument);
}

static void assert_told(tlsock_status status) {
  EQUAL(status, TLSOCK_OS);
  EQUAL(tlsock_error_os_errno(LAST), EAGAIN);
  CHECK(strncmp(tlsock_error_message(LAST), "no thread for a handshake whose signer may wait: ", 49) == 0);
  EQUAL(tlsock_error_alert_sent(LAST), -1);
}

static void in_memory(kind what, int version) {
  if (!is_signature(what)) return;
  ends all;
  ends_new(&all, what, version);
  memory pair = memory_new(all.client, all.server, "localhost", NULL);
  tlsock_object *waits = waits_at_client(what) ? pair.client : pair.server, *at = NULL;
  const tlsock_bio *written = waits_at_client(what) ? pair.up : pair.down;
  refused = 3;
  assert_told(memory_try(&pair, &at));
  CHECK(at == waits);
  size_t before = tlsock_bio_pending(written);
  assert_told(tlsock_object_do_handshake(waits, E));
  assert_told(tlsock_object_write(waits, "x", 1, NULL, E));
  EQUAL(tlsock_bio_pending(written), before);
  EQUAL(all.asked.asked, 0);
  EQUAL(memory_try(&pair, NULL), TLSOCK_WANT_CALLBACK);
  all.asked.answer = TLSOCK_OK;
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_say(pair.server, pair.client, "with a thread");
  memory_free(&pair);
  ends_free(&all);
}

static void it_can_be_repeated(void) { each(in_memory); }

static void given_up(kind what, int version) {
  if (!is_signature(what)) return;
  ends all;
  ends_new(&all, what, version);
  memory pair = memory_new(all.client, all.server, "localhost", NULL);
  refused = 1;
  assert_told(memory_try(&pair, NULL));
  memory_free(&pair);
  ends_free(&all);
}

static void it_can_be_given_up(void) { each(given_up); }

// What is chosen anew each time is chosen anew, and the same thread is asked for.
static void of_a_callback(void) {
  ends all;
  size_t len = 0;
  question signs = {0, 0, TLSOCK_OK, NULL, "ecdsa.key"};
  char *chain = read_file(cert("ecdsa.pem"), &len);
  ends_new(&all, IDENTITY, 0);
  tlsock_identity_free(all.identity);
  OK(tlsock_identity_new_signer(chain, len, TLSOCK_SIGNER_MAY_WAIT, of_signature, &signs, forget, &all.identity, E));
  free(chain);
  all.asked.identity = all.identity, all.asked.answer = TLSOCK_OK;
  memory pair = memory_new(all.client, all.server, "localhost", NULL);
  refused = 2;
  for (int i = 0; i < 2; i++) assert_told(memory_try(&pair, NULL));
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  EQUAL(all.asked.asked, 3);
  EQUAL(signs.asked, 1);
  memory_free(&pair);
  ends_free(&all);
  EQUAL(signs.freed, 1);
}

// The others have no thread to lack.
static void needless(kind what, int version) {
  if (is_signature(what)) return;
  ends all;
  ends_new(&all, what, version);
  memory pair = memory_new(all.client, all.server, "localhost", NULL);
  int before = asked_for;
  EQUAL(memory_try(&pair, NULL), TLSOCK_WANT_CALLBACK);
  all.asked.answer = TLSOCK_OK;
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  EQUAL(asked_for, before);
  memory_free(&pair);
  ends_free(&all);
}

static void others_need_none(void) { each(needless); }

TESTS(CASE(it_can_be_repeated), CASE(it_can_be_given_up), CASE(of_a_callback), CASE(others_need_none))
