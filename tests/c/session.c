// tlsock_session: what it tells, resumption in TLS 1.2 and 1.3, and who may use it.
#include "fixture.h"

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};

// Connects, optionally with a session, has the client read its tickets and gives the client's session.
static tlsock_session *visit(tlsock_context *client, tlsock_context *server, const tlsock_session *old, bool *reused) {
  tlsock_session *session = NULL;
  memory pair = memory_new(client, server, "localhost", old);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_say(pair.client, pair.server, "hello");
  memory_say(pair.server, pair.client, "hello yourself");
  EQUAL(tlsock_object_session_reused(pair.client), tlsock_object_session_reused(pair.server));
  if (reused) *reused = tlsock_object_session_reused(pair.client);
  OK(tlsock_object_session(pair.client, &session, E));
  CHECK(session);
  memory_free(&pair);  // without unwrap: the session stays good
  return session;
}

static void resumed(void) {
  for (int i = 0; i < 2; i++) {
    bool reused = true;
    tlsock_context *client = new_client(versions[i]), *server = new_server("ecdsa", versions[i]);
    tlsock_session *first = visit(client, server, NULL, &reused);
    CHECK(!reused);
    tlsock_session *second = visit(client, server, first, &reused);
    CHECK(reused);
    tlsock_session *third = visit(client, server, first, &reused);  // any number of times
    CHECK(reused);
    EQUAL(tlsock_session_equal(first, second), i == 0);  // TLS 1.3 gives new tickets
    CHECK(tlsock_session_equal(first, first) && !tlsock_session_equal(first, NULL));
    tlsock_session_free(first);
    tlsock_session_free(second);
    tlsock_session_free(third);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

static void facts(void) {
  for (int i = 0; i < 2; i++) {
    tlsock_context *client = new_client(versions[i]), *server = new_server("ecdsa", versions[i]);
    tlsock_session *session = visit(client, server, NULL, NULL);
    int64_t made = tlsock_session_time(session), clock = (int64_t)time(NULL);
    tlsock_context_free(client);
    tlsock_context_free(server);
    CHECK(made >= clock - 60 && made <= clock + 1);
    EQUAL(tlsock_session_timeout(session), 7200);
    CHECK(tlsock_session_has_ticket(session));
    EQUAL(tlsock_session_ticket_lifetime_hint(session), 7200);
    EQUAL(tlsock_session_id(session).len, 32);
    tlsock_session_free(session);
  }
  tlsock_session_free(NULL);
}

static void no_ticket(void) {
  tlsock_context *client = new_client(TLSOCK_TLS_VERSION_TLSV1_2), *server = new_server("ecdsa", 0);
  bool reused = false;
  OK(tlsock_context_set_options(server, tlsock_context_options(server) | TLSOCK_OP_NO_TICKET, E));
  tlsock_session *first = visit(client, server, NULL, NULL);
  CHECK(!tlsock_session_has_ticket(first));
  EQUAL(tlsock_session_ticket_lifetime_hint(first), 0);
  EQUAL(tlsock_session_id(first).len, 32);
  tlsock_session *second = visit(client, server, first, &reused);  // out of the server's cache
  CHECK(reused);
  tlsock_session_free(first);
  tlsock_session_free(second);
  tlsock_context_free(client);
  tlsock_context_free(server);

  client = new_client(TLSOCK_TLS_VERSION_TLSV1_3), server = new_server("ecdsa", 0);
  OK(tlsock_context_set_num_tickets(server, 0, E));
  first = visit(client, server, NULL, NULL);
  CHECK(!tlsock_session_has_ticket(first));
  EQUAL(tlsock_session_id(first).len, 0);
  second = visit(client, server, first, &reused);
  CHECK(!reused);
  CHECK(tlsock_session_equal(first, second));  // two empty ids
  tlsock_session_free(first);
  tlsock_session_free(second);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void refused(void) {
  tlsock_context *client = new_client(0), *other = new_client(0), *server = new_server("ecdsa", 0);
  tlsock_session *session = visit(client, server, NULL, NULL);
  tlsock_object *object = NULL;
  FAILS(TLSOCK_VALUE, "Session refers to a different SSLContext.",
        tlsock_context_wrap_bio(other, NULL, NULL, 0, "localhost", session, &object, E));
  CHECK(!object);
  OK(tlsock_context_wrap_bio(other, NULL, NULL, 0, "localhost", NULL, &object, E));
  FAILS(TLSOCK_VALUE, "Session refers to a different SSLContext.", tlsock_object_set_session(object, session, E));
  tlsock_object_free(object);
  object = NULL;
  FAILS(TLSOCK_VALUE, NULL,
        tlsock_context_wrap_bio(server, NULL, NULL, TLSOCK_WRAP_SERVER_SIDE, NULL, session, &object, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  OK(tlsock_object_set_session(pair.client, session, E));
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  CHECK(tlsock_object_session_reused(pair.client));
  FAILS(TLSOCK_VALUE, "Cannot set session after handshake.", tlsock_object_set_session(pair.client, session, E));
  memory_free(&pair);

  tlsock_context *both = NULL;
  tlsock_session *own = NULL;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS, &both, E));
  OK(tlsock_context_load_cert_chain(both, cert("ecdsa.pem"), cert("ecdsa.key"), NULL, E));
  own = visit(both, server, NULL, NULL);
  OK(tlsock_context_wrap_bio(both, NULL, NULL, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &object, E));
  FAILS(TLSOCK_VALUE, "Cannot set session for server-side SSLSocket.", tlsock_object_set_session(object, own, E));
  tlsock_object_free(object);
  tlsock_session_free(own);
  tlsock_session_free(session);
  tlsock_context_free(both);
  tlsock_context_free(client);
  tlsock_context_free(other);
  tlsock_context_free(server);
}

// A resumed connection still has the peer's certificate, but no chains unless it builds one again.
static void resumed_certificate(void) {
  for (int i = 0; i < 2; i++) {
    tlsock_context *client = new_client(versions[i]), *server = new_server("ecdsa", versions[i]);
    tlsock_session *session = visit(client, server, NULL, NULL);
    tlsock_certificate *certificate = NULL;
    tlsock_certificate_list *chain = NULL;
    memory pair = memory_new(client, server, "localhost", session);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    OK(tlsock_object_getpeercert(pair.client, &certificate, E));
    CHECK(certificate);
    OK(tlsock_object_get_verified_chain(pair.client, &chain, E));
    EQUAL(tlsock_certificate_list_count(chain), 0);
    tlsock_certificate_list_free(chain);
    OK(tlsock_object_get_unverified_chain(pair.client, &chain, E));
    EQUAL(tlsock_certificate_list_count(chain), 0);
    tlsock_certificate_list_free(chain);
    OK(tlsock_object_verify_again(pair.client, &chain, E));
    EQUAL(tlsock_certificate_list_count(chain), 3);
    CHECK(tlsock_certificate_equal(tlsock_certificate_list_at(chain, 0), certificate));
    tlsock_certificate_list_free(chain);
    tlsock_certificate_free(certificate);
    tlsock_session_free(session);
    memory_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

static void session_bytes(void) {
  tlsock_context *client = new_client(0), *same = new_client(0), *other = NULL, *server = new_server("ecdsa", 0);
  tlsock_session *session = NULL, *again = NULL;
  tlsock_bytes data = {NULL, 0};
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_say(pair.server, pair.client, "hello");
  OK(tlsock_object_session(pair.client, &session, E));
  memory_free(&pair);
  OK(tlsock_session_data(session, &data, E));
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &other, E));
  FAILS(TLSOCK_VALUE, "data is a session of a context that trusts or checks other than this one",
        tlsock_session_new_data(other, data.data, data.len, &again, E));
  FAILS(TLSOCK_VALUE, "data is damaged", tlsock_session_new_data(same, data.data, data.len - 1, &again, E));
  CHECK(!again);
  OK(tlsock_session_new_data(same, data.data, data.len, &again, E));
  CHECK(tlsock_session_equal(session, again));
  tlsock_bytes_free(&data);
  pair = memory_new(same, server, "localhost", again);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  CHECK(tlsock_object_session_reused(pair.client));
  memory_free(&pair);
  tlsock_session_free(session);
  tlsock_session_free(again);
  tlsock_context_free(client);
  tlsock_context_free(same);
  tlsock_context_free(other);
  tlsock_context_free(server);
}

TESTS(CASE(resumed), CASE(facts), CASE(no_ticket), CASE(refused), CASE(resumed_certificate), CASE(session_bytes))
