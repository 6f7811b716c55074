// Made, used and freed thousands of times, each kind of handle, also by calls that fail half-way: what the process has in
// use, its resident memory and its descriptors stay what they were.
#include <fcntl.h>

#include "rounds.h"

static tlsock_context *client, *server;
static tlsock_session *session;

// One connection's worth: the contexts are made once, and resume.
static void prepare(int version) {
  client = new_client(version);
  server = new_server("ecdsa", version);
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_say(pair.server, pair.client, "a ticket comes in front of this");
  OK(tlsock_object_session(pair.client, &session, E));
  memory_free(&pair);
}

static void put_away(void) {
  tlsock_session_free(session);
  tlsock_context_free(client);
  tlsock_context_free(server);
  session = NULL;
  client = server = NULL;
}

// ---- what needs no connection ----

static void one_error(void) {
  tlsock_error *made = tlsock_error_new(TLSOCK_SSL, "a message");
  tlsock_context *context = NULL;
  SAME_TEXT(tlsock_error_message(made), "a message");
  tlsock_error_free(made);
  CHECK(!tlsock_error_new(TLSOCK_OK, "none"));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_new(99, &context, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_new(99, NULL, E));
  EQUAL(tlsock_context_new(99, &context, NULL), TLSOCK_VALUE);
}

static void errors(void) { rounds(one_error); }

static void one_bytes(void) {
  tlsock_bytes pem = {NULL, 0}, der = {NULL, 0};
  OK(tlsock_der_cert_to_pem_cert("not looked into", 15, &pem, E));
  OK(tlsock_pem_cert_to_der_cert((const char *)pem.data, &der, E));
  EQUAL(der.len, 15);
  tlsock_bytes_free(&pem);
  tlsock_bytes_free(&der);
}

static void bytes(void) { rounds(one_bytes); }

static void one_bio(void) {
  char buffer[20000] = {0};
  size_t len = 0;
  tlsock_bio *bio = NULL;
  OK(tlsock_bio_new(&bio, E));
  OK(tlsock_bio_write(bio, buffer, sizeof buffer, E));
  OK(tlsock_bio_read(bio, buffer, 100, &len, E));
  OK(tlsock_bio_write_eof(bio, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_bio_write(bio, "x", 1, E));
  tlsock_bio_free(bio);
}

static void bios(void) { rounds(one_bio); }

static char *pem, *key;
static size_t pem_len, key_len;

static void one_certificate(void) {
  tlsock_certificate *certificate = NULL;
  tlsock_bytes digest = {NULL, 0};
  const char *json = NULL;
  OK(tlsock_certificate_new_data(pem, pem_len, &certificate, E));
  OK(tlsock_certificate_json(certificate, &json, E));
  OK(tlsock_certificate_fingerprint(certificate, NULL, &digest, E));
  CHECK(json && tlsock_certificate_subject_count(certificate) && tlsock_certificate_pem(certificate));
  CHECK(tlsock_certificate_subject_text(certificate) && tlsock_certificate_serial_number(certificate));
  tlsock_bytes_free(&digest);
  tlsock_certificate_free(certificate);
  FAILS(TLSOCK_SSL, NULL, tlsock_certificate_new_data(pem, pem_len / 4, &certificate, E));
}

static void certificates(void) {
  pem = read_file(cert("ecdsa.pem"), &pem_len);
  rounds(one_certificate);
  free(pem);
}

static void one_store_list(void) {
  tlsock_store_list *entries = NULL;
  FAILS(TLSOCK_NOT_IMPLEMENTED, NULL, tlsock_enum_certificates("ROOT", &entries, E));
  FAILS(TLSOCK_NOT_IMPLEMENTED, NULL, tlsock_enum_crls("CA", &entries, E));
  tlsock_store_list_free(entries);
}

static void store_lists(void) { rounds(one_store_list); }

static void one_verify_paths(void) {
  tlsock_verify_paths *paths = NULL;
  tlsock_asn1_object object;
  OK(tlsock_get_default_verify_paths(&paths, E));
  CHECK(tlsock_verify_paths_openssl_cafile(paths));
  tlsock_verify_paths_free(paths);
  OK(tlsock_txt2obj("serverAuth", true, &object, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_txt2obj("none such", true, &object, E));
}

static void verify_paths(void) { rounds(one_verify_paths); }

// ---- contexts ----

static int freed;

static void count_freed(void *userdata) {
  (void)userdata;
  freed++;
}

static int keylog(void *userdata, const tlsock_connection *connection, const char *line, tlsock_error **error) {
  (void)userdata, (void)connection, (void)line, (void)error;
  return TLSOCK_OK;
}

static int name(void *userdata, const tlsock_connection *connection, const char *server_name, tlsock_context *context,
                tlsock_error **error) {
  (void)userdata, (void)connection, (void)server_name, (void)context, (void)error;
  return 0;
}

static int password(void *userdata, uint8_t *buffer, size_t size, size_t *len, tlsock_error **error) {
  (void)buffer, (void)size, (void)len;
  *error = tlsock_error_new(TLSOCK_VALUE, userdata);
  return TLSOCK_VALUE;
}

static void one_context(void) {
  const char *protocols[] = {"h2", "http/1.1"};
  char word[] = "no password";
  tlsock_context *context = NULL;
  tlsock_cert_store_stats stats;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &context, E));
  OK(tlsock_context_load_cert_chain_data(context, pem, pem_len, key, key_len, NULL, E));
  OK(tlsock_context_load_verify_locations(context, cert("ca.pem"), NULL, pem, pem_len, E));
  OK(tlsock_context_load_verify_locations(context, cert("crl.pem"), "/nowhere", NULL, 0, E));
  OK(tlsock_context_cert_store_stats(context, &stats, E));
  CHECK(stats.crl > 0);
  OK(tlsock_context_set_ciphers(context, "ECDHE+AESGCM", E));
  OK(tlsock_context_set_alpn_protocols(context, protocols, 2, E));
  OK(tlsock_context_set_keylog_filename(context, "/dev/null", E));
  OK(tlsock_context_set_keylog_callback(context, keylog, word, count_freed, E));
  OK(tlsock_context_set_sni_callback(context, name, word, count_freed, E));
  OK(tlsock_context_set_sni_callback(context, name, word, count_freed, E));
  OK(tlsock_context_set_password_callback(context, password, word, count_freed, E));
  tlsock_context_free(context);
}

static void one_failed_load(void) {
  char word[] = "no password";
  tlsock_context *context = NULL;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &context, E));
  OK(tlsock_context_set_password_callback(context, password, word, count_freed, E));
  FAILS(TLSOCK_VALUE, "no password",
        tlsock_context_load_cert_chain(context, cert("rsa.pem"), cert("rsa-encrypted.key"), NULL, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_cert_chain_data(context, pem, pem_len / 4, key, key_len, NULL, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_cert_chain_data(context, pem, pem_len, key, key_len / 2, NULL, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_verify_locations(context, cert("ca.key"), NULL, NULL, 0, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_verify_locations(context, NULL, NULL, pem, pem_len / 4, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_crl_data(context, "junk", 4, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_dh_params(context, cert("ca.pem"), E));
  FAILS(TLSOCK_SSL, NULL, tlsock_context_set_ciphers(context, "NONE", E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_set_ecdh_curve(context, "none", E));
  tlsock_context_free(context);
}

static void contexts(void) {
  pem = read_file(cert("ecdsa.pem"), &pem_len);
  key = read_file(cert("ecdsa.key"), &key_len);
  freed = 0;
  rounds_of(4, one_context);
  EQUAL(freed, 4 * (wanted_rounds() / 4));
  rounds_of(10, one_failed_load);
  free(pem);
  free(key);
}

static void one_default_context(void) {
  tlsock_context *context = NULL;
  OK(tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, cert("ca.pem"), NULL, NULL, 0, &context, E));
  FAILS(TLSOCK_OS, NULL,
        tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, "/none", NULL, NULL, 0, &context, E));
  tlsock_context_free(context);
}

static void default_contexts(void) { rounds(one_default_context); }

// A context in use is copied for each change.
static void one_generation(void) {
  tlsock_object *object = NULL;
  OK(tlsock_context_wrap_bio(client, NULL, NULL, 0, "localhost", NULL, &object, E));
  OK(tlsock_context_set_options(client, tlsock_context_options(client) ^ TLSOCK_OP_NO_TICKET, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_context_set_ciphers(client, "NONE", E));
  tlsock_object_free(object);
}

static void generations(void) {
  prepare(0);
  rounds_of(4, one_generation);
  put_away();
}

static void one_list(void) {
  tlsock_cipher_list *ciphers = NULL;
  tlsock_certificate_list *authorities = NULL;
  tlsock_cipher_info info;
  const char *json = NULL;
  OK(tlsock_context_get_ciphers(client, &ciphers, E));
  CHECK(tlsock_cipher_list_info_at(ciphers, 0, &info) && info.name);
  tlsock_cipher_list_free(ciphers);
  OK(tlsock_context_get_ca_certs(client, &authorities, E));
  EQUAL(tlsock_certificate_list_count(authorities), 1);
  OK(tlsock_certificate_json(tlsock_certificate_list_at(authorities, 0), &json, E));
  tlsock_certificate_list_free(authorities);
}

static void lists(void) {
  prepare(0);
  rounds(one_list);
  put_away();
}

// ---- connections ----

static void look_at(const tlsock_object *object) {
  tlsock_certificate *certificate = NULL;
  tlsock_certificate_list *chain = NULL;
  tlsock_context *context = NULL;
  tlsock_session *own = NULL;
  tlsock_bytes data = {NULL, 0};
  OK(tlsock_object_getpeercert(object, &certificate, E));
  OK(tlsock_object_get_unverified_chain(object, &chain, E));
  OK(tlsock_object_context(object, &context, E));
  OK(tlsock_object_session(object, &own, E));
  OK(tlsock_session_data(own, &data, E));
  tlsock_session *again = NULL;
  OK(tlsock_session_new_data(context, data.data, data.len, &again, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_session_new_data(context, data.data, data.len - 1, &again, E));
  CHECK(tlsock_session_equal(own, again));
  tlsock_bytes_free(&data);
  tlsock_session_free(again);
  tlsock_session_free(own);
  tlsock_context_free(context);
  tlsock_certificate_list_free(chain);
  tlsock_certificate_free(certificate);
}

static void one_object(void) {
  memory pair = memory_new(client, server, "localhost", session);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  CHECK(tlsock_object_session_reused(pair.client));
  memory_say(pair.client, pair.server, "hello");
  memory_say(pair.server, pair.client, "hello yourself");
  look_at(pair.client);
  FAILS(TLSOCK_WANT_READ, NULL, tlsock_object_unwrap(pair.client, E));
  OK(tlsock_object_unwrap(pair.server, E));
  OK(tlsock_object_unwrap(pair.client, E));
  memory_free(&pair);
}

static void objects_of(int version) {
  prepare(version);
  rounds_of(4, one_object);
  put_away();
}

static void objects_1_2(void) { objects_of(TLSOCK_TLS_VERSION_TLSV1_2); }
static void objects_1_3(void) { objects_of(TLSOCK_TLS_VERSION_TLSV1_3); }

// Handshakes that fail on either side, or end in the middle.
static void one_failure(void) {
  tlsock_object *at = NULL, *nameless = NULL;
  memory pair = memory_new(client, server, "not.the.name", NULL);
  EQUAL(memory_try(&pair, &at), TLSOCK_CERT_VERIFICATION);
  memory_free(&pair);
  pair = memory_new(client, server, "localhost", NULL);
  OK(tlsock_bio_write(pair.down, "not TLS at all", 14, E));
  EQUAL(memory_try(&pair, &at), TLSOCK_SSL);
  memory_free(&pair);
  pair = memory_new(client, server, "localhost", NULL);
  FAILS(TLSOCK_WANT_READ, NULL, tlsock_object_do_handshake(pair.client, E));
  memory_free(&pair);
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_wrap_bio(client, NULL, NULL, 0, NULL, NULL, &nameless, E));
}

static void failures(void) {
  // Sessions of handshakes that fail do not stay in the server's cache.
  prepare(TLSOCK_TLS_VERSION_TLSV1_3);
  rounds_of(4, one_failure);
  put_away();
}

static void shake(tlsock_socket *one, tlsock_socket *other) {
  tlsock_status first = TLSOCK_WANT_READ, second = TLSOCK_WANT_READ;
  for (int turn = 0; turn < 10 && (first || second); turn++) {
    first = first ? tlsock_socket_do_handshake(one, E) : first;
    second = second ? tlsock_socket_do_handshake(other, E) : second;
  }
  CHECK(!first && !second);
}

static void one_socket(void) {
  static unsigned turn;
  int fds[2];
  wire pair = {NULL, NULL};
  local_pair(fds);
  fcntl(fds[0], F_SETFL, O_NONBLOCK);
  fcntl(fds[1], F_SETFL, O_NONBLOCK);
  OK(tlsock_context_wrap_socket(client, fds[0], TLSOCK_WRAP_NO_HANDSHAKE, "localhost", session, &pair.client, E));
  FAILS(TLSOCK_VALUE, NULL,
        tlsock_context_wrap_socket(server, fds[1], TLSOCK_WRAP_SERVER_SIDE, "localhost", NULL, &pair.server, E));
  OK(tlsock_context_wrap_socket(server, fds[1], TLSOCK_WRAP_SERVER_SIDE | TLSOCK_WRAP_NO_HANDSHAKE, NULL, NULL,
                                &pair.server, E));
  shake(pair.client, pair.server);
  wire_say(pair.client, pair.server, "hello");
  OK(tlsock_socket_settimeout(pair.server, 20, E));
  FILE *stream = NULL;
  OK(tlsock_socket_makefile(pair.server, "w", &stream, E));
  CHECK(fputs("a line\n", stream) >= 0 && fclose(stream) == 0);
  OK(tlsock_socket_close_write(pair.client, E));
  switch (turn++ % 3) {
    case 0:
      OK(tlsock_socket_close(pair.client, E));
      break;
    case 1:
      OK(tlsock_socket_abort(pair.client, E));
      break;
    default:
      close(tlsock_socket_detach(pair.client));
  }
  wire_free(&pair);
}

static void sockets(void) {
  prepare(TLSOCK_TLS_VERSION_TLSV1_2);
  rounds(one_socket);
  put_away();
}

static void one_listener(void) {
  tlsock_socket *listener = NULL, *accepted = NULL;
  tlsock_address address;
  const struct linger at_once = {1, 0};
  struct sockaddr_in there = {0};
  OK(tlsock_context_create_server(server, "127.0.0.1", 0, 1, TLSOCK_WRAP_NO_HANDSHAKE, &listener, E));
  OK(tlsock_socket_getsockname(listener, &address, E));
  there.sin_family = AF_INET;
  there.sin_port = htons((uint16_t)address.port);
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int plain = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(connect(plain, (struct sockaddr *)&there, sizeof there) == 0);
  OK(tlsock_socket_accept(listener, &accepted, &address, E));
  FAILS(TLSOCK_OS, NULL,
        tlsock_context_create_server(server, "127.0.0.1", ntohs(there.sin_port), 1, TLSOCK_WRAP_NO_HANDSHAKE, &listener,
                                     E));
  // A reset, so that no port is kept waiting.
  setsockopt(plain, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(plain);
  tlsock_socket_free(accepted);
  tlsock_socket_free(listener);
}

static void listeners(void) {
  server = new_server("ecdsa", 0);
  rounds(one_listener);
  tlsock_context_free(server);
}

TESTS(CASE(errors), CASE(bytes), CASE(bios), CASE(certificates), CASE(store_lists), CASE(verify_paths), CASE(contexts),
      CASE(default_contexts), CASE(generations), CASE(lists), CASE(objects_1_2), CASE(objects_1_3), CASE(failures),
      CASE(sockets), CASE(listeners))
