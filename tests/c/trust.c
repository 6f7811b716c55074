// tlsock_context: this side's chain and key, and whom it trusts.
#include <sys/mman.h>

#include "fixture.h"

static tlsock_context *made(int protocol) {
  tlsock_context *context = NULL;
  OK(tlsock_context_new(protocol, &context, E));
  return context;
}

static size_t stored(tlsock_context *context, size_t *crls) {
  tlsock_cert_store_stats stats = {0};
  OK(tlsock_context_cert_store_stats(context, &stats, E));
  if (crls) *crls = stats.crl;
  EQUAL(stats.x509, stats.x509_ca);
  return stats.x509;
}

// A handshake with these contexts; frees the server's.
static tlsock_status talk(tlsock_context *client, tlsock_context *server) {
  memory pair = memory_new(client, server, "localhost", NULL);
  tlsock_status status = memory_try(&pair, NULL);
  memory_free(&pair);
  tlsock_context_free(server);
  return status;
}

static void trust_file(void) {
  tlsock_context *client = made(TLSOCK_PROTOCOL_TLS_CLIENT);
  size_t crls;
  OK(tlsock_context_load_verify_locations(client, cert("ca.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_load_verify_locations(client, cert("ca.pem"), NULL, NULL, 0, E));  // twice is once
  EQUAL(stored(client, NULL), 1);
  OK(tlsock_context_load_verify_locations(client, cert("crl.pem"), NULL, NULL, 0, E));
  EQUAL(stored(client, &crls), 1);
  EQUAL(crls, 2);
  EQUAL(talk(client, new_server("rsa", 0)), TLSOCK_OK);

  FAILS(TLSOCK_TYPE, "cafile, capath and cadata cannot be all omitted",
        tlsock_context_load_verify_locations(client, NULL, NULL, NULL, 0, E));
  FAILS(TLSOCK_OS, NULL, tlsock_context_load_verify_locations(client, cert("missing.pem"), NULL, NULL, 0, E));
  EQUAL(tlsock_error_os_errno(LAST), 2);
  FAILS(TLSOCK_OS, NULL, tlsock_context_load_verify_locations(client, "", NULL, NULL, 0, E));
  FAILS(TLSOCK_OS, NULL, tlsock_context_load_verify_locations(client, test_certs, NULL, NULL, 0, E));
  FAILS(TLSOCK_SSL, "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found",
        tlsock_context_load_verify_locations(client, cert("rsa.key"), NULL, NULL, 0, E));
  EQUAL(tlsock_error_code(LAST), 136);
  EQUAL(stored(client, NULL), 1);
  tlsock_context_free(client);
}

static void trust_directory(void) {
  char directory[] = "/tmp/tlsock-ca-XXXXXX", command[1200];
  tlsock_context *client = made(TLSOCK_PROTOCOL_TLS_CLIENT);
  CHECK(mkdtemp(directory));
  snprintf(command, sizeof command, "cp %s %s/ca.pem && openssl rehash %s", cert("ca.pem"), directory, directory);
  CHECK(system(command) == 0);
  OK(tlsock_context_load_verify_locations(client, NULL, directory, NULL, 0, E));
  OK(tlsock_context_load_verify_locations(client, NULL, "/no/such/directory", NULL, 0, E));  // only remembered
  EQUAL(stored(client, NULL), 0);
  EQUAL(talk(client, new_server("ecdsa", 0)), TLSOCK_OK);
  EQUAL(stored(client, NULL), 1);  // what was used shows up
  FAILS(TLSOCK_SSL, "[X509: INVALID_DIRECTORY] invalid directory",
        tlsock_context_load_verify_locations(client, NULL, "", NULL, 0, E));
  tlsock_context_free(client);
  snprintf(command, sizeof command, "rm -r %s", directory);
  CHECK(system(command) == 0);
}

static void trust_data(void) {
  tlsock_context *client = made(TLSOCK_PROTOCOL_TLS_CLIENT);
  tlsock_certificate *ca = NULL;
  size_t pem_len, junk_len, key_len;
  char *pem = read_file(cert("ca.pem"), &pem_len), *key = read_file(cert("ca.key"), &key_len);
  OK(tlsock_context_load_verify_locations(client, NULL, NULL, pem, pem_len, E));
  EQUAL(stored(client, NULL), 1);
  EQUAL(talk(client, new_server("ed25519", 0)), TLSOCK_OK);
  tlsock_context_free(client);

  client = made(TLSOCK_PROTOCOL_TLS_CLIENT);
  OK(tlsock_certificate_new_data(pem, pem_len, &ca, E));
  tlsock_slice der = tlsock_certificate_der(ca);
  OK(tlsock_context_load_verify_locations(client, NULL, NULL, der.data, der.len, E));
  EQUAL(talk(client, new_server("ecdsa", 0)), TLSOCK_OK);
  char *junk = malloc(der.len + 3);
  memcpy(junk, der.data, der.len);
  memcpy(junk + der.len, "\x30\x05x", 3);
  junk_len = der.len + 3;
  FAILS(TLSOCK_SSL, "[ASN1*", tlsock_context_load_verify_locations(client, NULL, NULL, junk, junk_len, E));
  FAILS(TLSOCK_VALUE, "Empty certificate data", tlsock_context_load_verify_locations(client, NULL, NULL, "", 0, E));
  FAILS(TLSOCK_SSL, "no start line: cadata does not contain a certificate",
        tlsock_context_load_verify_locations(client, NULL, NULL, key, key_len, E));
  FAILS(TLSOCK_SSL, "not enough data: cadata does not contain a certificate",
        tlsock_context_load_verify_locations(client, NULL, NULL, "\x30\x82\x01\x01", 4, E));
  // The data in memory is loaded first and stays, although the file is missing.
  tlsock_context *late = made(TLSOCK_PROTOCOL_TLS_CLIENT);
  FAILS(TLSOCK_OS, NULL, tlsock_context_load_verify_locations(late, cert("missing.pem"), NULL, pem, pem_len, E));
  EQUAL(stored(late, NULL), 1);
  tlsock_context_free(late);
  tlsock_context_free(client);
  tlsock_certificate_free(ca);
  free(pem);
  free(key);
  free(junk);
}

static void crl_data(void) {
  tlsock_context *client = new_client(0);
  size_t len, crls;
  char *crl = read_file(cert("crl.pem"), &len);
  OK(tlsock_context_load_crl_data(client, crl, len, E));
  stored(client, &crls);
  EQUAL(crls, 2);
  FAILS(TLSOCK_SSL, NULL, tlsock_context_load_crl_data(client, "junk", 4, E));
  EQUAL(talk(client, new_server("revoked", 0)), TLSOCK_OK);  // not before a flag says so
  OK(tlsock_context_set_verify_flags(client, tlsock_context_verify_flags(client) | TLSOCK_VERIFY_CRL_CHECK_CHAIN, E));
  EQUAL(talk(client, new_server("ecdsa", 0)), TLSOCK_OK);
  EQUAL(talk(client, new_server("revoked", 0)), TLSOCK_CERT_VERIFICATION);
  EQUAL(tlsock_error_verify_code(LAST), 23);
  tlsock_context_free(client);
  free(crl);
}

// In place of those that are there; on failure these stay.
static void crl_data_replaced(void) {
  tlsock_context *client = new_client(0);
  size_t len, crls;
  char *crl = read_file(cert("crl.pem"), &len);
  OK(tlsock_context_load_crl_data(client, crl, len, E));
  OK(tlsock_context_set_crl_data(client, crl, len, E));
  stored(client, &crls);
  EQUAL(crls, 2);
  FAILS(TLSOCK_SSL, NULL, tlsock_context_set_crl_data(client, "junk", 4, E));
  stored(client, &crls);
  EQUAL(crls, 2);
  OK(tlsock_context_set_crl_data(client, NULL, 0, E));
  stored(client, &crls);
  EQUAL(crls, 0);
  tlsock_context_free(client);
  free(crl);
}

static void ca_list(void) {
  tlsock_context *client = new_client(0);
  tlsock_certificate_list *list = NULL;
  OK(tlsock_context_load_verify_locations(client, cert("inter.pem"), NULL, NULL, 0, E));
  OK(tlsock_context_get_ca_certs(client, &list, E));
  tlsock_context_free(client);
  EQUAL(tlsock_certificate_list_count(list), 2);
  for (size_t i = 0; i < 2; i++)
    CHECK(strstr(tlsock_certificate_subject_text(tlsock_certificate_list_at(list, i)), "CN=tlsock test "));
  CHECK(!tlsock_certificate_list_at(list, 2));
  tlsock_certificate_list_free(list);
  tlsock_certificate_list_free(NULL);
}

static void default_trust(void) {
  tlsock_context *client = made(TLSOCK_PROTOCOL_TLS_CLIENT);
  setenv("SSL_CERT_FILE", cert("ca.pem"), 1);
  OK(tlsock_context_set_default_verify_paths(client, E));
  EQUAL(talk(client, new_server("ecdsa", 0)), TLSOCK_OK);
  tlsock_context_free(client);

  client = made(TLSOCK_PROTOCOL_TLS_CLIENT);
  OK(tlsock_context_load_default_certs(client, TLSOCK_PURPOSE_SERVER_AUTH, E));
  EQUAL(talk(client, new_server("ecdsa", 0)), TLSOCK_OK);
  tlsock_context_free(client);

  client = NULL;
  OK(tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, NULL, NULL, NULL, 0, &client, E));
  EQUAL(talk(client, new_server("ecdsa", 0)), TLSOCK_OK);
  tlsock_context_free(client);

  setenv("SSL_CERT_FILE", cert("missing.pem"), 1);
  client = made(TLSOCK_PROTOCOL_TLS_CLIENT);
  OK(tlsock_context_set_default_verify_paths(client, E));
  EQUAL(stored(client, NULL), 0);
  EQUAL(talk(client, new_server("ecdsa", 0)), TLSOCK_CERT_VERIFICATION);
  unsetenv("SSL_CERT_FILE");
  tlsock_context_free(client);
}

// What a handshake says where this side trusts both roots, the first of these before the other, and the peer shows a
// certificate. By directory, OpenSSL looks at the roots in the order of their numbers.
static tlsock_status with_twins(bool by_server, bool by_directory, const char *const roots[2], const char *peer) {
  tlsock_context *client = made(TLSOCK_PROTOCOL_TLS_CLIENT), *server = made(TLSOCK_PROTOCOL_TLS_SERVER);
  tlsock_context *trusting = by_server ? server : client, *other = by_server ? client : server;
  char directory[] = "/tmp/tlsock-twins-XXXXXX", command[1500], key[64], file[64];
  snprintf(file, sizeof file, "%s.pem", peer);
  snprintf(key, sizeof key, "%s.key", peer);
  OK(tlsock_context_load_cert_chain(other, cert(file), cert(key), NULL, E));
  if (by_server) {
    OK(tlsock_context_load_cert_chain(server, cert("ecdsa.pem"), cert("ecdsa.key"), NULL, E));
    OK(tlsock_context_set_verify_mode(server, TLSOCK_CERT_REQUIRED, E));
    OK(tlsock_context_load_verify_locations(client, cert("ca.pem"), NULL, NULL, 0, E));
  }
  if (by_directory) {
    CHECK(mkdtemp(directory) != NULL);
    snprintf(command, sizeof command, "n=$(openssl x509 -in %s -noout -hash) && cp %s %s/$n.0 && cp %s %s/$n.1",
             cert(roots[0]), cert(roots[0]), directory, cert(roots[1]), directory);
    CHECK(system(command) == 0);
    OK(tlsock_context_load_verify_locations(trusting, NULL, directory, NULL, 0, E));
  } else {
    for (int i = 0; i < 2; i++) OK(tlsock_context_load_verify_locations(trusting, cert(roots[i]), NULL, NULL, 0, E));
  }
  tlsock_status status = talk(client, server);
  tlsock_context_free(client);
  snprintf(command, sizeof command, "rm -r %s", directory);
  if (by_directory) CHECK(system(command) == 0);
  return status;
}

// Two roots of one name, in either order, with key identifiers and without.
static void twins(void) {
  static const char *const roots[2][2] = {{"ca.pem", "twin-ca.pem"}, {"twin-ca.pem", "ca.pem"}};
  static const char *const peers[] = {"plain", "twin-plain", "ecdsa", "twin"};
  for (int i = 0; i < 8; i++)
    for (int peer = 0; peer < 4; peer++) {
      bool by_server = i / 4 == 1;
      if (by_server && peer >= 2) continue;  // those are for servers
      EQUAL(with_twins(by_server, i / 2 % 2 == 1, roots[i % 2], peers[peer]), TLSOCK_OK);
    }
  static const char *const impostor[] = {"twin-ca.pem", "unknown-ca.pem"};
  for (int i = 0; i < 4; i++) EQUAL(with_twins(i / 2 == 1, i % 2 == 1, impostor, "plain"), TLSOCK_CERT_VERIFICATION);
}

// Longer than OpenSSL's functions can be told, and refused before a byte of it is read.
static void too_long(void) {
  const size_t len = (size_t)1 << 31;
  tlsock_context *context = made(TLSOCK_PROTOCOL_TLS_CLIENT);
  void *data = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(data != MAP_FAILED);
  FAILS(TLSOCK_VALUE, "Certificate data is too long.",
        tlsock_context_load_verify_locations(context, NULL, NULL, data, len, E));
  EQUAL(stored(context, NULL), 0);
  tlsock_certificate *certificate = NULL;
  FAILS(TLSOCK_VALUE, "data cannot be longer than 2147483647 bytes",
        tlsock_certificate_new_data(data, len, &certificate, E));
  munmap(data, len);
  tlsock_context_free(context);
}

TESTS(CASE(trust_file), CASE(trust_directory), CASE(trust_data), CASE(crl_data), CASE(crl_data_replaced), CASE(ca_list),
      CASE(default_trust), CASE(twins), CASE(too_long))
