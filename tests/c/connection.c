// What a socket and an object have in common: what the handshake agreed on, who the peer is, and what belongs to a
// connection. Whatever moves the bytes, the answers are the same.
#include "fixture.h"

typedef struct told {
  const char *version, *group, *alpn, *npn, *compression, *asked, *outer, *hostname;
  tlsock_cipher cipher;
  bool ciphered, server_side, reused, overridden;
  int verify_result, ech;
  size_t shared, verified, unverified, again, shown, proved;
  tlsock_bytes own, peer, binding, ocsp;
  tlsock_ocsp_status revocation;
  uint8_t keys[32];
} told;

static size_t counted(tlsock_certificate_list *list) {
  size_t count = tlsock_certificate_list_count(list);
  tlsock_certificate_list_free(list);
  return count;
}

static size_t sized(tlsock_certificate *certificate) {
  size_t len = tlsock_certificate_der(certificate).len;
  tlsock_certificate_free(certificate);
  return len;
}

// Every getter of this kind of connection.
#define TELL(noun) \
  static told noun##_tells(tlsock_##noun *one) { \
    told told = {.verify_result = -1}; \
    tlsock_cipher_list *shared = NULL; \
    tlsock_certificate_list *verified = NULL, *unverified = NULL, *again = NULL; \
    tlsock_certificate *shown = NULL, *proved = NULL; \
    told.version = tlsock_##noun##_version(one); \
    told.group = tlsock_##noun##_group(one); \
    told.alpn = tlsock_##noun##_selected_alpn_protocol(one); \
    told.npn = tlsock_##noun##_selected_npn_protocol(one); \
    told.compression = tlsock_##noun##_compression(one); \
    told.asked = tlsock_##noun##_server_name(one); \
    told.ech = tlsock_##noun##_ech_status(one); \
    told.outer = tlsock_##noun##_ech_outer_name(one); \
    told.hostname = tlsock_##noun##_server_hostname(one); \
    told.ciphered = tlsock_##noun##_cipher(one, &told.cipher); \
    told.server_side = tlsock_##noun##_server_side(one); \
    told.reused = tlsock_##noun##_session_reused(one); \
    told.overridden = tlsock_##noun##_verify_overridden(one); \
    told.revocation = tlsock_##noun##_ocsp_status(one); \
    OK(tlsock_##noun##_ocsp_response(one, &told.ocsp, E)); \
    OK(tlsock_##noun##_verify_result(one, &told.verify_result, E)); \
    OK(tlsock_##noun##_shared_ciphers(one, &shared, E)); \
    OK(tlsock_##noun##_get_verified_chain(one, &verified, E)); \
    OK(tlsock_##noun##_get_unverified_chain(one, &unverified, E)); \
    OK(tlsock_##noun##_verify_again(one, &again, E)); \
    OK(tlsock_##noun##_peer_certificate(one, &shown, E)); \
    OK(tlsock_##noun##_getpeercert(one, &proved, E)); \
    OK(tlsock_##noun##_finished(one, true, &told.own, E)); \
    OK(tlsock_##noun##_finished(one, false, &told.peer, E)); \
    OK(tlsock_##noun##_get_channel_binding(one, "tls-server-end-point", &told.binding, E)); \
    OK(tlsock_##noun##_export_keying_material(one, "EXPORTER-test", NULL, 0, told.keys, sizeof told.keys, E)); \
    told.shared = tlsock_cipher_list_count(shared); \
    told.verified = counted(verified); \
    told.unverified = counted(unverified); \
    told.again = counted(again); \
    told.shown = sized(shown); \
    told.proved = sized(proved); \
    tlsock_cipher_list_free(shared); \
    return told; \
  }

TELL(socket)
TELL(object)

static void told_free(told *told) {
  tlsock_bytes_free(&told->own);
  tlsock_bytes_free(&told->peer);
  tlsock_bytes_free(&told->binding);
  tlsock_bytes_free(&told->ocsp);
}

static void same_words(const told *one, const told *other) {
  SAME_TEXT(one->version, other->version);
  SAME_TEXT(one->group, other->group);
  SAME_TEXT(one->alpn, other->alpn);
  SAME_TEXT(one->npn, other->npn);
  SAME_TEXT(one->compression, other->compression);
  SAME_TEXT(one->asked, other->asked);
  EQUAL(one->ech, other->ech);
  SAME_TEXT(one->outer, other->outer);
  SAME_TEXT(one->hostname, other->hostname);
  SAME_TEXT(one->cipher.name, other->cipher.name);
  CHECK(one->ciphered && other->ciphered && one->server_side == other->server_side && one->reused == other->reused);
  EQUAL(one->verify_result, other->verify_result);
  CHECK(!one->overridden && !other->overridden && !one->ocsp.data && !other->ocsp.data);
  CHECK(one->revocation.status == TLSOCK_OCSP_STATUS_NONE && other->revocation.status == TLSOCK_OCSP_STATUS_NONE);
  EQUAL(one->shared, other->shared);
  EQUAL(one->verified, other->verified);
  EQUAL(one->unverified, other->unverified);
  EQUAL(one->again, other->again);
  EQUAL(one->shown, other->shown);
  EQUAL(one->proved, other->proved);
  EQUAL(one->own.len, other->own.len);
  EQUAL(one->peer.len, other->peer.len);
}

// Both ends of one connection.
static void same_secrets(const told *client, const told *server) {
  CHECK(client->own.len > 0 && client->binding.len > 0);
  SAME_BYTES(client->own.data, client->own.len, server->peer.data, server->peer.len);
  SAME_BYTES(client->peer.data, client->peer.len, server->own.data, server->own.len);
  SAME_BYTES(client->binding.data, client->binding.len, server->binding.data, server->binding.len);
  SAME_BYTES(client->keys, sizeof client->keys, server->keys, sizeof server->keys);
}

static void socket_and_object_tell_the_same(void) {
  static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};
  static const char *const protocols[] = {"h2"};
  for (int i = 0; i < 2; i++) {
    tlsock_context *client = new_client(versions[i]), *server = new_server("ecdsa", versions[i]);
    OK(tlsock_context_set_alpn_protocols(client, protocols, 1, E));
    OK(tlsock_context_set_alpn_protocols(server, protocols, 1, E));
    OK(tlsock_context_set_ech_grease(client, tlsock_has(TLSOCK_HAS_ECH), E));
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    int fds[2];
    local_pair(fds);
    wire wire = wire_over(fds, client, server, 0, NULL);
    told ours[2] = {object_tells(pair.client), object_tells(pair.server)};
    told theirs[2] = {socket_tells(wire.client), socket_tells(wire.server)};
    SAME_TEXT(ours[0].alpn, "h2");
    CHECK(ours[0].proved > 0 && ours[0].verified == 3 && ours[0].verify_result == 0 && ours[1].shown == 0);
    for (int side = 0; side < 2; side++) same_words(&ours[side], &theirs[side]);
    same_secrets(&ours[0], &ours[1]);
    same_secrets(&theirs[0], &theirs[1]);
    CHECK(memcmp(ours[0].keys, theirs[0].keys, sizeof ours[0].keys) != 0);  // two connections
    for (int side = 0; side < 2; side++) told_free(&ours[side]), told_free(&theirs[side]);
    memory_free(&pair);
    wire_free(&wire);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

// The settings of one connection, and those that come too late after the handshake.
#define OWN(noun) \
  static void noun##_owns(tlsock_##noun *client, tlsock_context *context, tlsock_context *other) { \
    int mark = 0; \
    tlsock_context *now = NULL; \
    tlsock_session *session = NULL; \
    OK(tlsock_##noun##_session(client, &session, E)); \
    FAILS(TLSOCK_VALUE, "Cannot set session after handshake.", tlsock_##noun##_set_session(client, session, E)); \
    tlsock_session_free(session); \
    CHECK(!tlsock_##noun##_userdata(client)); \
    tlsock_##noun##_set_userdata(client, &mark); \
    CHECK(tlsock_##noun##_userdata(client) == &mark); \
    OK(tlsock_##noun##_context(client, &now, E)); \
    CHECK(tlsock_context_same(now, context)); \
    tlsock_context_free(now); \
    OK(tlsock_##noun##_set_context(client, other, E)); \
    OK(tlsock_##noun##_context(client, &now, E)); \
    CHECK(tlsock_context_same(now, other) && !tlsock_context_same(now, context)); \
    tlsock_context_free(now); \
    FAILS_FOR(TLSOCK_SSL, "NOT_SERVER", tlsock_##noun##_verify_client_post_handshake(client, E)); \
  }

OWN(socket)
OWN(object)

static void owned(void) {
  tlsock_context *client = new_client(0), *other = new_client(0), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_say(pair.server, pair.client, "tickets came before this");
  object_owns(pair.client, client, other);
  memory_free(&pair);
  int fds[2];
  local_pair(fds);
  wire wire = wire_over(fds, client, server, 0, NULL);
  wire_say(wire.server, wire.client, "tickets came before this");
  socket_owns(wire.client, client, other);
  wire_free(&wire);
  tlsock_context_free(client);
  tlsock_context_free(other);
  tlsock_context_free(server);
}

static void agreed(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  tlsock_cipher_list *list = NULL;
  tlsock_bytes ours = {NULL, 7}, theirs = {NULL, 7};
  OK(tlsock_object_get_channel_binding(pair.client, NULL, &ours, E));
  CHECK(!ours.data && ours.len == 0);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  OK(tlsock_object_shared_ciphers(pair.client, &list, E));
  CHECK(!list);
  OK(tlsock_object_shared_ciphers(pair.server, &list, E));
  EQUAL(tlsock_cipher_list_count(list), 17);
  tlsock_cipher_list_free(list);
  CHECK(!tlsock_object_compression(pair.client));
  FAILS(TLSOCK_VALUE, NULL, tlsock_object_get_channel_binding(pair.client, NULL, &ours, E));
  CHECK(!ours.data && ours.len == 0);
  FAILS(TLSOCK_VALUE, "'tls-other' channel binding type not implemented",
        tlsock_object_get_channel_binding(pair.server, "tls-other", &theirs, E));
  CHECK(!theirs.data);
  for (const char *const *type = tlsock_channel_binding_types() + 1; *type; type++) {
    OK(tlsock_object_get_channel_binding(pair.client, *type, &ours, E));
    OK(tlsock_object_get_channel_binding(pair.server, *type, &theirs, E));
    CHECK(ours.len == 32 && theirs.len == 32 && !memcmp(ours.data, theirs.data, 32));
    tlsock_bytes_free(&ours);
    tlsock_bytes_free(&theirs);
  }
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// Exported keys: the same on both ends, by label and context, and refused where they would bind nothing.
static void exported(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  uint8_t ours[40], theirs[40], untouched[40];
  memset(ours, 7, sizeof ours);
  memcpy(untouched, ours, sizeof ours);
  FAILS(TLSOCK_VALUE, "handshake not done yet",
        tlsock_object_export_keying_material(pair.client, "EXPORTER-test", NULL, 0, ours, sizeof ours, E));
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  FAILS(TLSOCK_VALUE, "label must not be NULL",
        tlsock_object_export_keying_material(pair.client, NULL, NULL, 0, ours, sizeof ours, E));
  FAILS(TLSOCK_VALUE, NULL,
        tlsock_object_export_keying_material(pair.client, "EXPORTER-test", NULL, 3, ours, sizeof ours, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_object_export_keying_material(pair.client, "EXPORTER-test", NULL, 0, NULL, 0, E));
  FAILS(TLSOCK_VALUE, "out must not be NULL",
        tlsock_object_export_keying_material(pair.client, "EXPORTER-test", NULL, 0, NULL, 40, E));
  SAME_BYTES(ours, sizeof ours, untouched, sizeof ours);
  OK(tlsock_object_export_keying_material(pair.client, "EXPORTER-test", "me", 2, ours, sizeof ours, E));
  OK(tlsock_object_export_keying_material(pair.server, "EXPORTER-test", "me", 2, theirs, sizeof theirs, E));
  SAME_BYTES(ours, sizeof ours, theirs, sizeof theirs);
  // The context may lie where the keys go.
  memcpy(theirs, "me", 2);
  OK(tlsock_object_export_keying_material(pair.server, "EXPORTER-test", theirs, 2, theirs, sizeof theirs, E));
  SAME_BYTES(ours, sizeof ours, theirs, sizeof theirs);
  SAME_TEXT(tlsock_object_server_name(pair.server), "localhost");
  SAME_TEXT(tlsock_object_server_name(pair.client), "localhost");
  CHECK(!tlsock_object_server_name(NULL) && !tlsock_socket_verify_overridden(NULL));
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void binding(void) {
  tlsock_context *client = new_client(TLSOCK_TLS_VERSION_TLSV1_2), *server = new_server("ecdsa", 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  tlsock_bytes ours = {NULL, 7}, theirs = {NULL, 7};
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  OK(tlsock_object_get_channel_binding(pair.client, NULL, &ours, E));
  OK(tlsock_object_get_channel_binding(pair.server, tlsock_channel_binding_types()[0], &theirs, E));
  EQUAL(ours.len, 12);
  SAME_BYTES(ours.data, ours.len, theirs.data, theirs.len);
  tlsock_bytes_free(&ours);
  tlsock_bytes_free(&theirs);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// A SignedCertificateTimestampList of "one" and "other".
static const unsigned char scts_list[] = {0, 12, 0, 3, 'o', 'n', 'e', 0, 5, 'o', 't', 'h', 'e', 'r'};

// A server whose certificate comes with the list.
static tlsock_context *new_sender(void) {
  tlsock_context *server = new_server("rsa", 0);
  tlsock_identity *plain = NULL, *with = NULL;
  OK(tlsock_identity_new_files(cert("ecdsa.pem"), cert("ecdsa.key"), NULL, &plain, E));
  OK(tlsock_identity_with_scts(plain, scts_list, sizeof scts_list, &with, E));
  tlsock_identity_free(plain);
  OK(tlsock_context_use_identity(server, with, E));
  OK(tlsock_context_set_server_sigalgs(server, "ecdsa_secp256r1_sha256", E));
  tlsock_identity_free(with);
  return server;
}

static void scts_of_objects(void) {
  tlsock_context *client = new_client(0), *server = new_sender();
  for (int asks = 0; asks < 2; asks++) {
    tlsock_bytes scts = {(uint8_t *)"x", 1};
    OK(tlsock_context_set_scts_requested(client, asks, E));
    EQUAL(tlsock_context_scts_requested(client), asks);
    memory pair = memory_new(client, server, "localhost", NULL);
    OK(tlsock_object_scts(pair.client, &scts, E));
    CHECK(!scts.data && scts.len == 0);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    OK(tlsock_object_scts(pair.client, &scts, E));
    if (asks) {
      SAME_BYTES(scts.data, scts.len, scts_list, sizeof scts_list);
    } else {
      CHECK(!scts.data && scts.len == 0);
    }
    tlsock_bytes_free(&scts);
    OK(tlsock_object_scts(pair.server, &scts, E));
    CHECK(!scts.data && scts.len == 0);
    memory_free(&pair);
  }
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void scts_of_sockets(void) {
  tlsock_context *client = new_client(0), *server = new_sender();
  tlsock_bytes scts = {NULL, 0};
  int fds[2];
  OK(tlsock_context_set_scts_requested(client, true, E));
  local_pair(fds);
  wire pair = wire_over(fds, client, server, 0, NULL);
  OK(tlsock_socket_scts(pair.client, &scts, E));
  SAME_BYTES(scts.data, scts.len, scts_list, sizeof scts_list);
  tlsock_bytes_free(&scts);
  OK(tlsock_socket_scts(pair.server, &scts, E));
  CHECK(!scts.data && scts.len == 0);
  wire_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

TESTS(CASE(agreed), CASE(exported), CASE(binding), CASE(socket_and_object_tell_the_same), CASE(owned),
      CASE(scts_of_objects), CASE(scts_of_sockets))
