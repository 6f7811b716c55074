// What a refused handshake gives on both sides: spec tables of status, verify code, reason and alert.
#include "verification.h"

typedef struct refusal {
  const char *certificate, *trust, *host;
  uint64_t flags;  // more verify flags
  int verify_code;
  const char *verify_message, *server_reason;
  int alert, depth;
} refusal;

static const refusal refusals[] = {
    {"expired", "ca.pem", "localhost", 0, 10, "certificate has expired", "SSLV3_ALERT_CERTIFICATE_EXPIRED",
     TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_EXPIRED, 0},
    {"wrong-name", "ca.pem", "localhost", 0, 62, "Hostname mismatch, certificate is not valid for 'localhost'.",
     "SSLV3_ALERT_BAD_CERTIFICATE", TLSOCK_ALERT_DESCRIPTION_BAD_CERTIFICATE, 0},
    {"ecdsa", "ca.pem", "127.0.0.2", 0, 64, "IP address mismatch, certificate is not valid for '127.0.0.2'.",
     "SSLV3_ALERT_BAD_CERTIFICATE", TLSOCK_ALERT_DESCRIPTION_BAD_CERTIFICATE, 0},
    {"self-signed", "ca.pem", "localhost", 0, 18, "self-signed certificate", "TLSV1_ALERT_UNKNOWN_CA",
     TLSOCK_ALERT_DESCRIPTION_UNKNOWN_CA, 0},
    {"rsa", "unknown-ca.pem", "localhost", 0, 20, "unable to get local issuer certificate", "TLSV1_ALERT_UNKNOWN_CA",
     TLSOCK_ALERT_DESCRIPTION_UNKNOWN_CA, 1},
    {"revoked", "crl.pem", "localhost", TLSOCK_VERIFY_CRL_CHECK_CHAIN, 23, "certificate revoked",
     "SSLV3_ALERT_CERTIFICATE_REVOKED", TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_REVOKED, 0},
    {"ecdsa", "ca.pem", "localhost", TLSOCK_VERIFY_CRL_CHECK_LEAF, 3, "unable to get certificate CRL",
     "TLSV1_ALERT_UNKNOWN_CA", TLSOCK_ALERT_DESCRIPTION_UNKNOWN_CA, 0},
};

static tlsock_context *client_for(const refusal *row, int version) {
  tlsock_context *client = NULL;
  OK(tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, cert(row->trust), NULL, NULL, 0, &client, E));
  if (row->flags) {
    OK(tlsock_context_load_verify_locations(client, cert("ca.pem"), NULL, NULL, 0, E));
    OK(tlsock_context_set_verify_flags(client, tlsock_context_verify_flags(client) | row->flags, E));
  }
  only_version(client, version);
  return client;
}

static void refuse(const refusal *row, int version) {
  char message[200];
  tlsock_object *at = NULL;
  tlsock_certificate_list *chain = NULL;
  tlsock_context *client = client_for(row, version), *server = new_server(row->certificate, version);
  memory pair = memory_new(client, server, row->host, NULL);
  EQUAL(memory_try(&pair, &at), TLSOCK_CERT_VERIFICATION);
  CHECK(at == pair.client);
  snprintf(message, sizeof message, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: %s",
           row->verify_message);
  SAME_TEXT(tlsock_error_message(LAST), message);
  SAME_TEXT(tlsock_error_verify_message(LAST), row->verify_message);
  EQUAL(tlsock_error_verify_code(LAST), row->verify_code);
  EQUAL(tlsock_error_alert_sent(LAST), row->alert);
  EQUAL(tlsock_error_depth(LAST), row->depth);
  CHECK(tlsock_error_certificate(LAST));
  CHECK(!tlsock_object_version(pair.client));
  OK(tlsock_object_get_unverified_chain(pair.client, &chain, E));
  CHECK(tlsock_certificate_list_count(chain) > 0);
  tlsock_certificate_list_free(chain);

  FAILS(TLSOCK_EOF, "EOF occurred in violation of protocol", tlsock_object_do_handshake(pair.client, E));
  CHECK(!tlsock_error_library(LAST) && !tlsock_error_reason(LAST));
  EQUAL(tlsock_error_code(LAST), TLSOCK_SSL_ERROR_EOF);
  FAILS_FOR(TLSOCK_SSL, "SHUTDOWN_WHILE_IN_INIT", tlsock_object_unwrap(pair.client, E));
  FAILS_FOR(TLSOCK_SSL, row->server_reason, tlsock_object_do_handshake(pair.server, E));
  EQUAL(tlsock_error_alert_received(LAST), row->alert);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void refused(void) {
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    refuse(&refusals[i], TLSOCK_TLS_VERSION_TLSV1_2);
    refuse(&refusals[i], TLSOCK_TLS_VERSION_TLSV1_3);
  }
}

typedef struct asked {
  const char *host;
  bool accepted, never;  // never: no certificate can have it, so that OpenSSL 4 does not even begin
  bool ambiguous;        // resolvers and certificates read it differently: refused with any OpenSSL
} asked;

static void ask(const asked *row) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  memory pair = {NULL, NULL, NULL, NULL};
  if (row->ambiguous || (row->never && is_openssl_4())) {
    FAILS(TLSOCK_VALUE, NULL, tlsock_context_wrap_bio(client, NULL, NULL, 0, row->host, NULL, &pair.client, E));
    CHECK(!pair.client && strstr(tlsock_error_message(LAST), row->host));
  } else {
    pair = memory_new(client, server, row->host, NULL);
    EQUAL(memory_try(&pair, NULL), row->accepted ? TLSOCK_OK : TLSOCK_CERT_VERIFICATION);
    memory_free(&pair);
  }
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// Names that a certificate has, and names that it does not have.
static void names(void) {
  static const asked rows[] = {
      {"localhost", true, false, false}, {"LOCALHOST", true, false, false},    {"127.0.0.1", true, false, false},
      {"::1", true, false, false},       {"localhost.", true, false, false},   {"::2", false, false, false},
      {"local", false, false, false},    {"x.localhost", false, false, false}, {"[::1]", false, true, false},
      {"127.1", false, false, true},     {"127.0.0.01", false, false, true},   {"other.example", false, false, false}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) ask(&rows[i]);
}

// What one verify flag decides: a leaf without the root in the store passes with PARTIAL_CHAIN only.
static void partial_chain(void) {
  tlsock_context *server = new_server("ecdsa", 0), *client = NULL;
  OK(tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, cert("inter.pem"), NULL, NULL, 0, &client, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  memory_free(&pair);
  uint64_t flags = tlsock_context_verify_flags(client);
  OK(tlsock_context_set_verify_flags(client, flags & ~(uint64_t)TLSOCK_VERIFY_X509_PARTIAL_CHAIN, E));
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  EQUAL(tlsock_error_verify_code(LAST), 2);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void no_verification(void) {
  tlsock_context *client = new_client(0), *server = new_server("self-signed", 0);
  tlsock_certificate *certificate = (tlsock_certificate *)&client;
  OK(tlsock_context_set_check_hostname(client, false, E));
  OK(tlsock_context_set_verify_mode(client, TLSOCK_CERT_NONE, E));
  memory pair = memory_new(client, server, NULL, NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  OK(tlsock_object_getpeercert(pair.client, &certificate, E));
  CHECK(!certificate);  // fails closed
  OK(tlsock_object_peer_certificate(pair.client, &certificate, E));
  CHECK(certificate && !tlsock_certificate_verified(certificate));
  tlsock_certificate_free(certificate);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// ---- client certificates ----

static tlsock_context *asking_server(int version, int mode) {
  tlsock_context *server = new_server("ecdsa", version);
  OK(tlsock_context_load_verify_locations(server, cert("ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_set_verify_mode(server, mode, E));
  return server;
}

static void mutual(void) {
  for (int version = TLSOCK_TLS_VERSION_TLSV1_2; version <= TLSOCK_TLS_VERSION_TLSV1_3; version++) {
    tlsock_context *client = new_client(version), *server = asking_server(version, TLSOCK_CERT_REQUIRED);
    tlsock_certificate *certificate = NULL;
    tlsock_certificate_list *chain = NULL;
    OK(tlsock_context_load_cert_chain(client, cert("client.pem"), cert("client.key"), NULL, E));
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    OK(tlsock_object_getpeercert(pair.server, &certificate, E));
    CHECK(certificate && tlsock_certificate_verified(certificate));
    SAME_TEXT(tlsock_certificate_subject_text(certificate), "CN=client,O=tlsock");
    OK(tlsock_object_get_unverified_chain(pair.server, &chain, E));
    EQUAL(tlsock_certificate_list_count(chain), 2);
    CHECK(tlsock_certificate_equal(tlsock_certificate_list_at(chain, 0), certificate));
    tlsock_certificate_list_free(chain);
    tlsock_certificate_free(certificate);
    memory_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

static void none_given(void) {
  for (int version = TLSOCK_TLS_VERSION_TLSV1_2; version <= TLSOCK_TLS_VERSION_TLSV1_3; version++) {
    int old = version == TLSOCK_TLS_VERSION_TLSV1_2;
    char buffer[10];
    size_t len;
    tlsock_certificate *certificate = (tlsock_certificate *)&len;
    tlsock_certificate_list *chain = NULL;
    tlsock_object *at = NULL;
    tlsock_context *client = new_client(version), *server = asking_server(version, TLSOCK_CERT_REQUIRED);
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, &at), TLSOCK_SSL);
    CHECK(at == pair.server);
    SAME_TEXT(tlsock_error_reason(LAST), "PEER_DID_NOT_RETURN_A_CERTIFICATE");
    if (old) {
      FAILS_FOR(TLSOCK_SSL, "SSLV3_ALERT_HANDSHAKE_FAILURE", tlsock_object_do_handshake(pair.client, E));
    } else {  // a TLS 1.3 client has finished by then and learns it from the first read
      OK(tlsock_object_do_handshake(pair.client, E));
      FAILS_FOR(TLSOCK_SSL, "TLSV13_ALERT_CERTIFICATE_REQUIRED",
                tlsock_object_read(pair.client, buffer, sizeof buffer, &len, E));
      EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_READ);
      EQUAL(tlsock_error_alert_received(LAST), 116);
    }
    memory_free(&pair);
    tlsock_context_free(server);

    server = asking_server(version, TLSOCK_CERT_OPTIONAL);
    pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    OK(tlsock_object_getpeercert(pair.server, &certificate, E));
    CHECK(!certificate);
    OK(tlsock_object_get_unverified_chain(pair.server, &chain, E));
    EQUAL(tlsock_certificate_list_count(chain), 0);
    tlsock_certificate_list_free(chain);
    memory_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
}

// ---- nothing in common ----

static void disagree(tlsock_context *client, tlsock_context *server, const char *client_reason,
                     const char *server_reason) {
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(tlsock_object_do_handshake(pair.client, E), TLSOCK_WANT_READ);
  FAILS_FOR(TLSOCK_SSL, server_reason, tlsock_object_do_handshake(pair.server, E));
  FAILS_FOR(TLSOCK_SSL, client_reason, tlsock_object_do_handshake(pair.client, E));
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void nothing_in_common(void) {
  disagree(new_client(TLSOCK_TLS_VERSION_TLSV1_2), new_server("ecdsa", TLSOCK_TLS_VERSION_TLSV1_3),
           "TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL");
  tlsock_context *client = new_client(TLSOCK_TLS_VERSION_TLSV1_2), *server = new_server("rsa", 0);
  OK(tlsock_context_set_ciphers(client, "ECDHE-RSA-AES128-GCM-SHA256", E));
  OK(tlsock_context_set_ciphers(server, "ECDHE-RSA-AES256-GCM-SHA384", E));
  disagree(client, server, "SSLV3_ALERT_HANDSHAKE_FAILURE", "NO_SHARED_CIPHER");
  client = new_client(TLSOCK_TLS_VERSION_TLSV1_2), server = NULL;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &server, E));  // without a certificate
  disagree(client, server, "SSLV3_ALERT_HANDSHAKE_FAILURE", "NO_SHARED_CIPHER");

  client = new_client(0), server = new_server("ecdsa", 0);
  OK(tlsock_context_set_minimum_version(client, TLSOCK_TLS_VERSION_TLSV1_3, E));
  OK(tlsock_context_set_maximum_version(client, TLSOCK_TLS_VERSION_TLSV1_2, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  FAILS_FOR(TLSOCK_SSL, "NO_PROTOCOLS_AVAILABLE", tlsock_object_do_handshake(pair.client, E));
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void override(void) {
  judge it = {0, 0, false};
  tlsock_context *client = new_client(0), *server = new_server("wrong-name", 0);
  OK(tlsock_context_set_verify_callback(client, TLSOCK_VERIFY_CALLBACK_INSECURE_OVERRIDE, judges, &it, freed, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  EQUAL(it.calls, 1);
  CHECK(tlsock_object_verify_overridden(pair.client) && !tlsock_object_verify_overridden(pair.server));
  memory_free(&pair);
  it.refuses = true;
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  EQUAL(tlsock_error_verify_code(LAST), 62);
  SAME_TEXT(tlsock_error_message(tlsock_error_cause(LAST)), "not on the list");
  memory_free(&pair);
  // Without the flag only the check decides.
  OK(tlsock_context_set_verify_callback(client, 0, judges, &it, freed, E));
  EQUAL(it.freed, 1);
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  EQUAL(it.calls, 2);
  memory_free(&pair);
  OK(tlsock_context_set_verify_callback(client, 0, NULL, NULL, NULL, E));
  EQUAL(it.freed, 2);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static int fails(void *userdata, const tlsock_connection *connection, const tlsock_verification *seen,
                 tlsock_error **error) {
  (void)userdata, (void)connection, (void)error;
  EQUAL(tlsock_verification_code(seen), 0);
  CHECK(!tlsock_verification_message(seen));
  EQUAL(tlsock_verification_depth(seen), -1);
  CHECK(tlsock_certificate_verified(tlsock_verification_certificate(seen)));
  return 77;  // no status
}

static void *is_refused(void *server) {
  FAILS_FOR(TLSOCK_SSL, "SSLV3_ALERT_HANDSHAKE_FAILURE", tlsock_socket_do_handshake(server, E));
  return NULL;
}

static void refusal_over_sockets(void) {
  int fds[2];
  tlsock_socket *socket = NULL;
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  pthread_t thread;
  tlsock_socket *accepted = NULL;
  tcp_pair(fds);
  OK(tlsock_context_set_verify_callback(client, 0, fails, NULL, NULL, E));
  OK(tlsock_context_wrap_socket(server, fds[1], TLSOCK_WRAP_SERVER_SIDE | TLSOCK_WRAP_NO_HANDSHAKE, NULL, NULL,
                                &accepted, E));
  CHECK(pthread_create(&thread, NULL, is_refused, accepted) == 0);
  FAILS(TLSOCK_CERT_VERIFICATION, "*", tlsock_context_wrap_socket(client, fds[0], 0, "localhost", NULL, &socket, E));
  SAME_TEXT(tlsock_error_message(tlsock_error_cause(LAST)), "the callback failed with status 77");
  EQUAL(tlsock_error_alert_sent(LAST), TLSOCK_ALERT_DESCRIPTION_HANDSHAKE_FAILURE);
  CHECK(!socket);
  close(fds[0]);
  pthread_join(thread, NULL);
  tlsock_socket_free(accepted);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void limits(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  EQUAL(tlsock_context_verify_depth(client), -1);
  EQUAL(tlsock_context_max_cert_list(client), 102400);
  OK(tlsock_context_set_verify_depth(client, 0, E));
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
  EQUAL(tlsock_error_verify_code(LAST), 22);
  memory_free(&pair);
  OK(tlsock_context_set_verify_depth(client, 1, E));
  OK(tlsock_context_set_max_cert_list(client, 100, E));
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_SSL);
  SAME_TEXT(tlsock_error_reason(LAST), "EXCESSIVE_MESSAGE_SIZE");
  memory_free(&pair);
  FAILS(TLSOCK_VALUE, "verify depth -2 is *", tlsock_context_set_verify_depth(client, -2, E));
  FAILS(TLSOCK_VALUE, "a chain of 0 bytes: *", tlsock_context_set_max_cert_list(client, 0, E));
  FAILS(TLSOCK_VALUE, "a chain of 16777216 bytes: *", tlsock_context_set_max_cert_list(client, 1 << 24, E));
  EQUAL(tlsock_context_verify_depth(client), 1);
  EQUAL(tlsock_context_max_cert_list(client), 100);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void bad_arguments(void) {
  judge it = {0, 0, false};
  tlsock_context *client = new_client(0);
  FAILS(TLSOCK_VALUE, "flags has unknown bits 0xfffffffe",
        tlsock_context_set_verify_callback(client, UINT32_MAX, judges, &it, freed, E));
  FAILS(TLSOCK_VALUE, "context must not be NULL", tlsock_context_set_verify_callback(NULL, 0, judges, &it, freed, E));
  EQUAL(it.freed, 0);  // it is still ours
  OK(tlsock_context_set_verify_callback(client, 0, judges, &it, freed, E));
  tlsock_context_free(client);
  EQUAL(it.freed, 1);
}

// A server of raw libssl that has a second handshake, and shows another certificate in it. folder: where it is built.
static FILE *renegotiating_server(char *folder, const char *second, int *port) {
  char command[2000];
  CHECK(mkdtemp(folder));
  snprintf(command, sizeof command, "sh %s/build.sh renegotiates %s && exec %s/renegotiates %s server ecdsa %s",
           TLSOCK_PEERS, folder, folder, cert(""), second);
  FILE *said = popen(command, "r");
  CHECK(said && fgets(command, sizeof command, said));
  *port = atoi(command);
  return said;
}

// What the program has concluded from the first certificate counts for nobody else: see tests/renegotiation.rs.
static void changed_peer(void) {
  static const char words[] = "the peer has shown another certificate in an earlier handshake of this connection";
  for (int changes = 0; changes < 2; changes++) {
    char folder[] = "/tmp/tlsock-verify-XXXXXX", path[100], buffer[100] = "";
    int port = 0;
    size_t len = 0;
    FILE *server = renegotiating_server(folder, changes ? "rsa" : "ecdsa", &port);
    tlsock_context *client = new_client(TLSOCK_TLS_VERSION_TLSV1_2);
    tlsock_socket *socket = NULL;
    OK(tlsock_context_create_connection(client, "localhost", port, -1, &socket, E));
    OK(tlsock_socket_sendall(socket, "!", 1, E));
    if (changes) {
      FAILS(TLSOCK_CERT_VERIFICATION, "*", tlsock_socket_recv(socket, buffer, sizeof buffer, &len, E));
      SAME_TEXT(tlsock_error_message(tlsock_error_cause(LAST)), words);
      EQUAL(tlsock_error_verify_code(LAST), 50);
      EQUAL(tlsock_error_alert_sent(LAST), TLSOCK_ALERT_DESCRIPTION_HANDSHAKE_FAILURE);
    } else {
      OK(tlsock_socket_recv(socket, buffer, sizeof buffer, &len, E));
      SAME_BYTES(buffer, len, "again\n", 6);
      OK(tlsock_socket_sendall(socket, "!", 1, E));
    }
    CHECK(fgets(buffer, sizeof buffer, server));
    SAME_TEXT(buffer, changes ? "alert 40\n" : "done\n");
    tlsock_socket_free(socket);
    tlsock_context_free(client);
    pclose(server);
    snprintf(path, sizeof path, "%s/renegotiates", folder);
    CHECK(unlink(path) == 0 && rmdir(folder) == 0);
  }
}

TESTS(CASE(refused), CASE(names), CASE(partial_chain), CASE(no_verification), CASE(mutual), CASE(none_given),
      CASE(nothing_in_common), CASE(override), CASE(refusal_over_sockets), CASE(limits), CASE(bad_arguments),
      CASE(changed_peer))
