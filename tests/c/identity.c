// tlsock_identity: a chain with its key, made once and used by any number of contexts.
#include "rounds.h"

static tlsock_identity *from_files(const char *name) {
  char file[64], key[64];
  tlsock_identity *identity = NULL;
  snprintf(file, sizeof file, "%s.pem", name);
  snprintf(key, sizeof key, "%s.key", name);
  OK(tlsock_identity_new_files(cert(file), cert(key), NULL, &identity, E));
  return identity;
}

static tlsock_identity *from_pkcs12(void) {
  size_t len = 0;
  char *file = read_file(cert("ecdsa.p12"), &len);
  tlsock_identity *identity = NULL;
  OK(tlsock_identity_new_pkcs12(file, len, "sesame", &identity, E));
  free(file);
  return identity;
}

static tlsock_context *server_of(const tlsock_identity *identity) {
  tlsock_context *server = NULL;
  OK(tlsock_create_default_context(TLSOCK_PURPOSE_CLIENT_AUTH, NULL, NULL, NULL, 0, &server, E));
  OK(tlsock_context_use_identity(server, identity, E));
  return server;
}

// A client that verifies sees the certificate of this file.
static void shows(tlsock_context *server, const char *file) {
  size_t len = 0;
  char *pem = read_file(cert(file), &len);
  tlsock_certificate *expected = NULL, *shown = NULL;
  OK(tlsock_certificate_new_data(pem, len, &expected, E));
  tlsock_context *client = new_client(0);
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  OK(tlsock_object_peer_certificate(pair.client, &shown, E));
  CHECK(tlsock_certificate_equal(shown, expected) && tlsock_certificate_verified(shown));
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_certificate_free(shown);
  tlsock_certificate_free(expected);
  free(pem);
}

static void files_and_pkcs12(void) {
  tlsock_identity *identities[] = {from_files("ecdsa"), from_pkcs12()};
  for (int i = 0; i < 2; i++) {
    tlsock_context *server = server_of(identities[i]), *other = server_of(identities[i]);
    tlsock_identity_free(identities[i]);  // the contexts keep it
    shows(server, "ecdsa.pem");
    shows(other, "ecdsa.pem");
    tlsock_context_free(server);
    tlsock_context_free(other);
  }
}

static void data(void) {
  size_t len = 0, key_len = 0;
  char *pem = read_file(cert("rsa.pem"), &len), *key = read_file(cert("rsa-encrypted.key"), &key_len);
  tlsock_identity *identity = NULL;
  OK(tlsock_identity_new_data(pem, len, key, key_len, "sesame", &identity, E));
  tlsock_context *server = server_of(identity);
  shows(server, "rsa.pem");
  tlsock_context_free(server);
  tlsock_identity_free(identity);
  free(pem);
  free(key);
}

static int sesame(void *userdata, uint8_t *buffer, size_t size, size_t *len, tlsock_error **error) {
  (void)error;
  const char *word = userdata;
  CHECK(size >= strlen(word));
  memcpy(buffer, word, *len = strlen(word));
  return TLSOCK_OK;
}

static void asked_for_a_password(void) {
  size_t len = 0, key_len = 0;
  char *pem = read_file(cert("rsa.pem"), &len), *key = read_file(cert("rsa-encrypted.key"), &key_len);
  const char *certfile = cert("rsa.pem"), *keyfile = cert("rsa-encrypted.key");
  tlsock_identity *identity = NULL;
  OK(tlsock_identity_new_files_asking(certfile, keyfile, sesame, (void *)"sesame", &identity, E));
  tlsock_identity_free(identity);
  OK(tlsock_identity_new_data_asking(pem, len, key, key_len, sesame, (void *)"sesame", &identity, E));
  tlsock_identity_free(identity);
  identity = NULL;
  FAILS(TLSOCK_SSL, "[SSL] PEM lib: key: the private key's password is wrong*",
        tlsock_identity_new_data_asking(pem, len, key, key_len, sesame, (void *)"open", &identity, E));
  FAILS(TLSOCK_VALUE, "password must not be NULL",
        tlsock_identity_new_files_asking(certfile, keyfile, NULL, NULL, &identity, E));
  CHECK(identity == NULL);
  free(pem);
  free(key);
}

static void certificates(void) {
  tlsock_identity *identity = from_files("ecdsa");
  tlsock_certificate_list *list = NULL;
  OK(tlsock_identity_certificates(identity, &list, E));
  tlsock_identity_free(identity);
  EQUAL(tlsock_certificate_list_count(list), 2);
  SAME_TEXT(tlsock_certificate_subject_text(tlsock_certificate_list_at(list, 0)), "CN=localhost,O=tlsock");
  SAME_TEXT(tlsock_certificate_subject_text(tlsock_certificate_list_at(list, 1)), "CN=tlsock test intermediate");
  tlsock_certificate_list_free(list);
}

// What fails gives nothing and changes nothing.
static void failures(void) {
  size_t len = 0;
  char *file = read_file(cert("ecdsa.p12"), &len);
  tlsock_identity *identity = NULL;
  FAILS(TLSOCK_SSL, "[PKCS12: MAC_VERIFY_FAILURE] mac verify failure: data: the password is wrong*",
        tlsock_identity_new_pkcs12(file, len, "open", &identity, E));
  FAILS(TLSOCK_SSL, "*", tlsock_identity_new_pkcs12(file, len, NULL, &identity, E));
  FAILS(TLSOCK_SSL, "*", tlsock_identity_new_pkcs12(file, len / 2, "sesame", &identity, E));
  FAILS(TLSOCK_SSL, "*", tlsock_identity_new_pkcs12(NULL, 0, "sesame", &identity, E));
  FAILS(TLSOCK_OS, NULL, tlsock_identity_new_files("nowhere.pem", NULL, NULL, &identity, E));
  SAME_TEXT(tlsock_error_filename(LAST), "nowhere.pem");
  FAILS_FOR(TLSOCK_SSL, "KEY_VALUES_MISMATCH",
            tlsock_identity_new_files(cert("ecdsa.pem"), cert("names.key"), NULL, &identity, E));
  CHECK(identity == NULL);
  free(file);

  tlsock_context *server = new_server("ecdsa", 0);
  identity = from_files("rsa");
  OK(tlsock_context_set_ciphers(server, "ALL:@SECLEVEL=5", E));
  FAILS(TLSOCK_SSL, NULL, tlsock_context_use_identity(server, identity, E));
  OK(tlsock_context_set_ciphers(server, "ALL:@SECLEVEL=2", E));
  shows(server, "ecdsa.pem");
  tlsock_identity_free(identity);
  tlsock_context_free(server);
}

static void from_uris(void) {
  char certificate[600], key[600];
  tlsock_identity *identity = NULL;
  snprintf(certificate, sizeof certificate, "file:%s", cert("ecdsa.p12"));
  OK(tlsock_identity_new_uri(certificate, NULL, "sesame", &identity, E));
  tlsock_context *server = server_of(identity);
  shows(server, "ecdsa.pem");
  tlsock_context_free(server);
  tlsock_identity_free(identity);
  identity = NULL;
  snprintf(certificate, sizeof certificate, "file:%s", cert("ecdsa.pem"));
  snprintf(key, sizeof key, "file:%s", cert("rsa-encrypted.key"));
  FAILS(TLSOCK_SSL, "[X509: KEY_TYPE_MISMATCH] key type mismatch: key_uri: the private key is not that of any*",
        tlsock_identity_new_uri(certificate, key, "sesame", &identity, E));
  FAILS(TLSOCK_NOT_IMPLEMENTED, "key_uri: nobody serves the scheme 'card'*",
        tlsock_identity_new_uri(certificate, "card:1", NULL, &identity, E));
  FAILS(TLSOCK_VALUE, "cert_uri is no URI*", tlsock_identity_new_uri("server.pem", NULL, NULL, &identity, E));
  CHECK(identity == NULL);
}

typedef struct remote {
  int asked, freed;
  tlsock_status answer;
} remote;

// A signer without a key: it gives bytes that are not a signature, or fails.
static int pretend(void *userdata, const char *algorithm, const char *digest, const uint8_t *data, size_t data_len,
                   uint8_t *signature, size_t size, size_t *signature_len, tlsock_error **error) {
  remote *signer = userdata;
  signer->asked++;
  CHECK(strcmp(algorithm, "ecdsa") == 0 && strcmp(digest, "sha256") == 0 && data && data_len == 32 && size >= 70);
  if (signer->answer != TLSOCK_OK) {
    if (error) *error = tlsock_error_new(signer->answer, "the card is not in its slot");
    return signer->answer;
  }
  memset(signature, 0x30, *signature_len = 70);
  return TLSOCK_OK;
}

static void forget(void *userdata) { ((remote *)userdata)->freed++; }

// A signer's failure and an invalid signature end the handshake on this side.
static void signer_without_a_key(void) {
  static const struct {
    tlsock_status answer;
    const char *words;
  } kinds[] = {{TLSOCK_OK, "the signer's signature is not one of the certificate's key"},
               {TLSOCK_OS, "the card is not in its slot"}};
  size_t len = 0;
  char *pem = read_file(cert("ecdsa.pem"), &len);
  for (int i = 0; i < 2; i++) {
    remote signer = {0, 0, kinds[i].answer};
    tlsock_identity *identity = NULL;
    tlsock_object *at = NULL;
    OK(tlsock_identity_new_signer(pem, len, 0, pretend, &signer, forget, &identity, E));
    tlsock_context *client = new_client(0), *server = server_of(identity);
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, &at), TLSOCK_SSL);
    CHECK(at == pair.server && strstr(tlsock_error_message(LAST), kinds[i].words));
    SAME_TEXT(tlsock_error_message(tlsock_error_cause(LAST)), kinds[i].words);
    memory_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
    EQUAL(signer.freed, 0);
    tlsock_identity_free(identity);
    EQUAL(signer.asked, 1);
    EQUAL(signer.freed, 1);
  }
  remote unused = {0, 0, TLSOCK_OK};
  tlsock_identity *identity = NULL;
  FAILS(TLSOCK_VALUE, "callback must not be NULL",
        tlsock_identity_new_signer(pem, len, 0, NULL, &unused, forget, &identity, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_identity_new_signer("junk", 4, 0, pretend, &unused, forget, &identity, E));
  FAILS(TLSOCK_VALUE, "flags has unknown bits 0x2",
        tlsock_identity_new_signer(pem, len, 3, pretend, &unused, forget, &identity, E));
  CHECK(identity == NULL && unused.freed == 0);
  free(pem);
}

typedef struct choice {
  const tlsock_identity *identity;
  int asked, freed;
  bool server_side, fails;
} choice;

static void forget_choice(void *userdata) { ((choice *)userdata)->freed++; }

static int choose(void *userdata, const tlsock_connection *connection, tlsock_identity_request *request,
                  tlsock_error **error) {
  choice *own = userdata;
  bool takes_ecdsa = false;
  own->asked++;
  CHECK(connection->object != NULL);
  EQUAL(tlsock_identity_request_server_side(request), own->server_side);
  for (size_t i = 0; i < tlsock_identity_request_signature_algorithm_count(request); i++)
    takes_ecdsa |= tlsock_identity_request_signature_algorithm_at(request, i) == 0x0403;
  CHECK(takes_ecdsa);
  EQUAL(tlsock_identity_request_signature_algorithm_at(request, 1000), 0);
  if (own->server_side) {
    SAME_TEXT(tlsock_identity_request_server_name(request), "localhost");
    EQUAL(tlsock_identity_request_ca_name_count(request), 0);
  } else {
    EQUAL(tlsock_identity_request_ca_name_count(request), 1);
    SAME_TEXT(tlsock_identity_request_ca_name_text_at(request, 0), "CN=tlsock test root");
    CHECK(tlsock_identity_request_ca_name_at(request, 0).len > 10);
  }
  CHECK(!tlsock_identity_request_ca_name_at(request, 9).data && !tlsock_identity_request_ca_name_text_at(request, 9));
  if (own->fails) {
    *error = tlsock_error_new(TLSOCK_OS, "not today");
    return TLSOCK_OS;
  }
  OK(tlsock_identity_request_use(request, NULL, E));
  return tlsock_identity_request_use(request, own->identity, error);
}

static void chosen_for_each_connection(void) {
  size_t len = 0;
  char *ca = read_file(cert("ca.pem"), &len);
  tlsock_identity *of_server = from_files("ecdsa"), *of_client = from_files("client");
  choice on_server = {of_server, 0, 0, true, false}, on_client = {of_client, 0, 0, false, false};
  tlsock_context *client = new_client(0), *server = new_server("rsa", 0);
  OK(tlsock_context_set_identity_callback(server, choose, &on_server, forget_choice, E));
  OK(tlsock_context_set_identity_callback(client, choose, &on_client, forget_choice, E));
  OK(tlsock_context_load_verify_locations(server, cert("ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_set_verify_mode(server, TLSOCK_CERT_REQUIRED, E));
  OK(tlsock_context_set_client_ca_names(server, ca, len, E));
  FAILS(TLSOCK_VALUE, "client_ca_names cannot be set on TLS_CLIENT context",
        tlsock_context_set_client_ca_names(client, ca, len, E));

  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  tlsock_certificate *shown = NULL;
  OK(tlsock_object_peer_certificate(pair.server, &shown, E));
  SAME_TEXT(tlsock_certificate_subject_text(shown), "CN=client,O=tlsock");
  tlsock_certificate_free(shown);
  memory_free(&pair);
  EQUAL(on_server.asked, 1);
  EQUAL(on_client.asked, 1);

  on_server.fails = true;
  pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_SSL);
  CHECK(strstr(tlsock_error_message(LAST), "not today"));
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
  EQUAL(on_server.freed + on_client.freed, 2);
  tlsock_identity_free(of_server);
  tlsock_identity_free(of_client);
  free(ca);
}

// Made and refused again and again, nothing is left.
static tlsock_context *reloaded;
static char *pem, *key, *pkcs12;
static size_t pem_len, key_len, pkcs12_len;

static void one_identity(void) {
  tlsock_identity *identity = NULL;
  tlsock_certificate_list *list = NULL;
  OK(tlsock_identity_new_data(pem, pem_len, key, key_len, NULL, &identity, E));
  OK(tlsock_identity_certificates(identity, &list, E));
  tlsock_certificate_list_free(list);
  tlsock_identity_free(identity);
  OK(tlsock_identity_new_pkcs12(pkcs12, pkcs12_len, "sesame", &identity, E));
  OK(tlsock_context_use_identity(reloaded, identity, E));
  tlsock_identity_free(identity);
  FAILS(TLSOCK_SSL, NULL, tlsock_identity_new_pkcs12(pkcs12, pkcs12_len, "open", &identity, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_identity_new_pkcs12(pkcs12, pkcs12_len / 2, "sesame", &identity, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_identity_new_data(pem, pem_len / 4, key, key_len, NULL, &identity, E));
}

static void nothing_is_left(void) {
  reloaded = new_server("ecdsa", 0);
  pem = read_file(cert("ecdsa.pem"), &pem_len);
  key = read_file(cert("ecdsa.key"), &key_len);
  pkcs12 = read_file(cert("ecdsa.p12"), &pkcs12_len);
  rounds_of(10, one_identity);
  tlsock_context_free(reloaded);
  free(pem);
  free(key);
  free(pkcs12);
}

static void with_ocsp_response(void) {
  tlsock_identity *identity = NULL, *made = NULL;
  OK(tlsock_identity_new_files(cert("ecdsa.pem"), cert("ecdsa.key"), NULL, &identity, E));
  FAILS(TLSOCK_VALUE, "response is not an OCSP response in DER",
        tlsock_identity_with_ocsp_response(identity, "1", 1, &made, E));
  FAILS(TLSOCK_VALUE, "response must not be NULL", tlsock_identity_with_ocsp_response(identity, NULL, 1, &made, E));
  FAILS(TLSOCK_VALUE, "response is not an OCSP response in DER",
        tlsock_identity_with_ocsp_response(identity, NULL, 0, &made, E));
  CHECK(made == NULL);
  tlsock_identity_free(identity);
}

static void lists_of_timestamps(void) {
  static const unsigned char list[] = {0, 12, 0, 3, 'o', 'n', 'e', 0, 5, 'o', 't', 'h', 'e', 'r'};
  tlsock_identity *identity = from_files("ecdsa"), *made = NULL;
  for (size_t len = 1; len < sizeof list; len++)
    FAILS(TLSOCK_VALUE, "scts is not a SignedCertificateTimestampList (RFC 6962, section 3.3)",
          tlsock_identity_with_scts(identity, list, len, &made, E));
  FAILS(TLSOCK_VALUE, "scts must not be NULL", tlsock_identity_with_scts(identity, NULL, 1, &made, E));
  CHECK(!made);
  for (size_t len = 0; len <= sizeof list; len += sizeof list) {
    OK(tlsock_identity_with_scts(identity, len ? list : NULL, len, &made, E));
    tlsock_identity_free(made);
  }
  tlsock_identity_free(identity);
}

TESTS(CASE(files_and_pkcs12), CASE(data), CASE(asked_for_a_password), CASE(certificates), CASE(failures),
      CASE(from_uris), CASE(signer_without_a_key), CASE(chosen_for_each_connection), CASE(nothing_is_left),
      CASE(with_ocsp_response), CASE(lists_of_timestamps))
